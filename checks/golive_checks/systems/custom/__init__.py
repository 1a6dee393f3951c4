"""What a profile's own checks ask for, and what came."""
