"""Which connections stay open: those in use, and the last of those that are not."""

from typing import Any

import pytest

from golive_checks.systems.http.client import connections
from golive_checks.systems.http.client.message import Endpoint


class Transport:
    def __init__(self, *_: Any, **__: Any) -> None:
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True
        raise OSError("the peer is gone")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> connections.ConnectionPool:
    monkeypatch.setattr(connections, "KEPT_OPEN", 2)
    made = connections.ConnectionPool(tls=None)  # type: ignore[arg-type] # no connection is made
    monkeypatch.setattr(made, "_made", Transport)
    return made


def at(number: int) -> Endpoint:
    return Endpoint(f"h{number}.demo.test", "127.0.0.1", 443)


async def use(kept: connections.ConnectionPool, number: int) -> Any:
    async with kept.to(at(number), "", trusted=True) as transport:
        return transport


async def test_those_idle_for_longest_are_closed_and_what_closing_says_is_nobodys_trouble(kept: Any) -> None:
    first, second = await use(kept, 1), await use(kept, 2)
    assert await use(kept, 1) is first
    third = await use(kept, 3)
    assert [t.closed for t in (first, second, third)] == [False, True, False]
    assert await use(kept, 2) is not second


async def test_one_in_use_stays_open(kept: Any) -> None:
    async with kept.to(at(1), "", trusted=True) as used:
        others = [await use(kept, number) for number in (2, 3, 4)]
        assert not used.closed
    assert [t.closed for t in others] == [True, True, False]


async def test_one_that_is_left_is_closed_with_its_last_user_and_not_lent_again(kept: Any) -> None:
    async with kept.to(at(1), "", trusted=True) as one:
        async with kept.to(at(1), "", trusted=True) as same:
            assert same is one
            kept.leave(one)
        assert not one.closed
    assert one.closed
    assert await use(kept, 1) is not one
