"""Reports of test runs as they are written, broken and hostile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from golive import Environment, Unavailable
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.machine.client.commandline import CommandLine
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.release.smoke import SmokeCommand, smoke_run
from golive_checks.systems.test_reports.junit_xml import read_junit
from golive_checks.systems.test_reports.results import Results, results
from golive_checks.systems.test_reports.run_report import State, commit_of, read_playwright
from golive_lab.world.project_texts import junit, playwright

COMMIT = "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5"


def states(xml: str) -> list[tuple[str, str, State]]:
    return [(c.name, c.file, c.state) for c in read_junit(xml.encode(), "r.xml").cases]


def test_what_runners_write() -> None:
    surefire = """<testsuite name="com.x.PayTest" tests="3" failures="1"><properties>
      <property name="git.commit" value="abc"/></properties>
      <testcase name="a" classname="com.x.PayTest"/>
      <testcase name="b" classname="com.x.PayTest"><failure>no</failure><rerunFailure/></testcase>
      <testcase name="c" classname="com.x.PayTest"><flakyFailure/></testcase></testsuite>"""
    assert states(surefire) == [
        ("a", "com.x.PayTest", State.PASSED),
        ("b", "com.x.PayTest", State.FAILED),
        ("c", "com.x.PayTest", State.FLAKY),
    ]
    by_playwright = """<testsuites id="" name=""><testsuite name="pay.spec.ts" hostname="chromium">
      <testcase name="pays" classname="pay.spec.ts"/>
      <testcase name="skips" classname="pay.spec.ts"><skipped/></testcase>
      </testsuite></testsuites>"""
    assert states(by_playwright) == [("pays", "pay.spec.ts", State.PASSED), ("skips", "pay.spec.ts", State.SKIPPED)]
    by_pytest = '<testsuite name="pytest"><testcase classname="tests.t" name="e"><error/></testcase></testsuite>'
    assert states(by_pytest) == [("e", "tests.t", State.FAILED)]
    vitest = '<testsuite name="src/a.test.ts"><testcase name="x" classname="A suite"/></testsuite>'
    assert states(vitest) == [("x", "src/a.test.ts", State.PASSED)]


def test_a_suite_that_could_not_be_set_up_has_failed() -> None:
    read = read_junit(b'<testsuite name="x" errors="2"><testcase name="a"/></testsuite>', "r.xml")
    assert read.errors == ["its suites count 2 failures"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>', "has a document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>', "has a document type"),
        ("<testsuite><testcase name='a'/>", "r.xml:1 is no JUnit report"),
        ("", "is no JUnit report"),
        ("<html/>", "begins with <html>"),
        ("<a>" * 60, "is larger than any test run"),
        ("\x00\x01", "is no JUnit report"),
    ],
)
def test_what_is_no_report(text: str, word: str) -> None:
    with pytest.raises(Unavailable) as raised:
        read_junit(text.encode(), "r.xml")
    assert word in raised.value.reason


def test_playwrights_json() -> None:
    read = read_playwright(json.loads(playwright(messaging="flaky")))
    assert read is not None
    assert [c.state for c in read.cases].count(State.FLAKY) == 2
    assert commit_of(read) == COMMIT
    for metadata in ({"ci": {"commitHash": "x1"}}, {"revision": {"id": "x1"}}, {"commit": "x1"}):
        told = read_playwright({"suites": [], "stats": {}, "config": {"metadata": metadata}})
        assert told is not None
        assert commit_of(told) == "x1"
    never_ran = {"specs": [{"title": "t", "tests": [{"status": "expected", "results": []}]}]}
    told = read_playwright({"suites": [never_ran], "stats": {}, "errors": [{"message": "setup"}]})
    assert told is not None
    assert (told.cases[0].state, told.errors) == (State.SKIPPED, ["setup"])
    assert read_playwright({"suites": 1}) is None
    assert read_playwright([]) is None


async def read(pattern: Path, commit: str = COMMIT) -> tuple[Results, ...]:
    return await results((str(pattern),), Environment("demo", commit=commit), Checkout(), Files())


async def test_the_commit_is_the_reports_its_paths_or_that_of_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.xml").write_text(junit())
    assert (await read(tmp_path / "own.xml"))[0].commit == COMMIT
    (tmp_path / f"{COMMIT}.xml").write_text(junit(""))
    assert (await read(tmp_path / "{commit}.xml"))[0].commit == COMMIT
    (tmp_path / "bare.xml").write_text(junit(""))
    assert (await read(tmp_path / "bare.xml"))[0].commit == ""
    (tmp_path / "bare.xml.commit").write_text(f"{COMMIT}\n")
    assert (await read(tmp_path / "bare.xml"))[0].commit == COMMIT
    assert len(await read(tmp_path / "*.xml")) == 3
    with pytest.raises(Unavailable, match="needs the release's commit"):
        await read(tmp_path / "{commit}.xml", "")
    with pytest.raises(Unavailable, match="there is no report"):
        await read(tmp_path / "none-*.xml")


async def test_every_report_is_read_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(203):
        (tmp_path / f"{number:03}.xml").write_text(junit())
    assert len(await read(tmp_path / "*.xml")) == 203
    monkeypatch.setattr("golive_checks.systems.test_reports.results.MAX_FILES", 202)
    with pytest.raises(Unavailable, match="matches 203 reports, and golive reads at most 202"):
        await read(tmp_path / "*.xml")


async def smoke(*argv: str, timeout_s: float = 20, folder: str = "", **environment: str) -> tuple[int, bool, str]:
    given = tuple((name, SecretStr(value)) for name, value in environment.items())
    of = SmokeCommand("x", argv=argv, environment=given, timeout_s=timeout_s, folder=folder)
    ran = await smoke_run(of, CommandLine())
    return ran.code, ran.timed_out, "\n".join(ran.output)


async def test_smoke_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", "hidden")
    script = "echo one; echo two >&2; pwd; printf '\\033[31mred %s\\033[0m\\n' $LOGIN$OUR_SECRET; exit 3"
    code, timed_out, output = await smoke("/bin/sh", "-c", script, folder=str(tmp_path), LOGIN="let-me-in")
    assert (code, timed_out) == (3, False)
    assert output == f"one\ntwo\n{tmp_path}\nred …"
    code, timed_out, output = await smoke("/bin/sh", "-c", "echo begun; sleep 30", timeout_s=0.3)
    assert (timed_out, output) == (True, "begun")
    _, _, output = await smoke("/bin/sh", "-c", "yes abc | head -c 3000000; echo end")
    assert len(output) < 200
    assert output.endswith("end")
    with pytest.raises(Unavailable, match="could not be started"):
        await smoke("/no/such/program")
    with pytest.raises(Unavailable):
        await smoke("true", folder="/no/such/folder")
