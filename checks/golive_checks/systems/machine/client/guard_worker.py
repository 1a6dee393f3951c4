"""A process that outlives golive: runs what undoes a thing where golive is gone before it has undone it itself.

Its input is a pipe that nobody but golive holds: one line for each thing that is begun, and one where it is undone.
Where the pipe closes, however golive has ended, what is left is undone, the last first. It keeps to the standard
library, and a file for each thing tells the next run of it.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from golive.wording import duration

LIMIT_S = 120.0
"""How long one command may take."""


def main() -> None:
    """Follow the pipe to its end."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):  # what ends golive is not to end its guard
        signal.signal(number, signal.SIG_IGN)
    begun: dict[int, dict[str, Any]] = {}
    for line in sys.stdin.buffer:
        answer = json.loads(line)
        if answer["undo"]:
            begun[answer["id"]] = answer
            note(answer, state="begun")
        else:
            Path(begun.pop(answer["id"])["note"]).unlink(missing_ok=True)
        sys.stdout.write("noted\n")
        sys.stdout.flush()
    undo(list(reversed(begun.values())))


def undo(left: list[dict[str, Any]]) -> None:
    """Run the commands, and again when what began the things can no longer be under way: golive's end ends none."""
    states = [run(each) for each in left]
    for each, state in zip(left, states, strict=True):
        note(each, state=state)
    time.sleep(max((each["again_s"] for each in left), default=0.0))
    for each, state in zip(left, states, strict=True):
        if each["again_s"] and (again := run(each)) != state and state != "undone":
            note(each, state=again)


def run(each: dict[str, Any]) -> str:
    """Return `undone`, or what became of it."""
    given = {"input": each["given"].encode()} if each["given"] else {"stdin": subprocess.DEVNULL}
    try:
        ran = subprocess.run(each["undo"], stdout=-3, stderr=-3, timeout=LIMIT_S, check=False, **given)  # noqa: S603 - the profile's, or golive's
    except subprocess.TimeoutExpired:
        return f"the command did not end within {duration(LIMIT_S)}"
    except OSError as error:
        return f"the command could not be started: {error.strerror}"
    return "undone" if ran.returncode == 0 else f"the command ended with {ran.returncode}"


def note(each: dict[str, Any], *, state: str) -> None:
    """Leave word for the next run, for its user alone: neither the command nor a value."""
    place = Path(each["note"])
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = place.with_suffix(".new")
        beside.write_text(json.dumps({"what": each["what"], "state": state, "guard": os.getpid()}))
        beside.replace(place)


if __name__ == "__main__":
    main()
