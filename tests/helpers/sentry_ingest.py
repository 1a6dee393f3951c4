"""The lab's ingest for errors, alone, at a DSN of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from golive_lab.parts.asgi import Listener, serving
from golive_lab.parts.errors import EnvelopeServer
from golive_lab.parts.ports import standing
from golive_lab.world.env_texts import API_DSN_KEY
from golive_lab.world.errors import Errors


@asynccontextmanager
async def sentry(errors: Errors | None = None) -> AsyncIterator[tuple[EnvelopeServer, str]]:
    with standing() as place:
        taker = EnvelopeServer(errors or Errors())
        async with serving([(Listener("127.0.0.1", place.ports.errors), taker)]):
            yield taker, f"http://{API_DSN_KEY}@127.0.0.1:{place.ports.errors}/1"
