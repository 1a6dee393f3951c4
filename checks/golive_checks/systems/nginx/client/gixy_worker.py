"""gixy-ng in a process of its own: a dump and plugins' names in as JSON, what they find out as JSON.

It imports nothing of golive, so that it is ready as soon as gixy-ng is. A process keeps gixy-ng's module-global state,
its log and its time apart from golive's, and runs on another processor meanwhile.
"""

import io
import json
import logging
import sys
from typing import Any


def main() -> None:
    """Audit what stdin holds."""
    asked = json.load(sys.stdin)
    output = sys.stdout
    sys.stdout = sys.stderr  # whatever gixy-ng prints is none of the answer
    logging.getLogger("gixy").handlers = [logging.NullHandler()]
    logging.getLogger("gixy").propagate = False
    json.dump(audit(asked["dump"], asked["plugins"]), output)


def audit(dump: str, plugins: list[str]) -> dict[str, Any]:
    """Return the issues of the named plugins, with their lines in the dump; or `missing`, or what it stumbled over."""
    from gixy.core.config import Config
    from gixy.core.manager import Manager

    with Manager(Config(plugins=plugins)) as manager:
        missing = sorted(set(plugins) - {plugin.name for plugin in manager.auditor.plugins})
        if missing:
            return {"missing": missing}
        try:
            manager.audit("nginx.conf", io.BytesIO(dump.encode()), is_stdin=True)
        except Exception as error:  # noqa: BLE001 - whatever it stumbles over, it has not looked
            return {"failed": type(error).__name__}
        return {"issues": [_issue(issue) for plugin in manager.results for issue in plugin.issues]}


def _issue(issue: Any) -> dict[str, Any]:
    return {
        "plugin": issue.plugin.name,
        "summary": " ".join(filter(None, (issue.summary or issue.plugin.summary, issue.reason))),
        "lines": [directive.line for directive in issue.directives if directive.line] or [0],
    }


if __name__ == "__main__":
    main()
