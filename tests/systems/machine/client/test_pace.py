import asyncio
import time

import pytest

from golive import Environment, Unavailable
from golive_checks.systems.machine.client.pace import Pace, RateLimit


def pace(*, production: bool = False, concurrency: int = 4, per_second: int | None = None) -> Pace:
    return Pace(RateLimit(concurrency=concurrency, per_second=per_second), Environment("x", production=production))


async def test_at_most_so_many_at_a_time_per_host() -> None:
    held = pace(concurrency=2)
    now = most = 0

    async def use(host: str) -> None:
        nonlocal now, most
        async with held.slot(host):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1

    await asyncio.gather(*(use("a.test") for _ in range(8)))
    assert most == 2
    await asyncio.gather(*(use(host) for host in ("a.test", "b.test") for _ in range(4)))
    assert most == 4


@pytest.mark.parametrize(
    ("production", "per_second", "at_least"), [(True, None, 1.0), (False, None, 0.0), (True, 0, 0.0), (False, 2, 2.0)]
)
async def test_at_most_so_many_a_second(
    *, production: bool, per_second: int | None, at_least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited, sleep = [0.0], asyncio.sleep

    async def counted(seconds: float) -> None:
        waited.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", counted)
    paced = pace(production=production, per_second=per_second)

    async def use() -> None:
        async with paced.slot("a.test"):
            pass

    began = time.perf_counter()
    await asyncio.gather(*(use() for _ in range(6)))
    assert time.perf_counter() - began >= at_least - 0.01
    assert sum(waited) <= at_least


async def test_a_host_left_alone_is_asked_nothing_more_not_even_by_those_who_wait() -> None:
    paced = pace(concurrency=1)

    async def wait() -> None:
        async with paced.slot("a.test"):
            pytest.fail("asked")

    async with paced.slot("A.test"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        paced.leave_alone("a.test", "after it answered 429")
        paced.leave_alone("a.test", "for another reason")
    with pytest.raises(Unavailable, match=r"^a\.test is left alone after it answered 429$"):
        await waiting
    async with paced.slot("b.test"):
        pass


async def test_a_cancelled_holder_gives_its_slot_back() -> None:
    paced = pace(concurrency=1)

    async def hold() -> None:
        async with paced.slot("a.test"):
            await asyncio.sleep(60)

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    holder.cancel()
    await asyncio.gather(holder, return_exceptions=True)
    async with asyncio.timeout(1), paced.slot("a.test"):
        pass
