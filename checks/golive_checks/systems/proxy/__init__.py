"""Reverse proxies: their configuration, whichever program reads it, and what the profile needs of them."""
