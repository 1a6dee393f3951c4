"""What only other sections understand is left out of a profile, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from golive.profile import Keys, read, within
from golive.profile.document import plain
from golive.profile.tree import places

HOSTS = {("hosts",), ("hosts", "*", "cache"), ("hosts", "*", "cors")}


def part(folder: Path, text: str, mine: set[tuple[str, ...]], known: set[tuple[str, ...]]) -> Any:
    file = folder / "part.yaml"
    file.write_text(text)
    document = within(read(str(file), cwd=folder, environ={}), frozenset(mine), frozenset(known))
    assert {way[0] for way in places(document.root) if way} == set(document.root.entries)
    return plain(document.root)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("environment: staging", {"environment": "staging"}),
        ("payments: {stripe: {mode: test}}", {}),
        ("databases: {main: {url: x}}", {}),
        ("payment: {stripe: 1}", {"payment": {"stripe": 1}}),
        ("domains: {cache: {max_age: 1}, proxy: {}}", {"domains": {"cache": {"max_age": 1}}}),
        ("domains: {cash: 1}", {"domains": {"cash": 1}}),
        ("hosts: {api: {host: a.test, cache: 1, cors: 2}}", {"hosts": {"api": {"host": "a.test", "cache": 1}}}),
        ("hosts: {cors: {host: a.test}}", {"hosts": {"cors": {"host": "a.test"}}}),
        ("hosts: {payments: {host: a.test}}", {"hosts": {"payments": {"host": "a.test"}}}),
        ("hosts: {api: {below: {cors: 1}}}", {"hosts": {"api": {"below": {"cors": 1}}}}),
        ("hosts: {api: [{cors: 1}], app: null}", {"hosts": {"api": [{"cors": 1}], "app": None}}),
        ("drill: {image: x, hazard: 1, age: 2}", {"drill": {"image": "x", "age": 2}}),
    ],
)
def test_what_stays(tmp_path: Path, text: str, left: Any) -> None:
    mine = {("domains", "cache"), ("drill",), ("drill", "age"), *HOSTS} - {("hosts", "*", "cors")}
    known = {*mine, *HOSTS, ("domains", "proxy"), ("payments", "stripe"), ("databases",), ("drill", "hazard")}
    assert part(tmp_path, text, mine, known) == left


def test_all_of_it_stays_where_all_counts(tmp_path: Path) -> None:
    keys: Keys = frozenset({("payments", "stripe"), *HOSTS})
    text = "{payments: {stripe: {mode: test}}, hosts: {api: {cors: 1}}, other: 2}"
    whole = {"payments": {"stripe": {"mode": "test"}}, "hosts": {"api": {"cors": 1}}, "other": 2}
    assert part(tmp_path, text, set(keys), set(keys)) == whole
