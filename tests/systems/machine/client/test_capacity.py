"""How much is under way at once over all hosts: what fits, in order, and less where the loop lags."""

import asyncio
import time

from golive_checks.systems.machine.client.capacity import AT_FIRST, FEWEST, LATE_S, LOOK_S, MOST, Capacity


class Work:
    """Holds slots, and counts how many were held at once."""

    def __init__(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self.now = self.most = 0
        self.order: list[int] = []

    async def do(self, number: int, seconds: float) -> None:
        async with self.capacity.slot():
            self.now += 1
            self.most = max(self.most, self.now)
            self.order.append(number)
            await asyncio.sleep(seconds)
            self.now -= 1


async def test_no_more_than_fits_is_under_way_and_the_first_come_go_first() -> None:
    work = Work(Capacity())
    await asyncio.gather(*(work.do(number, 0) for number in range(3 * AT_FIRST)))
    assert work.most == AT_FIRST
    assert work.order == list(range(3 * AT_FIRST))


async def test_it_grows_while_the_loop_keeps_up() -> None:
    work = Work(Capacity())
    await work.do(0, 4 * LOOK_S)
    assert AT_FIRST < work.capacity.limit <= MOST


async def test_it_shrinks_while_the_loop_lags_but_never_to_nothing() -> None:
    work = Work(Capacity())
    async with work.capacity.slot():
        for _ in range(8):
            time.sleep(LOOK_S + 2 * LATE_S)  # noqa: ASYNC251 - what a busy machine does to the loop
            await asyncio.sleep(0)
    assert work.capacity.limit == FEWEST


async def test_who_gives_up_waiting_takes_no_slot_with_him() -> None:
    capacity = Capacity()
    capacity.limit = 1
    work = Work(capacity)
    holder = asyncio.create_task(work.do(0, 0.01))
    waiting = [asyncio.create_task(work.do(number, 0)) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    capacity.limit = 1  # whatever a look made of it
    waiting[0].cancel()
    await asyncio.gather(holder, *waiting, return_exceptions=True)
    assert work.order == [0, 2, 3]
    async with asyncio.timeout(1), capacity.slot():
        pass
