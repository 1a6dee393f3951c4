"""What stands before the API: the edge of the three hosts, on nginx or on Python."""
