"""Facts of env files, sealed from text as the probe seals them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import golive_checks
from golive import Location
from golive_checks.env.expected import Expected, OriginsOf, WebVariables
from golive_checks.env.tokens import Tokens
from golive_checks.systems.env.dialects import read_text
from golive_checks.systems.env.files import EnvFile, Variables, sealed
from golive_checks.systems.env.sources import EnvSource

Seen = Callable[..., Variables]

PRESET = yaml.safe_load(Path(golive_checks.__file__).with_name("presets").joinpath("afrigest.yaml").read_text())["env"]
EXPECTED = Expected.model_validate(PRESET["expected"])
TOKENS = Tokens.model_validate(PRESET["tokens"])
ORIGINS = OriginsOf.model_validate(PRESET["origins"])
WEB = WebVariables.model_validate(PRESET["web"])
"""What the preset of AfriGest demands."""


@pytest.fixture
def api() -> EnvFile:
    return EnvFile("api", role="api", source=EnvSource("file", "api.env"))


@pytest.fixture
def web() -> EnvFile:
    return EnvFile("web", role="web", source=EnvSource("file", "web.env"))


@pytest.fixture
def seen(api: EnvFile) -> Seen:
    """Seal the text of an env file; names under `elsewhere` are set where golive does not look."""

    def make(text: str, file: EnvFile = api, elsewhere: tuple[str, ...] = ()) -> Variables:
        found = sealed(file, read_text(text, file.source.place, "dotenv"))
        hidden = {name: replace(v, value=None) for name, v in found.values.items() if name in elsewhere}
        return replace(found, values={**found.values, **hidden})

    return make


@pytest.fixture
def line() -> Callable[[int], Location]:
    return lambda number: Location("api.env", number)
