from __future__ import annotations

import contextlib
import os
import resource
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from golive.profile import ProfileError, read, yamlfile

if TYPE_CHECKING:
    from desk import Desk

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(f'*{a}' for _ in range(9))}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture(params=["libyaml", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = yaml.SafeLoader if request.param == "pure" else yaml.CSafeLoader
    monkeypatch.setattr(yamlfile, "LOADER", loader)


BAD = [
    ("empty", b"", "p.yaml: the file is empty; a profile needs at least 'environment:'"),
    ("only a comment", b"# nothing\n", "p.yaml: the file is empty; a profile needs at least 'environment:'"),
    ("a list", b"- a\n", "p.yaml:1:1: found a list where a profile has keys, such as 'environment:'"),
    ("a text", b"hello\n", "p.yaml:1:1: found a single value where a profile has keys, such as 'environment:'"),
    ("not YAML", b"a: b: c\n", "p.yaml:1:5: not YAML: mapping values are not allowed"),
    ("a tab", b"a:\n\tb: 1\n", "p.yaml:2:1: not YAML: found character"),
    ("unclosed", b"a: [1, 2\n", "p.yaml:2:1: not YAML: "),
    ("unclosed quote", b'a: "b\n', "p.yaml:2:1: not YAML: found unexpected end of stream"),
    ("NUL", b"a: x\nb: \0y\n", "p.yaml:2:4: a control character (U+0000), which YAML does not allow"),
    ("ESC", b"a: \x1b[31mred\n", "p.yaml:1:4: a control character (U+001B), which YAML does not allow"),
    ("Latin-1", b"a: 1\nb: caf\xe9\n", "p.yaml:2:7: not UTF-8 text; save the file as UTF-8"),
    ("UTF-16", "a: 1\n".encode("utf-16"), "p.yaml:1:1: not UTF-8 text; save the file as UTF-8"),
    ("a Python tag", b"a: !!python/object/apply:os.system [id]\n", "p.yaml:1:4: the tag 'tag:yaml.org,2002:python"),
    ("a tag of one's own", b"a: !vault x\n", "p.yaml:1:4: the tag '!vault' is not taken; a profile holds plain values"),
    ("binary", b"a: !!binary aGk=\n", "p.yaml:1:4: the tag 'tag:yaml.org,2002:binary' is not taken"),
    ("a set", b"a: !!set {x, y}\n", "p.yaml:1:4: the tag 'tag:yaml.org,2002:set' is not taken"),
    ("two documents", b"a: 1\n---\nb: 2\n", "p.yaml:2:1: a second document ('---'); a profile is one document"),
    ("unknown alias", b"a: *b\n", "p.yaml:1:4: the alias '*b' names no anchor above it"),
    ("alias in itself", b"a: &a [*a]\n", "p.yaml:1:8: the alias '*a' is inside what it names"),
    ("a list as key", b"? [a, b]\n: c\n", "p.yaml:1:3: a list or mapping as a key; keys are words"),
    ("an alias as key", b"a: &a x\n*a : y\n", "p.yaml:2:1: an alias as a key; keys are words"),
    ("deep lists", b"a: " + b"[" * 100_000, "nested deeper than 40 levels"),  # where, libyaml decides
    ("deep mappings", b"a: " + b"{b: " * 100_000, "p.yaml:1:160: nested deeper than 40 levels"),
    ("billion laughs", LAUGHS.encode(), "more than 50,000 values, aliases (*name) expanded"),
    ("a long text multiplied", b"a: &a " + b"x" * 500_000 + b"\nb: [" + b"*a, " * 20 + b"]", "more than 50,000 values"),
    ("very many values", b"a: [" + b"1," * 60_000 + b"]", "more than 50,000 values, aliases (*name) expanded"),
    ("too large", b"#" * (1024 * 1024 + 1), "is larger than 1 MiB"),
    ("an unquoted variable in braces", b"a: {b: ${X}}\n", 'inside { } and [ ] put a ${...} in quotes: "${NAME}"'),
]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("text", "told"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_ends_in_one_clear_line_soon(desk: Desk, text: bytes, told: str) -> None:
    desk.profile(text)
    start = time.process_time()
    [line] = desk.problems()
    assert told in line
    assert "\n" not in line
    assert len(line) < 300
    assert time.process_time() - start < 5


def test_a_sparse_file_of_100_mb_is_refused_unread(desk: Desk) -> None:
    path = desk.profile(b"")
    os.truncate(path, 100 * 1024 * 1024)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [line] = desk.problems()
    assert line.endswith("is larger than 1 MiB")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_the_laughs_stay_small(desk: Desk) -> None:
    desk.profile("environment: x\n" + LAUGHS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    desk.problems()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_folder_a_pipe_and_a_device_are_refused_unopened(desk: Desk) -> None:
    (desk.folder / "dir.yaml").mkdir()
    os.mkfifo(desk.folder / "pipe.yaml")
    assert desk.problems("dir.yaml")[0].endswith("dir.yaml' is a folder, not a file")
    assert desk.problems("pipe.yaml")[0].endswith("pipe.yaml' is not a regular file")
    assert desk.problems("/dev/zero")[0] == "/dev/zero: '/dev/zero' is not a regular file"


def test_an_unreadable_and_a_missing_file_are_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.profile("environment: x\n")
    assert "No such file or directory" in desk.problems("gone.yaml")[0]
    if os.geteuid() == 0:  # root reads everything: let the system refuse as it would anyone else

        def refuse(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
    path.chmod(0)
    assert "Permission denied" in desk.problems()[0]


@pytest.mark.usefixtures("parser")
def test_values_are_read_as_yaml_1_2_means_them(desk: Desk) -> None:
    desk.profile(
        """\
        a: [no, yes, on, off, 2026-12-31, 12:30:45, 1_000, 010, 0x1F,
            0o17, -3, 1.5, 1e3, .5, ~, null, true, "true", '5']
        b: |
          5
        c: !!str 5
        d:
        g: 1e999
        e: 0123456789012345678901234567890123456789
        f: .inf
        """
    )
    root = read("p", cwd=desk.folder, environ={}).root
    values = [getattr(node, "value", None) for node in root.entries["a"].items]  # type: ignore[union-attr]  # a list
    assert values == [
        *("no", "yes", "on", "off", "2026-12-31", "12:30:45", "1_000", 10, 31, 15, -3, 1.5, 1000.0, 0.5),
        *(None, None, True, "true", "5"),
    ]
    rest = [getattr(root.entries[key], "value", "?") for key in "bcdefg"]
    assert rest == ["5\n", "5", None, "0123456789012345678901234567890123456789", ".inf", "1e999"]


@pytest.mark.parametrize("text", [b"\xef\xbb\xbfenvironment: x\n", b"environment: x\r\nstrict: true\r\n"])
def test_a_byte_order_mark_and_crlf_are_fine(desk: Desk, text: bytes) -> None:
    desk.profile(text)
    profile = desk.load()
    assert profile.data.environment == "x"
    assert str(profile.location_of(("environment",))) == "profiles/p.yaml:1:1"


@pytest.mark.usefixtures("parser")
def test_duplicate_keys_are_all_told_with_everything_else(desk: Desk) -> None:
    desk.profile(
        """\
        environment: x
        environment: y
        hosts:
          api: {name: a, name: b}
          api: {name: c}
        <<: {a: b}
        ${X}: 1
        prot: 3
        """
    )
    lines = desk.problems()
    assert [line.split(": ", 1)[0] for line in lines] == [
        *("profiles/p.yaml:2:1", "profiles/p.yaml:4:18", "profiles/p.yaml:5:3", "profiles/p.yaml:6:1"),
        *("profiles/p.yaml:7:1", "profiles/p.yaml:7:1", "profiles/p.yaml:8:1"),
    ]
    assert lines[0].endswith("the key 'environment' is here a second time; the first is on line 1")
    assert "merge key" in lines[3]
    assert "a key cannot hold a variable" in lines[4]


def test_an_alias_stands_for_the_same_value(desk: Desk) -> None:
    desk.profile(
        """\
        environment: x
        hosts:
          api: &one {name: a, port: 1}
          app: *one
        """
    )
    assert desk.load().data.hosts["app"].port == 1


def test_a_file_full_of_slips_stops_at_a_hundred(desk: Desk) -> None:
    desk.profile("a: 1\n" * 5000)
    assert len(desk.problems()) == yamlfile.MAX_PROBLEMS


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=60), st.text(alphabet="ab:-[]{}&*!#|>'\"%@`,?\n \t$<\0é", max_size=60)))
def test_no_bytes_make_it_fail_otherwise(desk: Desk, raw: bytes | str) -> None:
    desk.profile(raw if isinstance(raw, bytes) else raw.encode())
    with contextlib.suppress(ProfileError):
        desk.load()
