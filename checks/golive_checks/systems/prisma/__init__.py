"""Prisma's migrations, and the tenants they are applied to."""
