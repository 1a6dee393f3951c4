"""Set algebra over a policy's patterns: is anything left of what one statement is about, once others are taken away?

`*` stands for any run of characters, "/" included, and `?` for one
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html). Samples prove nothing
about a set of infinitely many keys, so all patterns are run at once, as automata, over every kind of character.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache

ANY_RUN, ANY_CHAR = "run", "char"
MAX_STATES = 20_000
"""More than any policy needs; a few dozen wildcards in one pattern, which nobody writes, reach it."""
PLAIN_LETTERS = "axz0k9b7"
RARE = "\N{BULLET}"
ESCAPED = re.compile(r"\$\{([*?$])\}")
VARIABLE = re.compile(r"\$\{(?:[^}$]|\$(?!\{))*+\}")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""


class TooManyPatterns(Exception):  # noqa: N818 - named after what was met
    """The patterns are so entangled that no answer was found within bounds."""


@dataclass(frozen=True)
class Matching:
    """The texts that match any of the patterns; or, `negated`, those that match none."""

    patterns: tuple[str, ...]
    negated: bool = False

    def widest(self) -> "Matching":
        """Read variables so that the set is as large as it may be."""
        return _resolved(self, keep=not self.negated)

    def narrowest(self) -> "Matching":
        """Read variables so that the set holds only what it surely does."""
        return _resolved(self, keep=self.negated)

    def has(self, text: str) -> bool:
        """Return whether a text is in the set."""
        return any(matches(pattern, text) for pattern in self.patterns) is not self.negated


def has_variable(value: str) -> bool:
    """Return whether a value holds a policy variable, escapes of `*`, `?` and `$` not counted."""
    return VARIABLE.search(ESCAPED.sub("", value)) is not None


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Return whether a text matches a pattern."""
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    return _expression(pattern).match(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    # In a policy [ is a letter like any other; fnmatch would read a set of them.
    escaped = ESCAPED.sub(lambda m: f"[{m[1]}]", pattern.replace("[", "[[]"))
    return re.compile(translate(escaped))


def left_over(prefix: str, wanted: Matching, taken: Sequence[Matching]) -> str | None:
    """Return the shortest text, not empty, that after `prefix` is in `wanted` and in none of `taken`, if there is one.

    Raises:
        TooManyPatterns: the bound on states was reached.
    """
    sets = [_Automaton(each) for each in (wanted, *taken)]
    start = tuple(each.start for each in sets)
    for char in prefix:
        start = tuple(each.step(state, char) for each, state in zip(sets, start, strict=True))
    letters = sorted(set().union(*(each.letters for each in sets)))
    alphabet = [next((c for c in PLAIN_LETTERS if c not in letters), RARE), *letters]
    seen: set[tuple[int, ...]] = set()  # without the start: it is the empty text's, and one letter may lead back to it
    queue = deque([(start, "")])
    while queue:
        states, text = queue.popleft()
        for char in alphabet:
            then = tuple(each.step(state, char) for each, state in zip(sets, states, strict=True))
            if then in seen:
                continue
            inside, *others = (each.accepts(state) for each, state in zip(sets, then, strict=True))
            if inside and not any(others):
                return text + char
            if len(seen) >= MAX_STATES:
                raise TooManyPatterns
            seen.add(then)
            queue.append((then, text + char))
    return None


class _Automaton:
    """The patterns of a set, run together: each bit of a state is a place in one of them."""

    def __init__(self, of: Matching) -> None:
        self.negated = of.negated
        self.start = self.final = self.run = self.any_char = 0
        self.letter: dict[str, int] = {}
        at = 0
        for pattern in of.patterns:
            self.start |= 1 << at
            for token in _tokens(pattern):
                if token == ANY_RUN:
                    self.run |= 1 << at
                elif token == ANY_CHAR:
                    self.any_char |= 1 << at
                else:
                    self.letter[token[1:]] = self.letter.get(token[1:], 0) | 1 << at
                at += 1
            self.final |= 1 << at
            at += 1
        self.letters = set(self.letter)
        self.start = self._closed(self.start)

    def _closed(self, state: int) -> int:
        return state | (state & self.run) << 1

    def step(self, state: int, char: str) -> int:
        moved = (state & (self.any_char | self.letter.get(char, 0))) << 1
        return self._closed(moved | (state & self.run))

    def accepts(self, state: int) -> bool:
        return bool(state & self.final) is not self.negated


def _tokens(pattern: str) -> Iterator[str]:
    """Yield ANY_RUN, ANY_CHAR, or "=" and a letter; runs that follow one another are one."""
    before = ""
    for part in re.split(r"(\$\{[*?$]\})", pattern):
        if ESCAPED.fullmatch(part):
            yield (before := f"={part[2]}")
            continue
        for char in part:
            token = {"*": ANY_RUN, "?": ANY_CHAR}.get(char, f"={char}")
            if token != ANY_RUN or before != ANY_RUN:
                yield token
            before = token


def _resolved(given: Matching, *, keep: bool) -> Matching:
    """Read a variable as any text where that errs on the wanted side, else leave its pattern out."""
    free = [p for p in given.patterns if not has_variable(p)]
    if keep:
        free += [VARIABLE.sub(_anything, p) for p in given.patterns if has_variable(p)]
    return Matching(tuple(free), given.negated)


def _anything(variable: re.Match[str]) -> str:
    return variable[0] if ESCAPED.fullmatch(variable[0]) else "*"
