"""What golive measures of others is theirs: not how long golive itself was busy."""

import asyncio
import time

from golive import Stopwatch
from golive.engine.loop import in_loop

ANSWER_S, BUSY_S = 0.1, 0.5


async def answered_after(wait_s: float, busy_s: float) -> float:
    """Measure a server that answers after so long, while this loop is busy for so long from the beginning."""
    return (await measured(wait_s, busy_s))[0]


async def measured(wait_s: float, busy_s: float) -> tuple[float, float]:
    """Do so, and return the least time and by how much longer it may have taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        await asyncio.sleep(wait_s)
        writer.write(b"!")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    watch = Stopwatch()
    writer.write(b"?")
    asyncio.get_running_loop().call_later(wait_s / 2, time.sleep, busy_s)
    await reader.read(1)
    seconds, unsure = watch.seconds(), watch.unsure_s()
    writer.close()
    await writer.wait_closed()
    server.close()
    return seconds, unsure


def test_it_measures_how_long_the_other_took() -> None:
    assert in_loop(answered_after(ANSWER_S, 0)) >= ANSWER_S * 0.9


def test_golive_being_busy_is_not_counted() -> None:
    assert in_loop(answered_after(ANSWER_S, BUSY_S)) < BUSY_S


def test_a_slow_answer_is_never_vouched_for_as_a_quick_one() -> None:
    seconds, unsure = in_loop(measured(2 * ANSWER_S, BUSY_S))
    assert seconds < 2 * ANSWER_S <= seconds + unsure


def test_a_slow_answer_is_slow_though_golive_was_busy_before() -> None:
    assert in_loop(answered_after(2 * BUSY_S, BUSY_S / 2)) >= 2 * BUSY_S * 0.9


def test_a_limit_that_ran_out_while_golive_was_busy_says_nothing_of_others() -> None:
    async def others_were_late(busy_s: float) -> bool:
        watch = Stopwatch()
        asyncio.get_running_loop().call_later(0.01, time.sleep, busy_s)
        await asyncio.sleep(BUSY_S)
        return watch.were_others_late(BUSY_S)

    assert not in_loop(others_were_late(BUSY_S / 2))
    assert in_loop(others_were_late(0))


async def test_another_loop_measures_as_every_watch_does() -> None:
    watch = Stopwatch()
    await asyncio.sleep(0.02)
    assert watch.seconds() >= 0.02
    assert watch.were_others_late(0)
