"""Which release answers: at each address of a host, and on each side of blue/green or a canary."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from golive import Environment, Fact, Settings, Unavailable, probe, shortened
from golive_checks.shapes import without_secrets
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import ACCEPT_JSON, HeaderName, HeaderValue, Response
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.release.health import Health, Service, has_routes

LONGEST = 200
TWO_SIDED = ("blue-green", "canary")


class ReleaseShown(Settings):
    """Where a host of role api says which release it runs."""

    home: ClassVar[str] = "rollout.version"

    path: UrlPath = ""
    """A route that says it, such as /health."""
    field: str = Field(default="version", max_length=200)
    """The field of its JSON answer, with dots between levels: `build.version`."""
    header: HeaderName | None = None
    """A header that says it, in place of a field."""
    compare: Literal["version", "commit"] = "version"
    """Whether it is the release's version that is said, or its commit."""
    others: tuple[str, ...] = ()
    """Of blue/green or a canary: what the other side may still run, such as the release before."""


class Side(BaseModel):
    """How a side is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    host: str = ""
    """Its name under `hosts:`; empty: the first host of role api."""
    headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    """What leads a request to this side, such as x-canary: always."""


class Strategy(Settings):
    """How a release comes to those who use it."""

    home: ClassVar[str] = "rollout.strategy"

    kind: Literal["all-at-once", "rolling", "blue-green", "canary"] = "all-at-once"
    """blue-green and canary have two sides, which are then both looked at."""
    sides: dict[str, Side] = Field(default_factory=dict, max_length=4)
    """The two sides of blue-green or a canary, by name, and how each is reached."""
    field: str = Field(default="", max_length=200)
    """A field of the answer of rollout.version.path in which each says its name. Without it they are told apart by
    their versions alone."""


@dataclass(frozen=True)
class Deployed(Fact):
    """What an address says it runs; empty where its answer does not say it, `path` where it is not asked."""

    path: str = ""
    says: str = ""
    status: int = 200


@dataclass(frozen=True)
class SideSeen:
    """What a side says: readiness's status, what it runs, and which side it calls itself.

    `shown` is the status of the route that shows the release; None where none is named.
    """

    path: str
    status: int
    says: str = ""
    calls_itself: str = ""
    shown: int | None = None


@dataclass(frozen=True)
class HostSides(Fact):
    """The sides that are reached at a host, by name."""

    seen: Mapping[str, SideSeen] = field(default_factory=dict)


@dataclass(frozen=True)
class Sides(Fact):
    """The sides of all hosts, by name."""

    seen: Mapping[str, SideSeen] = field(default_factory=dict)


def _requests_of_deployed(host: Host, ask: ReleaseShown) -> int:
    return int(bool(ask.path) and has_routes(host))


@probe("release.deployed", requests=_requests_of_deployed)
async def deployed(address: Address, service: Service, ask: ReleaseShown, door: AddressDoor) -> Deployed:
    """Ask an address which release it runs."""
    if not ask.path or not service.here:
        return Deployed()
    got = await door.get(ask.path, accept=ACCEPT_JSON)
    return Deployed(ask.path, _release_in(got, ask), got.status)


def _requests_of_sides(host: Host, strategy: Strategy, ask: ReleaseShown) -> int:
    asked = [side for side in strategy.sides.values() if side.host == host.key or (not side.host and has_routes(host))]
    return len(asked) * (2 if ask.path else 1) if strategy.kind in TWO_SIDED else 0


@probe("release.host-sides", requests=_requests_of_sides)
async def host_sides(
    host: Host,
    service: Service,
    door: HostDoor,
    strategy: Strategy,
    ask: ReleaseShown,
    health: Health,
) -> HostSides:
    """Ask each side of blue/green or a canary whether it is ready, and what it runs."""
    found = {}
    for name, side in strategy.sides.items() if strategy.kind in TWO_SIDED else ():
        if side.host != host.key and (side.host or not service.here):
            continue
        given = {key: value.get_secret_value() for key, value in side.headers.items()}

        path = health.ready or health.live or ask.path or "/"
        ready = await door.get_anew(path, given)
        found[name] = SideSeen(path, ready.status)
        if ask.path:
            answer = await door.get_anew(ask.path, given)
            itself = _field(answer, strategy.field)
            found[name] = SideSeen(path, ready.status, _release_in(answer, ask), itself, answer.status)
    return HostSides(found)


@probe("release.sides")
async def sides(env: Environment, hosts: Mapping[Host, HostSides | Unavailable], strategy: Strategy) -> Sides:
    """Bring the sides of all hosts together."""
    found: dict[str, SideSeen] = {}
    for each in hosts.values():
        if isinstance(each, HostSides):
            found = {**each.seen, **found}
    for name, side in strategy.sides.items() if strategy.kind in TWO_SIDED else ():
        gap = next((g for h, g in hosts.items() if isinstance(g, Unavailable) and side.host in {"", h.key}), None)
        if name not in found:
            named = f"no host is called {side.host}" if side.host else "there is no host of role api"
            raise gap or Unavailable(f"the side {name} cannot be asked: {named}", fix="Correct rollout.strategy.sides.")
    return Sides(found)


def _release_in(got: Response, ask: ReleaseShown) -> str:
    """Return what an answer says of its release; empty where it says nothing, or is none."""
    if got.status != 200:  # noqa: PLR2004 - OK
        return ""
    return _short(got.header(ask.header.lower())) if ask.header else _field(got, ask.field)


def _field(got: Response, name: str) -> str:
    """Return a field of a JSON answer; empty where it is not there."""
    try:
        value: Any = json.loads(got.content) if name else None
    except (ValueError, RecursionError):
        return ""
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return _short(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _short(value: str) -> str:
    return shortened(without_secrets(" ".join(value.split())), LONGEST)
