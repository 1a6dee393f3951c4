"""A check in full, and all of them as a page, from their declarations."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from pydantic.fields import FieldInfo

from golive.engine.blueprint import Blueprint, Check, OneSettings
from golive.model import Effect
from golive.profile.documented import attribute_docs

WIDTH = 78


def explanation(blueprint: Blueprint, check: Check, faults: Sequence[tuple[str, str]]) -> str:
    """Return what a check claims, why, how to fix it, what it looks at, its settings, and the faults that prove it.

    `faults` are ids and titles.
    """
    info = check.info
    rows = [
        f"Section   {info.section}",
        f"Severity  {info.severity.name.lower()}",
        f"Effect    {info.effect.name.lower()}",
    ]
    if info.tags:
        rows.append(f"Tags      {', '.join(info.tags)}")
    if check.decl.phase:
        rows.append(f"Phase     {check.decl.phase} the deploy")
    probes = [f"{p.decl.title} ({p.decl.effect.name.lower()})" for p in blueprint.needs(check)]
    parts = [
        info.id,
        _wrapped(f"{info.title}."),
        _wrapped(f"Why: {info.why}"),
        _wrapped(f"Fix: {info.fix}"),
        "\n".join(rows),
        _list("Looks at", probes),
        _list("Settings", _settings(check, blueprint)),
        _list("Proven by", [f"{id_}: {title}" for id_, title in faults]),
    ]
    return "\n\n".join(p for p in parts if p)


def markdown(blueprint: Blueprint, faults: Sequence[tuple[str, str, str]]) -> str:
    """Return a page with every check; `faults` are ids, titles and the check that each turns red."""
    lines = ["# The checks", "", "Made from the checks' own declarations by `make docs-write`; do not edit."]
    for section in blueprint.sections:
        number = f"{section.number}. " if section.number else ""
        lines += ["", f"## {number}{section.title} (`{section.id}`)"]
        for check in (c for c in blueprint.checks if c.info.section == section.id):
            info = check.info
            effect = f", effect {info.effect.name.lower()}" if info.effect > Effect.READ else ""
            lines += ["", f"### `{info.id}`", "", f"**{info.title}.** Severity {info.severity.name.lower()}{effect}."]
            lines += ["", f"Why: {info.why}", "", f"Fix: {info.fix}"]
            proven = [f"- `{id_}`: {title}" for id_, title, red in faults if red == info.id]
            lines += ["", "Proven by:", "", *proven] if proven else []
    return "\n".join(lines) + "\n"


def _settings(check: Check, blueprint: Blueprint) -> list[str]:
    owners = (check.asks, *(p.asks for p in blueprint.needs(check)))
    classes = dict.fromkeys(a.settings for asks in owners for a in asks.values() if isinstance(a, OneSettings))
    return [
        f"{settings.home}.{name} = {_shown(field)}  {attribute_docs(settings).get(name, '')}".rstrip()
        for settings in classes
        for name, field in settings.model_fields.items()
    ]


def _shown(field: FieldInfo) -> str:
    """Write a default as it would stand in a profile."""
    default = field.get_default(call_default_factory=True)
    return json.dumps(default, default=str, ensure_ascii=False)


def _list(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(_wrapped(line, "  ", "    ") for line in lines)]) if lines else ""


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()), WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False
    )
