"""Formats that another package brings by an entry point, as an installer writes it."""

from __future__ import annotations

import importlib.metadata

import pytest
import report_samples as samples

from golive import installed
from golive.report import ReportError, format_names, render
from golive.report.write import Output, parse

MODULE = """
def short(report):
    return f"{report.decision} {report.blockers[0].verdict.summary}"

def none(report):
    return None

def broken(report):
    raise RuntimeError("s3cret")
"""


@pytest.fixture(autouse=True)
def package(tmp_path, monkeypatch):
    (tmp_path / "their_formats.py").write_text(MODULE)
    info = tmp_path / "their_formats-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-formats\nVersion: 1\n")
    names = "".join(f"{name} = their_formats:{name}\n" for name in ("short", "none", "broken", "gone"))
    (info / "entry_points.txt").write_text(f"[golive.formats]\n{names}json = their_formats:none\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(installed, "_read", importlib.metadata.entry_points)


def test_it_is_asked_for_by_its_name_and_gets_no_secret():
    assert parse("short:x.txt") == Output("short", "x.txt")
    assert "short" in format_names()
    report = samples.broken()
    word = report.blockers[0].verdict.summary
    assert render("short", report) == f"NO-GO {word}"
    assert word not in render("short", report, secrets=[word])


def test_it_replaces_none_of_golive_s_own():
    assert render("json", samples.healthy()).startswith("{")


@pytest.mark.parametrize(("name", "why"), [("none", "no text"), ("broken", "RuntimeError"), ("gone", "AttributeError")])
def test_one_that_fails_is_named(name, why):
    with pytest.raises(ReportError, match=rf"{name} \(their_formats:{name}\) .*{why}") as refused:
        render(name, samples.broken())
    assert "s3cret" not in str(refused.value)
