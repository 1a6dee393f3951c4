"""The command `golive drill`."""
