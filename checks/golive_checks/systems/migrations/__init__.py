"""Migrations of Prisma and other tools: the scripts of a repository, and what the master and its tenants have."""
