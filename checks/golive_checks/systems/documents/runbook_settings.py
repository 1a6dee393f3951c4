"""What the profile asks of runbooks: which parts each must have, how old its review may be, who it must name."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from golive import Settings
from golive.profile.types import FilePath

Words = tuple[str, ...]
WHO: Words = ("who", "role", "responsib", "contact", "team", "people", "owner", "escalat", "commander", "stakeholder")
WHO += ("qui", "rôle", "responsab", "équipe")


class Review(Settings):
    """How old the last review of a runbook may be."""

    home: ClassVar[str] = "runbooks.review"

    max_age_days: int = Field(default=180, ge=1)
    """The day is in the front matter (last_reviewed), in the text ("Last reviewed:", "Relu le"), else git's."""
    git: bool = True
    """Whether the day of the last commit that changed it counts, where it tells none itself."""


class Links(Settings):
    """Which links of a runbook are followed."""

    home: ClassVar[str] = "runbooks.links"

    external: bool = False
    """Whether https links are asked for as well: of those that answer, only 404 and 410 count."""


class ContactPolicy(Settings):
    """Who the on-call runbook names."""

    home: ClassVar[str] = "runbooks.contacts"

    levels: int = Field(default=2, ge=1, le=10)
    """How many rows, items or paragraphs must name a telephone number or an e-mail address."""
    region: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    """The country whose numbers may be written without +, such as SN; empty: all numbers begin with +."""


class Incident(Settings):
    """The runbook for incidents: who, what, where."""

    home: ClassVar[str] = "runbooks.incident"

    path: FilePath = ""
    """A Markdown file, such as ../docs/runbooks/incident.md."""
    sections: Mapping[str, Words] = {
        "who": WHO,
        "what": (
            *("what", "step", "procedure", "response", "action", "process", "diagnos", "investigat", "mitigat"),
            *("remediat", "resol", "troubleshoot", "contain", "recover", "during", "quoi", "étape", "procédure"),
            "que faire",
        ),
        "where": (
            *("where", "channel", "dashboard", "link", "communicat", "slack", "bridge", "conference", "war room"),
            *("monitoring", "tools", "resources", "references", "status page", "où", "canal", "canaux", "tableau"),
        ),
    }
    """The parts it must have, each with words, or their beginnings, that its heading has."""


class OnCall(Settings):
    """The runbook with who is on call, and who is called next."""

    home: ClassVar[str] = "runbooks.on_call"

    path: FilePath = ""
    """A Markdown file, such as ../docs/runbooks/on-call.md."""
    sections: Mapping[str, Words] = {
        "contacts": (
            *("contact", "on call", "on-call", "level", "rota", "schedule", "responder", "people", "team", "who"),
            *("niveau", "astreinte", "qui"),
        ),
        "escalation": ("escalat", "escalad", "next", "backup", "secondary", "suivant"),
    }
    """The parts it must have, each with words, or their beginnings, that its heading has."""


class Change(Settings):
    """The runbook for changes: how a release comes about, who approves it, how it goes back."""

    home: ClassVar[str] = "runbooks.change"

    path: FilePath = ""
    """A Markdown file, such as ../docs/runbooks/change.md."""
    sections: Mapping[str, Words] = {
        "procedure": (
            "procedure",
            "process",
            "step",
            "release",
            "deploy",
            "rollout",
            "how",
            "procédure",
            "étape",
            "livraison",
            "mise en production",
        ),
        "rollback": (
            *("rollback", "roll back", "roll-back", "rolling back", "back-out", "backout", "back out", "revert"),
            *("retour arrière", "retour en arrière"),
        ),
    }
    """The parts it must have, each with words, or their beginnings, that its heading has."""


class Rollback(Settings):
    """The runbook for going back to the release before."""

    home: ClassVar[str] = "runbooks.rollback"

    path: FilePath = ""
    """A Markdown file, such as ../docs/runbooks/rollback.md."""
    sections: Mapping[str, Words] = {
        "when": (
            "when",
            "decision",
            "criteria",
            "trigger",
            "condition",
            "should",
            "quand",
            "décision",
            "critère",
            "déclench",
        ),
        "steps": ("step", "procedure", "how", "instruction", "process", "revert", "étape", "procédure", "comment"),
        "who": WHO,
    }
    """The parts it must have, each with words, or their beginnings, that its heading has."""
    min_steps: int = Field(default=2, ge=1)
    """How many items of lists and blocks of commands its steps have at least."""
