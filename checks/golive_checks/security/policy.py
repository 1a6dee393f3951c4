"""Content-Security-Policies as browsers read them: parsed by directive, with fall-backs, several at a time. Pure.

Source: https://www.w3.org/TR/CSP3, whose algorithms the functions are named after.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FALL_BACKS: Mapping[str, tuple[str, ...]] = {
    "script-src": ("script-src", "default-src"),
    "script-src-elem": ("script-src-elem", "script-src", "default-src"),
    "script-src-attr": ("script-src-attr", "script-src", "default-src"),
    "style-src": ("style-src", "default-src"),
    "style-src-elem": ("style-src-elem", "style-src", "default-src"),
    "style-src-attr": ("style-src-attr", "style-src", "default-src"),
    "worker-src": ("worker-src", "child-src", "script-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    **{
        name: (name, "default-src")
        for name in ("child-src", "connect-src", "font-src", "img-src", "manifest-src", "media-src", "object-src")
    },
}
"""Section 6.8.3, "Get fetch directive fallback list"."""
NO_FALL_BACK = ("base-uri", "form-action", "frame-ancestors")
OTHERS = ("default-src", "sandbox", "report-uri", "report-to", "upgrade-insecure-requests", "require-trusted-types-for")
KNOWN = frozenset([*FALL_BACKS, *NO_FALL_BACK, *OTHERS, "trusted-types", "block-all-mixed-content", "prefetch-src"])
NOT_IN_META = frozenset({"frame-ancestors", "report-uri", "sandbox"})
"""Ignored in a meta element (HTML, section 4.2.5.3)."""
REPEATABLE = frozenset({"report-uri", "report-to"})

SPACE = "\t\n\f\r "
"""ASCII white space (Infra): Python's own split takes more for white space than browsers do."""


@dataclass(frozen=True)
class ContentPolicy:
    """One policy: its directives, the first of each name."""

    directives: Mapping[str, tuple[str, ...]]
    repeated: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    """Directives that browsers drop, for a character in them that is not printable ASCII: as they are there."""

    def sources(self, name: str) -> tuple[str, ...] | None:
        """Return the sources that decide on a directive, by its fall-backs; None where nothing does."""
        for each in FALL_BACKS.get(name, (name,)):
            if each in self.directives:
                return self.directives[each]
        return None

    @property
    def known(self) -> bool:
        """True where it has any directive that a browser knows."""
        return bool(KNOWN & set(self.directives))

    @property
    def runs_no_script(self) -> bool:
        """True where its sandbox lets no script run at all."""
        sandbox = self.directives.get("sandbox")
        return sandbox is not None and "allow-scripts" not in [word.lower() for word in sandbox]


def parsed(headers: Iterable[str], metas: Iterable[str] = ()) -> tuple[ContentPolicy, ...]:
    """Parse every policy of headers, of which a comma parts several, and of meta elements."""
    found = [_policy(text) for header in headers for text in header.split(",")]
    found += [_policy(text, NOT_IN_META) for text in metas]
    return tuple(policy for policy in found if policy.directives or policy.dropped)


def _policy(text: str, ignored: frozenset[str] = frozenset()) -> ContentPolicy:
    """Section 2.2.1, "Parse a serialized CSP"; of a dropped directive's namesake browsers make different things.

    The standard lets a second one count; Chromium, which lets more run, ignores that too.
    """
    directives: dict[str, tuple[str, ...]] = {}
    repeated, dropped = list[str](), dict[str, str]()
    for part in text.split(";"):
        name, *values = _words(part) or [""]
        name = name.lower()
        if name in directives or name in dropped:
            repeated.append(name)
        elif not all(" " < character < "\x7f" for word in (name, *values) for character in word):
            dropped[name] = part.strip(SPACE)
        elif name and name not in ignored:
            directives[name] = tuple(values)
    again = tuple(dict.fromkeys(name for name in repeated if name not in REPEATABLE))
    return ContentPolicy(directives, again, tuple(dropped.values()))


def _words(text: str) -> list[str]:
    return [word for word in re.split(f"[{SPACE}]+", text) if word]
