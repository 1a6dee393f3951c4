"""What a site answers to what is not there, and to what is no proper request."""

import html
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from golive import Effect, Entry, Fact, RunInfo, Subject, Unavailable, probe, subjects
from golive_checks.shapes import split_url
from golive_checks.subjects.hosts import UrlPath
from golive_checks.subjects.monitoring import BaseUrl
from golive_checks.systems.http.answers import nowhere
from golive_checks.systems.http.client.message import ACCEPT_PAGE, Access, Response
from golive_checks.systems.http.client.trouble import NotListening
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.error_signs import ErrorSign, body_signs, header_signs
from golive_checks.systems.http.front import HttpReply, reply_of
from golive_checks.systems.http.other_hosts import OtherHosts

LONG = 40_000
"""Characters: more than nginx, Apache, Node and Tomcat take in all headers together (8 to 32 kB)."""
Asked = Literal["unknown path", "bad percent-encoding", "overlong UTF-8", "over-long header"]


class ErrorPagesEntry(Entry):
    """A site whose answers to wrong requests are looked at."""

    url: BaseUrl
    """Where it answers, such as https://www.example.com; with a path, what is asked for lies below it."""
    text: str = Field(default="", max_length=500)
    """What the product's own page for an unknown path says, such as "Page introuvable"; empty: any will do."""
    paths: tuple[UrlPath, ...] = Field(default=(), max_length=20)
    """More paths at which nothing is, such as /products/no-such-product."""


@dataclass(frozen=True)
class ErrorSite(Subject):
    """A site whose answers to wrong requests are looked at."""

    url: str = ""
    text: str = ""
    paths: tuple[str, ...] = ()


@subjects("error_pages", empty="the profile names no site whose error pages are looked at (error_pages)")
def error_sites(key: str, entry: ErrorPagesEntry) -> tuple[ErrorSite, ...]:
    """Name the sites of the profile."""
    return (ErrorSite(key, url=entry.url, text=entry.text, paths=entry.paths, own=entry.own()),)


@dataclass(frozen=True)
class ErrorAnswer:
    """An answer to a wrong request, and what it shows."""

    asked: Asked
    path: str
    reply: HttpReply
    signs: tuple[ErrorSign, ...]
    own_text: bool
    """Whether it has the text that the profile names."""


@dataclass(frozen=True)
class ErrorAnswers(Fact):
    """The answers to paths at which nothing is, and to malformed ones."""

    answers: tuple[ErrorAnswer, ...]
    unanswered: tuple[str, ...] = ()
    """Paths to which the server closed the connection, though it answers others."""


@dataclass(frozen=True)
class LongHeaderAnswer(Fact):
    """The answer to a header longer than servers take; None where the connection was closed."""

    answer: ErrorAnswer | None


@probe("http.error-pages", requests=4)
async def error_pages(site: ErrorSite, others: OtherHosts, access: Access, run: RunInfo) -> ErrorAnswers:
    """Ask for paths at which nothing is, and for three that are no proper ones."""
    door, below = await _door(site, others, access)
    absent = below + nowhere(run)
    answers = [_seen("unknown path", path, await door.get(path), site) for path in (absent, *site.paths)]
    unanswered = list[str]()
    wrong: tuple[tuple[Asked, str], ...] = (
        ("bad percent-encoding", f"{below}/%"),
        ("bad percent-encoding", f"{below}{nowhere(run)}%zz"),
        ("overlong UTF-8", f"{below}{nowhere(run)}%c0%af"),
    )
    for asked, path in wrong:
        if got := await _unless_closed(door.get_verbatim(path), door, absent):
            answers.append(_seen(asked, path, got, site))
        else:
            unanswered.append(path)
    return ErrorAnswers(tuple(answers), tuple(unanswered))


@probe("http.long-header", requests=1, effect=Effect.ACTIVE)
async def long_header(site: ErrorSite, others: OtherHosts, access: Access, run: RunInfo) -> LongHeaderAnswer:
    """Send a header that is longer than servers take."""
    door, below = await _door(site, others, access)
    absent = below + nowhere(run)
    asking = door.get_anew(absent, {"accept": ACCEPT_PAGE, "x-golive-long": "a" * LONG})
    got = await _unless_closed(asking, door, absent)
    return LongHeaderAnswer(_seen("over-long header", absent, got, site) if got else None)


async def _unless_closed(asking: Awaitable[Response], door: Door, absent: str) -> Response | None:
    """Await an answer. None where the connection breaks, as nginx does over HTTP/2, and the server still answers."""
    try:
        return await asking
    except NotListening:
        raise
    except Unavailable as gap:
        if not gap.transient:
            raise
        await door.get_anew(absent)
        return None


async def _door(site: ErrorSite, others: OtherHosts, access: Access) -> tuple[Door, str]:
    parts = split_url(site.url)
    if parts is None or not parts.hostname:
        raise Unavailable(f"{site.url} is no URL")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    return await others.door(parts.hostname, port, access=access, secure=secure), parts.path.rstrip("/")


def _seen(asked: Asked, path: str, got: Response, site: ErrorSite) -> ErrorAnswer:
    signs = (*header_signs(got.headers), *body_signs(got.content))
    text = " ".join(html.unescape(got.text).split())
    return ErrorAnswer(asked, path, reply_of(got), signs, own_text=" ".join(site.text.split()) in text)
