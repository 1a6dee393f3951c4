"""Sends a forged notice, and finds out whether it could have reached the order at all."""

import json
import random
import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote

from golive import Unavailable
from golive_checks.systems.gateways.authors import author, wants_bearer, wants_form_token
from golive_checks.systems.gateways.elsewhere import any_path_gets, no_such_path
from golive_checks.systems.gateways.gateways import uuid_of
from golive_checks.systems.gateways.notices import Notice, Paid
from golive_checks.systems.gateways.refusals import BAD, REFUSALS, names_signature, refuses_in_success
from golive_checks.systems.http.client.message import HeaderName, HeaderValue, Response
from golive_checks.systems.http.client.walls import wall
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.front import is_page, parted, target

Reach = Literal["refused", "differs", "form", "same", "missed"]
"""What is known of a notice: it was refused as not genuine; the app answered otherwise than to a notice of an order
that does not exist, so that it looked for the order; or perhaps only because that one's reference has another form; it
gave both the same answer; or the app never got it."""
IN_FRONT = frozenset({301, 302, 303, 307, 308, 405, 502, 503, 504})
"""What is answered in front of the app's handler: redirects, no such method, no app behind the proxy."""
SEE_OTHER = 303
NO_ROUTE = 404
"""Or no such order: it says something only where not every order gets it."""
NAMES_NOBODY = re.compile(
    rb"not[ _-]?found|no such|unknown|doesn't exist|not exist|inconnu|introuvable|no existe|nicht gefunden",
    re.IGNORECASE,
)
"""Words of an app that has looked for an order and found none."""
GONE = 410
NAMES_TENANT = re.compile(rb"tenant|organi[sz]ation|workspace", re.IGNORECASE)
LONG_ENOUGH = 16
"""Characters made up at random that no order has by chance."""
INT4 = (2_000_000_000, 2_147_000_000)
"""Numbers that a 32-bit column can hold and few tables come to."""


@dataclass(frozen=True)
class Attempt:
    """A forged notice, what it got, and whether it could have reached the order."""

    method: str
    form: str
    status: int
    reach: Reach
    marked: bool = True
    """It bore what should make it genuine, made up: see `Notice.marked`."""


@dataclass(frozen=True)
class Absent:
    """An order that does not exist. `in_form`: its reference looks as the app's own do."""

    paid: Paid
    in_form: bool


@dataclass(frozen=True)
class Forger:
    """Where forged notices go, and how: with the headers and the query that the app wants.

    `absent`: orders that do not exist. They get each notice as the order does, so that what an app remembers of earlier
    ones makes no difference, and one before it and one after it, so that time makes none.
    """

    door: Door
    path: str = field(repr=False)
    headers: Mapping[HeaderName, HeaderValue]
    absent: tuple[Absent, Absent]
    elsewhere: dict[str, list[Response]] = field(default_factory=dict)
    """What a path that does not exist gets, by method."""
    sent: list[str] = field(default_factory=list)
    """The paths that were called."""
    attempts: list[Attempt] = field(default_factory=list)
    """What was sent so far, also where something ends it."""

    async def attempt(self, method: str, paid: Paid, forms: Callable[[Paid], Mapping[str, Notice]]) -> None:
        """Send every form of a notice; and where the app does not refuse it, the same of two orders that are not."""
        others = [(forms(each.paid), each) for each in self.absent]
        for form, notice in forms(paid).items():
            try:
                before = await self._send(method, others[0][0][form], others[0][1].paid)
            except Unavailable:
                await self._send(method, notice, paid)  # who forges waits for no answer, and what it books is looked at
                raise
            got = await self._send(method, notice, paid)
            reach: Reach = "refused"
            if not await self._refused(method, got, notice):
                after = await self._send(method, others[1][0][form], others[1][1].paid)
                reach = _compared((got, paid), [(before, others[0][1]), (after, others[1][1])])
            self.attempts.append(Attempt(method, form, got.status, reach, notice.marked))

    async def _send(self, method: str, notice: Notice, paid: Paid, path: str = "") -> Response:
        sent = {"content-type": "application/json", **notice.headers}
        sent |= {name.lower(): paid.filled(value.get_secret_value()) for name, value in self.headers.items()}
        named = {name: quote(getattr(paid, name), safe="") for name in ("reference", "gateway_reference")}
        to = replace(paid, **named).filled(path or self.path)
        self.sent.append(to)  # also where no answer comes: an app may book first
        got = await self.door.knock(method, to, notice.body, sent)
        if again := _same_but_slash(got, self.door.endpoint.origin, to):
            got = await self.door.knock(method, again, notice.body, sent)
        if stands := wall(got.status, got.headers):
            raise Unavailable(f"{self.path}: {stands.reason}, so that no forgery reached the app", fix=stands.fix)
        if got.status < 300 and is_page(got):  # noqa: PLR2004 - RFC 9110, section 15.3
            raise Unavailable(
                f"{self.path} is answered with a page, so that no forgery reached the app",
                fix="route it to the app, before the front end's fall-back",
            )
        return got

    async def _refused(self, method: str, got: Response, notice: Notice) -> bool:
        """Return whether the app itself refuses a notice as not genuine, and not for want of something else."""
        reason = _own_words(got.body, notice)
        if NAMES_TENANT.search(reason) or wants_form_token(got) or wants_bearer(got):
            return False
        if got.status in BAD or refuses_in_success(got):
            return names_signature(reason)
        if got.status not in REFUSALS or (is_page(got) and author(got) != "framework"):
            return False
        if method not in self.elsewhere:
            names = [no_such_path(self.path, secrets.token_hex(4)) for _ in "12"]
            nobody = Paid("none", "none", "0", "EUR")
            self.elsewhere[method] = [await self._send(method, Notice("", b"{}"), nobody, name) for name in names]
        return not any_path_gets(got, self.elsewhere[method])


def _same_but_slash(got: Response, origin: str, path: str) -> str:
    """Return where a redirect leads that changes no more than a slash at the path's end: whoever forges goes there.

    A gateway does not; that it gets no further is for webhook.reaches-app.
    """
    there, to = parted(target(got))
    one, other = (each.partition("?")[0].rstrip("/") for each in (to, path))
    return to if there == origin and one == other and to != path and got.status != SEE_OTHER else ""


def _own_words(body: bytes, notice: Notice) -> bytes:
    """Return an answer without what it repeats of the notice, as validators do with what they refuse."""
    for name, value in _pairs(json.loads(notice.body)):
        for colon in (":", ": "):
            body = body.replace(f"{json.dumps(name)}{colon}{json.dumps(value)}".encode(), b"")
    return body


def _pairs(said: object) -> Iterator[tuple[str, object]]:
    """Yield the names and values in golive's own JSON, but not what holds others."""
    if isinstance(said, dict):
        for name, value in said.items():
            yield from _pairs(value) if isinstance(value, dict | list) else [(name, value)]
    elif isinstance(said, list):
        for each in said:
            yield from _pairs(each)


def _compared(mine: tuple[Response, Paid], controls: list[tuple[Response, Absent]]) -> Reach:
    """Compare the answer to a notice of the order with those to notices of orders that do not exist."""
    (got, paid), (first, absent) = mine, controls[0]
    statuses = {got.status, *(each.status for each, _ in controls)}
    one, two = (_without_references(each, other.paid) for each, other in controls)
    if got.status in IN_FRONT or statuses == {NO_ROUTE}:
        return "missed"
    if statuses & IN_FRONT or one[0] != two[0]:
        return "same"  # the answers differ by themselves, so that a difference says nothing
    if got.status == first.status and (one != two or _without_references(got, paid) == one):
        return "same"
    looked = first.status in {NO_ROUTE, GONE} or NAMES_NOBODY.search(first.body)
    return "differs" if absent.in_form or looked else "form"


def _without_references(got: Response, paid: Paid) -> tuple[int, bytes]:
    """Return an answer without the references that it may repeat."""
    body = got.body
    for reference in (paid.reference, paid.gateway_reference):
        body = body.replace(reference.encode(), b"")
    return got.status, body


def absent_of(paid: Paid, given: str = "") -> tuple[Absent, Absent]:
    """Return two orders that do not exist, in the form of one that does where it is certain that nobody has them.

    They are the same in each run: an app that remembers notices then remembers theirs as well.
    """
    first, second = (_absent(paid, turn, given) for turn in ("before", "after"))
    return first, second


def _absent(paid: Paid, turn: str, given: str) -> Absent:
    reference, in_form = (given, True) if given else _unlike(paid.reference, turn)
    gateways = _unlike(paid.gateway_reference, turn)[0]
    if paid.gateway_reference == paid.reference:
        gateways = reference
    return Absent(replace(paid, reference=reference, gateway_reference=gateways), in_form=in_form)


def _unlike(reference: str, turn: str) -> tuple[str, bool]:
    """Make up a reference that no order has, the same in each run; and return whether it is of the same form."""
    pick = random.Random(f"{turn} {reference}")  # noqa: S311 - no secret: each run makes up the same
    try:
        if str(uuid.UUID(reference)) == reference.lower():
            return uuid_of(f"golive {turn} {reference}"), True
    except ValueError:
        pass
    if reference.isdecimal():
        if len(reference) <= len(str(INT4[0])):
            return str(pick.randint(*INT4)), len(reference) == len(str(INT4[0]))
        return "9" + "".join(pick.choice("0123456789") for _ in reference[1:]), True
    tail = re.search(r"[A-Za-z0-9]+$", reference)
    if tail and len(tail[0]) >= LONG_ENOUGH:
        return reference[: tail.start()] + "".join(_like(pick, one, tail[0]) for one in tail[0]), True
    return f"{reference}-{pick.randbytes(8).hex()}", False


def _like(pick: random.Random, one: str, whole: str) -> str:
    """Return a character of the same kind; the hexadecimal stay so."""
    if one.isdecimal():
        return pick.choice("0123456789")
    letters = "abcdef" if re.fullmatch(r"[0-9A-Fa-f]+", whole) else "abcdefghjkmnpqrstvwxyz"
    return pick.choice(letters.upper() if one.isupper() else letters)
