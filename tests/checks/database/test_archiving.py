import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Now, Outcome, Unavailable
from golive_checks.database.archiving import Archiving, archiving_works
from golive_checks.subjects import Database, Hosting
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.postgres.archiving import Archiver, ProviderBackups, Receiver, behind, number

NOON = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)
NO_API = Unavailable("golive knows no API of self", fix="Attest it")
NO_WORD = Unavailable("there is no attestation to look at")
GOOD = Archiver("on", True, 60, NOON, None, 0, (), ())  # noqa: FBT003 - has_command
OFF = replace(GOOD, mode="off", has_command=False, archived_at=None)
BARMAN = Receiver("barman_receive_wal", "streaming", "barman")
STANDBY = Receiver("walreceiver", "streaming", "replica")


def before(**time: float) -> dt.datetime:
    return NOON - dt.timedelta(**time)


ARCHIVER: dict[str, tuple[Archiver, Outcome, str]] = {
    "keeps up": (GOOD, Outcome.PASS, "keeps up, last at 2026-11-26 12:00 UTC"),
    "idle for days": (replace(GOOD, archived_at=before(days=3)), Outcome.PASS, "last at 2026-11-23"),
    "failed once, then worked": (replace(GOOD, failed_at=before(hours=1)), Outcome.PASS, "keeps up"),
    "fails": (replace(GOOD, failed_at=NOON, archived_at=before(hours=1)), Outcome.FAIL, "archive_command fails"),
    "has always failed": (replace(GOOD, failed_at=NOON, archived_at=None), Outcome.FAIL, "archive_command fails"),
    "never": (replace(GOOD, archived_at=None), Outcome.FAIL, "nothing has been archived"),
    "no command": (replace(GOOD, has_command=False), Outcome.FAIL, "archive_command is empty"),
    "a few wait, not for long": (replace(GOOD, behind=8, archived_at=before(minutes=1)), Outcome.PASS, "keeps up"),
    "many wait": (replace(GOOD, behind=9, archived_at=before(minutes=1)), Outcome.FAIL, "9 finished segments wait"),
    "one waits for long": (
        replace(GOOD, behind=1, archived_at=before(minutes=16)),
        Outcome.FAIL,
        "1 finished segments",
    ),
    "no archive_timeout": (replace(GOOD, timeout_s=0), Outcome.WARN, "archive_timeout is 0"),
    "a slot left over": (replace(GOOD, slots=(("old", False),)), Outcome.WARN, "nobody reads from the slot old"),
    "a slot in use": (replace(GOOD, slots=(("replica", True),)), Outcome.PASS, "keeps up"),
    "off": (OFF, Outcome.FAIL, "archive_mode is off"),
    "off, slot unread": (replace(OFF, slots=(("barman", False),)), Outcome.FAIL, "off, and nobody reads from the slot"),
    "off, streamed": (replace(OFF, receivers=(BARMAN,), slots=(("barman", True),)), Outcome.PASS, "barman_receive_wal"),
    "off, a standby": (replace(OFF, receivers=(STANDBY,), slots=(("replica", True),)), Outcome.FAIL, "is off"),
    "off, catching up": (replace(OFF, receivers=(replace(BARMAN, state="catchup"),)), Outcome.WARN, "still behind"),
    "off, a base backup": (replace(OFF, receivers=(replace(BARMAN, state="backup"),)), Outcome.FAIL, "is off"),
    "always": (replace(GOOD, mode="always"), Outcome.PASS, "keeps up"),
}


@pytest.mark.parametrize(("server", "outcome", "summary"), ARCHIVER.values(), ids=ARCHIVER)
def test_the_servers_own_archiver(server: Archiver, outcome: Outcome, summary: str, now: Now) -> None:
    verdict = archiving_works(Database("master"), server, NO_API, NO_WORD, Archiving(), now)
    assert verdict.outcome is outcome
    assert summary in verdict.summary


PROVIDER: dict[str, tuple[Hosting, ProviderBackups | Unavailable, Outcome, str]] = {
    "fresh": ("rds", ProviderBackups(7, before(minutes=5)), Outcome.PASS, "for 7 days back"),
    "aurora": ("aurora", ProviderBackups(1, before(minutes=5)), Outcome.PASS, "for 1 days back"),
    "off": ("rds", ProviderBackups(0, None), Outcome.FAIL, "retention period is 0"),
    "late": ("rds", ProviderBackups(7, before(minutes=40)), Outcome.WARN, "40 min ago"),
    "no time": ("rds", ProviderBackups(7, None), Outcome.FAIL, "no time up to which"),
    "denied": ("rds", Unavailable("AWS answers AccessDenied"), Outcome.UNKNOWN, "AccessDenied"),
    "no API": ("neon", NO_API, Outcome.UNKNOWN, "no API"),
    "supabase": ("supabase", NO_API, Outcome.UNKNOWN, "no API"),
}


@pytest.mark.parametrize(("hosting", "provider", "outcome", "summary"), PROVIDER.values(), ids=PROVIDER)
def test_a_providers_settings_prove_nothing(
    hosting: Hosting, provider: ProviderBackups | Unavailable, outcome: Outcome, summary: str, now: Now
) -> None:
    for server in (GOOD, OFF, Unavailable("denied")):
        verdict = archiving_works(Database("master", hosting=hosting), server, provider, NO_WORD, Archiving(), now)
        assert verdict.outcome is outcome
        assert summary in verdict.summary


WORD = Attestation(
    "db.archiving-works", "The volume is copied hourly", "Awa", dt.date(2026, 1, 5), "a.md", dt.date(2027, 1, 1)
)
THERE = Evidence(there=True)

WORDS: dict[str, tuple[Mapping[Attestation, Evidence | Unavailable], Outcome]] = {
    "stands": ({WORD: THERE}, Outcome.PASS),
    "among others": ({replace(WORD, name="x"): THERE, WORD: THERE}, Outcome.PASS),
    "of another name": ({replace(WORD, name="logs.centralised"): THERE}, Outcome.UNKNOWN),
    "expired": ({replace(WORD, expires=dt.date(2026, 11, 25)): THERE}, Outcome.UNKNOWN),
    "no last day": ({replace(WORD, expires=None): THERE}, Outcome.UNKNOWN),
    "nobody": ({replace(WORD, who=""): THERE}, Outcome.UNKNOWN),
    "no evidence": ({WORD: Evidence(there=False)}, Outcome.UNKNOWN),
    "evidence unseen": ({WORD: Unavailable("no route")}, Outcome.UNKNOWN),
}


@pytest.mark.parametrize(("attested", "outcome"), WORDS.values(), ids=WORDS)
def test_a_person_may_vouch_for_it(
    attested: Mapping[Attestation, Evidence | Unavailable], outcome: Outcome, now: Now
) -> None:
    verdict = archiving_works(Database("m", hosting="neon"), GOOD, NO_API, attested, Archiving(), now)
    assert verdict.outcome is outcome
    if outcome is Outcome.UNKNOWN:
        assert verdict.fix == "Attest it"
    own = archiving_works(Database("m"), OFF, NO_API, attested, Archiving(), now)
    assert own.outcome is (Outcome.PASS if outcome is Outcome.PASS else Outcome.FAIL)


def test_a_word_does_not_outweigh_what_is_seen_to_fail(now: Now) -> None:
    failing = replace(GOOD, failed_at=NOON, archived_at=None)
    assert archiving_works(Database("m"), failing, NO_API, {WORD: THERE}, Archiving(), now).outcome is Outcome.FAIL
    late = ProviderBackups(0, None)
    rds = Database("m", hosting="rds")
    assert archiving_works(rds, GOOD, late, {WORD: THERE}, Archiving(), now).outcome is Outcome.FAIL


MIB = 1 << 20
SEGMENTS: dict[str, tuple[str, str, int, int]] = {
    "none": ("", "000000010000000000000003", 16 * MIB, 0),
    "the one before": ("000000010000000000000002", "000000010000000000000003", 16 * MIB, 0),
    "one waits": ("000000010000000000000001", "000000010000000000000003", 16 * MIB, 1),
    "past a log": ("0000000100000000000000FE", "000000010000000100000001", 16 * MIB, 2),
    "small ones": ("000000010000000000000FFE", "000000010000000100000001", MIB, 2),
    "a history": ("00000002.history", "000000020000000000000003", 16 * MIB, 0),
    "a backup's label": ("000000010000000000000002.00000028.backup", "000000010000000000000004", 16 * MIB, 1),
    "another timeline": ("000000010000000000000002", "000000020000000000000003", 16 * MIB, 0),
}


@pytest.mark.parametrize(("archived", "current", "size", "count"), SEGMENTS.values(), ids=SEGMENTS)
def test_segments_are_counted(archived: str, current: str, size: int, count: int) -> None:
    assert behind(archived, current, size) == count
    assert number("x", size) is None
