"""Where reports go: `-o markdown:readiness.md`. Each is written whole or not at all, readable by its owner alone.

Beside Markdown that is a file lies the picture that it shows, `readiness-trends.svg`, where anything was measured.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from golive.model import Report
from golive.report import FORMATS, ReportError, format_names, picture, render
from golive.report.redact import redact_report

STDOUT = "-"
PRIVATE = 0o600
"""A report tells an attacker where to look."""


@dataclass(frozen=True)
class Output:
    """A report that was asked for: a format, and a path or `-` for standard output."""

    format: str
    path: str


def parse(asked: str) -> Output:
    """Read `FORMAT:PATH`, or `PATH` whose suffix tells the format."""
    name, colon, path = asked.partition(":")
    if colon and name in format_names():
        if not path:
            example = f"{name}:report{FORMATS.get(name, '')}"
            raise ReportError(f"-o {asked}: where to? For example {example}, or {name}:- to print it")
        return Output(name, path)
    if colon and name.isalpha():
        raise ReportError(
            f"-o {asked}: there is no report format {name}{_nearest(name)}; there are {', '.join(format_names())}"
        )
    suffix = Path(asked).suffix.lower()
    for known, ending in FORMATS.items():
        if suffix == ending or asked == known:
            return Output(known, STDOUT if asked == known else asked)
    raise ReportError(f"-o {asked}: which format? Say one before a colon, of {', '.join(format_names())}")


def parse_all(asked: Iterable[str]) -> tuple[Output, ...]:
    """Read several; no two may go to one place."""
    outputs = tuple(parse(one) for one in asked)
    places: dict[str, str] = {}
    for output in outputs:
        place = STDOUT if output.path == STDOUT else str(_target(output.path))
        if place in places:
            where = "standard output" if place == STDOUT else output.path
            raise ReportError(f"two reports, {places[place]} and {output.format}, cannot both go to {where}")
        places[place] = output.format
    return outputs


def _nearest(name: str) -> str:
    """Return the format that may have been meant."""
    near = difflib.get_close_matches(name, format_names(), 1)
    return f" (did you mean {near[0]}?)" if near else ""


def check_places(outputs: Iterable[Output]) -> None:
    """Refuse, before anything is looked at, a path that cannot be written: a run in vain is a long wait."""
    for output in outputs:
        target = _target(output.path)
        trouble = f"the {output.format} report cannot be written to {output.path}"
        if output.path == STDOUT:
            continue
        if target.is_dir():
            raise ReportError(f"{trouble}: it is a folder")
        if not target.parent.is_dir():
            raise ReportError(f"{trouble}: there is no folder {target.parent}")
        if not target.exists() and not os.access(target.parent, os.W_OK):
            raise ReportError(f"{trouble}: this user may not write in {target.parent}")


def _target(path: str) -> Path:
    """Return the file itself, whatever links lead to it."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name with a NUL
        raise ReportError(f"a report cannot be written to {path!r}: {error}") from error


def write(
    outputs: Sequence[Output],
    report: Report,
    stdout: TextIO,
    *,
    secrets: Iterable[str] = (),
    mode: int = PRIVATE,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write every report that was asked for; `options` are by format.

    Raises:
        ReportError: some could not be written, named with their reasons; the others are.
    """
    known = tuple(secrets)
    troubles = []
    for output in outputs:
        chosen = dict((options or {}).get(output.format, {}))
        undrawn = ""
        # The picture goes first, as the report links to it only where there is one.
        try:
            chosen |= _drawn_beside(output, report, known, mode)
        except OSError as error:
            undrawn = f"the picture beside {output.path} cannot be written: {error.strerror or error}"
        try:
            text = render(output.format, report, secrets=known, **chosen)
            if output.path == STDOUT:
                _print(stdout, text)
            else:
                write_file(output.path, text, mode)
        except ReportError as error:
            troubles.append(str(error))
        except OSError as error:
            reason = error.strerror or str(error)
            where = "standard output" if output.path == STDOUT else output.path
            troubles.append(f"the {output.format} report cannot be written to {where}: {reason}")
        else:
            troubles += [undrawn] if undrawn else []
    if troubles:
        raise ReportError("\n".join(troubles))


def _drawn_beside(output: Output, report: Report, secrets: Iterable[str], mode: int) -> dict[str, str]:
    """Draw a report's trends beside its Markdown, and return a line about it; empty if nothing is drawn.

    Beside standard output, a device or a pipe there is no place for it, and what is next to the summary of a step in
    GitHub Actions is not shown.
    """
    if output.format != "markdown" or output.path in {STDOUT, os.environ.get("GITHUB_STEP_SUMMARY")}:
        return {}
    target = _target(output.path)
    drawn = picture.draw(redact_report(report, secrets)) if target.is_file() or not target.exists() else ""
    if not drawn:
        return {}
    beside = target.with_name(f"{target.stem}-trends.svg")
    write_file(str(beside), drawn, mode)
    return {"picture": beside.name}


def _print(stdout: TextIO, text: str) -> None:
    """Print as UTF-8, which the machine formats say they are, whatever the terminal's encoding."""
    if buffer := getattr(stdout, "buffer", None):
        stdout.flush()
        buffer.write(_bytes(text))
        buffer.flush()
    else:
        stdout.write(text)
        stdout.flush()


def _bytes(text: str) -> bytes:
    """Return the text as UTF-8; a lone surrogate is spelled out."""
    return text.encode("utf-8", "backslashreplace")


def write_file(path: str, text: str, mode: int = PRIVATE) -> None:
    """Write a file whole or not at all: beside it, to the disk, then in its place. A device or a pipe is written to."""
    target = _target(path)
    with contextlib.suppress(FileNotFoundError):
        kind = target.stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            with target.open("wb", buffering=0) as device:
                _write_out(device.fileno(), text)
            return
    # In the same folder: a rename is atomic within one file system only. The name may not exceed 255 bytes.
    handle, beside = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        try:
            os.fchmod(handle, mode)
            _write_out(handle, text)
            # Without it a crash after the rename can leave an empty file in place of yesterday's report.
            os.fsync(handle)
        finally:
            os.close(handle)
        Path(beside).replace(target)
    # Ctrl-C included: nothing half-written may stay beside the report.
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _write_out(handle: int, text: str) -> None:
    """Write all of the text, as UTF-8."""
    rest = memoryview(_bytes(text))
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync_folder(folder: Path) -> None:
    """Make the new name last, where the file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
