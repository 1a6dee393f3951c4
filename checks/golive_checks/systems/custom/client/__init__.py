"""Plain connections."""
