"""The document that says how to put the backups back: its parts, and the times that it promises."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from golive import Environment, Fact, Settings, Unavailable, probe, shortened
from golive.profile.types import FilePath
from golive_checks.systems.documents.client.markdown import Markdown, MarkdownPart
from golive_checks.systems.machine.client.files import Files

MAX_BYTES = 1_000_000
MAX_PARTS = 500
AMOUNT = r"\d+(?:[.,]\d+)?\s*(?:s|sec|min|mn|h|hr|d|j|second|minute|hour|day|seconde|heure|jour)s?\b"
"""`4 h`, `30 min`, `15 minutes`, `1 jour`."""
UNFINISHED = re.compile(r"\b(?:TODO|TBD|FIXME|XXX|to be (?:done|defined|completed)|à (?:compléter|définir|faire))\b")


class Documented(Settings):
    """The recovery document, and by which words its parts are known, in English and French."""

    home: ClassVar[str] = "backups.document"

    path: FilePath = ""
    """A Markdown file, such as ../docs/recovery.md."""
    steps: tuple[str, ...] = ("restor", "recover", "procedure", "steps", "restaur", "procédure", "étapes", "reprise")
    """Words, or their beginnings, in the title of the part with the steps."""
    contacts: tuple[str, ...] = (
        "contact",
        "on call",
        "on-call",
        "escalat",
        "whom",
        "who to call",
        "astreinte",
        "escalade",
        "qui appeler",
    )
    """The same for the part that says who to call."""
    time_objective: tuple[str, ...] = ("RTO", "recovery time objective", "DMIA", "durée maximale d'interruption")
    """What the longest outage is called."""
    point_objective: tuple[str, ...] = ("RPO", "recovery point objective", "PDMA", "perte de données maximale")
    """What the most that may be lost is called."""
    min_steps: int = 3
    """How many items of lists and blocks of commands the steps have at least."""


@dataclass(frozen=True)
class DocumentPart:
    """What stands under a heading, that of the headings below it included."""

    title: str
    line: int
    words: int
    steps: int
    unfinished: str = ""
    """A word in it that says that it is still to be written."""


@dataclass(frozen=True)
class RecoveryDocument(Fact):
    """The parts of the recovery document, and its objectives, `RTO` and `RPO`, as it states them."""

    path: str
    there: bool
    parts: tuple[DocumentPart, ...] = ()
    objectives: Mapping[str, str] | None = None


@probe("documents.recovery")
async def recovery_document(env: Environment, files: Files, markdown: Markdown, ask: Documented) -> RecoveryDocument:
    """Read the recovery document that the profile names."""
    if not ask.path or not await files.exists(ask.path):
        return RecoveryDocument(ask.path, there=False)
    text = (await files.text(ask.path, MAX_BYTES)).encode("utf-8", "replace").decode()
    parts = within_bounds(await markdown.parts(text), ask.path)
    whole = " ".join(" ".join(parts[0].text).split())
    wanted = {"RTO": ask.time_objective, "RPO": ask.point_objective}
    return RecoveryDocument(
        ask.path,
        there=True,
        parts=tuple(
            DocumentPart(shortened(part.title, 200), part.line, len(content.split()), part.steps, _unfinished(content))
            for part in parts[1:]
            for content in [" ".join(part.text)]
        ),
        objectives={name: found for name, words in wanted.items() if (found := _stated(whole, words))},
    )


def _unfinished(content: str) -> str:
    found = UNFINISHED.search(content)
    return found[0] if found else ""


def _stated(text: str, words: tuple[str, ...]) -> str:
    """Return the amount of time that stands soon after one of these words."""
    for word in words:
        if found := re.search(rf"\b{re.escape(word)}\b[^.;\n]{{0,60}}?({AMOUNT})", text, re.IGNORECASE):
            return found[1]
    return ""


def within_bounds(parts: Sequence[MarkdownPart], path: str) -> Sequence[MarkdownPart]:
    """Return the parts of a document.

    Raises:
        Unavailable: it has more than golive looks at.
    """
    if len(parts) > MAX_PARTS:
        raise Unavailable(f"{path} has more than {MAX_PARTS} parts", fix="Split the document, or name the one meant.")
    return parts
