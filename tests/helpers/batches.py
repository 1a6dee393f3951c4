"""Faults that can be looked at together: they change different things of the world, and turn different checks red."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from golive.model import Phase
from golive_lab.world import healthy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from golive_lab.fault import Fault

Batch = tuple["Fault", ...]

MOST = 24
"""In one batch: where a batch is not as expected, each of its faults is looked at alone."""
ALONE = frozenset({"front.web-vitals"})
"""Checks that are asked only where a fault is about them."""

PHASED = ("*[*?]*", "db.*", "health.*", "smoke.*", "release.*", "backup.*", "restore.*", "runbook.*")
"""Checks that say one thing before the deploy and another after it, by pattern; a pattern may stand for any."""

NOT_TOGETHER = (
    ("backup.*", "backup.*"),  # the kept dumps are one series, and what is missing in it cannot be old
    ("cors.any", "cors.*"),  # who lets everybody in has forgotten nobody
    ("env.jwt-*", "env.shared"),  # two values for one secret
    ("env.missing-*", "env.jwt-*"),  # what is not there is equal to nothing
    ("env.missing-*", "env.refresh-first"),  # likewise
    ("env.empty", "env.refresh-first"),  # likewise
    ("tls.no-1.3", "tls.static-rsa"),  # no client connects any more
    ("tls.other-key-expired", "tls.*"),  # its second certificate needs suites that the others take away
    ("orange.forgery-believes", "*.forgery-believes*"),  # an order that one gateway has paid is paid already
    ("orange.forgery-believes", "webhook.*"),  # what the edge refuses, the app cannot believe
    ("orange.forgery-believes", "stripe.verifier-*"),  # likewise paid already
    ("env.published", "env.*"),  # the secret that is published is another by then, or the example is
    ("front.not-split", "env.bundle-*"),  # a bundle that is one large file is not read to its end
    ("front.not-split", "errors.front-*"),  # likewise
    ("stripe.undelivered", "stripe.*"),  # an event is asked for at the endpoints, in whatever state they are
)
"""Patterns of faults that touch different things, and yet hide one another."""


def batches(faults: Iterable[Fault]) -> list[Batch]:
    """Put each fault into the first batch that it can be looked at with; those with many rivals go first.

    Rivals are faults in the same fields, and those whose checks it may change. Beginning with what is hardest to place
    takes a fifth fewer batches than the catalogue's order does.
    """
    found = list(faults)
    fields = Counter(path for fault in found for path in changes(fault))
    checks = Counter(fault.turns_red for fault in found)

    def rivals(fault: Fault) -> int:
        touched = sum(times for check, times in checks.items() if touches(fault, check))
        return touched + sum(fields[path] for path in changes(fault))

    made: list[list[Fault]] = []
    for fault in sorted(found, key=rivals, reverse=True):
        fits = (batch for batch in made if len(batch) < MOST and all(together(fault, other) for other in batch))
        batch = next(fits, None)
        if batch is None:
            made.append([fault])
        else:
            batch.append(fault)
    return [tuple(batch) for batch in made]


def together(one: Fault, other: Fault) -> bool:
    """Return whether neither fault hides the other, in the world or from the checks."""
    if one.phase != other.phase and not (in_any_phase(one) or in_any_phase(other)):
        return False
    if one.turns_red == other.turns_red or {one.turns_red, other.turns_red} & ALONE:
        return False
    if any(
        fnmatchcase(a.id, x) and fnmatchcase(b.id, y) for x, y in NOT_TOGETHER for a, b in ((one, other), (other, one))
    ):
        return False
    if touches(one, other.turns_red) or touches(other, one.turns_red):
        return False
    return apart(changes(one), changes(other)) or commute(one, other)


def in_any_phase(fault: Fault) -> bool:
    """Return whether a fault that is looked at after the deploy may as well be looked at before it."""
    checks = (fault.turns_red, *fault.also)
    return fault.phase == Phase.AFTER and not any(fnmatchcase(c, p) for c in checks for p in PHASED)


def phase_of(batch: Batch) -> Phase:
    """Return when to look at faults that fit together: before the deploy where one of them asks for that."""
    return Phase.BEFORE if any(fault.phase == Phase.BEFORE for fault in batch) else Phase.AFTER


def touches(fault: Fault, check: str) -> bool:
    """Return whether the check's outcome may change with the fault."""
    return _matches((fault.turns_red, *fault.also), check)


@functools.cache
def _matches(patterns: tuple[str, ...], check: str) -> bool:
    return any(fnmatchcase(check, pattern) for pattern in patterns)


def commute(one: Fault, other: Fault) -> bool:
    """Return whether two faults in the same field, such as two lines of a text, are both there whichever came first."""
    first, second = one.change(healthy()), other.change(healthy())
    both = other.change(first)
    return both == one.change(second) and both not in (first, second)


@functools.cache
def changes(fault: Fault) -> frozenset[tuple[str, ...]]:
    """Name the fields of the world that a fault changes, each by its path."""
    return frozenset(different(healthy(), fault.change(healthy())))


def different(one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if one == other:
        return
    if dataclasses.is_dataclass(one) and type(one) is type(other):
        for field in dataclasses.fields(one):
            yield from different(getattr(one, field.name), getattr(other, field.name), (*path, field.name))
    else:
        yield path


def apart(some: Iterable[tuple[str, ...]], others: Iterable[tuple[str, ...]]) -> bool:
    """Return whether no path of one leads to, or through, one of the other."""
    return not any(a[: len(b)] == b[: len(a)] for a in some for b in others)
