"""What keeps logs short, as configurations say it; logrotate's are held against logrotate itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.systems.logs.logrotate import covering
from golive_checks.systems.logs.rotation import by_docker, by_journald, by_loki
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


@pytest.mark.parametrize(
    ("text", "keeps", "lacks"),
    [
        ("[Journal]\n", "at most a tenth of the disk, and 4 GB", ""),
        ("# /etc/systemd/journald.conf\n[Journal]\n#SystemMaxUse=\n", "at most a tenth of the disk, and 4 GB", ""),
        (
            "[Journal]\nSystemMaxUse=1G\n\n# b.conf\n[Journal]\nSystemMaxUse=2G\nMaxRetentionSec=1month\n",
            "at most 2G, for 1month",
            "",
        ),
        ("[Journal]\nMaxRetentionSec=0\n", "at most a tenth of the disk, and 4 GB", ""),
        ("[Journal]\nStorage=none\n", "", "journald keeps nothing: Storage=none"),
    ],
)
def test_journald(text: str, keeps: str, lacks: str) -> None:
    seen = by_journald(text)
    assert (seen.keeps, seen.lacks) == (keeps, lacks)


def inspected(driver: str, options: str = "{}") -> str:
    return f'[{{"HostConfig": {{"LogConfig": {{"Type": "{driver}", "Config": {options}}}}}}}]'


@pytest.mark.parametrize(
    ("text", "keeps", "lacks"),
    [
        (inspected("json-file", '{"max-size": "10m", "max-file": "3"}'), "3 files of 10m", ""),
        (inspected("json-file", '{"max-size": "10m"}'), "1 files of 10m", ""),
        (inspected("json-file"), "", "no max-size"),
        (inspected("json-file", '{"max-size": "-1"}'), "", "no max-size"),
        (inspected("local"), "5 files of 20m", ""),
        (inspected("none"), "", "keeps no logs"),
    ],
)
def test_docker(text: str, keeps: str, lacks: str) -> None:
    seen = by_docker(text)
    assert (seen.keeps, lacks in seen.lacks, bool(seen.lacks)) == (keeps, True, bool(lacks))


LIMITS = "limits_config:\n  retention_period: 744h\n"


@pytest.mark.parametrize(
    ("text", "keeps", "lacks"),
    [
        (LIMITS + "compactor:\n  retention_enabled: true\n", "for 744h", ""),
        (LIMITS, "", "retention_enabled is not true"),
        (LIMITS + "compactor: {}\n", "", "retention_enabled is not true"),
        ("compactor: {retention_enabled: true}\n", "", "retention_period is not set"),
        (
            "compactor: {retention_enabled: true}\nlimits_config: {retention_period: 0s}\n",
            "",
            "retention_period is not set",
        ),
        ("", "", "retention_enabled is not true"),
    ],
)
def test_loki(text: str, keeps: str, lacks: str) -> None:
    seen = by_loki(text, "loki.yaml")
    assert (seen.keeps, lacks in seen.lacks, bool(seen.lacks)) == (keeps, True, bool(lacks))


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
