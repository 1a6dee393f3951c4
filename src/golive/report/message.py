"""The report as a chat message, at most one screen: the decision, the counts, and the gravest blockers.

What others sent stands in plain text alone, which neither service reads as links, mentions or markup.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from golive.causes import by_defect, defects
from golive.model import Decision, Finding, Report
from golive.report import view
from golive.report.escape import cut, visible
from golive.wording import counted, duration

SHOWN = 8
"""The blockers that are named."""
LINE = 160
"""The characters of each: two lines of a chat's window."""
HEADER = 150
"""The characters of a header that Slack takes (docs.slack.dev, "Header block")."""


def slack(report: Report) -> dict[str, Any]:
    """Return the message for an incoming webhook of Slack (Block Kit)."""
    head, lines = _head(report), _lines(report)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(cut(head, HEADER))}]
    blocks.append({"type": "section", "text": _plain(_counts(report))})
    if lines:
        blocks.append({"type": "section", "text": _plain("\n".join(lines))})
    blocks.append({"type": "context", "elements": [_plain(_circumstances(report))]})
    # The text that a notification shows is read as markup, in which these three letters begin everything.
    shown = head.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": shown, "blocks": blocks}


def teams(report: Report) -> dict[str, Any]:
    """Return the message for a webhook of Teams' Workflows (an Adaptive Card)."""
    go = report.decision == Decision.GO
    style = {"size": "large", "weight": "bolder", "color": "good" if go else "attention"}
    texts = [_run(_head(report), **style), _run(_counts(report)), *map(_run, _lines(report))]
    texts.append(_run(_circumstances(report), isSubtle=True, size="small"))
    body = [{"type": "RichTextBlock", "inlines": [text]} for text in texts]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


SERVICES: dict[str, Callable[[Report], dict[str, Any]]] = {"slack": slack, "teams": teams}
"""The services by name."""


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **style}


def _head(report: Report) -> str:
    return cut(visible(f"{report.headline}: {report.run.environment}"), LINE)


def _counts(report: Report) -> str:
    reasons = "; ".join(report.reasons)
    return cut(visible(f"{counted(defects(report.blockers), 'blocker')}{': ' if reasons else ''}{reasons}"), LINE * 2)


def _lines(report: Report) -> list[str]:
    """Return a line for each of the gravest blockers, and a count of the others."""
    groups = by_defect(report.blockers)
    shown = [_line(findings) for findings in groups[:SHOWN]]
    left = defects(f for findings in groups[SHOWN:] for f in findings)
    return [*shown, *([f"and {counted(left, 'more blocker')}"] if left else [])]


def _line(findings: list[Finding]) -> str:
    first = findings[0]
    more = f" and {len(findings) - 1:,} more" if findings[1:] else ""
    owner = f" ({first.owner})" if first.owner else ""
    return cut(visible(f"{first.check.id} {first.subject}{more}: {first.verdict.summary}{owner}"), LINE)


def _circumstances(report: Report) -> str:
    run = report.run
    took = duration((run.ended - run.started).total_seconds())
    about = view.phase(run)
    text = f"{view.moment(run.started)}, in {took}, golive {run.version}{f', {about}' if about else ''}"
    return cut(visible(text), LINE * 2)
