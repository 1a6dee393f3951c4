"""A whole run that is killed while a thing is away or stored: it is put right beside it, and the next run says so."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from golive_lab import PROFILE
from golive_lab.run import served

KILLED = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
INSERT = """
import os, psycopg, signal, sys
url, reference = sys.argv[1:]
with psycopg.connect(url, autocommit=True) as rows:
    rows.execute("INSERT INTO orders (id, amount, currency) VALUES (%s, 5, 'EUR')", [reference])
os.kill(os.getppid(), signal.SIGKILL)
"""
pytestmark = pytest.mark.long  # tests/systems/s3/test_presigned.py kills a whole run in make test
UNDONE = "a run that was killed had started it, and its guard has undone it"


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, str]]:
    with served("demo") as stack:
        yield dict(stack.variables)


def profile(**changed: Any) -> str:
    own = yaml.safe_load(PROFILE.read_text())
    for key, value in changed.items():
        first, _, second = key.partition("__")
        own[first] = {**own[first], second: value}
    return yaml.safe_dump({name: value for name, value in own.items() if name not in {"lab", "attestations"}})


def until(so: Any, what: str) -> None:
    end = time.monotonic() + 240
    while not so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def notes(folder: Path) -> list[str]:
    return [note.read_text() for note in (folder / "cache").rglob("guard/*.json")]


def killed(place: Any, lab: dict[str, str], only: str) -> dict[str, str]:
    """Run golive, which is killed; return the environment of the next run, once the guard has done its work."""
    env = {**lab, "XDG_CACHE_HOME": str(place.folder / "cache")}
    with place.start("check", "p.yaml", "--only", only, env=env) as running:
        running.communicate(timeout=240)
    assert running.returncode == -signal.SIGKILL
    until(lambda: any('"begun"' not in note for note in notes(place.folder)), "its guard has done nothing")
    assert all('"undone"' in note for note in notes(place.folder)), notes(place.folder)
    return env


def test_a_dependency_comes_back(place: Any, lab: dict[str, str]) -> None:
    away = place.folder / "away"
    commands = {
        "take_away": [sys.executable, "-c", f"open({str(away)!r}, 'w'); {KILLED}"],
        "bring_back": ["rm", "-f", str(away)],
        "within_s": 0.2,
    }
    place.write("p.yaml", profile(rollout__readiness=commands))
    env = killed(place, lab, "health.*")
    assert not away.exists()
    commands["take_away"] = ["touch", str(away)]
    place.write("p.yaml", profile(rollout__readiness=commands))
    done = place.golive("check", "p.yaml", "--only", "health.*", "--verbose", env=env, timeout_s=240)
    assert UNDONE in " ".join(done.out.split())
    assert not away.exists()


def test_a_test_order_is_removed(place: Any, lab: dict[str, str]) -> None:
    url = (
        f"postgresql://afrigest:{lab['GOLIVE_LAB_DATABASE_PASSWORD']}"
        f"@127.0.0.1:{lab['GOLIVE_LAB_POSTGRES_PORT']}/master"
    )
    how = yaml.safe_load(PROFILE.read_text())["payments"]["reconciliation"]
    kills = {**how, "create_command": [sys.executable, "-c", INSERT, url, "{reference}"]}
    del kills["create"]
    place.write("p.yaml", profile(payments__reconciliation=kills))
    env = killed(place, lab, "stripe.reconciles")
    with psycopg.connect(url) as rows:
        assert (
            rows.execute("SELECT id FROM orders WHERE id LIKE 'golive-%' AND id NOT LIKE 'golive-test-%'").fetchall()
            == []
        )
    place.write("p.yaml", profile())
    done = place.golive("check", "p.yaml", "--only", "stripe.reconciles", "--verbose", env=env, timeout_s=240)
    assert done.code == 0, done.out
    assert UNDONE in " ".join(done.out.split())
