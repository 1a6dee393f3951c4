"""What a host says of its health: that it lives, and that it is ready for requests."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from golive import Environment, Fact, Settings, Unavailable, probe
from golive.profile.types import Duration
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import ACCEPT_JSON, Response
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.front import HttpReply, reply_of
from golive_checks.systems.http.origins import Origin


class Health(Settings):
    """The routes of health, asked of the hosts that serve an API, or of all where none does. At a host: its own."""

    home: ClassVar[str] = "rollout.health"

    live: UrlPath = ""
    """Answers 200 for as long as the process works, such as /health/live. Whoever restarts the process asks it."""
    ready: UrlPath = ""
    """Answers 200 while requests can be served, dependencies included, such as /health/ready."""
    max_seconds: Duration = Field(default=1.0, gt=0)
    """How long either may take. Kubernetes' probes wait for one second unless told otherwise."""


MAX_ASKED = 5
"""How often a route is asked where golive was too busy to measure it."""


@dataclass(frozen=True)
class Pulse:
    """What a route answered, asked twice: the quicker time, as on a connection that stands."""

    reply: HttpReply
    again: HttpReply
    seconds: float
    unsure_s: float = 0.0
    """By how much longer it may have been."""


@dataclass(frozen=True)
class HealthAnswers(Fact):
    """What the two routes answered at an address; None where the profile names none for this host."""

    live: Pulse | None = None
    ready: Pulse | None = None


@dataclass(frozen=True)
class HealthSeen(Fact):
    """How many addresses were asked for their health: what disturbs it waits until all have answered."""

    addresses: int


@dataclass(frozen=True)
class Service(Fact):
    """Whether a host is the one that the profile's routes of health and release belong to."""

    here: bool


@probe("release.service")
async def service(host: Host, hosts: Mapping[Host, Origin]) -> Service:
    """Find out whether a host serves an API, where any host does, or has routes of its own."""
    of_api = any(other.serves_api for other in hosts)
    return Service(not of_api or has_routes(host))


def has_routes(host: Host) -> bool:
    """Return whether routes of health and release are a host's whatever other hosts there are."""
    return host.serves_api or bool({"health", "version"} & set(host.own))


def _requests(host: Host, ask: Health) -> int:
    return 2 * (bool(ask.live) + bool(ask.ready)) if has_routes(host) else 0


@probe("release.health-answers", requests=_requests)
async def health_answers(address: Address, service: Service, ask: Health, door: AddressDoor) -> HealthAnswers:
    """Ask the routes for liveness and readiness, twice."""

    async def pulse(path: str) -> Pulse | None:
        if not path or not service.here:
            return None
        got = [await door.get(path, accept=ACCEPT_JSON, again=again) for again in (0, 1)]
        while _is_unsure(got, ask.max_seconds) and len(got) < MAX_ASKED:
            got.append(await door.get(path, accept=ACCEPT_JSON, again=len(got)))
        seconds, most = min(g.seconds for g in got), min(g.seconds + g.unsure_s for g in got)
        return Pulse(reply_of(got[0]), reply_of(got[1]), seconds, most - seconds)

    live, ready = await asyncio.gather(pulse(ask.live), pulse(ask.ready))
    return HealthAnswers(live, ready)


def _is_unsure(got: Sequence[Response], limit_s: float) -> bool:
    """Return whether golive was too busy each time to say on which side of the limit an answer came."""
    seconds, most = min(g.seconds for g in got), min(g.seconds + g.unsure_s for g in got)
    return seconds <= limit_s < most


@probe("release.health-seen")
async def health_seen(env: Environment, answers: Mapping[Address, HealthAnswers | Unavailable]) -> HealthSeen:
    """Wait until every address has been asked for its health."""
    return HealthSeen(len(answers))
