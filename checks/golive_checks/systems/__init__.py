"""What golive knows of the world: a folder for each system, with its facts, its probes and its client."""
