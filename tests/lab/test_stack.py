"""How a stack starts, changes and stops its parts; the parts themselves have tests of their own."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from golive_lab.parts.part import Part, threaded
from golive_lab.parts.ports import standing
from golive_lab.parts.process import NotInstalledError
from golive_lab.stack import Stack, stages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from golive_lab.parts.ports import StackPlace


@dataclass(frozen=True)
class Small:
    """A world for these tests."""

    dns: int = 1
    tls: int = 1


@dataclass
class Diary:
    lines: list[str]

    def part(self, name: str, reads: Any) -> Part:
        @contextmanager
        def start(world: Any, _: StackPlace) -> Iterator[None]:
            if reads(world) == "broken":
                raise OSError(f"{name} is broken")
            self.lines.append(f"+{name}")
            yield
            self.lines.append(f"-{name}")

        return Part(name, start, reads)


@pytest.fixture
def diary() -> Diary:
    return Diary([])


@pytest.fixture
def place() -> Iterator[StackPlace]:
    with standing() as place:
        yield place


def test_stages_start_in_order_and_everything_stops(diary: Diary, place: StackPlace) -> None:
    stack = Stack([[diary.part("files", lambda w: w.tls)], [diary.part("server", lambda w: w.tls)]], place)
    stack.become(Small())  # type: ignore[arg-type]  # a world of the test's own
    assert diary.lines == ["+files", "+server"]
    stack.close()
    assert sorted(diary.lines[2:]) == ["-files", "-server"]


def test_only_what_reads_the_change_starts_anew(diary: Diary, place: StackPlace) -> None:
    stack = Stack([[diary.part("dns", lambda w: w.dns), diary.part("edge", lambda w: w.tls)]], place)
    stack.become(Small())  # type: ignore[arg-type]  # as above
    diary.lines.clear()
    stack.become(replace(Small(), dns=2))  # type: ignore[arg-type]  # as above
    assert diary.lines == ["-dns", "+dns"]
    stack.become(replace(Small(), dns=2))  # type: ignore[arg-type]  # as above
    assert diary.lines == ["-dns", "+dns"]
    stack.close()


def test_a_part_that_does_not_start_brings_the_others_down(diary: Diary, place: StackPlace) -> None:
    stack = Stack([[diary.part("dns", lambda w: w.dns)], [diary.part("edge", lambda w: w.tls)]], place)
    with pytest.raises(OSError, match="edge is broken"):
        stack.become(replace(Small(), tls="broken"))  # type: ignore[arg-type]  # as above
    assert diary.lines == ["+dns", "-dns"]


def test_a_threaded_part_that_does_not_start_tells_why(place: StackPlace) -> None:
    @asynccontextmanager
    async def start(_: Any, __: StackPlace) -> AsyncIterator[None]:
        if place:
            raise OSError("port taken")
        yield

    with pytest.raises(OSError, match="port taken"), threaded(start)(Small(), place):  # type: ignore[arg-type]  # as above
        pass


def test_a_threaded_part_ends_with_its_context(diary: Diary, place: StackPlace) -> None:
    @asynccontextmanager
    async def start(_: Any, __: StackPlace) -> AsyncIterator[None]:
        diary.lines.append("up")
        yield
        diary.lines.append("down")

    with threaded(start)(Small(), place):  # type: ignore[arg-type]  # as above
        assert diary.lines == ["up"]
    assert diary.lines == ["up", "down"]


def test_a_golive_without_the_lab_s_libraries_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "golive_lab.stack_demo", None)
    monkeypatch.delattr("golive_lab.stack_demo", raising=False)
    with pytest.raises(NotInstalledError, match=r"pip install 'golive\[lab\]'"):
        stages("demo")


def test_a_connection_that_is_cut_off_as_a_part_stops_is_not_told_as_an_error(
    place: StackPlace, caplog: pytest.LogCaptureFixture
) -> None:
    heard = threading.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set()
        try:
            await asyncio.sleep(60)
        finally:
            writer.close()

    @asynccontextmanager
    async def holding(_: Any, at: StackPlace) -> AsyncIterator[None]:
        server = await asyncio.start_server(hold, "127.0.0.1", at.ports.api)
        yield
        server.close()

    with threaded(holding)(None, place), socket.create_connection(("127.0.0.1", place.ports.api)):  # type: ignore[arg-type] # it reads no world
        assert heard.wait(5)
    assert [record for record in caplog.records if record.name == "asyncio"] == []
