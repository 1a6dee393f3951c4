"""One section of the reference stack: the findings of a whole run, and the same again from its facts."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import warm_golive
from own_checks import FILES, PROFILE, SECRET

from golive.installed import SECTIONS, named
from golive_lab import run
from golive_lab.run import stack_for

OFTEN = {"database", "domains", "payments", "security"}
"""Sections that share the most with others: `make test` has these, `make test-all` every one."""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A demo stack of our own, whatever else is up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GOLIVE_LAB_DIR", raising=False)
        patch.setattr(run, "state_folder", lambda: tmp_path_factory.mktemp("state"))
        with stack_for("demo") as variables:
            yield {**os.environ, **variables}


def golive(env: Mapping[str, str], report: Path, *arguments: str) -> dict[str, Any]:
    done = warm_golive.golive(*arguments, "-o", f"json:{report}", cwd=report.parent, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    return told


@pytest.fixture(scope="module")
def whole(there: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("whole")
    asked = golive(there, folder / "all.json", "check", "demo", "--facts", str(folder / "facts.json"))
    golive(os.environ, folder / "again.json", "judge", str(folder / "facts.json"))
    assert (folder / "again.json").read_bytes() == (folder / "all.json").read_bytes()  # the facts' digest included
    return outcomes(asked)


def outcomes(report: Mapping[str, Any]) -> dict[str, str]:
    return {finding["id"]: finding["outcome"] for finding in report["findings"]}


@pytest.mark.parametrize(
    "section",
    [pytest.param(name, marks=() if name in OFTEN else pytest.mark.long) for name in sorted(named(SECTIONS))],
)
def test_a_section(section: str, there: Mapping[str, str], whole: dict[str, str], tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    asked = golive(there, tmp_path / "one.json", "check", "demo", "--only", section, "--facts", str(facts))
    found = outcomes(asked)
    assert found
    assert found == {finding: whole[finding] for finding in found}
    assert golive(os.environ, tmp_path / "again.json", "judge", str(facts)) == asked


def test_what_was_not_asked_is_not_judged(there: Mapping[str, str], tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    golive(
        there,
        tmp_path / "one.json",
        "check",
        "demo",
        "--only",
        "storage",
        "--skip",
        "s3.presigned-work",
        "--facts",
        str(facts),
    )
    assert golive(os.environ, tmp_path / "two.json", "judge", str(facts), "--only", "s3.not-public")["decision"] == "GO"
    for other in ("payments", "s3.*"):
        asked = ("judge", str(facts), "--only", other, "--skip", "env")
        done = warm_golive.golive(*asked, cwd=tmp_path, env=os.environ)
        assert done.returncode == 2
        assert "was not asked when" in done.stderr


def test_the_public_surface_needs_no_profile(there: Mapping[str, str], tmp_path: Path) -> None:
    https, http = there["GOLIVE_LAB_HTTPS_PORT"], there["GOLIVE_LAB_HTTP_PORT"]
    names = ("shop", "app")
    urls = [
        f"{scheme}://{name}.demo.test:{port}" for scheme, port in (("https", https), ("http", http)) for name in names
    ]
    outside = ("--address", "127.0.0.1", "--ca-file", f"{there['GOLIVE_LAB_DIR']}/tls/ca.pem")
    told = golive(os.environ, tmp_path / "public.json", "check", *urls, *outside)
    assert told["decision_detail"] == "GO for the public surface of shop.demo.test and app.demo.test"
    passed = {finding["check"] for finding in told["findings"] if finding["outcome"] == "pass"}
    assert passed >= {
        "tls.certificate-trusted",
        "headers.hsts",
        "proxy.http-redirects",
        "proxy.compresses",
        "web.nothing-exposed",
    }
    assert not [finding["id"] for finding in told["findings"] if finding["section"] not in {"domains", "security"}]


def own_checks(there: Mapping[str, str], folder: Path, **changed: str) -> tuple[dict[str, dict[str, Any]], str]:
    """Look with a profile of own checks alone; return each by its name, and all that golive wrote."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "own.yaml").write_text(PROFILE)
    asked = ("check", "own.yaml", "--verbose", "-o", "json:report.json", "--facts", "facts.json")
    done = warm_golive.golive(*asked, cwd=folder, env={**there, **changed})
    wrote = [(folder / name).read_text() for name in ("report.json", "facts.json")]
    found = {
        f["check"].removeprefix("custom."): f for f in json.loads(wrote[0])["findings"] if f["section"] == "custom"
    }
    return found, "".join([*wrote, done.stdout, done.stderr])


def test_a_check_of_ones_own_is_judged_by_what_a_real_server_answers(there: Mapping[str, str], tmp_path: Path) -> None:
    with closed_port() as port:
        found, wrote = own_checks(there, tmp_path, CLOSED=str(port))
    assert len(found) == PROFILE.count("title:")
    wrong = {
        name: f"{f['outcome']}: {f['summary']}"
        for name, f in found.items()
        if f["outcome"].replace("/", "") != name.split("-")[1]
    }
    assert wrong == {}
    assert SECRET not in wrote
    assert there["GOLIVE_LAB_AUDIT_PASSWORD"] not in wrote
    assert "Traceback" not in wrote


def test_what_a_server_that_is_not_there_would_have_answered_is_unknown(
    there: Mapping[str, str], tmp_path: Path
) -> None:
    ports = ("HTTPS", "RESOLVER", "POSTGRES", "PROMETHEUS")
    with closed_port() as port:
        gone = {f"GOLIVE_LAB_{name}_PORT": str(port) for name in ports}
        found, _ = own_checks(there, tmp_path, CLOSED=str(port), **gone)
    asked = {name: f["outcome"] for name, f in found.items() if name.split("-")[0] in {"http", "dns", "sql", "promql"}}
    assert {name for name, outcome in asked.items() if outcome != "unknown"} == {"http-na-post"}


@contextmanager
def closed_port() -> Iterator[int]:
    """Hold a port at which nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_roots_that_are_not_known_are_seen_without_a_profile(there: Mapping[str, str], tmp_path: Path) -> None:
    url = f"https://shop.demo.test:{there['GOLIVE_LAB_HTTPS_PORT']}"
    done = warm_golive.golive("check", url, "--address", "127.0.0.1", cwd=tmp_path, env=os.environ)
    assert done.returncode == 1
    assert "NO-GO  for the public surface of shop.demo.test" in done.stdout
    assert "tls.certificate-trusted" in done.stdout
    assert done.stdout.rstrip().endswith(
        "golive init --url https://shop.demo.test\n  golive plan staging\n  golive check staging"
    )
