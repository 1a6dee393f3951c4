"""What nginx refuses by an `if` over the path: by itself, by a `map` of it, or by a variable that was set before. Pure.

Source: https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if and
https://nginx.org/en/docs/http/ngx_http_map_module.html
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from golive import Location
from golive_checks.systems.nginx.client.parser import Directive
from golive_checks.systems.nginx.patterns import searches
from golive_checks.systems.nginx.rewrites import places

How = Literal["~", "~*", "=", "=*"]
"""By a pattern or as a whole, with a star whatever the case: that is how a `map` compares texts."""
AS_WRITTEN = frozenset({"$request_uri", "${request_uri}"})
DECODED = frozenset({"$uri", "${uri}", "$document_uri", "${document_uri}"})
REFUSALS = frozenset({"401", "403", "404", "410", "444"})
FALSE = frozenset({"", "0"})
"""The values of a variable by which `if ($variable)` does nothing."""
MAP_SETTINGS = frozenset({"hostnames", "volatile", "include"})
IDENTITY = re.compile(
    r"\$\{?(?:remote_addr|realip_remote_addr|remote_user|http_authorization|ssl_client_\w{1,30}|cookie_\w{1,60}"
    r"|arg_\w{1,60}|http_\w{0,60}(?:key|token|secret|auth)\w{0,60})\}?",
    re.ASCII | re.IGNORECASE,
)
"""Variables by which a request shows who asks: an `if` over one lets some in and refuses others."""


@dataclass(frozen=True)
class PathTest:
    """A text or pattern that a path is compared with, and whether a path is refused that fits."""

    how: How
    text: str
    refused: bool = True

    def fits(self, path: str) -> bool:
        """Return whether a path fits."""
        if self.how in {"=", "=*"}:
            return path == self.text or (self.how == "=*" and path.lower() == self.text.lower())
        return searches(self.text, path, re.IGNORECASE if self.how == "~*" else 0)


@dataclass(frozen=True)
class PathRefusal:
    """An `if` that refuses paths: decoded ones, or `as_written` by the client in the request line."""

    tests: tuple[PathTest, ...]
    """In the order in which they are tried; the first that fits counts."""
    otherwise: bool
    """Whether a path is refused that fits none."""
    at: Location
    as_written: bool = True
    order: int = 0
    """Among all directives of its level."""

    def refuses(self, path: str) -> bool:
        """Return whether a path is refused."""
        return next((test.refused for test in self.tests if test.fits(path)), self.otherwise)


def guards(blocks: Sequence[Directive]) -> tuple[PathRefusal, ...]:
    """Return what the innermost of these blocks refuses by an `if` over the path."""
    order = places(blocks[0])
    refusing = [each for each in blocks[0].find("if") if _refuses(each)]
    return tuple(replace(guard, order=order[id(each)]) for each in refusing for guard in _of_condition(each, blocks))


def condition(blocks: Sequence[Directive]) -> str:
    """Return the `if` by which the innermost block refuses some clients, without the value that it asks for.

    Nothing around a location counts: what a server refuses by an `if`, it refuses before a location is chosen.
    """
    by_address = {line.args[-1] for block in blocks for line in block.find("geo") if line.args}
    for each in blocks[0].find("if"):
        variable, how, _ = _parts(each.args)
        who = variable in by_address or IDENTITY.fullmatch(variable)
        if who and _refuses(each) and not (how == "" and variable not in by_address):
            return f"if ({variable})"
    return ""


def _refuses(block: Directive) -> bool:
    return any(line.args and line.args[0] in REFUSALS for line in block.find("return"))


def _parts(args: Sequence[str]) -> tuple[str, str, str]:
    """Part `($uri ~ ^/admin)` into its variable, how it is compared, and with what."""
    words = list(args)
    if words and words[0].startswith("("):
        words[0] = words[0][1:]
    if words and words[-1].endswith(")"):
        words[-1] = words[-1][:-1]
    variable, how, text, *_ = *filter(None, words), "", "", ""
    return variable, how, text


def _of_condition(block: Directive, blocks: Sequence[Directive]) -> Iterator[PathRefusal]:
    variable, how, text = _parts(block.args)
    if variable in AS_WRITTEN | DECODED:
        yield from _of_path(block)
    elif how in {"", "=", "!="}:
        wanted = _wanted(how, text)
        yield from _of_maps(block.at, variable, wanted, blocks)
        for other in blocks[0].find("if"):
            if any(line.args[:1] == (variable,) and wanted(line.args[-1]) for line in other.find("set")):
                yield from _of_path(other)


def _of_path(block: Directive) -> Iterator[PathRefusal]:
    variable, how, text = _parts(block.args)
    plain = how.removeprefix("!")
    if variable in AS_WRITTEN | DECODED and plain in {"~", "~*", "="}:
        negated = how != plain
        test = PathTest(next(each for each in get_args(How) if each == plain), text, refused=not negated)
        yield PathRefusal((test,), negated, block.at, variable in AS_WRITTEN)


def _wanted(how: str, text: str) -> Callable[[str], bool]:
    """Return what the values have in common by which an `if` refuses."""
    if not how:
        return lambda value: value not in FALSE
    return (lambda value: value == text) if how == "=" else (lambda value: value != text)


def _of_maps(
    at: Location, variable: str, wanted: Callable[[str], bool], blocks: Sequence[Directive]
) -> Iterator[PathRefusal]:
    for found in (line for block in blocks for line in block.find("map")):
        match found.args:
            case (source, name) if name == variable and source in AS_WRITTEN | DECODED:
                lines = [line for line in found.block or () if len(line.args) == 1 and line.name not in MAP_SETTINGS]
                default = next((line.args[0] for line in lines if line.name == "default"), "")
                tests = [_test(line, wanted) for line in lines if line.name != "default"]
                tests.sort(key=lambda test: not test.how.startswith("="))  # whole texts come first
                yield PathRefusal(tuple(tests), wanted(default), at, source in AS_WRITTEN)


def _test(line: Directive, wanted: Callable[[str], bool]) -> PathTest:
    key, refused = line.name, wanted(line.args[0])
    if key.startswith("~*"):
        return PathTest("~*", key[2:], refused)
    if key.startswith("~"):
        return PathTest("~", key[1:], refused)
    return PathTest("=*", key.removeprefix("\\"), refused)
