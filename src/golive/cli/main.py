"""Where the process starts: the version at once, everything else by the app; every error one line and an exit code."""

from __future__ import annotations

import sys

from golive.version import VERSION


def main() -> None:
    """Run golive and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        # Answered before anything is imported: CI jobs ask for it on every run.
        sys.stdout.write(f"golive {VERSION}\n")
        return
    import gc  # noqa: PLC0415 - lazy for the same reason
    import signal  # noqa: PLC0415 - likewise

    from golive.cli.errors import exit_by, exit_code_of, with_streams  # noqa: PLC0415 - likewise

    # What is imported stays: collecting it again and again takes a fifth of a short run.
    gc.set_threshold(200_000)
    with_streams()
    for number in (signal.SIGTERM, signal.SIGHUP):  # what was started is stopped, as on Ctrl-C
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP, and means it
            signal.signal(number, signal.default_int_handler)
    try:
        from golive.cli.app import run  # noqa: PLC0415 - likewise

        run(sys.argv[1:])
        exit_by(0)
    except BaseException as problem:  # noqa: BLE001 - no traceback reaches a user
        exit_by(exit_code_of(problem))
