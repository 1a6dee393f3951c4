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


@pytest.mark.parametrize("password", ["P@ssw0rd1", "Adm1n!2024", "Ch4ngeMe!9", "Postgres#16"])
def test_a_default_in_other_clothes_is_no_sure_secret(finder: Finder, password: str) -> None:
    assert not [hit for hit in finder.hits("compose.yml", f"MSSQL_SA_PASSWORD: {password}\n".encode()) if hit.sure]


@pytest.mark.parametrize(("path", "text"), HARMLESS.values(), ids=HARMLESS)
def test_nothing_harmless_is_called_a_secret(finder: Finder, path: str, text: str) -> None:
    assert [(hit.rule, hit.value) for hit in finder.hits(path, text.encode("latin-1", "replace"))] == []
