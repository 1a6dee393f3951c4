"""PostgreSQL: servers, roles, dumps and base backups."""
