"""Caddy's configuration, read as the nginx configuration that would do the same."""
