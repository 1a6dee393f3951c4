from __future__ import annotations

import pytest

from golive import Environment, Outcome, Unavailable
from golive_checks.rollout.release import strategy_sound, version_expected
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.release.deployed import Deployed, ReleaseShown, Side, Sides, SideSeen, Strategy
from golive_checks.systems.release.health import Service

API = Host("api.demo.test", role="api")
AT = [Address(f"api.demo.test@192.0.2.{n}", API, f"192.0.2.{n}") for n in (1, 2)]
COMMIT = "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5"
ENV = Environment("demo", release="2.4.0", commit=COMMIT)
ASK = ReleaseShown(path="/health", others=("2.3.0",))
PLAIN, TWO = Strategy(), Strategy(kind="blue-green", sides={"blue": Side(), "green": Side()}, field="side")
NONE, HERE = Sides(), Service(here=True)


def says(*versions: str) -> dict[Address, Deployed]:
    return {at: Deployed("/health", version) for at, version in zip(AT, versions, strict=False)}


def sides(blue: str, green: str, /, **more: str) -> Sides:
    return Sides(
        {name: SideSeen("/ready", 200, v, more.get(name, name)) for name, v in (("blue", blue), ("green", green))}
    )


@pytest.mark.parametrize(
    ("versions", "strategy", "seen", "outcome", "word"),
    [
        (("2.4.0", "2.4.0"), PLAIN, NONE, Outcome.PASS, "2.4.0 answers"),
        (("v2.4.0",), PLAIN, NONE, Outcome.PASS, ""),
        (("2.4.0", "2.3.0"), PLAIN, NONE, Outcome.FAIL, "192.0.2.2 runs 2.3.0, not 2.4.0"),
        (("2.4.01",), PLAIN, NONE, Outcome.FAIL, "runs 2.4.01"),
        (("2.4.0", "2.3.0"), TWO, sides("2.4.0", "2.3.0"), Outcome.PASS, "on one side at least"),
        (("2.3.0", "2.3.0"), TWO, sides("2.4.0", "2.3.0"), Outcome.PASS, "on one side at least"),
        (("2.3.0", "2.3.0"), TWO, sides("2.3.0", "2.3.0"), Outcome.FAIL, "no side runs 2.4.0; they run 2.3.0"),
        (("2.2.0",), TWO, sides("2.4.0", "2.3.0"), Outcome.FAIL, "runs 2.2.0, not 2.4.0 or 2.3.0"),
    ],
)
def test_version(versions: tuple[str, ...], strategy: Strategy, seen: Sides, outcome: Outcome, word: str) -> None:
    verdict = version_expected(API, ENV, HERE, says(*versions), seen, ASK, strategy)
    assert verdict.outcome is outcome
    assert word in verdict.summary


@pytest.mark.parametrize(
    ("commit", "outcome"),
    [
        (COMMIT, Outcome.PASS),
        (COMMIT[:7], Outcome.PASS),
        (COMMIT[:7].upper(), Outcome.PASS),
        (COMMIT[:6], Outcome.FAIL),
        ("9f1c2ac", Outcome.FAIL),
        ("main", Outcome.FAIL),
    ],
)
def test_commit(commit: str, outcome: Outcome) -> None:
    ask = ReleaseShown(path="/health", compare="commit")
    assert version_expected(API, ENV, HERE, says(commit), NONE, ask, PLAIN).outcome is outcome


def test_what_cannot_be_asked() -> None:
    assert version_expected(API, ENV, HERE, says("x"), NONE, ReleaseShown(), PLAIN).outcome is Outcome.NA
    assert version_expected(Host("x.test"), ENV, Service(here=False), {}, NONE, ASK, PLAIN).outcome is Outcome.NA
    assert version_expected(API, Environment("x"), HERE, says("x"), NONE, ASK, PLAIN).outcome is Outcome.UNKNOWN
    trouble = {AT[0]: Deployed("/health", "", 404)}
    assert version_expected(API, ENV, HERE, trouble, NONE, ASK, PLAIN).summary == "192.0.2.1: /health answers 404"
    gap = Unavailable("x")
    assert version_expected(API, ENV, HERE, says("2.4.0"), gap, ASK, TWO).outcome is Outcome.PASS
    unseen = version_expected(API, ENV, HERE, says("2.3.0"), gap, ASK, TWO)
    assert (unseen.outcome, unseen.summary) == (Outcome.UNKNOWN, "the other side could not be looked at: x")


def test_a_version_of_digits_is_no_commit() -> None:
    env = Environment("demo", release="20261127")
    assert version_expected(API, env, HERE, says("202611271"), NONE, ASK, PLAIN).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("strategy", "seen", "outcome", "word"),
    [
        (PLAIN, NONE, Outcome.NA, "neither blue/green nor a canary"),
        (TWO, sides("2.4.0", "2.3.0"), Outcome.PASS, "both sides are ready: blue runs 2.4.0, green runs 2.3.0"),
        (TWO, NONE, Outcome.UNKNOWN, "blue-green has two sides; the profile names 0"),
        (TWO, sides("2.4.0", "2.3.0", green="blue"), Outcome.FAIL, "what leads to green comes to blue"),
        (TWO, sides("2.4.0", "2.3.0", green=""), Outcome.FAIL, "what leads to green comes to one without side"),
        (
            TWO,
            Sides({"blue": SideSeen("/ready", 200, "1", "blue"), "green": SideSeen("/ready", 503, "1", "green")}),
            Outcome.FAIL,
            "green: /ready answers 503",
        ),
        (Strategy(kind="canary"), sides("2.4.0", "2.3.0"), Outcome.PASS, "both sides are ready"),
        (Strategy(kind="canary"), sides("2.4.0", "2.4.0"), Outcome.WARN, "the sides look the same"),
        (
            TWO,
            Sides({n: SideSeen("/ready", 200, "", "", 404) for n in ("blue", "green")}),
            Outcome.FAIL,
            "blue: /health answers 404",
        ),
    ],
)
def test_strategy(strategy: Strategy, seen: Sides, outcome: Outcome, word: str) -> None:
    verdict = strategy_sound(ENV, seen, strategy, ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary
