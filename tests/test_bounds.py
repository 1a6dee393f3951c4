"""No list is cut silently: every slice by a constant is listed with what it means, and those that decide are reached.

What is cut to be shown goes through `golive.shortened`, which is no slice and so is not listed.
"""

import ast
import datetime as dt
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509

from golive import Unavailable, shortened
from golive.report.redact import redactor
from golive.shortening import CUT, knowing
from golive_checks.observability.matching import reads
from golive_checks.security.tokens import _untried
from golive_checks.systems.ci.makefiles import recipe
from golive_checks.systems.ci.repository import imported
from golive_checks.systems.documents.client.markdown import MarkdownPart
from golive_checks.systems.documents.recovery_document import MAX_PARTS, within_bounds
from golive_checks.systems.env.example_tokens import ExampleTokenAnswers
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.http.cookies import cookies
from golive_checks.systems.machine.client.folders import Folders
from golive_checks.systems.monitoring.client import exposition
from golive_checks.systems.monitoring.client.promql import Selector
from golive_checks.systems.monitoring.prometheus import PrometheusRule
from golive_checks.systems.page.bundle import MAX_ORIGINS, MORE_ORIGINS, _Reading
from golive_checks.systems.page.document import MAX_ITEMS, parsed
from golive_checks.systems.tls.client import name_constraints, trust

ROOT = Path(__file__).parents[1]
PLACES = ("src/golive", "checks/golive_checks")
CANARY = "Zq7cAnary9xK2mN4vT8"


def is_constant(upper: ast.expr) -> bool:
    if isinstance(upper, ast.Constant):
        return isinstance(upper.value, int) and upper.value > 1
    return ast.unparse(upper).split(".")[-1].lstrip("_").isupper()


def cuts() -> set[str]:
    found = set()
    for place in PLACES:
        for file in (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                sliced = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.upper
                called = isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "islice"
                if called or (sliced and is_constant(sliced)):
                    found.add(f"{file.relative_to(ROOT / place)} | {ast.unparse(node)}")
    return found


def test_every_cut_is_listed_with_what_it_means() -> None:
    lines = (Path(__file__).parent / "bounds.txt").read_text().splitlines()
    listed = {line for line in lines if line and not line.startswith(("#", "["))}
    there = cuts()
    assert sorted(there - listed) == [], "cut to be shown? golive.shortened(); else list it in tests/bounds.txt"
    assert sorted(listed - there) == [], "no longer there: take it out of tests/bounds.txt"


# --- those that decide ------------------------------------------------------------------------------------------------


def test_the_51st_cookie_is_looked_at() -> None:
    *_, last = cookies([*("a=1; Secure",) * 60, "session=x"], dt.datetime.now(dt.UTC))
    assert (last.name, last.secure) == ("session", False)


def test_the_201st_import_is_seen() -> None:
    assert "last" in imported("".join(f"import 'package-{n}';\n" for n in range(300)) + "import 'last';\n")


def test_a_page_with_more_scripts_than_are_looked_at_is_a_gap() -> None:
    page = "".join(f"<script>let a = {n}</script>" for n in range(MAX_ITEMS))
    assert len(parsed("https://app.test/", page).scripts) == MAX_ITEMS
    with pytest.raises(Unavailable, match="more than 1,000"):
        parsed("https://app.test/", page + "<script src=/last.js></script>")


def test_a_policy_in_a_page_that_is_too_long_is_a_gap() -> None:
    policy = f"script-src {'https://a.test ' * 2000}"
    with pytest.raises(Unavailable, match="longer than 16,000"):
        parsed("https://app.test/", f"<meta http-equiv=content-security-policy content='{policy}'>")


async def test_origins_past_those_that_are_kept_are_named_as_not_seen() -> None:
    reading = _Reading(lambda *_: None)  # type: ignore[arg-type,return-value]  # nothing is fetched here
    await reading._take("/app.js", " ".join(f"https://h{n}.test" for n in range(MAX_ORIGINS)))
    assert reading.missed == []
    await reading._take("/late.js", "https://staging.test https://other.test https://h1.test")
    assert reading.missed == [MORE_ORIGINS]


def test_a_document_with_more_parts_than_are_looked_at_is_a_gap() -> None:
    parts = [MarkdownPart("x", 1, 1)] * MAX_PARTS
    assert within_bounds(parts, "docs/restore.md") == parts
    with pytest.raises(Unavailable, match=r"docs/restore\.md has more than 500 parts"):
        within_bounds([*parts, MarkdownPart("Contacts", 1, 1)], "docs/restore.md")


def test_more_families_of_metrics_than_are_read_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "MAX_FAMILIES", 3)
    page = "".join(f"m{n} 1\n" for n in range(3))
    assert len(exposition.families(page, "text/plain")) == 3
    with pytest.raises(Unavailable, match="more than 3 families"):
        exposition.families(page + "http_requests_total 1\n", "text/plain")


def test_all_labels_of_a_family_are_kept() -> None:
    labels = ",".join(f'l{n}="x"' for n in range(60))
    (family,) = exposition.families(f'm{{{labels},status="200"}} 1\n', "text/plain")
    assert "status" in family.labels


def test_more_trusted_roots_than_are_read_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "MAX_ROOTS", 3)
    with pytest.raises(Unavailable, match="more than 3 certificates"):
        list(trust._parsed((b"-----BEGIN CERTIFICATE-----\n" + trust.END) * 4))


def test_too_many_names_under_constraints_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    constraints = x509.NameConstraints([x509.DNSName("a.test")] * 3, None)
    names = [x509.DNSName(f"h{n}.a.test") for n in range(4)]
    held = {"NameConstraints": constraints, "SubjectAlternativeName": names}
    monkeypatch.setattr(name_constraints, "extension", lambda _, name: held[name])
    one: Any = SimpleNamespace(subject=x509.Name([]), issuer=x509.Name([]))
    assert name_constraints.allowed(one, [one])
    monkeypatch.setattr(name_constraints, "MAX_COMPARED", 11)
    with pytest.raises(Unavailable, match="too many to compare"):
        name_constraints.allowed(one, [one])


def test_keys_of_examples_that_were_not_tried_are_named() -> None:
    assert _untried(ExampleTokenAnswers({}, untried=2)) == ("2 more keys of the example files",)
    assert _untried(ExampleTokenAnswers({})) == ()


def test_the_last_of_many_targets_of_a_makefile_is_run() -> None:
    text = "all: " + " ".join(f"t{n}" for n in range(40)) + "\n" + "".join(f"t{n}:\n\trun {n}\n" for n in range(40))
    assert recipe(text, ()) == [f"run {n}" for n in range(40)]
    chain = "".join(f"t{n}: t{n + 1}\n\trun {n}\n" for n in range(3000))
    assert recipe(chain, ("t0",)) == [f"run {n}" for n in reversed(range(3000))]
    assert recipe("a: b\n\tone\nb: a\n\ttwo\n", ()) == ["two", "one"]


async def test_a_file_in_a_deep_folder_is_there(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghijklmnopqrst")
    deep.mkdir(parents=True)
    (deep / "e2e.spec.ts").touch()
    assert await Checkout().files(str(tmp_path)) == ("/".join("abcdefghijklmnopqrst") + "/e2e.spec.ts",)


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder with a file 1,200 folders below, which pytest could not delete."""
    below = str(tmp_path / "deep")
    os.mkdir(below)  # noqa: PTH102 - Path takes its time with so many parts
    for _ in range(1200):
        below += "/d"
        os.mkdir(below)  # noqa: PTH102 - likewise
    os.mknod(f"{below}/dump.sql")
    yield tmp_path / "deep"
    subprocess.run(["rm", "-r", str(tmp_path / "deep")], check=True)


async def test_folders_may_lie_deeper_than_calls_nest(deep: Path) -> None:
    assert len(await Checkout().files(str(deep))) == 1
    assert [len(page) async for page in Folders().walk(str(deep))] == [1]
    with suppress(Unavailable):  # some Pythons find it, others cannot go so deep
        assert len(await Checkout().matching(f"{deep}/**/*.sql")) == 1


async def test_folders_that_lead_round_are_looked_through_once(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r/report.xml").touch()
    (tmp_path / "r/.hidden.xml").touch()
    for name in ("a", "b", "c"):
        (tmp_path / "r" / name).symlink_to(tmp_path / "r")
    assert await Checkout().matching(f"{tmp_path}/**/*.xml") == (f"{tmp_path}/r/report.xml",)
    assert await Checkout().matching(f"{tmp_path}/r/.*.xml") == (f"{tmp_path}/r/.hidden.xml",)
    assert await Checkout().matching(f"{tmp_path}/r/a/report.xml") == (f"{tmp_path}/r/a/report.xml",)
    assert await Checkout().matching(f"{tmp_path}/gone/*.xml") == ()
    assert await Checkout().matching(f"{tmp_path}/gone.xml") == ()


def test_a_rule_is_followed_through_all_recording_rules() -> None:
    chain = [PrometheusRule(f"r{n}", "g", "recording", "?", reads=(Selector(f"r{n + 1}"),)) for n in range(30)]
    alert = PrometheusRule("A", "g", "alerting", "r0 > 1", reads=(Selector("r0"),))
    assert Selector("r30") in reads(alert, chain)


# --- nothing of a secret in what is cut -------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [CANARY, f"golive:{CANARY}", f"postgres://golive:{CANARY}@db.demo.test/app"])
@pytest.mark.parametrize("before", ["", "x", "got '", "password authentication failed: "])
def test_nothing_of_a_secret_is_in_what_is_cut_at_any_length(known: str, before: str) -> None:
    sent = f"{before}{CANARY}{' and more' * 5}"
    clean = redactor([known])
    with knowing(clean):
        for limit in range(len(sent) + 1):
            shown = clean(shortened(sent, limit))
            left = shown.removeprefix(before[:limit]).removesuffix(CUT)
            assert not any(CANARY[:n] and left.startswith(CANARY[:n]) for n in range(1, len(CANARY) + 1)), limit


def test_what_is_cut_says_so() -> None:
    assert (shortened("abc", 3), shortened("abcd", 3), shortened("", 0)) == ("abc", f"abc{CUT}", "")
