"""What turned from look to look, and since when it is red."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import report_samples as samples

from golive.model import Finding, Report, failed, passed
from golive.report.changes import Changes, Turned, line

MINUTE = dt.timedelta(minutes=1)


def look(number: int, **words: bool) -> Report:
    """A report of minute `number`: subjects by name, red or green."""
    found = tuple(
        Finding(samples.HSTS, "host", name, failed("no header") if red else passed("sent"))
        for name, red in words.items()
    )
    whole = samples.healthy()
    run = replace(whole.run, started=samples.STARTED + number * MINUTE)
    return replace(whole, run=run, findings=found, red=frozenset(f.id for f in found if words[f.subject]))


def turned(changes: Changes, report: Report) -> list[tuple[str, Turned, float]]:
    return [(turn.finding.subject, turn.into, turn.red_s) for turn in changes.take(report)]


def test_what_turns_is_named_with_how_long_it_was_red() -> None:
    changes = Changes()
    assert turned(changes, look(0, a=True, b=False, c=True)) == []
    assert turned(changes, look(1, a=True, b=True, c=True)) == [("b", Turned.RED, 0)]
    assert turned(changes, look(3, a=False, b=True)) == [("a", Turned.GREEN, 180), ("c", Turned.GONE, 180)]
    assert turned(changes, look(4, a=True, b=True)) == [("a", Turned.RED, 0)]
    assert {name[-2]: at for name, at in changes.since.items()} == {
        "a": samples.STARTED + 4 * MINUTE,
        "b": samples.STARTED + MINUTE,
    }


def test_a_first_look_without_red_is_a_look() -> None:
    changes = Changes()
    assert turned(changes, look(0, a=False)) == []
    assert turned(changes, look(1, a=True)) == [("a", Turned.RED, 0)]


def test_a_turn_is_one_harmless_line() -> None:
    changes = Changes()
    changes.take(look(0))
    report = look(1, a=True)
    hostile = replace(report.findings[0], subject=samples.HOSTILE, verdict=failed(f"{samples.HOSTILE}\n::error::x"))
    (turn,) = changes.take(replace(report, findings=(hostile,), red=frozenset({hostile.id})))
    shown = line(turn)
    assert shown.startswith("09:31:05 red ")
    assert not {"\n", "\x1b", "\u202e"} & set(shown)
    assert "##[" not in shown
