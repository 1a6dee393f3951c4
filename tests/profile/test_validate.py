from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, create_model, field_validator, model_validator

from golive.model import Location, Severity, Waiver
from golive.profile import Duration, Expiry, ProfileBase, ProfileError, read, validate

if TYPE_CHECKING:
    from desk import Desk


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cat(Strict):
    kind: Literal["cat"]
    lives: int = 9


class Dog(Strict):
    kind: Literal["dog"]
    barks: bool = True


class Login(Strict):
    user: str
    password: SecretStr

    @field_validator("password")
    @classmethod
    def loud(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value().startswith("bad"):
            raise ValueError(f"{value.get_secret_value()} is a bad password")
        return value


class Between(Strict):
    low: int = 0
    high: int = 1

    @model_validator(mode="after")
    def ordered(self) -> Between:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Everything(ProfileBase):
    colour: Colour = Colour.RED
    mixed: int | Literal["all"] = "all"
    url: HttpUrl | None = None
    day: dt.date | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    login: Login | None = None
    again: Login | None = None
    between: Between = Between()
    pair: tuple[int, str] = (1, "a")
    names: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    fraction: float = Field(0.5, gt=0, le=1)
    wait: Duration = 1.0
    until: Expiry | None = None


SLIPS = [
    ("colour: bleu", "2:9: colour is 'bleu'; expected: one of red and blue (did you mean 'blue'?)"),
    ("mixed: some", "2:8: mixed is 'some'; expected: a whole number or one of all"),
    ("url: nowhere", "2:6: url is 'nowhere'; expected: a URL"),
    ("url: ftp://x/", "2:6: url is 'ftp://x/'; expected: a URL that starts with 'http' or 'https'"),
    ("day: tomorrow", "2:6: day is 'tomorrow'; expected: a date, such as 2026-12-31"),
    ("pet: {kind: cow}", "2:1: the key 'kind' in pet; expected: one of 'cat', 'dog'"),
    ("pet: {lives: 3}", "2:1: the key 'kind' is missing in pet"),
    ("pet: {kind: dog, lives: 3}", "2:18: unknown key 'lives' in pet; allowed: barks and kind"),
    ("pet: cat", "2:6: pet is 'cat'; expected: a mapping"),
    ("login: {user: a}", "2:1: the key 'password' is missing in login"),
    ("login: hunter2", "2:8: login is a text; expected: a mapping"),
    ("between: {low: 3}", "2:1: between: low is above high"),
    ("pair: [1]", "2:1: the key '1' is missing in pair"),
    ("pair: [x, y]", "2:8: pair[0] is 'x'; expected: a whole number"),
    ("names: [a, b, c]", "2:1: names is a list; expected: at most 2 entries"),
    ("names: a", "2:8: names is 'a'; expected: a list"),
    ("names: [1.50]", '2:9: names[0] is the number 1.5; expected: a text; put it in quotes ("...")'),
    ("names: [true]", '2:9: names[0] is true; expected: a text; put it in quotes ("...")'),
    ("fraction: 0", "2:11: fraction is the number 0; expected: more than 0"),
    ("fraction: 1.5", "2:11: fraction is the number 1.5; expected: 1 or less"),
    ("fraction: half", "2:11: fraction is 'half'; expected: a number"),
    ("fraction:", "2:10: fraction has no value; expected: a number"),
    ("production: perhaps", "2:13: production is 'perhaps'; expected: true or false"),
    ("production: {}", "2:1: production is an empty mapping; expected: true or false"),
    (
        "wait: soon",
        "2:7: wait is 'soon': a duration is a number of seconds or has a unit (ms, s, m, h, d), such as 90s",
    ),
    ("wait: true", "2:7: wait is true: a duration is a number of seconds"),
    ("wait: -1", "2:7: wait is the number -1: a duration is a number of seconds"),
    ("until: 2026-12-31T10:00:00", "2:8: until is '2026-12-31T10:00:00': a time must name its offset"),
    ("until: 2026-02-30", "2:8: until is '2026-02-30': neither a date such as"),
    (
        "gate: {fail_on: warning}",
        "2:17: gate.fail_on is 'warning'; expected: one of fail and warn (did you mean 'warn'?)",
    ),
    (
        "gate: {ignore_below: hihg}",
        "2:22: gate.ignore_below is 'hihg'; expected: one of low, medium, high and critical",
    ),
    ("gate: {unknown: {alow: [a]}}", "2:18: unknown key 'alow' in gate.unknown (did you mean 'allow'?)"),
    ("owners: {tls: ''}", "2:15: owners.tls is ''; expected: a text that is not empty"),
    ("owners: [ops]", "2:1: owners is a list; expected: a mapping"),
    ("timeout_s: 0", "2:12: timeout_s is the number 0; expected: more than 0"),
    ("confirm: prod", "2:10: confirm is 'prod': it must repeat the environment's name, 'x', or be left out"),
    ("waivers: [{reason: r, approver: a, expires: 2026-12-31}]", "2:11: the key 'check' is missing in waivers[0]"),
    (
        "waivers: [{check: c, reason: ' ', approver: '', expires: 2026-12-31}]",
        "2:30: waivers[0].reason is ' '; expected: a text that is not empty",
    ),
    ("\x27a\\nb\x27: 1", "2:1: unknown key 'a\\nb'"),
    ('"a\\e[31m\\nb": 1', "2:1: unknown key 'a [31m b'"),
    (f"{'k' * 300}: 1", f"2:1: unknown key '{'k' * 59}…'"),
]


@pytest.mark.parametrize(("line", "told"), SLIPS, ids=[row[0][:40] for row in SLIPS])
def test_a_slip_is_told_in_plain_words(desk: Desk, line: str, told: str) -> None:
    desk.profile(f"environment: x\n{line}\n")
    with pytest.raises(ProfileError) as caught:
        validate(read("p", cwd=desk.folder, environ={}), Everything)
    first = str(caught.value.problems[0])
    assert first.startswith(f"profiles/p.yaml:{told}")
    for jargon in ("pydantic", "Input", "validation", "http://errors", "extra", "type=", "hunter2"):
        assert jargon not in str(caught.value)


def test_a_validator_that_quotes_a_secret_is_silenced(desk: Desk) -> None:
    desk.write("profiles/token", "bad-canary-7f3a9c")
    desk.profile(
        "environment: x\nvariables: {secrets: {T: {file: token}}}\nlogin: {user: a, password: '${T}'}\n",
    )
    with pytest.raises(ProfileError) as caught:
        validate(read("p", cwd=desk.folder, environ={}), Everything)
    [line] = str(caught.value).splitlines()
    assert line.endswith(": ********** is a bad password")
    assert "canary" not in line


def test_a_validator_that_quotes_a_secret_of_the_environment_is_silenced(desk: Desk) -> None:
    desk.profile("environment: x\nlogin: {user: a, password: '${T}'}\nagain: {user: a, password: bad-canary-2}\n")
    with pytest.raises(ProfileError) as caught:
        validate(read("p", cwd=desk.folder, environ={"T": "bad-canary-1"}), Everything)
    told = [str(problem).partition("): ")[2] or str(problem) for problem in caught.value.problems]
    assert told[0] == "********** is a bad password"
    assert told[1].endswith(": ********** is a bad password")
    assert "canary" not in str(caught.value)


def test_a_validator_that_fails_by_itself_is_a_defect_and_no_traceback(desk: Desk) -> None:
    class Careless(ProfileBase):
        x: str = ""

        @field_validator("x", mode="before")
        @classmethod
        def careless(cls, value: str) -> str:
            return value.no_such_thing  # type: ignore[attr-defined,no-any-return]  # the point of the test

    desk.profile("environment: x\nx: 1\n")
    with pytest.raises(ProfileError, match="a defect in the settings of a section: AttributeError"):
        validate(read("p", cwd=desk.folder, environ={}), Careless)


def test_everything_is_told_at_once_in_the_order_of_the_file(desk: Desk) -> None:
    desk.profile(
        """\
        environmen: x
        release: {version: 1.10, comit: abc}
        hosts:
          api: {name: a, port: 99999, rol: api}
          api: {name: b}
        description: ${GONE}
        waivers:
          - {check: tls.x, reason: r, approver: a, expires: soon}
        """
    )
    lines = desk.problems()
    assert [line.split(": ")[0].removeprefix("profiles/p.yaml:") for line in lines] == [
        *("1:1", "1:1", "2:20", "2:26", "4:24", "4:31", "5:3", "6:14", "8:53"),
    ]


def test_a_profile_says_what_it_holds(desk: Desk) -> None:
    desk.profile(
        """\
        environment: live
        production: true
        confirm: live
        allow: [active]
        release: {version: "2.0", commit: abc, previous: "1.9", next: "2.1"}
        timeout_s: 5m
        gate: {ignore_below: medium, unknown: {allow: ["dns.*"]}}
        owners: {domains: ops}
        lab: demo
        waivers:
          - {check: a, reason: r, approver: me, expires: 2026-12-31}
          - check: b
            subject: api.*
            reason: r
            approver: me
            expires: 2026-12-31T18:00:00+02:00
        """
    )
    profile = desk.load()
    data = profile.data
    assert (data.production, data.confirm, data.allow, data.timeout_s, data.lab) == (
        True,
        "live",
        ("active",),
        300,
        "demo",
    )
    assert (data.release.previous.version, data.release.next.version) == ("1.9", "2.1")
    assert (data.gate.severity, data.gate.unknown.allow) == (Severity.MEDIUM, ("dns.*",))
    at = profile.location_of(("waivers", 0))
    assert at == Location("profiles/p.yaml", 11, 5)
    assert data.waivers[0].to_model(at) == Waiver(
        "a", "*", "r", "me", dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC), at
    )
    assert data.waivers[1].expires == dt.datetime(2026, 12, 31, 16, tzinfo=dt.UTC)
    assert profile.location_of(("waivers", 1, "nowhere", "below")) == Location("profiles/p.yaml", 12, 5)
    assert profile.location_of(()) == Location("profiles/p.yaml", 1, 1)


def test_another_release_may_name_its_migrations(desk: Desk) -> None:
    desk.profile(
        """\
        environment: x
        release:
          version: "2.0"
          previous: {version: "1.9", migrations: [20250101_*]}
          next: {migrations: [20270101_x, 20270102_y]}
        """
    )
    release = desk.load().data.release
    assert (release.previous.version, release.previous.migrations) == ("1.9", ("20250101_*",))
    assert release.next.migrations == ("20270101_x", "20270102_y")


def test_a_wrong_word_about_another_release_is_told_where_it_stands(desk: Desk) -> None:
    desk.profile(
        """\
        environment: x
        release: {version: "2.0", previous: 1.9, next: {migration: [a], migrations: a}}
        """
    )
    number, unknown, no_list = desk.problems()
    assert number.endswith("p.yaml:2:37: release.previous is the number 1.9: a version is a text: put it in quotes")
    assert "unknown key 'migration' in release.next (did you mean 'migrations'?)" in unknown
    assert "release.next.migrations" in no_list


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h", 3600), ("250ms", 0.25), ("7", 7), ('"7"', 7)]
)
def test_durations(desk: Desk, text: str, seconds: float) -> None:
    desk.profile(f"environment: x\ntimeout_s: {text}\n")
    assert desk.load().data.timeout_s == seconds


def test_a_model_of_many_parts_is_held_against_as_it_is_made(desk: Desk) -> None:
    made = create_model("Profile", __base__=ProfileBase, between=(Between, Field(default_factory=Between)))
    desk.profile("environment: x\nbetween: {high: 3}\n")
    data = validate(read("p", cwd=desk.folder, environ={}), made).data
    assert data.between.high == 3  # type: ignore[attr-defined]  # made at run time
