"""Where variables come from, and one way to read them all."""

import json
import os
from dataclasses import dataclass
from typing import Literal

from golive import Client, Location, Unavailable
from golive_checks.systems.aws.client.aws import Aws, AwsSettings
from golive_checks.systems.env.dialects import Dialect, read_text
from golive_checks.systems.env.manifests import compose_env_files, read_compose, read_kubernetes, read_render
from golive_checks.systems.env.reading import Assigned, EnvReading, merged
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.process import ProcessEnvironment

Kind = Literal["file", "compose", "kubernetes", "render", "secrets_manager", "ssm", "process"]
ELSEWHERE = Location("")


@dataclass(frozen=True)
class EnvSource:
    """One source of variables. `place` is a path, a secret's name or an SSM path; `inside` what to read of it."""

    kind: Kind
    place: str = ""
    inside: tuple[str, ...] = ()
    read_as: Dialect | None = None
    """Of a file; None where the profile does not say."""

    def __str__(self) -> str:
        """Name it for a reader."""
        return self.place or "this process's environment"


class EnvSources(Client):
    """Reads every kind of source into names and raw values, which only a probe may hold."""

    def __init__(self, files: Files, process: ProcessEnvironment, aws: Aws) -> None:
        self._files = files
        self._process = process
        self._aws = aws

    async def read(self, source: EnvSource, ask: AwsSettings) -> EnvReading:
        """Read a source whole."""
        place = source.place
        match source.kind:
            case "process":
                reading = _plain(self._process.variables())
            case "secrets_manager":
                reading = _plain(_json_object(await self._aws.secret(place, ask), place))
            case "ssm":
                reading = _plain(await self._aws.parameters(place, ask))
            case "kubernetes":
                reading = read_kubernetes(await self._files.text(place), place, source.inside)
            case "render":
                reading = read_render(await self._files.text(place), place, source.inside[0])
            case "compose":
                reading = await self._compose(source)
            case "file":
                reading = read_text(await self._files.text(place), place, source.read_as)
        return reading

    async def _compose(self, source: EnvSource) -> EnvReading:
        text, service = await self._files.text(source.place), source.inside[0]
        folder = os.path.dirname(source.place)  # noqa: PTH120 - a string for a string
        readings = []
        for listed in compose_env_files(text, source.place, service):
            path = os.path.join(folder, listed.name)  # noqa: PTH118 - likewise
            if listed.required or await self._files.exists(path):
                readings.append(read_text(await self._files.text(path), path, listed.read_as))
        # Compose takes the variables of its file from the .env beside it.
        beside = os.path.join(folder, ".env")  # noqa: PTH118 - likewise
        known = {}
        if await self._files.exists(beside):
            known = read_text(await self._files.text(beside), beside, "compose").values
        return merged([*readings, read_compose(text, source.place, service, known)])


def _plain(values: dict[str, str]) -> EnvReading:
    return EnvReading({name: Assigned(value, ELSEWHERE) for name, value in values.items()})


def _json_object(text: str, name: str) -> dict[str, str]:
    """Read a secret's JSON object, as Secrets Manager's console stores names and values."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise Unavailable(f"the secret {name} is not a JSON object of names and values")
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
