"""The command `golive compare`."""
