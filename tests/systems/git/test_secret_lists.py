"""What is found of the secrets on the list, and what of the harmless texts."""

from __future__ import annotations

import pytest
from secret_lists import FOUND, HARMLESS

from golive_checks.systems.git.client.secret_rules import Finder


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


@pytest.mark.parametrize(("path", "text"), FOUND.values(), ids=FOUND)
def test_each_secret_is_found(finder: Finder, path: str, text: str) -> None:
    assert [hit.rule for hit in finder.hits(path, text.encode()) if hit.sure], text


@pytest.mark.parametrize(("path", "text"), HARMLESS.values(), ids=HARMLESS)
def test_nothing_harmless_is_called_a_secret(finder: Finder, path: str, text: str) -> None:
    assert [(hit.rule, hit.value) for hit in finder.hits(path, text.encode("latin-1", "replace"))] == []
