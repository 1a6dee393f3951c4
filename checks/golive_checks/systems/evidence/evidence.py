"""Attestations: what a person confirms, and whether the evidence exists."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urljoin

from pydantic import BeforeValidator, Field, ValidationInfo

from golive import Entry, Fact, Settings, Subject, Unavailable, probe, subjects
from golive.profile.types import resolved
from golive_checks.shapes import split_url
from golive_checks.systems.http.client.message import Response
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.machine.client.files import Files

MAX_HOPS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HTTPS = "https://"


def _evidence(value: Any, info: ValidationInfo) -> Any:
    """Take a file from the profile's folder; leave a URL as it is."""
    if not isinstance(value, str) or not value:
        return value
    if "://" not in value:
        return resolved(value, info)
    url = split_url(value)
    if url is None or url.scheme != "https" or url.username or url.password:
        raise ValueError("evidence is a file, or an https URL without a user and password")
    return value


Day = Annotated[dt.date | None, BeforeValidator(lambda value: None if value == "" else value)]
"""A day, or nothing: an attestation without one is a red finding and no mistake in the profile."""


class AttestationEntry(Entry):
    """A line of the checklist that no program can decide, and the person who confirms it."""

    statement: str = ""
    """What is so."""
    who: str = ""
    """Who says so."""
    when: Day = None
    """The day it was looked into."""
    evidence: Annotated[str, BeforeValidator(_evidence)] = ""
    """A file (from the profile's folder) or an https URL that shows it."""
    expires: Day = None
    """The last day (UTC) on which it counts."""


@dataclass(frozen=True)
class Attestation(Subject):
    """What a person confirms, by its name, such as `logs.centralised`."""

    statement: str = ""
    who: str = ""
    when: dt.date | None = None
    evidence: str = ""
    expires: dt.date | None = None


@subjects("attestations", empty="the profile holds no attestation")
def attestations(key: str, entry: AttestationEntry) -> tuple[Attestation, ...]:
    """Name the attestations of the profile."""
    return (
        Attestation(
            key,
            statement=entry.statement.strip(),
            who=entry.who.strip(),
            when=entry.when,
            evidence=entry.evidence,
            expires=entry.expires,
            own=entry.own(),
        ),
    )


USUAL = ("logs.centralised", "secrets.stored", "privacy.law")
"""The lines of the checklist that nothing but a person's word can decide."""


class DemandedAttestations(Settings):
    """Which attestations there must be."""

    home: ClassVar[str] = "demanded_attestations"

    names: tuple[Annotated[str, Field(min_length=1)], ...] | None = None
    """Their names; unset: on production logs.centralised, secrets.stored and privacy.law, elsewhere none."""
    do_not_apply: Mapping[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    """Those that do not apply to this system, each with its reason."""

    def demanded(self, *, production: bool) -> tuple[str, ...]:
        """Name those that an environment must have."""
        return (USUAL if production else ()) if self.names is None else self.names


@dataclass(frozen=True)
class Evidence(Fact):
    """Whether an attestation's evidence is there. `status` is a URL's last one, 0 for a file."""

    there: bool
    status: int = 0


@probe("evidence.attested")
async def evidence(of: Attestation, files: Files, others: OtherHosts) -> Evidence:
    """Look for the file, or ask for the URL, that an attestation names."""
    if not of.evidence.startswith(HTTPS):
        return Evidence(bool(of.evidence) and await files.exists(of.evidence))
    url = of.evidence
    for _ in range(MAX_HOPS):
        got = await fetched(url, others)
        if got.status not in REDIRECTS:
            break
        url = _next(url, got)
    if got.status in {404, 410}:
        return Evidence(there=False, status=got.status)
    if not 200 <= got.status < 300:  # noqa: PLR2004 - the successful ones, RFC 9110, section 15.3
        raise Unavailable(f"the evidence at {url} answers {got.status}, so golive cannot see whether it exists")
    return Evidence(there=True, status=got.status)


def _next(url: str, got: Response) -> str:
    """Follow a redirect on the same host; one to another is a login page as often as not."""
    there = urljoin(url, got.header("location"))
    here, following = split_url(url), split_url(there)
    if following is None or here is None or following.scheme != "https" or following.hostname != here.hostname:
        raise Unavailable(
            f"the evidence at {url} redirects to another host or in clear, so golive cannot see whether it exists",
            fix="Name a URL that answers without a login, or keep a copy as a file.",
        )
    return there


async def fetched(url: str, others: OtherHosts) -> Response:
    """Ask for a URL at the first address of its host, with nobody's credentials."""
    parts = split_url(url)
    if parts is None or not parts.hostname:
        raise Unavailable(f"{url} is no URL")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    got = await (await others.door(parts.hostname, parts.port or 443)).get(path)
    if got.distrust:
        raise Unavailable(f"the evidence's host {parts.hostname} cannot be trusted: {got.distrust}")
    return got
