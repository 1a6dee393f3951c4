"""Rules of Traefik's routers: which requests one takes. Pure.

Source: https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_TERMS = 200
TOO_MANY = f"it has more than {MAX_TERMS} alternatives, which golive does not follow"
MAX_RULE = 10_000
TOKEN = re.compile(r"\s*(?:(&&|\|\||[!(),])|`([^`]*)`|\"((?:[^\"\\]|\\.)*)\"|([A-Za-z]\w*))", re.ASCII)
PARAMETERS = {
    "ClientIP": (1,),
    "Method": (1,),
    "Host": (1,),
    "HostRegexp": (1,),
    "Path": (1,),
    "PathRegexp": (1,),
    "PathPrefix": (1,),
    "Header": (2,),
    "HeaderRegexp": (2,),
    "Query": (1, 2),
    "QueryRegexp": (1, 2),
}
"""How many parameters a matcher has, since Traefik 3."""
OLDER = {"Headers": "Header", "HeadersRegexp": "HeaderRegexp", "HostHeader": "Host"}
"""Matchers that Traefik 2 has by other names; it takes any number of parameters, one of which must fit."""
SPELLINGS = {
    written: name for name in (*PARAMETERS, *OLDER) for written in (name, name.lower(), name.upper(), name.capitalize())
}
"""As Traefik lets matchers be written: https://github.com/traefik/traefik/blob/master/pkg/rules/parser.go."""
VARIABLE = re.compile(r"\{\w*(?::((?:[^{}]|\{[\d,]*\})*))?\}", re.ASCII)
"""A pattern in a path or host of Traefik 2: `{id:[0-9]+}`, or `{id}` for anything up to the next slash or dot."""


class RuleError(ValueError):
    """Traefik would refuse the rule, and leave out the router that has it."""


@dataclass(frozen=True)
class TraefikMatcher:
    """One condition of a rule: `PathPrefix` with its parameters, or that it must not hold."""

    name: str
    parameters: tuple[str, ...]
    refuses: bool = False


Term = tuple[TraefikMatcher, ...]
"""Conditions that must all hold."""


def terms(rule: str, *, older: bool = False) -> list[Term]:
    """Return the sets of conditions of which one must hold. `older`: it is written for Traefik 2.

    Raises:
        RuleError: it is no rule.
    """
    if len(rule) > MAX_RULE:
        raise RuleError(f"it has more than {MAX_RULE:,} characters")
    found = _Reading(list(_tokens(rule)), older=older)
    made = found.either()
    if found.left():
        raise RuleError("something follows its end")
    return made


def _tokens(rule: str) -> Iterator[tuple[str, str]]:
    at = 0
    while rule[at:].strip():
        found = TOKEN.match(rule, at)
        if found is None:
            raise RuleError(f"nothing can be made of it from character {at + 1} on")
        at = found.end()
        kind = ("sign", "text", "text", "name")[(found.lastindex or 1) - 1]
        text = found[found.lastindex or 1]
        yield kind, re.sub(r"\\(.)", r"\1", text) if found.lastindex == 3 else text  # noqa: PLR2004 - the third group


@dataclass
class _Reading:
    tokens: list[tuple[str, str]]
    older: bool
    at: int = 0

    def left(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ()  # type: ignore[return-value]  # falsy at the end

    def takes(self, sign: str) -> bool:
        if self.left() != ("sign", sign):
            return False
        self.at += 1
        return True

    def either(self) -> list[Term]:
        made = self.both()
        while self.takes("||"):
            made = _bounded([*made, *self.both()])
        return made

    def both(self) -> list[Term]:
        made = self.one()
        while self.takes("&&"):
            made = _bounded([(*left, *right) for left, right in itertools.product(made, self.one())])
        return made

    def one(self) -> list[Term]:
        if self.takes("!"):
            return _refused(self.one())
        if self.takes("("):
            made = self.either()
            if not self.takes(")"):
                raise RuleError("a bracket is not closed")
            return made
        kind, name = self.left() or ("", "")
        if kind != "name":
            raise RuleError(
                "it ends where a matcher should stand"
                if not kind
                else f"{name} is no matcher"
                if kind == "sign"
                else "a text stands where a matcher should"
            )
        self.at += 1
        return _matchers(name, self.parameters(name), older=self.older)

    def parameters(self, name: str) -> list[str]:
        if not self.takes("("):
            raise RuleError(f"{name} has no parameters")
        found: list[str] = []
        while not self.takes(")"):
            if found and not self.takes(","):
                raise RuleError(f"the parameters of {name} do not end")
            kind, text = self.left() or ("", "")
            if kind != "text":
                raise RuleError(f"a parameter of {name} is not in backticks")
            self.at += 1
            found.append(text)
        return found


def _matchers(name: str, parameters: list[str], *, older: bool) -> list[Term]:
    name = SPELLINGS.get(name, name)
    name = OLDER.get(name, name) if older else name
    if name not in PARAMETERS:
        raise RuleError(f"there is no matcher {name}")
    if not older or PARAMETERS[name] == (2,):
        if len(parameters) not in PARAMETERS[name]:
            raise RuleError(f"{name} has {len(parameters)} parameters; Traefik 3 takes {PARAMETERS[name][0]}")
        _refuse(name, parameters)
        return [(TraefikMatcher(name, tuple(parameters)),)]
    if not parameters:
        raise RuleError(f"{name} has no parameters")
    return [(_of_older(name, each),) for each in parameters]


def _refuse(name: str, parameters: Sequence[str]) -> None:
    if name in {"Path", "PathPrefix"} and not parameters[0].startswith("/"):
        raise RuleError(f"{name} has a path that does not begin with a slash")


def _of_older(name: str, text: str) -> TraefikMatcher:
    if name in {"Path", "PathPrefix", "HostRegexp"} and "{" in text:
        other = "[^/]+" if name.startswith("Path") else "[^.]+"
        pieces, at = list[str](), 0
        for found in VARIABLE.finditer(text):
            pieces += [re.escape(text[at : found.start()]), f"(?:{found[1] or other})"]
            at = found.end()
        pattern = "".join([*pieces, re.escape(text[at:])])
        end = "" if name == "PathPrefix" else "$"
        return TraefikMatcher("HostRegexp" if name == "HostRegexp" else "PathRegexp", (f"^{pattern}{end}",))
    return TraefikMatcher("Host" if name == "HostRegexp" else name, (text,))


def _refused(made: list[Term]) -> list[Term]:
    """Return what holds where none of the terms does."""
    turned = [[(TraefikMatcher(m.name, m.parameters, not m.refuses),) for m in term] for term in made]
    if math.prod(map(len, turned)) > MAX_TERMS:
        raise RuleError(TOO_MANY)
    return [tuple(itertools.chain(*each)) for each in itertools.product(*turned)]


def _bounded(made: list[Term]) -> list[Term]:
    if len(made) > MAX_TERMS:
        raise RuleError(TOO_MANY)
    return made
