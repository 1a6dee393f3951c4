"""Where the process starts: the version at once, everything else by the app; every error one line and an exit code."""

from __future__ import annotations

import sys

from golive.version import VERSION


def main() -> None:
    """Run golive and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        # Answered before anything is imported: CI jobs ask for it on every run.
        sys.stdout.write(f"golive {VERSION}\n")
        return
    from golive.cli.errors import exit_code_of, with_streams  # noqa: PLC0415 - lazy for the same reason

    with_streams()
    try:
        from golive.cli.app import run  # noqa: PLC0415 - likewise

        run(sys.argv[1:])
    except BaseException as problem:  # noqa: BLE001 - no traceback reaches a user
        sys.exit(exit_code_of(problem))
