"""What a level of nginx's configuration does to a path, and what it compares paths with, before anything answers. Pure.

Source: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from golive import Location
from golive_checks import linear
from golive_checks.systems.nginx.client.parser import Directive

NAMED_GROUP = re.compile(r"\(\?<(?![=!])")
"""PCRE's spelling of a group's name; `(?<=` and `(?<!` look behind."""
CAPTURE = re.compile(r"\$(?:\{([0-9])\}|([0-9]))")
AS_WRITTEN = ("($request_uri", "(${request_uri}")
DECODED = ("($uri", "(${uri}", "($document_uri")
REFUSALS = frozenset({"401", "403", "404", "410", "444"})


@dataclass(frozen=True)
class Rewrite:
    """A `rewrite`; `flag` is empty, `last`, `break`, `redirect` or `permanent`."""

    pattern: str
    to: str
    flag: str


@dataclass(frozen=True)
class PathRefusal:
    """An `if` that refuses paths: decoded ones, or `as_written` by the client in the request line."""

    pattern: str
    ignores_case: bool
    code: str
    at: Location
    as_written: bool = True


def rewrites(block: Directive) -> tuple[Rewrite, ...]:
    """Return the rewrites of a level itself; those in an `if` depend on what else is asked."""
    found = (each.args for each in block.find("rewrite") if len(each.args) > 1)
    return tuple(Rewrite(args[0], args[1], args[2] if len(args) > 2 else "") for args in found)  # noqa: PLR2004


def guards(block: Directive) -> tuple[PathRefusal, ...]:
    """Return what is refused by `if ($request_uri ~ ...) { return 403; }` and the like."""
    found = []
    for each in block.find("if"):
        code = next((line.args[0] for line in each.find("return") if line.args), "")
        match each.args:
            case (variable, ("~" | "~*") as how, pattern) if variable in AS_WRITTEN + DECODED and code in REFUSALS:
                raw = variable in AS_WRITTEN
                found.append(PathRefusal(pattern.removesuffix(")"), how == "~*", code, each.at, raw))
    return tuple(found)


def error_pages(blocks: Sequence[Directive]) -> tuple[tuple[str, str], ...]:
    """Return by status the named location that answers instead: a level with any `error_page` inherits none."""
    lines: Iterable[Directive] = next((own for block in blocks if (own := [*block.find("error_page")])), [])
    return tuple((code, line.args[-1]) for line in lines for code in line.args[:-1] if line.args[-1].startswith("@"))


def rewritten(them: Iterable[Rewrite], path: str) -> tuple[str, str]:
    """Return what a path becomes by the rewrites of a level, and the flag of the last; an empty path: not known."""
    for each in them:
        try:
            found = linear.find(NAMED_GROUP.sub("(?P<", each.pattern), path)
        except linear.PatternError:  # it looks around or back, as nginx lets it
            return "", ""
        if found is None:
            continue
        path = filled(each.to.partition("?")[0], found)
        if each.flag or not path:
            return path, each.flag
    return path, ""


def filled(text: str, found: "re.Match[str]") -> str:
    """Put captures into a text; nothing where it has other variables or leads elsewhere."""
    groups = [found[0], *found.groups()]
    said = CAPTURE.sub(
        lambda named: (groups[int(named[1] or named[2])] or "") if int(named[1] or named[2]) < len(groups) else "", text
    )
    return said if said.startswith("/") and "$" not in said else ""
