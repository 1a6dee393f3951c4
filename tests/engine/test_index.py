"""The file that spares `golive list` the import of the sections: it says what they say, or it does not count."""

import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from golive import index


@dataclass
class Entry:
    value: str


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A copy of the file, in whose stead the test may put another."""
    copy = tmp_path / index.FILE
    copy.write_text(index.file_of("golive_checks").read_text())
    monkeypatch.setattr(index, "file_of", lambda _: copy)
    return copy


@pytest.fixture
def imported(monkeypatch):
    """What stands for the index that is made of the modules."""
    made = index.Index((), ())
    monkeypatch.setattr(index, "_from_modules", lambda: made)
    return made


def test_the_file_says_what_the_modules_say():
    assert index.from_files() == index._from_modules()


def test_listing_imports_no_section():
    code = "import sys; from golive.index import index; index(); print(sum('golive_checks' in m for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"digest": "', '"digest": "0'),
        lambda _: "[]",
        lambda _: "{",
        lambda text: json.dumps({**json.loads(text), "checks": [{"id": "a"}]}),
        lambda text: json.dumps({**json.loads(text), "modules": ["golive_checks.domains"]}),
    ],
    ids=["other sources", "no mapping", "not JSON", "another shape", "fewer sections"],
)
def test_a_file_that_does_not_hold_is_passed_over(file, imported, change):
    file.write_text(change(file.read_text()))
    assert index.index() is imported


def test_without_a_file_the_modules_are_asked(file, imported):
    file.unlink()
    assert index.index() is imported


def test_a_strangers_section_is_listed_from_its_module(file, imported, monkeypatch):
    there = index.named(index.SECTIONS)
    monkeypatch.setattr(index, "named", lambda _: {**there, "their": Entry("their_package.section")})
    assert index.index() is imported


def test_an_edited_source_counts(tmp_path, monkeypatch):
    before = index._digest("golive_checks")
    (tmp_path / "edited.py").write_text("")
    folder = index._folder
    monkeypatch.setattr(index, "_folder", lambda package: tmp_path if package == "golive_checks" else folder(package))
    assert index._digest("golive_checks") != before
    once = index._digest("golive_checks")
    (tmp_path / "edited.py").write_text("pass")
    assert index._digest("golive_checks") != once
