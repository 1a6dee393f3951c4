"""Reads the keys of mail."""
