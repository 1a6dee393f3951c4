"""What golive knows of the world: sections, what they speak of, and how it is looked at."""
