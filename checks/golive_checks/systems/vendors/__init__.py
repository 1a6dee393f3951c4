"""The client of vendors' HTTP APIs."""
