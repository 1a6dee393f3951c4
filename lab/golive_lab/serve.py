"""A stack in a process of its own: `python -m golive_lab.serve demo [FAULT]`. It ends when its standard input does."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from golive_lab.faults import UnknownFaultError, seeded
from golive_lab.process import NotInstalledError
from golive_lab.stack import up, variables

if TYPE_CHECKING:
    from types import FrameType

    from golive_lab.stack import Kind


def main(kind: Kind, fault: str = "") -> None:
    """Start the stack, print its variables as one line of JSON, and stop it once nobody holds stdin's other end."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for golive, which then lets go of stdin
    try:
        with up(kind, seeded(fault)) as stack:
            print(json.dumps({"variables": variables(stack.place)}), flush=True)  # noqa: T201 - it is what we are asked for
            with suppress(_StoppedError):
                sys.stdin.read()
    except _StoppedError:
        pass
    except (UnknownFaultError, NotInstalledError, OSError) as error:
        print(json.dumps({"error": str(error)}), flush=True)  # noqa: T201 - it is what we are asked for
        sys.exit(2)


class _StoppedError(Exception):
    """SIGTERM came."""


def _stop(_: int, __: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _StoppedError


if __name__ == "__main__":
    main("real" if sys.argv[1] == "real" else "demo", *sys.argv[2:])
