"""One module per system: facts and their probes, side by side."""
