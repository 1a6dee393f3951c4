"""A folder of profiles, and a small model to hold them against."""

from pathlib import Path

import pytest
from desk import Desk, Model


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def model() -> type[Model]:
    return Model
