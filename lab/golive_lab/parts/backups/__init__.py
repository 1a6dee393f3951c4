"""Dumps as backup jobs leave them."""
