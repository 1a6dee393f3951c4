"""The file that spares `golive list` the import of the sections: it says what they say, or it does not count."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from golive import index, plugins
from golive.engine.resolve import resolve
from golive.model import CheckInfo, Finding, failed

IMPORTED = "import sys; from golive.index import index; index(); print(sum('golive_checks' in m for m in sys.modules))"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, in place of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder that a process has made which had imported no section."""
    folder = tmp_path_factory.mktemp("made")
    listed({"XDG_CACHE_HOME": str(folder)})
    return folder


@pytest.fixture
def kept(cache, made):
    """The file in it, for the sections as they are installed here."""
    shutil.copytree(made, cache, dirs_exist_ok=True)
    (file,) = (cache / "golive").iterdir()
    return file


@pytest.fixture
def nothing_imported(monkeypatch):
    """A process that has imported no section, which pytest's has."""
    monkeypatch.setattr(index, "_imported", lambda _: False)


@pytest.fixture
def from_modules(monkeypatch):
    """What stands for the index that is made of the modules."""
    made = index.Index((), ())
    monkeypatch.setattr(index, "_from_modules", lambda: made)
    return made


def listed(environ=None):
    """Return how many modules of golive_checks a process imports that wants the index."""
    environ = {**os.environ, **(environ or {})}
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True, env=environ)
    return int(done.stdout)


def test_the_kept_one_says_what_the_modules_say(kept, monkeypatch):
    monkeypatch.delattr(index, "_from_modules")
    assert index.index() == index.of(resolve(plugins.load().modules))


def test_the_second_listing_imports_no_section(cache):
    assert [listed() > 0, listed()] == [True, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"digest": "', '"digest": "0'),
        lambda _: "[]",
        lambda _: "{",
        lambda _: "\udcff",
        lambda text: text[: len(text) // 2],
        lambda text: json.dumps({**json.loads(text), "checks": [{"id": "a"}]}),
        lambda text: json.dumps({**json.loads(text), "modules": ["golive_checks.domains"]}),
    ],
    ids=["other sources", "no mapping", "not JSON", "not UTF-8", "cut off", "another shape", "fewer sections"],
)
def test_one_that_does_not_hold_is_made_anew(kept, change, nothing_imported):
    before = kept.read_text()
    kept.write_text(change(before), errors="surrogateescape")
    assert index.index() == index.of(resolve(plugins.load().modules))
    assert kept.read_text() == before


def test_the_one_a_package_ships_counts(kept, tmp_path, monkeypatch, from_modules):
    shipped = kept.rename(tmp_path / "shipped.json")
    monkeypatch.setattr(index, "_shipped", lambda _: shipped)
    assert index.index() is not from_modules


def test_an_edit_counts(kept, monkeypatch, from_modules):
    monkeypatch.setattr(index, "digest_of", lambda _: "other")
    assert index.index() is from_modules


def test_an_edit_while_the_modules_are_imported_is_not_kept(cache, monkeypatch, from_modules, nothing_imported):
    digests = iter(["before", "after"])
    monkeypatch.setattr(index, "digest_of", lambda _: next(digests))
    assert index.index() is from_modules
    assert not list(cache.iterdir())


def test_what_modules_say_that_were_imported_earlier_is_not_kept(cache):
    plugins.load()  # of sources that may be others by now
    assert index.index().checks
    assert not list(cache.iterdir())


def test_a_section_that_does_not_load_is_not_kept(cache, monkeypatch, nothing_imported):
    broken = Finding(CheckInfo("a.b", "a", "It loads"), "plugin", "a", failed("it does not"))
    made = index.Index((), (), (broken,))
    monkeypatch.setattr(index, "_from_modules", lambda: made)
    assert index.index() is made
    assert not list(cache.iterdir())


def test_a_strangers_section_is_listed_from_its_module(cache, from_modules, monkeypatch):
    there = index.named(index.SECTIONS)
    monkeypatch.setattr(index, "named", lambda _: {**there, "their": Entry("their_package.section")})
    assert index.index() is from_modules


class Entry:
    """What is installed of a stranger."""

    def __init__(self, value):
        self.value = value


def test_a_package_without_files_is_asked(cache, from_modules, monkeypatch):
    monkeypatch.setattr(index, "named", lambda _: {"their": Entry("no_such_package.section")})
    assert index.index() is from_modules


@pytest.mark.parametrize("place", ["a file", "a folder in its place", "no home", "read-only"])
def test_where_nothing_can_be_kept_the_modules_are_asked(cache, from_modules, monkeypatch, place):
    if place == "a file":
        monkeypatch.setenv("XDG_CACHE_HOME", __file__)
    elif place == "a folder in its place":
        (index._cached("golive_checks") / "x").mkdir(parents=True)
    elif place == "read-only":
        monkeypatch.setattr(tempfile, "mkstemp", not_permitted)  # root may write anywhere
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        monkeypatch.setattr(Path, "home", no_home)
    assert index.index() is from_modules
    assert index.index() is from_modules
    assert not [file for file in cache.rglob("*") if file.is_file()]


def no_home():
    raise RuntimeError("Could not determine home directory.")


def not_permitted(**_):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    ("platform", "folder"), [("linux", ".cache/golive"), ("darwin", "Library/Caches/golive")], ids=["Linux", "macOS"]
)
def test_it_lies_in_the_users_cache_folder(tmp_path, monkeypatch, platform, folder):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert index._cached("golive_checks").parent == tmp_path / folder


def test_only_the_user_may_read_or_write_it(kept):
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_an_edited_source_has_another_digest(tmp_path, monkeypatch):
    before = index.digest_of("golive_checks")
    (tmp_path / "edited.py").write_text("")
    folder = index._folder
    monkeypatch.setattr(index, "_folder", lambda package: tmp_path if package == "golive_checks" else folder(package))
    once = index.digest_of("golive_checks")
    (tmp_path / "edited.py").write_text("pass")
    assert len({before, once, index.digest_of("golive_checks")}) == 3
