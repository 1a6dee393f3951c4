"""A dependency that is taken away, and always brought back: real commands, and a site that looks at a file."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive import Unavailable, Writes
from golive_checks.subjects import Host
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.guard import LeftoverGuard
from golive_checks.systems.release.health import Health, Service
from golive_checks.systems.release.readiness import Readiness, ReadinessDrill, Turns, readiness_drill
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.names import APP

NOT_SEEN: Any = Unavailable("not asked")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


_guards: list[LeftoverGuard] = []


@pytest.fixture(autouse=True)
async def _let_go() -> AsyncIterator[None]:
    yield
    while _guards:
        await _guards.pop().aclose()


async def drill(site: Any, respond: Callable[[str], int], ask: Readiness, writes: Writes) -> ReadinessDrill:
    host = Host(APP, role="api")
    _guards.append(LeftoverGuard())
    async with site(lambda path, _: HttpAnswer(respond(path), "text/plain", b"x"), host=host) as here:
        found = await here.look(
            readiness_drill,
            host=replace(here.host, role="api"),
            fronts=await here.fronts(),
            before=NOT_SEEN,
            sides=NOT_SEEN,
            ask=ask,
            health=Health(live="/live", ready="/ready"),
            service=Service(here=True),
            command=CommandRunner(CommandLimits()),
            limits=CommandLimits(timeout_s=0.1),
            guard=_guards[-1],
            turns=Turns(),
            writes=writes,
        )
        assert isinstance(found, ReadinessDrill)
        return found


def asking(away: Path, **more: Any) -> Readiness:
    given = {"take_away": ("touch", str(away)), "bring_back": ("rm", "-f", str(away)), "within_s": 0.3, **more}
    return Readiness(**given)


async def test_readiness_that_notices(site: Any, tmp_path: Path) -> None:
    away, writes = tmp_path / "away", Writes()
    found = await drill(site, lambda path: 503 if path == "/ready" and away.exists() else 200, asking(away), writes)
    assert (found.red_status, found.live_status, found.last_status) == (503, 200, 200)
    assert found.red_after_s is not None
    assert found.green_after_s is not None
    assert not away.exists()
    assert await writes.undo_all() == ()


async def test_readiness_that_notices_nothing(site: Any, tmp_path: Path) -> None:
    found = await drill(site, lambda _: 200, asking(tmp_path / "away"), Writes())
    assert (found.red_after_s, found.live_status) == (None, 0)
    assert not (tmp_path / "away").exists()


async def test_nothing_is_taken_away_from_what_is_red_already(site: Any, tmp_path: Path) -> None:
    away = tmp_path / "away"
    with pytest.raises(Unavailable, match="is red already"):
        await drill(site, lambda path: 503 if path == "/ready" else 200, asking(away), Writes())
    assert not away.exists()


async def test_a_command_that_fails_is_told_and_what_is_left_behind_is_named(site: Any, tmp_path: Path) -> None:
    away, writes = tmp_path / "away", Writes()
    with pytest.raises(Unavailable, match="to bring the dependency back ended with 1"):
        await drill(site, lambda _: 200, asking(away, bring_back=("false",)), writes)
    assert await writes.undo_all() == (f"what rollout.readiness.take_away took away from {APP} (Unavailable)",)
    with pytest.raises(Unavailable, match="to take the dependency away ended with 1"):
        await drill(site, lambda _: 200, asking(away, take_away=("false",)), writes)


async def test_it_is_brought_back_when_the_run_is_cut_off(site: Any, tmp_path: Path) -> None:
    away, writes = tmp_path / "away", Writes()
    running = asyncio.create_task(drill(site, lambda _: 200, asking(away, within_s=60), writes))
    async with asyncio.timeout(20):
        while not away.exists():  # noqa: ASYNC110 - a file tells nobody that it is there
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await writes.undo_all() == ()
    assert not away.exists()


def test_both_commands_or_neither() -> None:
    with pytest.raises(ValueError, match="needs both take_away and bring_back"):
        Readiness(take_away=("x",))


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from golive_checks.systems.machine.client.guard import LeftoverGuard, Undo

async def main(away, about, undo):
    guard = LeftoverGuard()
    await guard.expect("the queue", Undo(about, tuple(undo), sys.stdin.read()), 0.2)
    Path(away).touch()
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
"""


def killed(away: Path, about: str, undo: tuple[str, ...], given: str = "") -> None:
    """Run a golive that takes something away, and is killed."""
    argv = [sys.executable, "-c", KILLED, str(away), about, *undo]
    ran = subprocess.run(argv, input=given.encode(), check=False)
    assert ran.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("undo", "told"),
    [
        (("rm", "-f", "AWAY"), "and its guard has undone it"),
        (("false",), "could not undo it: the command ended with 1"),
        (("no-such-program",), "could not undo it: the command could not be started: No such file or directory"),
        (("sh", "-c", 'read word && test "$word" = sesame && rm -f AWAY'), "and its guard has undone it"),
    ],
)
async def test_what_a_killed_run_took_away_is_brought_back_and_named(
    tmp_path: Path, undo: tuple[str, ...], told: str
) -> None:
    away = tmp_path / "away"
    undo = tuple(word.replace("AWAY", str(away)) for word in undo)
    await asyncio.to_thread(killed, away, "queues", undo, "sesame\n")
    found: tuple[str, ...] = ()
    async with asyncio.timeout(60):
        while not (found := LeftoverGuard().earlier("queues")):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
    assert found[0].startswith("the queue: a run that was killed had started it, ")
    assert told in found[0]
    assert away.exists() is ("could not" in told)
    assert LeftoverGuard().earlier("queues") == ()


async def test_the_next_drill_names_it(site: Any, tmp_path: Path) -> None:
    away = tmp_path / "away"
    ask = asking(away)
    await asyncio.to_thread(killed, away, str(ask.bring_back), ask.bring_back)
    async with asyncio.timeout(60):
        notes = tmp_path / "cache/golive/guard"
        while not any('"undone"' in note.read_text() for note in notes.glob("*.json")):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.05)
    found = await drill(site, lambda path: 503 if path == "/ready" and away.exists() else 200, ask, Writes())
    assert found.earlier == ("the queue: a run that was killed had started it, and its guard has undone it",)
    assert list((tmp_path / "cache/golive/guard").iterdir()) == []
