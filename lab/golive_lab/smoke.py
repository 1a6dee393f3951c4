"""What the previous release's smoke does with its database: `python -m golive_lab.smoke`."""

from __future__ import annotations

import os
import sys

import psycopg

from golive_lab.world.postgres import TENANTS


def main() -> int:
    """Read a tenant as the previous release does; 1 where that is not to be had."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=10) as connection:
            found = connection.execute("SELECT id, name, plan FROM tenants WHERE schema_name = %s", [TENANTS[0]])
            return 0 if found.fetchone() else 1
    except psycopg.Error:
        return 1


if __name__ == "__main__":
    sys.exit(main())
