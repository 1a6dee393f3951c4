"""What a matcher of Alertmanager's routes matches, say golive and amtool."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
from pathlib import Path

import pytest
import yaml

from golive import Unavailable
from golive_checks.observability.routes import paths
from golive_checks.systems.monitoring.alertmanager import understood

SEED = 20261129
ALL = 400
NAMES = ["team", "severity", "a_b", "service"]
OPERATORS = ["=", "!=", "=~", "!~"]
VALUES = [
    "payments",
    '"payments"',
    '"pay.*"',
    "pay.*",
    '"payments|shop"',
    "payments|shop",
    '"a b"',
    "a b",
    '""',
    "",
    '"\\d+"',
    '"a\\.b"',
    "a\\.b",
    '"a\\\\.b"',
    '"say \\"no\\""',
    '"l1\\nl2"',
    '"tab\\there"',
    '"a,b"',
    '"{x}"',
    '"a=b"',
    "a=b",
    '"é"',
    "é",
    'say "no"',
    '"open',
    "'payments'",
    '"^payments$"',
    '"(?i)PAYMENTS"',
    '"[a-z]+"',
    '"1{2}"',
]
WORDS = ["payments", "shop", "a b", "", "12", "a.b", "axb", 'say "no"', "l1\nl2", "a,b", "{x}", "a=b", "é", "tab\there"]
WORDS += ["\\d+", "tab\\there", "'payments'", "11", "PAYMENTS", "a\\.b"]


def line(chance: random.Random) -> str:
    """Make up one to three matchers."""
    parts = [
        chance.choice(NAMES)
        + chance.choice(["", "", " "])
        + chance.choice(OPERATORS)
        + chance.choice(["", "", " "])
        + chance.choice(VALUES)
        for _ in range(chance.choice([1, 1, 1, 2, 3]))
    ]
    text = chance.choice([",", ", ", " , "]).join(parts) + chance.choice(["", "", "", ","])
    return f"{{{text}}}" if chance.random() < 0.2 else text


def config(lines: list[str]) -> str:
    receivers = [{"name": "none"}, *({"name": f"r{n}"} for n in range(len(lines)))]
    routes = [{"receiver": f"r{n}", "matchers": [each], "continue": True} for n, each in enumerate(lines)]
    return yaml.safe_dump({"route": {"receiver": "none", "routes": routes}, "receivers": receivers}, allow_unicode=True)


def amtool(file: Path, labels: dict[str, str]) -> str | None:
    """Return the receivers, or None where it refuses the configuration."""
    given = [f"{name}={_quoted(value)}" for name, value in labels.items()]
    command = ["amtool", "config", "routes", "test", f"--config.file={file}", *given]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return ran.stdout.strip() if ran.returncode == 0 else None


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def golive_takes(text: str) -> bool:
    try:
        understood(config([text]), dt.datetime.now(dt.UTC))
    except Unavailable:
        return False
    return True


def test_matchers(tmp_path: Path) -> None:
    chance, file = random.Random(SEED), tmp_path / "alertmanager.yml"
    count = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
    lines = list(dict.fromkeys(line(chance) for _ in range(count)))
    print(f"seed {SEED}, {len(lines)} lines")
    taken = []
    for text in lines:
        file.write_text(config([text]))
        theirs = amtool(file, {}) is not None
        assert golive_takes(text) is theirs, f"{text!r}: amtool {'takes' if theirs else 'refuses'} it"
        taken += [text] if theirs else []
    file.write_text(config(taken))
    routing = understood(file.read_text(), dt.datetime.now(dt.UTC))
    for word in WORDS:
        labels = {"team": word, "severity": chance.choice(WORDS), "service": "payments"}
        ours = [route.receiver for route in paths(routing.root, labels)]
        theirs_named = (amtool(file, labels) or "").split(",")
        wrong = {taken[int(name[1:])] for name in set(ours) ^ set(theirs_named) if name != "none"}
        assert not wrong, (labels, wrong)


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [  # Alertmanager 0.27 and newer: https://prometheus.io/docs/alerting/latest/configuration/#matcher
        ('"service.name"="shop api"', "service.name", "shop api"),
        ("équipe=paiements", "équipe", "paiements"),
        ('"a\\tb"="c"', "a\tb", "c"),
        ('"\\u00e9"="x"', "é", "x"),
        ("🙂=yes", "🙂", "yes"),
    ],
)
def test_what_only_newer_ones_take(text: str, label: str, value: str) -> None:
    routing = understood(config([text]), dt.datetime.now(dt.UTC))
    assert [route.receiver for route in paths(routing.root, {label: value})] == ["r0"]
