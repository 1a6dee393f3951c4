"""What golive knows about the world: sections, their subjects, and how those are inspected."""
