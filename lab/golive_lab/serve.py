"""A stack in a process of its own: `python -m golive_lab.serve demo [FAULT]`. It ends when its standard input does.

Each line of its input names the faults that the stack has from then on, with spaces between them; an empty line, none.
It answers by a line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from golive_lab.faults import UnknownFaultError, seeded
from golive_lab.parts.process import NotInstalledError
from golive_lab.stack import up, variables

if TYPE_CHECKING:
    from types import FrameType

    from golive_lab.parts.part import Kind


def main(kind: Kind, fault: str = "") -> None:
    """Start the stack, and do as standard input says until nobody holds its other end any more."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for golive, which then lets go of stdin
    try:
        with suppress(_StoppedError):
            _serve(kind, fault)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the stack is down: a late one would only interrupt Python's end


def _serve(kind: Kind, fault: str) -> None:
    try:
        with up(kind, seeded(fault)) as stack:
            _say(variables=variables(stack.place))
            for line in sys.stdin:
                stack.become(seeded(*line.split()))
                _say(variables=variables(stack.place))
    except (UnknownFaultError, NotInstalledError, OSError) as error:
        _say(error=str(error))
        sys.exit(2)


def _say(**what: object) -> None:
    try:
        print(json.dumps(what), flush=True)  # noqa: T201 - it is what we are asked for
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes it once more as it ends
        raise _StoppedError from None


class _StoppedError(Exception):
    """SIGTERM came, or nobody is there any more to answer to."""


def _stop(_: int, __: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _StoppedError


if __name__ == "__main__":
    main("real" if sys.argv[1] == "real" else "demo", *sys.argv[2:])
