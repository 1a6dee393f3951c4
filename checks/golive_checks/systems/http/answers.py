"""What a host answers over https where it serves a page, data, a file, an error, a redirect, a session."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from golive import Fact, Now, RunInfo, Settings, Unavailable, probe
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import ACCEPT_ANY, ACCEPT_JSON, ACCEPT_PAGE, Response
from golive_checks.systems.http.cookies import Cookie, cookies
from golive_checks.systems.http.door import in_clear
from golive_checks.systems.http.front import REDIRECTS, Front, HttpReply, PlainFront, reply_of
from golive_checks.systems.http.page import Page, PageDoor

Kind = Literal["page", "data", "static", "error", "redirect", "session", "other", "clear"]
"""`clear` is the port for clear http; all others are asked for over https."""
ERROR = 400
"""The least status of an answer that says that something is wrong (RFC 9110, section 15.5)."""


NO_ERROR = "no error: every path answers; name one that does not in routes.error of the host's entry"
NO_REDIRECT = "no redirect over https; name one in routes.redirect of the host's entry, if there is any"


class Routes(Settings):
    """Where a host shows the kinds of answers that the security checks look at. What is not named is looked for."""

    home: ClassVar[str] = "security.routes"

    error: UrlPath = ""
    """A path that answers with an error; empty: one that golive makes up."""
    redirect: UrlPath = ""
    """A path that redirects; empty: `/`, where it does."""
    static: UrlPath = ""
    """A static file; empty: the first asset of the page."""
    session: UrlPath = ""
    """A path whose answer sets the session's cookie without a login, where there is one."""
    protected: UrlPath = ""
    """A path that answers a GET with a valid token alone; forged ones are tried there."""
    others: tuple[UrlPath, ...] = Field(default=(), max_length=20)
    """More paths to look at."""


@dataclass(frozen=True)
class AnswerKind:
    """A kind of answer, and what came."""

    kind: Kind
    reply: HttpReply
    cookies: tuple[Cookie, ...] = ()


@dataclass(frozen=True)
class Answers(Fact):
    """What a host answers on each kind of route, at one of its addresses."""

    ip: str
    routes: tuple[AnswerKind, ...]
    unseen: tuple[str, ...] = ()
    """The kinds that could not be found, and how to name one."""

    def of(self, kind: Kind) -> tuple[HttpReply, ...]:
        """Return the answers of a kind."""
        return tuple(route.reply for route in self.routes if route.kind == kind)


def _requests(host: Host, ask: Routes) -> int:
    named = (host.api_path, ask.redirect, ask.session, *ask.others)
    return sum(map(bool, named)) + (2 if host.has_page else 1)


@probe("http.answers", requests=_requests)
async def answers(
    host: Host,
    page: Page,
    door: PageDoor,
    fronts: Mapping[Address, Front | Unavailable],
    plain: Mapping[Address, PlainFront | Unavailable],
    ask: Routes,
    run: RunInfo,
    now: Now,
) -> Answers:
    """Ask for a page, data, a static file, an error, a redirect and a session, for their headers."""
    address = next(each for each in fronts if each.ip == page.ip)
    unseen = list[str]()

    async def look(kind: Kind, path: str, accept: str) -> AnswerKind:
        return _route(kind, await door.get(path, accept=accept), now)

    static = ask.static or next((a.path for a in sorted(page.assets, key=lambda a: not a.hashed)), "")
    redirect = ask.redirect or ("/" if _moves(fronts[address]) else "")
    named = _named(host, page, ask, static, redirect)
    found = list(await asyncio.gather(*(look(kind, path, accept) for kind, path, accept in named if path)))
    for path in error_paths(host, ask, static, run):
        seen = await look("error", path, ACCEPT_PAGE if host.has_page else ACCEPT_JSON)
        if seen.reply.status >= ERROR:
            found.append(seen)
            break
    else:
        unseen.append(NO_ERROR)
    if not redirect:
        unseen.append(NO_REDIRECT)
    for other in [r for r in found if r.kind == "redirect" and r.reply.status not in REDIRECTS]:
        found.remove(other)
        unseen.append(f"no redirect: {other.reply.path} answers {other.reply.status}")
    plainly = plain.get(address)
    if isinstance(plainly, PlainFront) and not plainly.closed and plainly.chains:
        path = next(iter(plainly.chains))
        found.append(_route("clear", await in_clear(door, host).get(path), now))
    return Answers(page.ip, tuple(found), tuple(unseen))


def _moves(front: Front | Unavailable) -> bool:
    """Return whether the front page redirects."""
    return isinstance(front, Front) and front.reply.status in REDIRECTS


def _named(host: Host, page: Page, ask: Routes, static: str, redirect: str) -> list[tuple[Kind, str, str]]:
    """Return what is asked for, with what is accepted; an empty path where there is none of a kind."""
    return [
        ("page", page.reply.path, ACCEPT_PAGE),
        ("data", host.api_path, ACCEPT_JSON),
        ("static", static, ACCEPT_ANY),
        ("redirect", redirect, ACCEPT_PAGE),
        ("session", ask.session, ACCEPT_JSON),
        *(("other", path, ACCEPT_PAGE) for path in ask.others),
    ]


def error_paths(host: Host, ask: Routes, static: str, run: RunInfo) -> list[str]:
    """Name paths that should not be there. A single-page app answers any but those beside its assets."""
    if ask.error:
        return [ask.error]
    beside = static.rpartition("/")[0]
    return [nowhere(run), *([f"{beside}{nowhere(run)}.js"] if host.has_page and beside else [])]


def nowhere(run: RunInfo) -> str:
    """Make up a path: the same for all that ask in one run, so that it is asked for once."""
    return f"/golive-{run.id}"


def _route(kind: Kind, got: Response, now: Now) -> AnswerKind:
    return AnswerKind(kind, reply_of(got), tuple(cookies(got.values("set-cookie"), now.at)))
