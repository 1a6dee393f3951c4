"""The options that several commands share, each with its help in one place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import completion
from golive.model import Phase
from golive.report import FORMATS

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def duration(text: str | float) -> float:
    """Read `90s`, `5m`, or a number of seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", str(text).strip())
    if not found or (float(found[1]) == 0 and text):
        raise typer.BadParameter(f"{text!r} is not a duration; write 90s, 5m or 1h")
    return float(found[1]) * UNITS_S[found[2] or "s"]


def file_mode(text: str | int) -> int:
    """Read a file mode in octal, such as 0644."""
    if isinstance(text, int):
        return text
    if not re.fullmatch(r"0?o?[0-7]{3}", text):
        raise typer.BadParameter(f"{text!r} is not a file mode; write it in octal, such as 0644")
    return int(text.replace("o", ""), 8)


class Grade(StrEnum):
    """What `--severity` takes."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


def patterns(
    only: Sequence[str] | None, skip: Sequence[str] | None, severity: Grade | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what --only, --skip and --severity leave, as patterns to take and to leave out; commas part several."""
    from golive.select import below  # noqa: PLC0415 - not needed for help

    taken, left = (tuple(w.strip() for p in them or () for w in p.split(",") if w.strip()) for them in (only, skip))
    return taken, (*left, *(below(severity.value) if severity else ()))


class FailOnWord(StrEnum):
    """What `--fail-on` takes."""

    FAIL = "fail"
    WARN = "warn"


NamedProfile = Annotated[
    str,
    typer.Argument(
        metavar="PROFILE", help="A profile's name or path.", show_default=False, autocompletion=completion.profiles
    ),
]
ProfileName = Annotated[
    str | None,
    typer.Argument(
        metavar="PROFILE",
        help="A profile's name or path; not needed where there is one alone.",
        show_default=False,
        autocompletion=completion.profiles,
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET",
        help="A profile's name or path, or URLs.",
        show_default=False,
        autocompletion=completion.profiles,
    ),
]
Resolver = Annotated[
    list[str] | None,
    typer.Option(
        "--resolver", metavar="ADDRESS", help="With URLs: ask this resolver, such as 10.0.0.2:53. May repeat."
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", metavar="FILE", help="With URLs: trust these roots instead of the usual ones."),
]
AddressOption = Annotated[
    list[str] | None,
    typer.Option("--address", metavar="IP", help="With URLs: look here, whatever the DNS has. May repeat."),
]
ForProfile = Annotated[
    str | None,
    typer.Option("--profile", metavar="PROFILE", help="Also what this profile brings: plugins, own checks."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="PATTERN",
        help="Only this section, check or tag; * and ? are wild. Several with commas, or repeat it.",
        autocompletion=completion.patterns,
    ),
]
Skip = Annotated[
    list[str] | None,
    typer.Option(
        "--skip",
        metavar="PATTERN",
        help="Leave this section, check or tag out, likewise.",
        autocompletion=completion.patterns,
    ),
]
PhaseOption = Annotated[
    Phase | None,
    typer.Option("--phase", help="Ask as before or as after the deploy of the profile's release (default: after)."),
]
FailOn = Annotated[FailOnWord, typer.Option("--fail-on", help="warn: warnings block the release too.")]
Baseline = Annotated[
    Path | None,
    typer.Option(
        metavar="REPORT.json", help="Block only on what is new since that report; show new, fixed, remaining."
    ),
]
ReportMode = Annotated[
    int,
    typer.Option(
        "--report-mode",
        parser=file_mode,
        metavar="MODE",
        show_default="0600",
        help="File mode of what is written (octal).",
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORMAT:FILE",
        help=f"Also write a report: {', '.join(FORMATS)}. May repeat.",
    ),
]
NotifyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--notify", metavar="slack|teams", help="Also send a message there (notify: in the profile). May repeat."
    ),
]
Timeout = Annotated[
    float | None, typer.Option(parser=duration, metavar="TIME", help="The run's deadline, such as 90s or 5m.")
]
RetryUntilReady = Annotated[
    float,
    typer.Option(
        "--retry-until-ready",
        parser=duration,
        metavar="TIME",
        help="Look again at what is not green, until GO or the time is up.",
        show_default=False,
    ),
]
FactsFile = Annotated[
    Path | None, typer.Option(help="Record what was seen, without secrets, for golive judge.", metavar="FILE")
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        help="Look at a share of the subjects alone: 3/8, or auto in a job of GitLab, Buildkite or Kubernetes. "
        "With --facts, for golive judge.",
        metavar="N/COUNT",
    ),
]
VantageOption = Annotated[
    str,
    typer.Option(
        "--vantage",
        help="Where this looks from, of the profile's vantages: what is for other places alone is left to them. "
        "With --facts, for golive judge.",
        metavar="NAME",
        show_default=False,
    ),
]
TraceFile = Annotated[
    Path | None, typer.Option(help="Write where the time went, in Chrome's trace format.", metavar="FILE")
]
HistoryFile = Annotated[
    Path | None,
    typer.Option(help="Keep what benches measure, a line for each, and judge by what it holds.", metavar="FILE"),
]
FaultOption = Annotated[
    str | None,
    typer.Option(
        help="With the demo profile: break the reference stack in this way first.",
        metavar="ID",
        autocompletion=completion.faults,
    ),
]
Checklist = Annotated[
    Path | None,
    typer.Option(
        "--checklist",
        metavar="FILE.md",
        help="A checklist of your own, with golive's ids in comments, for -o checklist:FILE to tick.",
    ),
]
SeverityOption = Annotated[
    Grade | None, typer.Option("--severity", help="Only checks of at least this severity.", show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Print the decision alone, in a line.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", metavar="", help="Show every finding, with what was seen.")]
