"""Migrations of other tools than Prisma: their scripts, and the tables in which they keep what they applied."""
