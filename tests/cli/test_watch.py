"""golive watch: lines in a pipe, a screen on a terminal, what is started on a change, and how it ends."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import time

import pytest
import report_samples as samples
from rich.console import Console
from terminals import on_a_terminal

from golive.cli.watch_view import FullScreen, Looked
from golive.report.changes import Changes
from golive.report.screen import Screen

SAID = '    said = (HERE / "word").read_text().strip()'
WATCH = ("watch", "toy", "--only", "toy", "--every", "10ms")


def turning(place, *words):
    """Let the n-th look see the n-th word, and every one after the last the last."""
    plugin = place.folder / "profiles" / "plugin.py"
    said = '    said = WORDS[min(len((HERE / "looked").read_text()), len(WORDS)) - 1]'
    plugin.write_text(plugin.read_text().replace(SAID, said) + f"\nWORDS = {words!r}\n")


def test_in_a_pipe_each_look_and_each_change_is_a_line(place):
    turning(place, "poor", "bad", "bad", "good")
    done = place.golive(*WATCH, "--fail-on", "warn", "--until-ready", "4m", "-o", "json:r.json")
    assert (done.returncode, done.stderr) == (0, "")
    lines, _, report = done.stdout.partition("\n\n")
    assert [re.sub(r"^\S+ |\d+ m?s$", "", each) for each in lines.splitlines()][-1].startswith("green toy.word-is-good")
    assert [each.split()[1] for each in lines.splitlines()] == ["NO-GO", "NO-GO", "NO-GO", "GO", "green"]
    assert "GO" in report
    assert (place.folder / "r.json").exists()


def test_what_is_asked_for_is_started_on_a_change_and_reads_it(place):
    command = """sh -c 'cat > "told $GOLIVE_DECISION $GOLIVE_ENVIRONMENT"; exit 3'"""
    done = place.golive(*WATCH, "--until-ready", "4m", "--on-change", command)
    assert done.returncode == 0, "it was ready at once"
    assert not list(place.folder.glob("told*"))
    turning(place, "bad", "gone", "good")
    (place.folder / "profiles" / "looked").unlink()
    done = place.golive(*WATCH, "--until-ready", "4m", "--on-change", command)
    assert "\n--on-change sh: exit code 3\n" in done.stdout
    told = (place.folder / "told GO toy").read_text().splitlines()
    assert told[0].startswith("GO")
    assert re.match(r"\d\d:\d\d:\d\d green toy.word-is-good toy: was red for ", told[1])


def test_a_time_that_is_up_ends_it_with_the_last_report(place):
    place.say("bad")
    done = place.golive(*WATCH, "--until-ready", "30ms", "-q")
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1, "the decision alone"


@pytest.mark.parametrize("command", ["'", " "])
def test_a_command_that_is_none_is_bad_usage(command, place):
    done = place.golive(*WATCH, "--on-change", command)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_on_a_terminal_a_screen_stays_until_the_report(place):
    turning(place, "bad", "good")
    shown, code = on_a_terminal(place, *WATCH, "--until-ready", "4m")
    assert code == 0
    screen, _, report = shown.partition("\x1b[?1049l")
    assert screen.startswith("\x1b[?1049h")
    assert "\x07" in screen
    assert "toy.word-is-good" in screen
    assert "word-is-good" not in report


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("word", ["wait", "good"])
def test_a_signal_ends_a_look_or_a_rest_with_the_report(number, word, place):
    place.say(word)
    command = place.command("watch", "toy", "--only", "toy", "--every", "240s")
    with subprocess.Popen(command, cwd=place.folder, env=place.environ(), stdout=subprocess.PIPE, text=True) as running:
        first = running.stdout.readline() if word == "good" else ""
        while not place.looked():
            time.sleep(0.01)
        running.send_signal(number)
        rest, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert ("interrupted" in rest) == (word == "wait")
    assert "golive 0" in first + rest


def page(width: int, height: int) -> list[str]:
    """The screen after a healthy look and a broken one."""
    shown, changes = FullScreen(io.StringIO(), {}, 1800, bell=True), Changes()
    shown._screen = Screen(width)
    for report in (samples.healthy(), samples.broken()):
        shown.looked(Looked(report, changes.take(report), changes.since))
    shown.note(f"--on-change {samples.HOSTILE}")
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    console.print(shown.page(console))
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("size", [(80, 24), (60, 18), (40, 10), (120, 50)])
def test_the_screen_fits_its_terminal(size):
    lines = page(*size)
    assert len(lines) <= size[1]
    assert max(map(len, lines)) <= size[0]
    assert lines[0].startswith("NO-GO")
    assert lines[0].endswith("of 30 min")
    assert any("tls.certificate-current" in each for each in lines)


def test_what_does_not_fit_is_counted():
    assert re.fullmatch(r"and \d more, in the report", page(80, 18)[8])
