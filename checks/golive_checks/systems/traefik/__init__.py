"""Traefik's configuration, read as what nginx would be told."""
