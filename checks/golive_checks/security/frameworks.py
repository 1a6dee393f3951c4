"""Fixes in the words of the framework that answers, and why it answers so where that can be seen. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from golive import Outcome, Unavailable, Verdict
from golive_checks.dated import table
from golive_checks.systems.env.framework import AppFramework

_FIXES = table("fixes").facts
RED = frozenset({Outcome.FAIL, Outcome.WARN})
NOBODY = AppFramework()
NO_ORIGIN = "https://app.example.com"


def for_cors(judged: Verdict, app: AppFramework | Unavailable, origins: Sequence[str], *, credentials: bool) -> Verdict:
    """Give a verdict on CORS the fix of the framework that answers, with the origins that are to be let in."""
    named = list(origins) or [NO_ORIGIN]
    words = {
        "quoted": ", ".join(f"'{origin}'" for origin in named),
        "double": ", ".join(f'"{origin}"' for origin in named),
        "nginx": " ".join(f'"{origin}" $http_origin;' for origin in named),
        "credentials": str(credentials).lower(),
        "Credentials": str(credentials),
    }
    return _advised(judged, app, "cors", words)


def for_header(judged: Verdict, app: AppFramework | Unavailable, name: str, value: str) -> Verdict:
    """Give a verdict on a header the fix of the framework that answers."""
    words = {
        "name": name,
        "value": value,
        "django": _FIXES["django"].get(name, name),
        "rails": _FIXES["rails"].get(name, f"config.action_dispatch.default_headers['{name}'] = '{value}'"),
    }
    return _advised(judged, app, "header", words)


def for_cookies(judged: Verdict, app: AppFramework | Unavailable) -> Verdict:
    """Give a verdict on cookies the fix of the framework that answers."""
    return _advised(judged, app, "cookies", {})


def _advised(judged: Verdict, app: AppFramework | Unavailable, about: str, words: Mapping[str, str]) -> Verdict:
    if judged.outcome not in RED or isinstance(app, Unavailable) or app.name is None:
        return judged
    fix = f"{app.name}: {_filled(_FIXES[about][app.name], words)}"
    why = f"{app.name} answers, by {app.seen_by}"
    if app.mode:
        reason = f"{app.mode.variable} is {app.mode.value or 'not set'} in {app.mode.file}"
        wanted = "false" if "DEBUG" in app.mode.variable else "production"
        fix = f"{reason}: set it to {wanted} first. Then, with {fix}"
        why = f"{why}; {reason}, so that it and its libraries may run with their development defaults"
    return replace(judged, fix=fix, evidence=(*judged.evidence, why))


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Fill {words} in; other braces are the framework's own."""
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
