"""Load tests: their result files, and the load that golive sends itself."""
