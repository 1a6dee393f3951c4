"""A section that is loaded alone asks for the same and is told the same as among all the others."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from thorough import but

from golive import index, plugins, session
from golive.engine.resolve import resolve
from golive.installed import SECTIONS, named
from golive.profile import ProfileError
from golive.select import UsageError
from golive.session import ALWAYS
from golive.world import keys

PROFILES = Path(__file__).parents[2] / "profiles"
ALL = sorted(set(named(SECTIONS)) - {ALWAYS})

LOAD = """
import json, sys
from pathlib import Path
from golive import session
from golive.world import build_world
only = sys.argv[2:]
loaded = session.load(sys.argv[1], cwd=Path(sys.argv[1]).parent, environ={}, fetch=False, only=only)
world = build_world(loaded.blueprint, loaded.profile, None)
blueprint = loaded.blueprint
print(json.dumps({
    "checks": {c.info.id: [repr(c.info), [p.name for p in blueprint.needs(c)], repr(c.asks)] for c in blueprint.checks},
    "probes": {p.name: [repr(p.asks), p.effect] for p in blueprint.probes.values()},
    "named": {kind.__qualname__: repr(subjects) for kind, subjects in world.named.items()},
    "settings": {s.home: repr(world.settings_for(s, world.env)) for _, s in blueprint.settings()},
    "known": sorted(c.id for c in loaded.known),
    "sections": [m.rpartition(".")[2] for m in sys.modules if m.startswith("golive_checks.") and m.count(".") == 1],
}))
"""


def loaded(path: str, *only: str) -> Any:
    """Load a profile in a process that has imported nothing yet."""
    command = [sys.executable, "-c", LOAD, path, *only]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def everything() -> Any:
    return loaded(str(PROFILES / "production.yaml"))


def test_there_are_some() -> None:
    assert {"domains", "payments", "ci"} <= set(ALL)


@pytest.mark.parametrize("section", but({"domains", "payments", "ci"}, ALL))
def test_it_asks_for_the_same(section: str, everything: Any) -> None:
    alone = loaded(str(PROFILES / "production.yaml"), section)
    mine = {check for check, (info, _, _) in everything["checks"].items() if f"section='{section}'" in info}
    assert mine
    assert mine <= set(alone["checks"])
    for what in ("checks", "probes", "named", "settings"):
        assert alone[what] == {key: everything[what][key] for key in alone[what]}, what
    assert alone["known"] == everything["known"]


@pytest.fixture(scope="module")
def kept_index() -> None:
    """Make the index of these sources, which the first process does by importing every section."""
    loaded(str(PROFILES / "production.yaml"), "ci")


@pytest.mark.parametrize("section", ["domains", "ci", "runbooks"])
def test_no_other_is_imported(section: str, kept_index: None) -> None:
    alone = loaded(str(PROFILES / "production.yaml"), section)
    assert set(alone["sections"]) & set(ALL) == {section}


def load(folder: Path, entry: str = "", more: str = "", **patterns: list[str]) -> session.Session:
    file = folder / "here.yaml"
    text = f"environment: staging\nhosts:\n  api:\n    name: api.example.test\n{entry}\n{more}\n"
    file.write_text(text)
    return session.load(str(file), cwd=folder, environ={}, **patterns)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "more"),
    [
        ("", "payments: {nonsense: 1}"),
        ("", "buckets: {uploads: {nonsense: 1}}"),
        ("    cors: {nonsense: 1}", ""),
    ],
    ids=["a section's key", "a subject's key", "an entry's own"],
)
def test_what_others_understand_is_theirs_to_judge(tmp_path: Path, entry: str, more: str) -> None:
    assert load(tmp_path, entry, more, only=["domains"]).profile.data.hosts["api"]
    assert load(tmp_path, entry, more, skip=["payments", "storage", "security", "observability"])
    with pytest.raises(ProfileError, match="nonsense"):
        load(tmp_path, entry, more)


@pytest.mark.parametrize(
    ("entry", "more"),
    [
        ("", "domains: {nonsense: 1}"),
        ("", "nonsense: 1"),
        ("    nonsense: 1", ""),
        ("    cache: {nonsense: 1}", ""),
        ("", "gate: {nonsense: 1}"),
    ],
)
def test_what_is_its_own_or_nobodys_is_told(tmp_path: Path, entry: str, more: str) -> None:
    with pytest.raises(ProfileError, match="nonsense"):
        load(tmp_path, entry, more, only=["domains"])


def test_a_pattern_may_match_what_is_not_loaded(tmp_path: Path) -> None:
    assert load(tmp_path, only=["domains"], skip=["payments"])
    with pytest.raises(UsageError, match="did you mean domains"):
        load(tmp_path, only=["domain"])


def test_what_people_vouch_for_stays(tmp_path: Path) -> None:
    vouched = "attestations: {a.b: {statement: It is so, who: Awa, when: 2026-01-05, evidence: x, expires: 2099-01-01}}"
    assert load(tmp_path, more=vouched, only=["domains"]).profile.data.attestations["a.b"].who == "Awa"


def test_with_a_plugin_all_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("from golive import Section\nsection = Section('own', 'Own', 99)\n")
    loaded = load(tmp_path, more="plugins: [own.py]", only=["domains"])
    assert {c.info.section for c in loaded.blueprint.checks} >= set(ALL)


def test_with_a_section_that_does_not_load_all_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {**named(SECTIONS), "broken": EntryPoint("broken", "golive_checks.no_such_section", SECTIONS)}
    monkeypatch.setattr(index, "named", lambda _: found)
    monkeypatch.setattr(plugins, "named", lambda _: found)
    loaded = load(tmp_path, only=["domains"])
    assert {c.info.section for c in loaded.blueprint.checks} >= set(ALL)
    assert [finding.subject for finding in loaded.broken] == ["broken"]


def test_the_index_knows_every_key() -> None:
    assert index.index().keys == keys(resolve(plugins.load().modules))
