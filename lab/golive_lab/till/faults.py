"""What can be wrong with the till itself, and which of the world's faults can be seeded there too."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from golive_lab.faults import catalogue
from golive_lab.world import healthy
from golive_lab.world.bench import BenchRuns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from golive_lab.fault import Fault

REACHES, FORGED = "webhook.reaches-app", "forgery-refused"
BESIDE = frozenset({"payments", "monitoring", "errors", "history", "env", "project"})
"""The parts of the world that the till has as the first application does."""
OF_ANOTHER = ("errors.front-", "jwt.", "webhook.", "secrets.history-", "monitoring.unprobed", "errors.rate-limited")
"""Faults of what the till does not have, or that are about another section, by how they begin."""


@dataclass(frozen=True)
class TillFault:
    """Something that is wrong with the till: what app.js is given of it, and the check that must turn red."""

    id: str
    turns_red: str
    wrong: Mapping[str, Any]
    also: tuple[str, ...] = ()
    """Other checks that change with it."""
    rows: tuple[str, ...] = ()
    """Statements that make it so in the database."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What the profile is given instead."""
    history: BenchRuns | None = None
    """The earlier runs of the bench, where they are others."""
    outcome: str = "fail"


def _header(name: str, check: str, value: str, *also: str) -> TillFault:
    return TillFault(f"{name.lower()}-wrong", check, {"instead": {name: value}}, also)


BARE_CSP = "default-src 'none'; base-uri 'none'; form-action 'self'"
FAULTS = (
    *(TillFault(f"believes-{name}", f"{name}.{FORGED}", {"believes": [name]}) for name in ("paypal", "mtn", "orange")),
    TillFault("believes-stripe", "stripe.signature-enforced", {"stripe": True}, (REACHES,)),
    TillFault("hundredfold", "stripe.amount-asked", {"hundredfold": True}),
    TillFault("booked-twice", "stripe.reconciles", {"twice": True}),
    TillFault(
        "wrong-amount",
        "payments.ledger-agrees",
        {},
        rows=("UPDATE encaissements SET montant = montant * 100 WHERE psp_ref = 'pi_3GoliveLab0002'",),
    ),
    TillFault("any-origin", "cors.foreign-origins-refused", {"cors": True}),
    TillFault("no-helmet", "headers.nosniff", {"headers": True}, ("headers.*",)),
    TillFault("key-of-words", "jwt.forgery-refused", {"key": True}),
    TillFault("morgan-alone", "logs.structured", {"log": True}, ("logs.request-traceable",)),
    TillFault("https-alone", REACHES, {"https": True}),
    TillFault("folder-served", "web.nothing-exposed", {"folder": True}),
    TillFault("bus-shut", "messaging.connects", {"bus": True}),
    TillFault("crashes", "bench.within-budget", {"crash": True}, ("bench.no-regression", "cors.*", "headers.*")),
    TillFault("simulator", "payments.simulators-closed", {"simulator": True}),
    TillFault("keeps-no-copy", "privacy.export-exists", {"no_copy": True}, outcome="unknown"),
    TillFault("keeps-everybody", "privacy.delete-exists", {"no_delete": True}, outcome="unknown"),
    TillFault("bare-cookie", "cookies.flagged", {"cookie": True}),
    TillFault("slower", "bench.no-regression", {"slow_ms": 800}, history=BenchRuns(20.0, 800.0)),
    TillFault("journal-silent", "audit.domains-covered", {}, rows=("DELETE FROM journal",)),
    TillFault("attested-by-nobody", "logs.rotated", {}, variables={"TILL_ROTATION": "logs.kept"}),
    _header("Content-Security-Policy", "headers.csp", "default-src *; frame-ancestors 'none'"),
    _header("Strict-Transport-Security", "headers.hsts", "max-age=0"),
    _header("Referrer-Policy", "headers.referrer", "unsafe-url"),
    _header("Permissions-Policy", "headers.permissions", "geolocation=*, camera=*"),
    # Apart from the others, which it would hide or be hidden by.
    TillFault("untraced", "logs.request-traceable", {"untraced": True}),
    TillFault("without-credentials", "cors.known-origins-served", {"strangers": True}),
    TillFault("varies-not", "cors.varies", {"instead": {"Vary": ""}}, outcome="warn"),
    TillFault(
        "framed",
        "headers.frames",
        {"instead": {"Content-Security-Policy": BARE_CSP, "X-Frame-Options": ""}},
        ("headers.csp",),
    ),
)
APART = ("slower", "untraced", "without-credentials", "varies-not", "framed")


def of_the_world() -> Iterator[Fault]:
    """Yield the catalogue's faults that can be seeded with the till: they change no more than what it has in common."""
    usual = healthy()
    for fault in catalogue():
        world = fault.change(usual)
        changed = {
            each.name for each in dataclasses.fields(world) if getattr(world, each.name) != getattr(usual, each.name)
        }
        ours = fault.turns_red.startswith(SECTIONS) and not fault.id.startswith(OF_ANOTHER)
        if ours and changed <= BESIDE:
            yield fault


SECTIONS = (
    *("payments.", "stripe.", "paypal.", "mtn.", "orange.", "metrics.", "monitoring.", "messaging.", "errors."),
    *("bench.", "secrets.", "audit."),
)
"""How the checks begin that judge what the till has in common with the first application."""
