"""A folder of profiles, and a small model to hold them against."""

from pathlib import Path
from typing import Any

import pytest
from desk import Desk, Model

from golive import plugins
from golive.engine.resolve import resolve
from golive.profile import ProfileBase
from golive.world import profile_model


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def model() -> type[Model]:
    return Model


@pytest.fixture(scope="session")
def blueprint() -> Any:
    return resolve(plugins.load().modules)


@pytest.fixture(scope="session")
def whole(blueprint: Any) -> type[ProfileBase]:
    """Return the model of a profile with every section that is installed."""
    return profile_model(blueprint)
