"""However a run ends, it ends in time, by the right exit code, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from clocks import HANGS_S
from thorough import but

BLOCKING = '''
"""A section whose probe does what no probe may: it holds the event loop."""
import threading, time
from dataclasses import dataclass
from pathlib import Path
from golive import *

section = Section("toy", title="Toy")
HERE = Path(__file__).parent

@dataclass(frozen=True)
class Slept(Fact):
    long: bool

@probe("test.slept")
async def slept(env: Environment) -> Slept:
    """Sleep."""
    (HERE / "looked").touch()
    BLOCK
    return Slept(True)

@check("toy.slept")
def well(env: Environment, slept: Slept) -> Verdict:
    """It slept."""
    return passed("well")
'''
HEEDS_HANGUPS = ("env", "--default-signal=HUP")
"""Where the tests run under nohup, golive would ignore SIGHUP as they do, and rightly."""

ENDS_S = 60
"""Within which a process that was asked to end has ended, on any machine: what hangs in it does so for longer."""

BLOCKS = {
    "sleep": f"time.sleep({HANGS_S})",
    "loop": "while True: pass",
    "lock": "threading.Event().wait()",
    "pattern, which holds the interpreter's lock": "import re; re.findall('(a|aa)+b', 'a' * 60)",
    "shell": "import subprocess; subprocess.run(['sleep', '90'], stdout=-3, stderr=-3)",
}


PATTERN = "pattern, which holds the interpreter's lock"
BLOCKED_IN_SHORT = {("sleep", signal.SIGHUP), ("loop", signal.SIGTERM), (PATTERN, signal.SIGINT)}


def wait_for(path: Path, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"{path} does not come"
        time.sleep(0.01)


# --- a blocked event loop ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", but({"lock", "pattern, which holds the interpreter's lock"}, BLOCKS))
def test_a_plugin_that_blocks_the_run_does_not_hold_it_beyond_its_deadline(place, block):
    place.write("profiles/plugin.py", BLOCKING.replace("BLOCK", BLOCKS[block]))
    looked = place.folder / "profiles" / "looked"
    with place.start("check", "toy", "--only", "toy", "--timeout", "1s") as running:
        wait_for(looked)
        out, err = running.communicate(timeout=ENDS_S)
    assert running.returncode == 3
    assert err == ""
    assert out.split()[0] == "NO-GO"
    assert "not finished when the run's 1 s were over: golive was blocked at " in " ".join(out.split())
    assert "toy.always" not in out or "was blocked" in out


@pytest.mark.parametrize(
    ("block", "number"),
    [
        pytest.param(block, number, marks=() if (block, number) in BLOCKED_IN_SHORT else pytest.mark.long)
        for block in ("sleep", "loop", PATTERN)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ],
)
def test_a_blocked_run_is_interrupted_within_a_second(place, block, number):
    place.write("profiles/plugin.py", BLOCKING.replace("BLOCK", BLOCKS[block]))
    with place.start("check", "toy", "--only", "toy", behind=HEEDS_HANGUPS) as running:
        wait_for(place.folder / "profiles" / "looked")
        running.send_signal(number)
        out, _ = running.communicate(timeout=ENDS_S)
    assert running.returncode == 130
    assert "interrupted: golive was blocked at " in " ".join(out.split())


def test_a_short_block_is_waited_for(place):
    place.write("profiles/plugin.py", BLOCKING.replace("BLOCK", "time.sleep(0.5)"))
    assert place.golive("check", "toy", "--only", "toy").code == 0


# --- signals ----------------------------------------------------------------------------------------------------------


def children_of(pid: int) -> list[int]:
    """Every process below another."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found += [int(stat.parent.name), *children_of(int(stat.parent.name))]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def gone(pids: list[int], seconds: float = 8) -> bool:
    until = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


CTRL_C, KILL, DROPPED_SSH = (signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGHUP, True)
IN_SHORT = {(0.3, KILL), (0.8, CTRL_C), (3.0, DROPPED_SSH)}


@pytest.mark.parametrize(
    ("after_s", "number", "to_group"),
    [
        pytest.param(after_s, *how, marks=() if (after_s, how) in IN_SHORT else pytest.mark.long)
        for after_s in (0.3, 0.8, 1.6, 3.0)
        for how in (CTRL_C, KILL, DROPPED_SSH)
    ],
)
def test_a_signal_at_any_time_leaves_no_stack_behind(place, after_s, number, to_group):
    with place.start(
        "check",
        "demo",
        "--only",
        "domains",
        "--retry-until-ready",
        "60s",
        "--skip",
        "tls.*",
        start_new_session=True,
        behind=HEEDS_HANGUPS,
    ) as running:
        time.sleep(after_s)
        below = children_of(running.pid)
        if to_group:
            os.killpg(running.pid, number)
        else:
            running.send_signal(number)
        out, err = running.communicate(timeout=20)
    assert gone(below)
    if running.returncode == 0:
        assert out.split()[0] == "GO"  # it was through by then
        return
    assert running.returncode == 130, (out, err)
    assert "Traceback" not in out + err
    assert out == "" or out.split()[0] == "NO-GO"


def test_a_signal_between_two_looks_ends_it_at_once(place):
    place.write("profiles/plugin.py", BLOCKING.replace("BLOCK", "raise Unavailable('not yet')"))
    with place.start("check", "toy", "--only", "toy", "--retry-until-ready", f"{HANGS_S:g}s") as running:
        wait_for(place.folder / "profiles" / "looked")
        time.sleep(1)
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=ENDS_S)
    assert running.returncode == 130
    assert "interrupted" in out


def test_killed_outright_it_leaves_no_stack_behind(place):
    with place.start("check", "demo", "--only", "domains", "--retry-until-ready", "60s") as running:
        while not (below := children_of(running.pid)):
            time.sleep(0.05)
        time.sleep(0.5)
        below += children_of(running.pid)
        running.kill()
    assert gone(below, seconds=40)  # a stack that is starting stands first: then it sees that nobody holds it


# --- what cannot be written -------------------------------------------------------------------------------------------

SAYS = '''
from golive import *
section = Section("toy", title="Toy")

@check("toy.says")
def says(env: Environment) -> Verdict:
    """It says it."""
    return VERDICT
'''


def says(place, verdict: str) -> None:
    place.write("profiles/plugin.py", SAYS.replace("VERDICT", verdict))


LONG = "failed('x', *['y' * 400] * 40)"


@pytest.mark.parametrize(("verdict", "code"), [(LONG, 1), (LONG.replace("failed", "unknown"), 3)])
def test_a_reader_that_leaves_changes_no_verdict(place, verdict, code):
    says(place, verdict)
    read, write = os.pipe()
    os.close(read)
    done = place.golive("check", "toy", "--only", "toy", "--verbose", "-o", "json:r.json", stdout=write)
    os.close(write)
    assert done.code == code
    assert done.err == ""
    assert (place.folder / "r.json").exists()


@pytest.mark.parametrize("command", ["list", "plan toy", "schema profile", "profile show toy"])
def test_a_reader_that_leaves_is_no_traceback_elsewhere(place, command):
    read, write = os.pipe()
    os.close(read)
    done = place.golive(*command.split(), stdout=write)
    os.close(write)
    assert (done.code, done.err) == (1, "")


@pytest.mark.parametrize("command", ["check toy --only toy", "check toy --only toy -o json:-", "list", "plan toy"])
def test_standard_output_on_a_full_disk_is_an_error(place, command):
    with Path("/dev/full").open("w") as full:
        done = place.golive(*command.split(), stdout=full)
    assert done.code == 2
    assert "No space left" in done.err
    assert done.err.count("\n") == 1


EVERY = ("stdin", "stdout", "stderr")


@pytest.mark.parametrize("streams", but({EVERY}, [("stdout",), ("stderr",), EVERY]))
def test_a_process_without_its_streams_still_exits_by_its_verdict(place, streams):
    says(place, "failed('x')")
    closed = "".join({"stdin": " <&-", "stdout": " >&-", "stderr": " 2>&-"}[s] for s in streams)
    shell = ("sh", "-c", f'"$@"{closed}', "sh")
    done = place.golive("check", "toy", "--only", "toy", "-o", "json:r.json", behind=shell)
    assert done.code == 1
    assert (place.folder / "r.json").read_text().startswith("{")


@pytest.mark.parametrize("encoding", but({"ascii"}, ["ascii", "latin-1"]))
@pytest.mark.parametrize("command", ["check toy --only toy", "plan toy", "list", "explain toy.says", "--help"])
def test_an_old_encoding_spells_what_it_cannot_write(place, command, encoding):
    says(place, "passed('naïve → 東')")
    done = place.golive(*command.split(), env={"PYTHONIOENCODING": encoding})
    assert done.code in {0, 2}
    assert "defect" not in done.err


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a disk to fill; /dev/full is tested by everyone")
def test_on_a_full_disk_the_old_report_stays_whole(place):
    says(place, LONG)
    disk = place.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine lets not even root mount a disk")
    try:
        (disk / "r.json").write_text("old")
        done = place.golive("check", "toy", "--only", "toy", "-o", f"json:{disk}/r.json", "-o", "markdown:r.md")
        assert done.code == 2
        assert "No space left" in done.err
        assert [f.name for f in disk.iterdir()] == ["r.json"]
        assert (disk / "r.json").read_text() == "old"
        assert (place.folder / "r.md").exists()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_step_summary_that_cannot_be_written_keeps_no_report_from_being(place):
    says(place, "failed('x', at=Location('a.env', 3))")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(place.folder)}
    done = place.golive("check", "toy", "--only", "toy", "-o", "json:r.json", "--facts", "f.json", env=env)
    assert done.code == 2
    assert "step summary" in done.err
    assert (place.folder / "r.json").exists()
    assert (place.folder / "f.json").exists()


def test_in_actions_a_report_on_standard_output_stands_alone_too(place):
    says(place, "failed('x', at=Location('a.env', 3))")
    summary = place.folder / "summary.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = place.golive("check", "toy", "--only", "toy", "-o", "json:-", env=env)
    assert json.loads(done.out)["decision"] == "NO-GO"
    assert done.err.startswith("::error file=a.env,line=3")
    assert "NO-GO" in summary.read_text()


# --- what is never GO -------------------------------------------------------------------------------------------------


def test_a_profile_that_names_nothing_is_never_go(place):
    place.profile("environment: toy\n")
    done = place.golive("check", "toy")
    assert done.code == 3
    assert done.out.split()[0] == "NO-GO"


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ("not_applicable('none')", 3),
        ("unknown('dark')", 3),
        ("failed('x')", 1),
        ("None", 3),
        ("True", 3),
        ("1 / 0", 3),
        ("exit(0)", 3),
        ("passed('x')", 0),
    ],
)
def test_only_what_was_seen_to_be_good_is_go(place, verdict, code):
    says(place, verdict)
    done = place.golive("check", "toy", "--only", "toy")
    assert done.code == code, done
    assert done.out.split()[0] == ("GO" if code == 0 else "NO-GO")


def test_a_plugin_that_leaves_while_its_subjects_are_named_says_no_go(place):
    more = """
from dataclasses import dataclass
class ThingEntry(Entry):
    size: int = 1
@dataclass(frozen=True)
class Thing(Subject):
    pass
@subjects("things")
def things(key: str, entry: ThingEntry) -> list[Thing]:
    exit(0)
@check("toy.thing")
def thing(thing: Thing) -> Verdict:
    \'\'\'A thing.\'\'\'
    return passed("x")
"""
    says(place, "passed('x')")
    file = place.folder / "profiles" / "plugin.py"
    file.write_text(file.read_text() + more)
    place.profile("environment: toy\nplugins: [plugin.py]\nthings: { a: {} }\n")
    done = place.golive("check", "toy", "--only", "toy")
    assert done.code in {2, 3}, done
    assert done.err.count("\n") == 1


def test_not_allowed_to_look_is_not_go(place):
    place.write(
        "profiles/plugin.py",
        BLOCKING.replace('("test.slept")', '("test.slept", effect=Effect.WRITE)').replace("BLOCK", ""),
    )
    done = place.golive("check", "toy", "--only", "toy")
    assert done.code == 3
    assert not (place.folder / "profiles" / "looked").exists()


@pytest.mark.parametrize("timeout", ["1ms", "50ms"])
def test_a_deadline_before_anything_can_be_seen(place, timeout):
    done = place.golive("check", "demo", "--timeout", timeout)
    assert done.code == 3
    assert done.out.split()[0] == "NO-GO"
    assert "golive from looking at" in done.out
