from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from golive.profile import ProfileBase, ProfileError, from_masked, validate
from golive.profile.document import read
from golive.profile.tree import MASK

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk, Model

CANARY = "canary-7f3a9c"

PROFILE = """\
environment: x
description: "port ${PORT:-1}, and $${NOT}"
variables: {secrets: {TOKEN: {command: [echo, canary-7f3a9c]}}}
plugins: [mine.py, /opt/theirs.py]
hosts:
  api: {name: a, port: "${PORT:-1}", login: "${TOKEN}", headers: {X: literal-secret}, files: [ca.pem]}
"""


def test_a_recorded_profile_is_the_same_without_its_secrets(desk: Desk, model: type[Model]) -> None:
    desk.profile(PROFILE)
    live = desk.load()
    text = json.dumps(live.masked)
    assert CANARY not in text
    assert "literal-secret" not in text
    again = from_masked(json.loads(text), model)
    host = again.data.hosts["api"]
    assert host.login
    assert host.login.get_secret_value() == MASK
    assert host.headers["X"].get_secret_value() == MASK
    assert host.files == live.data.hosts["api"].files == (str(desk.folder / "profiles/ca.pem"),)
    assert again.data.plugins == live.data.plugins
    assert again.data.description == "port 1, and ${NOT}"
    assert again.masked == live.masked
    assert (again.digest, again.name, again.path, again.base_dir) == (live.digest, "p", live.path, live.base_dir)
    assert again.location_of(("hosts", "api", "port")) == live.location_of(("hosts", "api", "port"))
    assert set(live.secrets) == {CANARY, "literal-secret"}
    assert again.secrets == ()


def test_the_digest_tells_what_was_asked_for_wherever_it_lies(desk: Desk, tmp_path: Path, model: type[Model]) -> None:
    desk.profile(PROFILE)
    here = desk.load()
    other = tmp_path / "elsewhere" / "profiles"
    other.mkdir(parents=True)
    (other / "p.yaml").write_text("# another checkout\n" + PROFILE.replace(CANARY, "another-secret"))
    there = validate(read("p", cwd=other, environ={"PATH": "/usr/bin:/bin"}), model)
    assert there.document["variables"]["secrets"]["TOKEN"]["command"] == ["echo", MASK]
    assert here.digest == there.digest
    desk.profile(PROFILE.replace("name: a", "name: b"))
    assert desk.load().digest != here.digest


def test_a_short_secret_masks_itself_and_not_half_the_profile(desk: Desk) -> None:
    desk.profile("environment: a\nhosts: {a: {name: aa, login: a}}\n")
    document = desk.load().document
    assert document["hosts"]["a"] == {"name": "aa", "login": MASK}


BROKEN: list[Any] = [{}, {"places": 5}, {"places": [[1]]}, {"name": "x"}]


@pytest.mark.parametrize("masked", BROKEN)
def test_what_is_no_record_is_told(masked: dict[str, Any], model: type[Model]) -> None:
    with pytest.raises(ProfileError, match="no golive profile is recorded there"):
        from_masked(masked, model)


def test_a_record_that_no_longer_fits_is_told_in_plain_words(desk: Desk) -> None:
    desk.profile(PROFILE)
    with pytest.raises(ProfileError) as caught:
        from_masked(desk.load().masked, ProfileBase)
    assert str(caught.value).startswith("p: unknown key 'hosts'; allowed: ")
