"""What runs checks: declarations, their resolution, and the run. It knows no protocol, no section and no console."""
