"""Cypress: which files are its specs, and which commands run them. Pure.

https://docs.cypress.io/app/references/command-line#cypress-run
"""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import PurePosixPath

SPEC = re.compile(r"(?:.*/)?(?:cypress/.+|[^/]+\.cy)\.[cm]?[jt]sx?")
ACTION = "cypress-io/github-action"


def is_spec(file: str) -> bool:
    """Return whether a file is a spec of Cypress's, by its name or its folder."""
    return bool(SPEC.fullmatch(file))


def runs_it(words: Sequence[str], spec: str) -> bool:
    """Return whether a command's words run a spec, whatever starts it."""
    at = next((n for n, word in enumerate(words[:-1]) if _is_tool(word) and words[n + 1] == "run"), None)
    if at is None or words[0] in {"echo", "printf"}:
        return False
    given = words[at + 2 :]
    return "--component" not in given and _selected(given, spec)


def _is_tool(word: str) -> bool:
    return PurePosixPath(word.partition("@")[0] or word).name == "cypress"


def _selected(given: Sequence[str], spec: str) -> bool:
    patterns = list[str]()
    for word, value in pairwise([*given, ""]):
        name, equals, own = word.partition("=")
        if name in {"--spec", "-s"}:
            patterns += (own if equals else value).split(",")
    return not patterns or any(
        fnmatchcase(f"/{spec}", f"*/{each.strip().removeprefix('./').replace('**/', '*')}") for each in patterns
    )


def of_action(inputs: Mapping[str, str]) -> str:
    """Return the command that Cypress's action for GitHub runs where it is given none of its own; empty for none."""
    if inputs.get("runTests", "true").strip().lower() == "false":
        return ""
    options = f" --spec '{inputs['spec']}'" if inputs.get("spec", "").strip() else ""
    return f"cypress run{options}" + (" --component" if inputs.get("component", "").strip().lower() == "true" else "")
