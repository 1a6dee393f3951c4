"""The demo on a Mac, played here: no 127.0.0.2, 256 open files, and a python3 and a make that are old."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

PLAY = """
import errno, importlib, resource, socket

resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))  # what a shell on macOS gives

class MacSocket(socket.socket):
    def bind(self, address):
        if address[0] == "127.0.0.2":
            raise OSError(errno.EADDRNOTAVAIL, "Can't assign requested address")
        super().bind(address)

socket.socket = MacSocket

import golive_lab
from golive_lab import seaweed

if WITHOUT_S3:
    seaweed.program = lambda: None
    importlib.reload(golive_lab)

from golive import live, session
from golive_lab.stack import up, variables
from golive_lab.world import healthy

profile = golive_lab.PROFILE
with up("demo", healthy()) as stack:
    assert stack.place.addresses == ("127.0.0.1", "::1")
    loaded = session.load(str(profile), cwd=profile.parent, environ=variables(stack.place))
    report = live.check(loaded, session.Options(timeout_s=60)).report
for finding in report.findings:
    if finding.id in report.red:
        print(finding.id, finding.verdict.summary)
seen = {row.seen for row in report.checklist if row.section == "storage"} if WITHOUT_S3 else ()
second = sorted({f.subject for f in report.findings if "::1" in f.subject})
print(report.decision, *second, report.scope, *seen, sep=" | ")
"""
SECOND_LOOPBACK = "api.demo.test@::1 | app.demo.test@::1 | shop.demo.test@::1"
"""Looked at where 127.0.0.2 is none."""


@pytest.mark.parametrize(
    ("without_s3", "scope"),
    [
        pytest.param(True, "for 10 of 11 sections | this machine has no S3 server", id="Intel", marks=pytest.mark.long),
        pytest.param(False, "", id="Apple's own", marks=pytest.mark.long),
    ],
)
def test_the_demo_is_green(without_s3: bool, scope: str) -> None:  # noqa: FBT001 - parametrized
    program = PLAY.replace("WITHOUT_S3", str(without_s3))
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert ran.stdout.splitlines() == [f"GO | {SECOND_LOOPBACK} | {scope}"], ran.stderr


def test_the_file_that_looks_for_a_newer_python_is_read_by_apples() -> None:
    """Its command line tools bring Python 3.9."""
    ast.parse((PROJECT / "tools" / "environment.py").read_text(), feature_version=(3, 9))


@pytest.mark.parametrize("newer", [".ONESHELL", "!=", "$(file ", "$(let ", "$(intcmp ", "::=", "&:", "private "])
def test_the_makefile_asks_for_no_more_than_make_3_81(newer: str) -> None:
    lines = (PROJECT / "Makefile").read_text().splitlines()
    assert not [line for line in lines if newer in line and not line.startswith("#")]
