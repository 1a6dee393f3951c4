"""gixy-ng's look at an nginx configuration that has been read without an error: of any other it says nothing."""

import asyncio
import io
import logging
import threading
from dataclasses import dataclass
from typing import Any

from golive import Client, Location, Unavailable
from golive_checks.probes.clients.nginx import Parsed
from golive_checks.probes.clients.nginx_files import MARKER

MAX_ISSUES, MAX_SUMMARY = 200, 300

_one_at_a_time = threading.Lock()
"""gixy-ng keeps the audit's context in a module."""


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
        return await asyncio.to_thread(_audit, parsed, plugins)


def _audit(parsed: Parsed, plugins: tuple[str, ...]) -> tuple[Issue, ...]:
    with _one_at_a_time:
        from gixy.core.config import Config
        from gixy.core.manager import Manager

        _silence()
        dump, starts = _joined(parsed)
        with Manager(Config(plugins=plugins)) as manager:
            missing = set(plugins) - {plugin.name for plugin in manager.auditor.plugins}
            if missing:
                raise Unavailable(f"this gixy-ng has no plugin {', '.join(sorted(missing))}", defect=True)
            try:
                manager.audit("nginx.conf", io.BytesIO(dump.encode()), is_stdin=True)
            except Exception as error:  # noqa: BLE001 - whatever it stumbles over, it has not looked
                raise Unavailable(f"gixy-ng failed on this configuration: {type(error).__name__}") from None
            found = [_issue(issue, starts) for plugin in manager.results for issue in plugin.issues]
    return tuple(sorted(found, key=lambda issue: (issue.at.file, issue.at.line, issue.plugin)))[:MAX_ISSUES]


def _silence() -> None:
    """Keep its warnings to itself: without a handler Python prints them between our own lines."""
    logger = logging.getLogger("gixy")
    logger.handlers, logger.propagate = [logging.NullHandler()], False


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


def _issue(issue: Any, starts: list[tuple[int, str]]) -> Issue:
    """Keep what is told and where. Of headers lost, gixy-ng names those lost before those that replace them."""
    lines = [directive.line for directive in issue.directives if directive.line] or [0]
    line = lines[-1 if issue.plugin.name == "add_header_redefinition" else 0]
    start, name = max((start for start in starts if start[0] < line), default=(line, starts[0][1]))
    summary = " ".join(filter(None, (issue.summary or issue.plugin.summary, issue.reason)))
    return Issue(issue.plugin.name, " ".join(summary.split())[:MAX_SUMMARY], Location(name, line - start))
