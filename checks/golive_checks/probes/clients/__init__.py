"""One module per protocol: the only importers of I/O libraries, inside functions."""
