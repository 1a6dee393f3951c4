#!/usr/bin/env python3
"""Write the forms of providers' tokens, as the rules that golive searches repositories with know them, into a table.

usage: python tools/token_shapes.py

Those rules take seconds to load, and a run that redacts what others sent must not wait for them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGE = "kingfisher-secret-scanner"
TABLE = Path(__file__).resolve().parent.parent / "src/golive/token_shapes.toml"
PLACE = re.compile(r"\[ \\t\\w\.-\]|\\s\*|\.\*|\(\?:\.\||\.\{0|\(\?:=\||\[\\s\\S|\\S|\(\?s|\[\^\{|\(\?x\)|\[\"'\]")
"""In the patterns of tokens that are known by the words around them alone."""
AROUND = (
    re.compile(r"^\(\?:\(\?:\\A\|\(\?:\[[^\]]*\]\)\)"),  # (?:(?:\A|(?:[...]))
    re.compile(r"^\(\?:\^\|\[(?:\\.|[^\]\\])*\]\)"),
    re.compile(r"\(\?:\(\?:\\\\\?\(\?:\[.*\\z\)\)$"),
    re.compile(r"\(\?:(?:\\\\\?\['\"\\x60\]|\[\\x60'\"\\s;\]|\$\||\[\\\\'\"\\x60).*\)$"),
    re.compile(r"\(\?:\[\^[^\]]*\]\|(?:\$|\\z)\)$"),
)
"""What must stand before or behind a token: that is not part of it."""
LEFT_OUT = frozenset(
    {"posthog-project-api-key", "flutterwave-public-key", "jwt-base64"}
    | {"mongodb-connection-string", "generic-credential-uri", "sidekiq-sensitive-url"}
)
"""Public by design, or known to golive in a wider form."""
LITERAL = re.compile(r"[A-Za-z0-9$]{3}|[A-Za-z0-9]{2}[-_]|\(\?:https\?|https")


def main() -> None:
    """Write the table."""
    forms = shapes()
    lines = [f"{name} = {json.dumps(form)}" if "'" in form else f"{name} = '{form}'" for name, form in forms.items()]
    head = [
        "# Written by tools/token_shapes.py. The rules are Kingfisher's own, Betterleaks' and Veles'.",
        'title = "Forms of providers\' tokens"',
        f'sources = ["https://pypi.org/project/{PACKAGE}/{version(PACKAGE)}/"]',
        f"as_of = {dt.datetime.now(dt.UTC).date()}",
        f'version = "{version(PACKAGE)}"',
    ]
    TABLE.write_text("\n".join([*head, "", "[forms]", *lines, ""]), encoding="utf-8")


def shapes() -> dict[str, str]:
    """Return the pattern of each kind of token that is known by its own form, by the rule's name."""
    from kingfisher_sdk import Rules  # noqa: PLC0415 - it takes a while

    rules = Rules()
    every = [rules.detail(each["id"]) for each in rules.metadata() if each["visible"]]
    found = {_name(rule): form for rule in every if (form := _form(rule))}
    return dict(sorted(found.items()))


def _name(rule: dict[str, Any]) -> str:
    return re.sub(r"[^a-z0-9]+", "-", re.split(r"[./]", rule["id"], maxsplit=1)[-1].removeprefix("secrets/").lower())


def _form(rule: dict[str, Any]) -> str:
    """Return the token's own pattern; empty where the words around it are a part."""
    pattern = str(rule["pattern"])
    if _name(rule) in LEFT_OUT or PLACE.search(_without_surroundings(pattern)):
        return ""
    form = re.sub(r"\?P<\w+>", "?:", _without_surroundings(pattern))
    return form if LITERAL.search(form) else ""


def _without_surroundings(pattern: str) -> str:
    for around in AROUND:
        pattern = around.sub(r"\\b" if around.pattern.startswith("^") else "", pattern)
    return pattern.removesuffix(r"\b").replace(r"\b(\$", r"(\$")


if __name__ == "__main__":
    main()
