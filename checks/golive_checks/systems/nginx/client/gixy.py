"""gixy-ng's look at an nginx configuration that has been read without an error: of any other it says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from golive import Client, Location, Unavailable, shortened
from golive_checks.systems.machine.client.worker import ask, worker
from golive_checks.systems.nginx.client.files import MARKER
from golive_checks.systems.nginx.client.parser import Parsed

MAX_ISSUES, MAX_SUMMARY = 2000, 300
LIMIT_S = 30.0
"""A large configuration takes a second or two."""
WORKER = worker("golive_checks.systems.nginx.client.gixy_worker")


@dataclass(frozen=True)
class Issue:
    """What gixy-ng's `plugin` found."""

    plugin: str
    summary: str
    at: Location


class Gixy(Client):
    """Runs gixy-ng's plugins, by name."""

    async def audit(self, parsed: Parsed, plugins: tuple[str, ...]) -> tuple[Issue, ...]:
        """Return what the named plugins find, by file and line."""
        dump, starts = _joined(parsed)
        answer = await ask(WORKER, {"dump": dump, "plugins": plugins}, limit_s=LIMIT_S, what="gixy-ng")
        if "missing" in answer:
            raise Unavailable(f"this gixy-ng has no plugin {', '.join(answer['missing'])}", defect=True)
        if "failed" in answer:
            raise Unavailable(f"gixy-ng failed on this configuration: {answer['failed']}")
        found = [_issue(issue, starts) for issue in answer["issues"]]
        if len(found) > MAX_ISSUES:
            raise Unavailable(f"gixy-ng finds more than {MAX_ISSUES:,} issues in this configuration")
        return tuple(sorted(found, key=lambda issue: (issue.at.file, issue.at.line, issue.plugin)))


def _joined(parsed: Parsed) -> tuple[str, list[tuple[int, str]]]:
    """Join the files to one dump, as gixy-ng reads it, and tell after which of its lines each file starts."""
    dump: list[str] = []
    starts: list[tuple[int, str]] = []
    line = 0
    for name, text in parsed.files.items():
        whole = f"http {{ {text}\n}}" if parsed.fragment and not dump else text
        dump.append(f"{MARKER}{name}:\n{whole}\n")
        line += 1
        starts.append((line, name))
        line += whole.count("\n") + 1
    return "".join(dump), starts


def _issue(issue: Mapping[str, Any], starts: list[tuple[int, str]]) -> Issue:
    """Keep what is reported and where."""
    line = issue["lines"][0]
    start, name = max((start for start in starts if start[0] < line), default=(line, starts[0][1]))
    return Issue(
        issue["plugin"], shortened(" ".join(issue["summary"].split()), MAX_SUMMARY), Location(name, line - start)
    )
