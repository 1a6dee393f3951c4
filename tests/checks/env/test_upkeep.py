from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.checks.env.conftest import EXPECTED

from golive import Location, Outcome
from golive_checks.env.upkeep import Sharing, example_in_step, files_guarded, secrets_not_shared
from golive_checks.systems.env.sources import EnvSource
from golive_checks.systems.env.upkeep import Elsewhere, Example, Guard, GuardedFile

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive_checks.systems.env.files import EnvFile

GOOD = "w8Kq2VzT5mXe9RbY4nLc7HsJ1dGf6PaUo3Ei0Wx"


@pytest.mark.parametrize(
    ("names", "outcome", "summary"),
    [
        (("A", "B"), Outcome.PASS, "2 names in both"),
        (("A",), Outcome.FAIL, "B is not in the example"),
        (("A", "B", "C"), Outcome.FAIL, "C is in the example and not in the real file"),
        (("A", "B", "TENANT_DATABASE_URL"), Outcome.PASS, "3 names in both"),
    ],
)
def test_example(names: tuple[str, ...], outcome: Outcome, summary: str, api: EnvFile, seen: Seen) -> None:
    example = Example({"x.example": {name: Location("x.example", n) for n, name in enumerate(names, 1)}})
    verdict = example_in_step(api, seen("A=1\nB=2\n"), example, EXPECTED)
    assert (verdict.outcome, verdict.summary) == (outcome, summary)


def test_no_example_is_not_applicable(api: EnvFile, seen: Seen) -> None:
    assert example_in_step(api, seen("A=1\n"), Example({}), EXPECTED).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("name", "value", "allow", "outcome"),
    [
        ("JWT_ACCESS_SECRET", GOOD, (), Outcome.FAIL),
        ("JWT_ACCESS_SECRET", GOOD, ("JWT_ACCESS_SECRET",), Outcome.PASS),
        ("MASTER_DATABASE_URL", "postgresql://u:w8Kq2V@db.test/x", (), Outcome.FAIL),
        ("ANYTHING", f"sk_test_{GOOD}", (), Outcome.FAIL),
        ("AWS_REGION", "eu-west-3a", (), Outcome.PASS),
        ("SMTP_PASSWORD", "change_me", (), Outcome.PASS),
        ("SMTP_PASSWORD", "", (), Outcome.PASS),
    ],
)
def test_sharing(name: str, value: str, allow: tuple[str, ...], outcome: Outcome, api: EnvFile, seen: Seen) -> None:
    others = Elsewhere({"staging": {"OLD_NAME_OF_SECRET": seen(f"{name}='{value}'\n").values[name]}})
    verdict = secrets_not_shared(api, seen(f"{name}='{value}'\n"), others, Sharing(allow=allow))
    assert verdict.outcome is outcome
    if outcome is Outcome.FAIL:
        password = "'s password" if "://" in value else ""
        assert verdict.summary == f"{name}{password} is the same as staging's OLD_NAME_OF_SECRET{password}"
        assert value not in str(verdict)


def test_a_databases_password_may_not_stand_in_two_urls(api: EnvFile, seen: Seen) -> None:
    v = seen("MASTER_DATABASE_URL=postgresql://live:w8Kq2V@live.test/x\n")
    others = Elsewhere({"staging": seen("TENANT_DATABASE_URL=postgresql://stage:w8Kq2V@stage.test/y\n").values})
    verdict = secrets_not_shared(api, v, others, Sharing())
    assert verdict.summary == "MASTER_DATABASE_URL's password is the same as staging's TENANT_DATABASE_URL's password"


def test_a_process_holds_more_than_the_example(api: EnvFile, seen: Seen) -> None:
    process = replace(api, source=EnvSource("process"))
    assert (
        example_in_step(
            process, seen("A=1\nPATH=/bin\n", process), Example({"x": {"A": Location("x", 1)}}), EXPECTED
        ).outcome
        is Outcome.PASS
    )


def test_different_secrets_pass_and_none_to_compare_is_not_applicable(api: EnvFile, seen: Seen) -> None:
    v = seen(f"JWT_ACCESS_SECRET={GOOD}\n")
    others = Elsewhere({"staging": seen(f"JWT_ACCESS_SECRET={GOOD[::-1]}\n").values})
    assert secrets_not_shared(api, v, others, Sharing()).outcome is Outcome.PASS
    assert secrets_not_shared(api, v, Elsewhere({}), Sharing()).outcome is Outcome.NA


@pytest.mark.parametrize(
    ("guarded", "outcome", "word"),
    [
        (GuardedFile(".env", 0o600), Outcome.PASS, "is in no git repository"),
        (GuardedFile(".env", 0o400, "/r"), Outcome.PASS, "unknown to git"),
        (GuardedFile(".env", None, "/r"), Outcome.PASS, "not reported"),
        (GuardedFile(".env", 0o644, "/r"), Outcome.FAIL, "mode 0644"),
        (GuardedFile(".env", 0o620), Outcome.FAIL, "mode 0620"),
        (GuardedFile(".env", 0o600, "/r", tracked=True, added_in="abc"), Outcome.FAIL, "git tracks it"),
        (GuardedFile(".env", 0o600, "/r", added_in="abc"), Outcome.FAIL, "commit abc"),
        (GuardedFile(".env", 0o600, "/r", shallow=True), Outcome.UNKNOWN, "cut off"),
        (GuardedFile(".env", 0o600, "/r", tracked=True, shallow=True), Outcome.FAIL, "tracks"),
        (GuardedFile(".env", 0o644, "/r", shallow=True), Outcome.FAIL, "mode"),
    ],
)
def test_guarded(guarded: GuardedFile, outcome: Outcome, word: str, api: EnvFile) -> None:
    verdict = files_guarded(api, Guard((guarded,)))
    assert verdict.outcome is outcome
    assert word in verdict.summary
    if outcome is Outcome.UNKNOWN:
        assert "fetch-depth: 0" in verdict.fix


def test_no_file_is_not_applicable(api: EnvFile) -> None:
    assert files_guarded(api, Guard(())).outcome is Outcome.NA
