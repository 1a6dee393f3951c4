"""What keeps logs short, as configurations say it; logrotate's are held against logrotate itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.systems.logs.logrotate import covering
from golive_checks.systems.logs.rotation import Keeper, by_docker, by_journald, by_logrotate, by_loki
from golive_lab.parts.process import program

CONFIGURATIONS = {
    "usual": '"{log}" {{\n  daily\n  rotate 14\n  compress\n}}\n',
    "several, before the brace": "/nowhere/x.log\n{log} {{\n  weekly\n  rotate 4\n}}\n",
    "by a star": "{folder}/*.log {{\n  size 10M\n  rotate 3\n}}\n",
    "alternatives, which logrotate does not know": '"{folder}/{{web,api}}.log" {{\n  monthly\n  rotate 12\n}}\n',
    "global directives": "weekly\nrotate 8\n# a comment\n{log} {{\n  missingok\n}}\n",
    "the block's own stand over the global ones": "weekly\nrotate 8\n{log} {{\n  daily\n  rotate=2\n}}\n",
    "a script with braces": "/nowhere/y.log {{\n  postrotate\n  x {{\n }}\n  endscript\n}}\n{log} {{\n  rotate 5\n}}\n",
    "another file": "{folder}/web.log {{\n  daily\n  rotate 5\n}}\n",
    "another folder": "{folder}/*/api.log {{\n  daily\n}}\n",
    "commented out": "#{log} {{\n#  daily\n#}}\n",
    "nothing": "weekly\nrotate 4\n",
}


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_as_logrotate_reads_it(text: str, tmp_path: Path) -> None:
    log, config = tmp_path / "api.log", tmp_path / "rotate.conf"
    log.write_text("x\n")
    log.chmod(0o600)
    config.write_text(text.format(log=log, folder=tmp_path))
    config.chmod(0o600)
    ran = subprocess.run(
        [program("logrotate"), "-d", "-s", str(tmp_path / "state"), str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    handled = f"considering log {log}" in ran.stderr
    block = covering(config.read_text(), str(log))
    assert (block is not None) == handled, ran.stderr
    if block:
        rotations = re.findall(r"\((\d+) rotations\)", ran.stderr)
        assert block.value("rotate") in rotations, ran.stderr


def test_logrotate() -> None:
    seen = by_logrotate("/var/log/api.log {\n  daily\n  rotate 14\n  maxsize 1G\n}\n", "/var/log/api.log")
    assert (seen.by, seen.covers) == (Keeper.LOGROTATE, True)
    assert seen.settings == {"interval": "daily", "rotate": "14", "maxsize": "1G"}
    assert not by_logrotate("weekly\nrotate 4\n", "/var/log/api.log").covers


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("[Journal]\n", {}),
        ("# /etc/systemd/journald.conf\n[Journal]\n#SystemMaxUse=\n", {}),
        (
            "[Journal]\nSystemMaxUse=1G\n\n# b.conf\n[Journal]\nSystemMaxUse=2G\nMaxRetentionSec=1month\n",
            {"systemmaxuse": "2G", "maxretentionsec": "1month"},
        ),
        ("[Journal]\nMaxRetentionSec=0\nSeal=yes\n", {"maxretentionsec": "0"}),
        ("[Journal]\nStorage=none\n", {"storage": "none"}),
    ],
)
def test_journald(text: str, settings: dict[str, str]) -> None:
    seen = by_journald(text)
    assert (seen.by, seen.settings) == (Keeper.JOURNALD, settings)


def inspected(driver: str, options: str = "{}") -> str:
    return f'[{{"HostConfig": {{"LogConfig": {{"Type": "{driver}", "Config": {options}}}}}}}]'


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (
            inspected("json-file", '{"max-size": "10m", "max-file": "3", "labels": "x"}'),
            {"driver": "json-file", "max-size": "10m", "max-file": "3"},
        ),
        (inspected("json-file"), {"driver": "json-file"}),
        (inspected("local", "null"), {"driver": "local"}),
        (inspected("none"), {"driver": "none"}),
    ],
)
def test_docker(text: str, settings: dict[str, str]) -> None:
    seen = by_docker(text)
    assert (seen.by, seen.settings) == (Keeper.DOCKER, settings)


LIMITS = "limits_config:\n  retention_period: 744h\n"


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (
            LIMITS + "compactor:\n  retention_enabled: True\n",
            {"retention_enabled": "true", "retention_period": "744h"},
        ),
        (LIMITS + "compactor: {}\n", {"retention_period": "744h"}),
        ("compactor: {retention_enabled: true}\n", {"retention_enabled": "true"}),
        ("", {}),
    ],
)
def test_loki(text: str, settings: dict[str, str]) -> None:
    seen = by_loki(text, "loki.yaml")
    assert (seen.by, seen.settings) == (Keeper.LOKI, settings)


def test_what_is_something_else_is_a_gap() -> None:
    with pytest.raises(Unavailable, match=r"no \[Journal\]"):
        by_journald("hello\n")
    for text in ("", "[]", "{}", '[{"HostConfig": 1}]', "[" * 100_000):
        with pytest.raises(Unavailable, match="not what docker inspect says"):
            by_docker(text)
    with pytest.raises(Unavailable, match="hands the logs on to awslogs"):
        by_docker(inspected("awslogs"))
    with pytest.raises(Unavailable, match="not YAML"):
        by_loki("a: [", "loki.yaml")
