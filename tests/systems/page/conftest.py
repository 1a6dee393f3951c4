"""Each test leaves nothing of its browser behind, and waits no longer than it must."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from vitals_site import folders

from golive_checks.systems.page.client import browser


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "LEAST_S", 1.0)


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    assert folders() == set()
