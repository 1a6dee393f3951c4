"""The runbooks: what stands in them, when they were reviewed, who they name, and whether their links lead anywhere."""

import asyncio
import datetime as dt
import os.path
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from golive import Client, Environment, Fact, Unavailable, probe, shortened
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.documents.client.markdown import Markdown, MarkdownEntry, Outline
from golive_checks.systems.documents.recovery_document import DocumentPart, within_bounds
from golive_checks.systems.documents.runbook_settings import (
    Change,
    ContactPolicy,
    Incident,
    Links,
    OnCall,
    Review,
    Rollback,
)
from golive_checks.systems.documents.unfinished import unfinished
from golive_checks.systems.evidence.evidence import fetched
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.git.client.git import Git
from golive_checks.systems.git.reviewed import reviewed_on
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.machine.client import yamlnodes as y
from golive_checks.systems.machine.client.contacts import contacts_in
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.tls.client.trust import Trust

MAX_BYTES, MAX_LINKS, MAX_EXTERNAL = 1_000_000, 300, 100
FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
GONE = frozenset({404, 410})


@dataclass(frozen=True)
class BrokenLink:
    """A link that leads nowhere: its address answers that it is gone, there is no such file, or no such heading."""

    line: int
    text: str
    lacks: Literal["address", "file", "heading"]
    document: str = ""
    """In which there is no such heading; empty: the runbook itself."""


@dataclass(frozen=True)
class RunbookRead(Fact):
    """A runbook as it was read; `there` false where the file is not there, `path` empty where none is named."""

    path: str = ""
    there: bool = False
    parts: tuple[DocumentPart, ...] = ()
    marks: tuple[tuple[int, str], ...] = ()
    """Places that are still to be filled in, by line."""
    reviewed: dt.date | None = None
    reviewed_by: str = ""
    """What tells the day: `itself`, `git`, or `shallow` where git has only the end of its history."""
    levels: int = 0
    """How many rows, items and paragraphs name a contact that can be one."""
    malformed: tuple[str, ...] = ()
    broken: tuple[BrokenLink, ...] = ()


@dataclass(frozen=True)
class IncidentRunbook(RunbookRead):
    """The runbook for incidents."""


@dataclass(frozen=True)
class OnCallRunbook(RunbookRead):
    """The runbook for those on call."""


@dataclass(frozen=True)
class ChangeRunbook(RunbookRead):
    """The runbook for changes."""


@dataclass(frozen=True)
class RollbackRunbook(RunbookRead):
    """The runbook for going back."""


class Library(Client):
    """Reads runbooks."""

    def __init__(
        self,
        files: Files,
        markdown: Markdown,
        git: Git,
        checkout: Checkout,
        http: Http,
        dns: Dns,
        names: DnsSettings,
        trust: Trust,
    ) -> None:
        self._files = files
        self._markdown = markdown
        self._git = git
        self._checkout = checkout
        self._others = OtherHosts(dns, names, http, trust)

    async def read(self, path: str, review: Review, links: Links, contacts: ContactPolicy) -> dict[str, Any]:
        """Read a runbook into the fields of its fact."""
        if not path or not await self._files.exists(path):
            return {"path": path}
        text = (await self._files.text(path, MAX_BYTES)).encode("utf-8", "replace").decode()
        front, body = _front(text, path)
        parts, outline = within_bounds(await self._markdown.parts(body), path), await self._markdown.outline(body)
        texts = [entry.text for entry in outline.entries]
        found = await asyncio.to_thread(lambda: [contacts_in(text, contacts.region) for text in texts])
        day, by = await self._reviewed(path, reviewed_on(front, body), review)
        return {
            "path": path,
            "there": True,
            "parts": tuple(
                DocumentPart(shortened(part.title, 200), part.line, len(content.split()), part.steps)
                for part in parts[1:]
                for content in [" ".join(part.text)]
            ),
            "marks": tuple(unfinished(outline.entries))[:20],
            "reviewed": day,
            "reviewed_by": by,
            "levels": sum(1 for each in found if each.sound),
            "malformed": tuple(problem for each in found for problem in each.malformed)[:20],
            "broken": tuple([link async for link in self._broken(path, outline, links)][:20]),
        }

    async def _reviewed(self, path: str, said: dt.date | None, review: Review) -> tuple[dt.date | None, str]:
        if said or not review.git:
            return said, "itself" if said else ""
        changed = await self._git.changed(path)
        if changed is None:
            return None, ""
        return (None, "shallow") if changed.shallow else (changed.at.date(), "git")

    async def _broken(self, path: str, outline: Outline, links: Links) -> AsyncIterator[BrokenLink]:
        asked = set[str]()
        if len(outline.links) > MAX_LINKS:
            raise Unavailable(f"{path} has more than {MAX_LINKS} links", fix="Split the runbook into several.")
        for link in outline.links:
            if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", link.text):
                if links.external and link.text.startswith("https://") and link.text not in asked:
                    if len(asked) == MAX_EXTERNAL:
                        raise Unavailable(
                            f"{path} has more than {MAX_EXTERNAL} links to other sites, and golive asks no more",
                            fix="Split the runbook, or leave out links.external.",
                        )
                    if await self._gone(link.text.partition("#")[0]):
                        yield BrokenLink(link.line, shortened(link.text, 200), "address")
                    asked.add(link.text)
                continue
            if found := await self._leads_nowhere(path, link, outline):
                yield found

    async def _leads_nowhere(self, path: str, link: MarkdownEntry, outline: Outline) -> BrokenLink | None:
        """Find out whether a relative link leads nowhere; one from the root of a site is not looked at."""
        there, _, anchor = link.text.partition("#")
        name = unquote(there.partition("?")[0])
        shown = shortened(link.text, 200)
        if name.startswith("/") or "\0" in name:
            return None
        target = _beside(path, name) if name else path
        if name and not await self._checkout.there(target):
            return BrokenLink(link.line, shown, "file")
        anchors = outline.anchors
        if name and anchor and target.lower().endswith((".md", ".markdown")):
            anchors = (await self._markdown.outline(await self._files.text(target, MAX_BYTES))).anchors
        elif name:
            return None
        there_is_one = not anchor or unquote(anchor).lower() in {a.lower() for a in anchors}
        return None if there_is_one else BrokenLink(link.line, shown, "heading", name)

    async def _gone(self, url: str) -> bool:
        try:
            return (await fetched(url, self._others)).status in GONE
        except Unavailable:
            return False  # a login, or a name that only others can resolve


def _beside(path: str, name: str) -> str:
    return os.path.normpath(f"{path.rpartition('/')[0]}/{name}")


def _front(text: str, path: str) -> tuple[dict[str, str], str]:
    """Part the front matter from a document, which keeps its lines."""
    found = FRONT.match(text.replace("\r\n", "\n"))
    if not found:
        return {}, text
    documents = y.documents(found[1], path)
    fields = y.pairs(documents[0]) if documents else {}
    values = {key: value for key, node in fields.items() if (value := y.scalar(node)) is not None}
    return values, "\n" * found[0].count("\n") + text.replace("\r\n", "\n")[found.end() :]


@probe("documents.incident-runbook")
async def incident_runbook(
    env: Environment, library: Library, ask: Incident, review: Review, links: Links, contacts: ContactPolicy
) -> IncidentRunbook:
    """Read the runbook for incidents."""
    return IncidentRunbook(**await library.read(ask.path, review, links, contacts))


@probe("documents.on-call-runbook")
async def on_call_runbook(
    env: Environment, library: Library, ask: OnCall, review: Review, links: Links, contacts: ContactPolicy
) -> OnCallRunbook:
    """Read the runbook with who is on call."""
    return OnCallRunbook(**await library.read(ask.path, review, links, contacts))


@probe("documents.change-runbook")
async def change_runbook(
    env: Environment, library: Library, ask: Change, review: Review, links: Links, contacts: ContactPolicy
) -> ChangeRunbook:
    """Read the runbook for changes."""
    return ChangeRunbook(**await library.read(ask.path, review, links, contacts))


@probe("documents.rollback-runbook")
async def rollback_runbook(
    env: Environment, library: Library, ask: Rollback, review: Review, links: Links, contacts: ContactPolicy
) -> RollbackRunbook:
    """Read the runbook for going back to the release before."""
    return RollbackRunbook(**await library.read(ask.path, review, links, contacts))
