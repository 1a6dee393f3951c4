"""A module of golive's own as a process beside it, for what keeps state of its own, takes long, or would block."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from golive import Unavailable
from golive.wording import duration
from golive_checks.systems.machine.client.command import end_group


def worker(module: str) -> tuple[str, ...]:
    """Return the command that runs a module, given by its dotted name."""
    return (sys.executable, "-P", "-m", module)


async def ask(
    argv: Sequence[str],
    question: Mapping[str, Any],
    *,
    limit_s: float,
    what: str,
    environ: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Run a worker, which reads a question and prints its answer, both JSON objects.

    It ends with its answer or at the limit, and with it whatever it has started.

    Raises:
        Unavailable: it did not answer; `what` is what it was doing.
    """
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    # With no environment of ours: it may hold secrets, and a worker reads foreign content.
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=pipe, stdout=pipe, stderr=nothing, env=environ or {}, start_new_session=True
    )
    try:
        async with asyncio.timeout(limit_s):
            answer, _ = await process.communicate(json.dumps(question).encode())
        reply: dict[str, Any] = json.loads(answer)
    except TimeoutError:
        raise Unavailable(f"{what} did not end within {duration(limit_s)}") from None
    except ValueError:
        raise Unavailable(f"{what} ended without an answer, with code {process.returncode}") from None
    else:
        return reply
    finally:
        await end_group(process)
