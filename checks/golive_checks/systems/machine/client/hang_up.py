"""How a connection that was looked at is left."""

import asyncio

CLOSE_S = 0.5
"""How long a server may take to let go."""


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and do not wait long for the other side to agree, as TLS would have it."""
    writer.close()
    try:
        async with asyncio.timeout(CLOSE_S):
            await writer.wait_closed()
    except (TimeoutError, OSError):
        writer.transport.abort()
