"""pydantic's errors in our own words: what was found, what is allowed, the nearest right word. Never a secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from golive.model import Location
from golive.profile import allowed
from golive.profile.problems import SHOWN_WORDS, Problem, nearest, quoted
from golive.profile.tree import MASK, Items, Leaf, Node, Route, YamlMapping, child, walk
from golive.wording import listed

Context = Mapping[str, Any]

IN_OWN_WORDS = frozenset(("value_error", "assertion_error", "source"))
"""Errors whose text is ours, or a section's."""

WANTED: Mapping[str, str] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "union_tag_not_found": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "none_required": "nothing",
    "bytes_type": "a text",
    "date_type": "a date, such as 2026-12-31",
    "date_parsing": "a date, such as 2026-12-31",
    "date_from_datetime_parsing": "a date, such as 2026-12-31",
    "datetime_type": "a time, such as 2026-12-31T18:00:00Z",
    "datetime_parsing": "a time, such as 2026-12-31T18:00:00Z",
    "datetime_from_date_parsing": "a time, such as 2026-12-31T18:00:00Z",
    "timezone_aware": "a time with its offset, such as 2026-12-31T18:00:00Z",
    "url_parsing": "a URL",
    "url_type": "a URL",
    "ip_any_address": "an IP address",
    "ip_v4_address": "an IPv4 address",
    "ip_v6_address": "an IPv6 address",
    "ip_any_network": "a network, such as 10.0.0.0/8",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
}
MEASURED: Mapping[str, Callable[[Context], str]] = {
    "greater_than": lambda c: f"more than {c['gt']:g}",
    "greater_than_equal": lambda c: f"{c['ge']:g} or more",
    "less_than": lambda c: f"less than {c['lt']:g}",
    "less_than_equal": lambda c: f"{c['le']:g} or less",
    "multiple_of": lambda c: f"a multiple of {c['multiple_of']}",
    "string_too_short": lambda c: (
        "a text that is not empty" if c["min_length"] == 1 else f"at least {c['min_length']} characters"
    ),
    "string_too_long": lambda c: f"at most {c['max_length']} characters",
    "too_short": lambda c: "at least one entry" if c["min_length"] == 1 else f"at least {c['min_length']} entries",
    "too_long": lambda c: f"at most {c['max_length']} entries",
    "string_pattern_mismatch": lambda c: f"a text of the form {c['pattern']}",
    "url_scheme": lambda c: f"a URL that starts with {c['expected_schemes']}",
}


def translate(error: ValidationError, model: type[BaseModel], root: Node, under: Route = ()) -> list[Problem]:
    """Return the problems that `error` reports about `root`, which stands at `under`, one for each place."""
    fields: dict[tuple[Location, Route], list[tuple[str, str]]] = {}
    broken: set[Route] = set()
    for detail in error.errors(include_url=False):
        where = ErrorPlace.find(model, root, detail["loc"], under)
        if isinstance(where.node, Leaf) and where.node.broken:
            broken.add(where.route)
            continue
        at = where.key_at if detail["type"] == "extra_forbidden" or where.missing == "[key]" else where.at
        fields.setdefault((at, where.route), []).append(
            where.message(detail["type"], detail["msg"], detail.get("ctx", {}))
        )
    return [Problem(at, joined(messages)) for (at, route), messages in fields.items() if route not in broken]


def joined(said: list[tuple[str, str]]) -> str:
    """Join what the branches of a union say of one value: found once, each expected form named."""
    found = said[0][0]
    wanted = list(dict.fromkeys(wanted for _, wanted in said))
    if not found:
        return "; ".join(wanted)
    return f"{found}; expected: " + " or ".join(wanted)


@dataclass(frozen=True, eq=False)
class ErrorPlace:
    """Where an error is: the node, the way to it, and the key in question."""

    model: type[BaseModel]
    node: Node
    route: Route
    missing: str
    """The last step that leads nowhere: a missing key."""
    key_at: Location
    beside: frozenset[str]
    """The keys of the same mapping."""
    under: Route

    @classmethod
    def find(cls, model: type[BaseModel], root: Node, loc: Route, under: Route) -> ErrorPlace:
        """Follow pydantic's path as far as the profile goes; labels of union branches are passed over."""
        node, key_at = root, root.at
        route: list[str | int] = []
        missing = ""
        beside: frozenset[str] = frozenset()
        for step in loc:
            below = child(node, step)
            if below is None:
                missing = str(step)
                continue
            key_at = node.keys.get(str(step), below.at) if isinstance(node, YamlMapping) else below.at
            beside = frozenset(node.entries) if isinstance(node, YamlMapping) else frozenset()
            node = below
            route.append(step)
        return cls(model, node, tuple(route), missing, key_at, beside, under)

    @property
    def at(self) -> Location:
        """A single value is marked itself, a list or mapping at its key."""
        return self.node.at if isinstance(self.node, Leaf) else self.key_at

    @property
    def name(self) -> str:
        """The place as messages name it."""
        return dotted((*self.under, *self.route))

    @property
    def above(self) -> str:
        """What holds the place, as messages name it; empty for the profile itself."""
        return dotted((*self.under, *self.route[:-1]))

    @property
    def holds_secret(self) -> bool:
        """Whether a secret may stand here, or in anything below."""
        return any(allowed.holds_secret(found) for found in allowed.at(self.model, self.route))

    def message(self, kind: str, message: str, context: Context) -> tuple[str, str]:
        """Return what was found and what is wanted; nothing found where one sentence says it all."""
        sentence = self.about_key(kind, message, context) or self.about_value(kind, message, context)
        return ("", sentence) if sentence else (self.found(), self.wanted(kind, message, context))

    def about_key(self, kind: str, message: str, context: Context) -> str:
        """Tell a key that is missing, unknown or of the wrong form; empty where no key is at fault."""
        inside = f" in {self.name}" if self.name else ""
        if kind == "missing":
            return f"the key '{self.missing}' is missing{inside}"
        if kind == "extra_forbidden":
            return self.unknown_key()
        if kind == "union_tag_not_found" and isinstance(self.node, YamlMapping):
            return f"the key {context['discriminator']} is missing{inside}"
        if kind == "union_tag_invalid":
            return f"the key {context['discriminator']}{inside}; expected: one of {context['expected_tags']}"
        if self.missing == "[key]":
            key = quoted(str(self.route[-1]))
            return f"the key {key} in {self.above}; expected: {self.wanted(kind, message, context)}"
        return ""

    def about_value(self, kind: str, message: str, context: Context) -> str:
        """Tell a misplaced secret, and what a validator says in words of its own; empty for anything else."""
        if isinstance(self.node, Leaf) and self.node.secret and not self.holds_secret:
            used = ", ".join(self.node.used)
            return f"{self.name} would show a secret ({used}); only fields for secrets may hold one"
        if kind in IN_OWN_WORDS:
            found = self.found() if isinstance(self.node, Leaf) else self.name or "the profile"
            return self.redacted(f"{found}: {context.get('error', message)}")
        return ""

    def redacted(self, text: str) -> str:
        """Take out of a validator's words what stands in fields for secrets, wherever it came from."""
        for route, node in walk(self.node, self.route):
            if isinstance(node, Leaf) and node.value and isinstance(node.value, str):
                secret = any(allowed.holds_secret(found) for found in allowed.at(self.model, route))
                text = text.replace(node.value, MASK) if secret else text
        return text

    def unknown_key(self) -> str:
        """Tell a key that nothing reads, with those that could have been meant.

        Of several models that may stand here the one in question lacks the key, and has all that it demands.
        """
        key = str(self.route[-1])
        models = [found for found in allowed.at(self.model, self.route[:-1]) if allowed.is_model(found)]
        meant = [
            found for found in models if key not in allowed.fields(found) and allowed.demanded(found) <= self.beside
        ]
        known = sorted({name for found in meant or models for name in allowed.fields(found)})
        inside = f" in {self.above}" if self.above else ""
        if len(self.route) > 1 and (now := allowed.renamed(self.model, ".".join(map(str, self.route)))):
            return f"unknown key {quoted(key)}{inside}: it is {now} now, at the top of the profile"
        if now := next(filter(None, (allowed.renamed(found, key) for found in meant or models)), ""):
            return f"unknown key {quoted(key)}{inside}: it is called {now} now"
        return f"unknown key {quoted(key)}{inside}{nearest(key, known)}; allowed: {listed(known, SHOWN_WORDS)}"

    def found(self) -> str:
        """Describe the value, quoting it only where the profile itself spells it out and it is no secret."""
        name = self.name or "the profile"
        if isinstance(self.node, YamlMapping):
            return f"{name} is a mapping" if self.node.entries else f"{name} is an empty mapping"
        if isinstance(self.node, Items):
            return f"{name} is a list" if self.node.items else f"{name} is an empty list"
        value, used = self.node.value, self.node.used
        if used:
            return f"{name} is what {' and '.join(used)} gave ({len(str(value))} characters)"
        if value is None:
            return f"{name} has no value"
        return f"{name} is {spelled(value, secret=self.holds_secret)}"

    def wanted(self, kind: str, message: str, context: Context) -> str:
        """Say what is allowed."""
        if kind in {"literal_error", "enum"}:
            words = self.words() or re.findall("'([^']+)'", str(context.get("expected", "")))  # of a mapping's keys
            value = self.node.value if isinstance(self.node, Leaf) and not self.node.used else None
            return f"one of {listed(words, SHOWN_WORDS)}" + (nearest(value, words) if isinstance(value, str) else "")
        if kind == "string_type" and isinstance(self.node, Leaf) and isinstance(self.node.value, int | float):
            return 'a text; put it in quotes ("...")'
        if kind in WANTED:
            return WANTED[kind]
        if kind in MEASURED:
            return MEASURED[kind](context)
        return message.removeprefix("Input should be ").removeprefix("Value should be ").rstrip(".")

    def words(self) -> list[str]:
        """Return the words that are allowed here."""
        words: list[str] = []
        for found in allowed.at(self.model, self.route):
            if get_origin(found) is Literal:
                words += [str(word) for word in get_args(found)]
            elif isinstance(found, type) and hasattr(found, "__members__"):
                words += [str(member.value) for member in found.__members__.values()]
        return words


def spelled(value: str | float | bool, *, secret: bool) -> str:  # noqa: FBT001 - it is a value, not a switch
    """Say what a value is, quoting it where it is no secret."""
    if isinstance(value, bool):
        return "true or false" if secret else str(value).lower()
    if isinstance(value, str):
        return "a text" if secret else quoted(value)
    return "a number" if secret else f"the number {value}"


def dotted(route: Iterable[str | int]) -> str:
    """Write a route as it is spoken of: `waivers[0].expires`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return text.removeprefix(".")
