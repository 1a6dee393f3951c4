"""A release: refused under a tag that is not its version, and listed with everything that it is made of."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from golive.version import VERSION

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT / "tools"))

import release  # noqa: E402 - found by the line above


@pytest.fixture
def tagged(tmp_path, monkeypatch):
    """A repository with one commit, and what tags it."""

    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words], cwd=tmp_path, check=True)

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "x")
    monkeypatch.setattr(release, "PROJECT", tmp_path)
    return lambda tag: git("tag", tag)


@pytest.mark.parametrize("tags", [(), (f"v{VERSION}",), (f"v{VERSION}", "v0.0.1"), ("nightly",)])
def test_a_commit_without_a_tag_or_with_its_version_s_is_built(tagged, tags):
    for tag in tags:
        tagged(tag)
    release.refuse_other_tags()


def test_a_tag_that_is_another_version_is_refused(tagged):
    tagged("v99.0.0")
    with pytest.raises(SystemExit, match=rf"tagged v99\.0\.0, and version\.py says {VERSION}"):
        release.refuse_other_tags()


@pytest.mark.long
def test_the_bill_of_materials_lists_what_the_lock_does(tmp_path):
    bill = json.loads(release.bill_of_materials(tmp_path).read_text())
    listed = {(part["name"], part["version"]) for part in bill["components"]}
    locked = dict(line.split(" ")[0].split("==") for line in release.LOCK.read_text().splitlines() if "==" in line)
    assert {"boto3", "cryptography", "psycopg-binary", "kingfisher-secret-scanner"} <= {name for name, _ in listed}
    assert {(name, version) for name, version in listed if locked.get(name) != version} == set()
    assert bill["metadata"]["component"]["purl"] == f"pkg:pypi/golive@{VERSION}"
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])


@pytest.mark.long
def test_what_is_built_again_under_other_circumstances_is_the_same(tmp_path):
    release.refuse_what_differs(*release.build(tmp_path))
