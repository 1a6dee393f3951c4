"""Backups: where they are kept, how old they are, what is in them."""
