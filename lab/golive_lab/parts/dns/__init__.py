"""The zone's servers, on Knot DNS and unbound or on Python."""
