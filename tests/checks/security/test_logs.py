"""What the log says of a request, and what keeps it short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Outcome, Unavailable
from golive_checks.security.logs import request_traceable, rotated, structured
from golive_checks.subjects import Host
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.logs.lines import LogLine
from golive_checks.systems.logs.request_log import RequestLog
from golive_checks.systems.logs.rotation import Keeper, LogRotation
from golive_checks.systems.logs.settings import Logs
from golive_checks.systems.logs.shapes import Looks

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
API, APP = Host("api.test", role="api"), Host("app.test", role="app")
GOOD = LogLine(json=True, time="time", level="level", id="reqId")
TEXT, BANNER = LogLine(json=False, looks=Looks.LOGFMT), LogLine(json=False, looks=Looks.BANNER)
MORGAN = LogLine(json=False, looks=Looks.MORGAN_DEV)
SEEN = RequestLog("api.log", "/x", 200, (GOOD,), (GOOD, GOOD), 0.2)

WORD = {Attestation("logs.kept", who="Awa", expires=dt.date(2099, 12, 31)): Evidence(there=True)}


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (SEEN, PASS, "api.log: JSON with time and level"),
        (replace(SEEN, lines=(TEXT,)), FAIL, "the request's line in api.log is not JSON: it looks like logfmt"),
        (replace(SEEN, lines=(replace(GOOD, level=""),)), FAIL, "the request's line in api.log has no level"),
        (replace(SEEN, lines=(GOOD, replace(GOOD, time=""))), FAIL, "has no time"),
        (replace(SEEN, recent=(TEXT, GOOD, GOOD)), WARN, "1 of the newest 3 lines in api.log are not JSON"),
        (
            replace(SEEN, recent=(GOOD, MORGAN, MORGAN, GOOD)),
            FAIL,
            "2 of the newest 4 lines in api.log are not JSON: 2",
        ),
        (replace(SEEN, recent=(MORGAN, MORGAN, TEXT, GOOD)), FAIL, "2 look like morgan's access log (dev)"),
        (replace(SEEN, recent=(BANNER, BANNER, GOOD)), WARN, "what a package manager prints at the start"),
        (replace(SEEN, lines=()), PASS, "JSON with time and level"),
        (
            replace(SEEN, lines=(), recent=(GOOD, TEXT, TEXT)),
            FAIL,
            "the newest line in api.log is not JSON, like 1 more: 2 look like logfmt",
        ),
        (replace(SEEN, lines=(), recent=()), UNKNOWN, "api.log holds no line"),
        (RequestLog(), NA, "does not say where its log is"),
    ],
)
def test_structured(seen: RequestLog, outcome: Outcome, summary: str) -> None:
    judged = structured(API, seen)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (SEEN, PASS, "/x was found in api.log after 200 ms, by reqId"),
        (replace(SEEN, lines=()), FAIL, "answered 200: it does not appear in api.log within 15 s"),
        (replace(SEEN, lines=(), recent=()), FAIL, "which holds no line at all"),
        (replace(SEEN, lines=(replace(GOOD, id=""),)), FAIL, "in no field for a request's id"),
        (replace(SEEN, lines=(TEXT,)), FAIL, "in the midst of text"),
        (RequestLog(), NA, "does not say where its log is"),
    ],
)
def test_request_traceable(seen: RequestLog, outcome: Outcome, summary: str) -> None:
    judged = request_traceable(API, seen, Logs())
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_what_is_no_api_needs_no_log() -> None:
    assert structured(APP, RequestLog()).outcome is NA
    assert request_traceable(APP, RequestLog(), Logs()).outcome is NA
    assert rotated(APP, LogRotation(), Unavailable("")).outcome is NA


LOKI = {"retention_enabled": "true", "retention_period": "744h"}
TENTH = "journald: at most a tenth of the disk, and 4 GB"


def docker(driver: str, **options: str) -> LogRotation:
    return LogRotation(Keeper.DOCKER, {"driver": driver, **{k.replace("_", "-"): v for k, v in options.items()}})


KEPT: list[tuple[LogRotation, Outcome, str]] = [
    (LogRotation(Keeper.LOGROTATE, {"interval": "daily", "rotate": "14"}), PASS, "logrotate: daily, 14 kept"),
    (LogRotation(Keeper.LOGROTATE, {"interval": "daily", "size": "9M"}), PASS, "logrotate: at 9M, 0 kept"),
    (LogRotation(Keeper.LOGROTATE, {}), PASS, "logrotate: at 1 MB, 0 kept"),
    (LogRotation(Keeper.LOGROTATE, log="/a.log", covers=False), FAIL, "logrotate does not cover /a.log"),
    (LogRotation(Keeper.JOURNALD), PASS, TENTH),
    (LogRotation(Keeper.JOURNALD, {"maxretentionsec": "0"}), PASS, TENTH),
    (
        LogRotation(Keeper.JOURNALD, {"systemmaxuse": "2G", "maxretentionsec": "1month"}),
        PASS,
        "journald: at most 2G, for 1month",
    ),
    (LogRotation(Keeper.JOURNALD, {"storage": "None"}), FAIL, "journald keeps nothing: Storage=none"),
    (docker("json-file", max_size="10m", max_file="3"), PASS, "Docker: 3 files of 10m"),
    (docker("json-file", max_size="10m"), PASS, "Docker: 1 files of 10m"),
    (docker("json-file"), FAIL, "no max-size"),
    (docker("json-file", max_size="-1"), FAIL, "no max-size"),
    (docker("local"), PASS, "Docker: 5 files of 20m"),
    (docker("none"), FAIL, "Docker keeps no logs"),
    (LogRotation(Keeper.CLOUDWATCH, {"retentionInDays": "30"}, "/api"), PASS, "CloudWatch: for 30 days"),
    (LogRotation(Keeper.CLOUDWATCH, log="/api"), FAIL, "/api never expires, and grows forever"),
    (LogRotation(Keeper.LOKI, LOKI), PASS, "Loki: for 744h"),
    (LogRotation(Keeper.LOKI, {"retention_period": "744h"}), FAIL, "retention_enabled is not true"),
    (LogRotation(Keeper.LOKI, {"retention_enabled": "true"}), FAIL, "retention_period is not set"),
    (LogRotation(Keeper.LOKI, LOKI | {"retention_period": "0s"}), FAIL, "retention_period is not set"),
]


@pytest.mark.parametrize(
    ("seen", "attested", "outcome", "summary"),
    [
        *((seen, Unavailable(""), outcome, summary) for seen, outcome, summary in KEPT),
        (LogRotation(attested="logs.kept"), WORD, PASS, "Awa attests it until 2099-12-31 (logs.kept)"),
        (LogRotation(attested="logs.other"), WORD, FAIL, "has no attestation logs.other"),
        (LogRotation(attested="logs.kept"), Unavailable("none"), FAIL, "has no attestation logs.kept"),
        (LogRotation(), Unavailable(""), NA, "nothing shows"),
    ],
)
def test_rotated(
    seen: LogRotation, attested: Mapping[Attestation, Evidence] | Unavailable, outcome: Outcome, summary: str
) -> None:
    judged = rotated(API, seen, attested)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged
