"""The bare queries: read Prisma's rows of every tenant with psycopg alone, and print how many, and in what time.

usage: python bench/bare.py URL schema|database
"""

from __future__ import annotations

import asyncio
import sys
import time

CONNECTIONS = 4
ROWS = (
    "SELECT migration_name, checksum, started_at, finished_at, rolled_back_at, applied_steps_count, logs IS NOT NULL"
    " FROM {}._prisma_migrations"
)


async def of_schemas(url: str) -> int:
    """Read the rows of every schema, over connections that each read their share."""
    from psycopg import AsyncConnection, sql  # noqa: PLC0415 - its import counts

    open_ = [await AsyncConnection.connect(url, autocommit=True) for _ in range(CONNECTIONS)]
    found = await open_[0].execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenant\\_%'")
    names = [str(row[0]) for row in await found.fetchall()]

    async def read(number: int) -> int:
        rows = 0
        for name in names[number::CONNECTIONS]:
            query = sql.SQL(ROWS).format(sql.Identifier(name))
            rows += len(await (await open_[number].execute(query)).fetchall())
        return rows

    rows = sum(await asyncio.gather(*map(read, range(CONNECTIONS))))
    for connection in open_:
        await connection.close()
    return rows


async def of_databases(url: str) -> int:
    """Read the rows of every database, so many connections at a time."""
    from psycopg import AsyncConnection, sql  # noqa: PLC0415 - likewise

    async with await AsyncConnection.connect(url) as connection:
        found = await connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'shop\\_%'")
        names = [str(row[0]) for row in await found.fetchall()]
    free = asyncio.Semaphore(CONNECTIONS)
    query = sql.SQL(ROWS).format(sql.Identifier("public"))

    async def read(name: str) -> int:
        async with free, await AsyncConnection.connect(url.replace("/master", f"/{name}")) as connection:
            return len(await (await connection.execute(query)).fetchall())

    return sum(await asyncio.gather(*map(read, names)))


if __name__ == "__main__":
    began = time.perf_counter()
    read = {"schema": of_schemas, "database": of_databases}[sys.argv[2]]
    rows = asyncio.run(read(sys.argv[1]))
    print(rows, time.perf_counter() - began)
