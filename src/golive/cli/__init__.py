"""The command line: one module per command; the only place that exits and the only place that prints."""
