"""What a level of nginx's configuration does to a path before anything answers. Pure.

Source: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from golive_checks import linear
from golive_checks.systems.nginx.client.parser import Directive
from golive_checks.systems.nginx.patterns import NAMED_GROUP

CAPTURE = re.compile(r"\$(?:\{(\w+)\}|([0-9]|[A-Za-z_]\w*))", re.ASCII)


@dataclass(frozen=True)
class Rewrite:
    """A `rewrite`; `flag` is empty, `last`, `break`, `redirect` or `permanent`."""

    pattern: str
    to: str
    flag: str
    order: int = 0
    """Among all directives of its level."""


def rewrites(block: Directive) -> tuple[Rewrite, ...]:
    """Return the rewrites of a level itself; those in an `if` depend on what else is asked."""
    order = places(block)
    found = ((each.args, order[id(each)]) for each in block.find("rewrite") if len(each.args) > 1)
    return tuple(Rewrite(args[0], args[1], args[2] if len(args) > 2 else "", at) for args, at in found)  # noqa: PLR2004


def places(block: Directive) -> dict[int, int]:
    """Return where each directive of a level stands among them, by its identity."""
    return {id(each): number for number, each in enumerate(block.block or ())}


def error_pages(blocks: Sequence[Directive]) -> tuple[tuple[str, str], ...]:
    """Return by status the named location that answers instead: a level with any `error_page` inherits none."""
    lines: Iterable[Directive] = next((own for block in blocks if (own := [*block.find("error_page")])), [])
    return tuple((code, line.args[-1]) for line in lines for code in line.args[:-1] if line.args[-1].startswith("@"))


def rewritten(them: Iterable[Rewrite], path: str) -> tuple[str, str]:
    """Return what a path becomes by the rewrites of a level, and the flag of the last that fits.

    Without a flag nginx goes on as with `last` once it has come to the end of the level. An empty path: not
    known; an empty flag: none fits.
    """
    done = ""
    for each in them:
        try:
            found = linear.find(NAMED_GROUP.sub("(?P<", each.pattern), path)
        except linear.PatternError:  # it looks around or back, as nginx lets it
            return "", ""
        if found is None:
            continue
        path, done = filled(each.to.partition("?")[0], found), "last"
        if each.flag or not path:
            return path, each.flag
    return path, done


def filled(text: str, found: "re.Match[str]") -> str:
    """Put captures into a text; nothing where it has other variables or leads elsewhere."""
    groups = {str(n): group or "" for n, group in enumerate((found[0], *found.groups()))}
    groups |= {name: group or "" for name, group in found.groupdict().items()}

    def value(named: "re.Match[str]") -> str:
        name = named[1] or named[2]
        return groups.get(name, "" if name.isdecimal() else named[0])

    path = CAPTURE.sub(value, text)
    return path if path.startswith("/") and "$" not in path else ""
