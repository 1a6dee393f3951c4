"""A check in full, from its declaration."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from golive.resolve import Blueprint, Check, Policy

WIDTH = 78


def explanation(blueprint: Blueprint, check: Check, faults: Sequence[tuple[str, str]]) -> str:
    """Return what a check claims, why, how to mend it, what it looks at, its settings, and the faults that prove it."""
    info = check.info
    parts = [
        info.id,
        _wrapped(f"{info.title}."),
        _labelled("Why", info.why),
        _labelled("Fix", info.fix),
        f"Section   {info.section}\nSeverity  {info.severity.name.lower()}\nEffect    {info.effect.name.lower()}",
    ]
    if info.tags:
        parts[-1] += f"\nTags      {', '.join(info.tags)}"
    if check.decl.phase:
        parts[-1] += f"\nPhase     {check.decl.phase} the deploy"
    probes = blueprint.needs(check)
    parts.append(_list("Looks at", [f"{p.decl.title} ({p.decl.effect.name.lower()})" for p in probes]))
    parts.append(_list("Settings", _settings(check, blueprint)))
    parts.append(_list("Proven by", [f"{id_}: {title}" for id_, title in faults]))
    return "\n\n".join(p for p in parts if p)


def _settings(check: Check, blueprint: Blueprint) -> list[str]:
    lines = []
    owners = (check.asks, *(p.asks for p in blueprint.needs(check)))
    classes = dict.fromkeys(a.settings for asks in owners for a in asks.values() if isinstance(a, Policy))
    for settings in classes:
        for name, field in settings.model_fields.items():
            about = f"  {field.description}" if field.description else ""
            lines.append(f"{settings.home}.{name} = {field.get_default(call_default_factory=True)!r}{about}")
    return lines


def _labelled(label: str, text: str) -> str:
    return _wrapped(f"{label}: {text}") if text else ""


def _list(title: str, lines: Sequence[str]) -> str:
    body = "\n".join(_wrapped(line, "  ", "    ") for line in lines)
    return f"{title}\n{body}" if lines else ""


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)
