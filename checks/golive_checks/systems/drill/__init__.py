"""Restoring a backup, and trying migrations on the copy."""
