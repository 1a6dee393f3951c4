"""Whether routes that simulate payments answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import Field

from golive import Effect, Fact, RunInfo, Settings, probe
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.http.front import HostDoor


class Simulators(Settings):
    """The API's routes that simulate a payment, for tests and demonstrations."""

    home: ClassVar[str] = "payments.simulators"

    paths: tuple[UrlPath, ...] = Field(default=(), max_length=20)
    """Each must answer 404 or 403 to a POST of `{}`."""


@dataclass(frozen=True)
class SimulatorAnswers(Fact):
    """The status that each route gives to an empty POST; empty where none is named for the host."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    nowhere: int = 0
    """The status of a path that does not exist."""


def _requests(host: Host, ask: Simulators) -> int:
    return 1 + len(ask.paths) if host.serves_api and ask.paths else 0


@probe("gateways.simulator-answers", requests=_requests, effect=Effect.ACTIVE)
async def simulator_answers(
    host: Host,
    door: HostDoor,
    ask: Simulators,
    run: RunInfo,
) -> SimulatorAnswers:
    """POST an empty object to each simulator's route, and to one that does not exist."""
    if not host.serves_api or not ask.paths:
        return SimulatorAnswers()

    async def status(path: str) -> int:
        headers = {"content-type": "application/json"}
        return (await door.post(path, b"{}", headers)).status

    nowhere = await status(f"{ask.paths[0].rstrip('/')}-{run.id}")
    return SimulatorAnswers({path: await status(path) for path in ask.paths}, nowhere)
