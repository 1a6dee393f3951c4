"""Every error a user can meet: one clear line on stderr, and the documented exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from golive.installed import bringing

GO, NO_GO, BAD_USAGE, NOT_SEEN, INTERRUPTED = 0, 1, 2, 3, 130
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


class CliError(Exception):
    """Bad usage that a command finds itself; one line."""


def exit_code_of(problem: BaseException) -> int:
    """Report a problem that ended a command, and return its exit code."""
    if isinstance(problem, SystemExit):
        return problem.code if isinstance(problem.code, int) else 0 if problem.code is None else BAD_USAGE
    if isinstance(problem, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    if isinstance(problem, BrokenPipeError):
        let_go_of_stdout()
        return NO_GO  # as Typer, for what it catches itself
    if line := _line_for(problem):
        let_go_of_stdout()
        say(line)
        return BAD_USAGE
    if isinstance(problem, ModuleNotFoundError) and (extra := bringing(problem.name or "")):
        say(f"golive was installed without {extra}: pip install '{extra}'")
        return BAD_USAGE
    frames = traceback.extract_tb(problem.__traceback__)
    at = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    # The exception's own text is left out: it may quote a secret or a remote server.
    say(f"a defect in golive: {type(problem).__name__}{at}; please report it with the command and golive --version")
    return NOT_SEEN


def _line_for(problem: BaseException) -> str:
    """Say what is wrong where it is the user's to put right; nothing for what nobody foresaw."""
    if _is_ours(problem):
        return str(problem)
    if isinstance(problem, OSError) and problem.errno in FULL and not problem.filename:
        return f"the output cannot be written: {problem.strerror}"
    if isinstance(problem, FileNotFoundError) and not _stands_somewhere():
        return "the folder that golive was started in is gone: change to one that is there"
    return ""


def with_streams() -> None:
    """Give a process without standard output or error (`>&-`) one that leads nowhere, and let both spell any letter."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - held until the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def let_go_of_stdout() -> None:
    """Write what can be written, and turn standard output away: to flush it again at exit would fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def exit_by(code: int) -> NoReturn:
    """Exit at once, everything written.

    Python's own end takes modules apart for longer than some commands run; and where a KeyboardInterrupt came up in an
    exec (of dataclasses) it would end by SIGINT, not by 130.
    """
    let_go_of_stdout()
    sys.stderr.flush()
    os._exit(code)


def _stands_somewhere() -> bool:
    """Return whether the working directory is still there."""
    try:
        os.getcwd()  # noqa: PTH109 - Path.cwd() is the same
    except OSError:
        return False
    return True


def _is_ours(problem: BaseException) -> bool:
    from golive.engine.blueprint import DeclarationError  # noqa: PLC0415
    from golive.engine.facts import FactFileError  # noqa: PLC0415 - only when something went wrong
    from golive.evidence import KeyFileError  # noqa: PLC0415
    from golive.profile import ProfileError  # noqa: PLC0415
    from golive.report import ReportError  # noqa: PLC0415
    from golive.select import UsageError  # noqa: PLC0415

    ours = (CliError, UsageError, ProfileError, ReportError, FactFileError, DeclarationError, KeyFileError)
    return isinstance(problem, ours)


def say(text: str) -> None:
    """Write to stderr, each line made harmless for a terminal."""
    from golive.report.escape import visible  # noqa: PLC0415 - only when there is something to say
    from golive.tokens import without_tokens  # noqa: PLC0415 - likewise

    for line in without_tokens(text).splitlines():
        sys.stderr.write(f"golive: {visible(line)}\n")
