"""Profiles that are wrong in every way: one clear line each, exit code 2, at once."""

from __future__ import annotations

import os

import pytest

WITHOUT_ROOTS_EYES = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
    if os.getuid() == 0
    else ()
)
"""Root reads and writes everything; without these capabilities it meets file modes as everybody does."""

HEAD = "environment: toy\nplugins: [plugin.py]\n"

WRONG = {
    "not YAML": ("environment: [", "not YAML"),
    "a scalar": ("just words", "toy.yaml:1"),
    "empty": ("", "toy.yaml"),
    "bytes": (b"\x00\xff\xfe\x01", "toy.yaml"),
    "NUL": ("environment: 'a\0b'", "toy.yaml:1"),
    "a wrong type": (HEAD + "timeout: {}\n", "toy.yaml:3"),
    "a list for a word": ("environment: [1, 2]\nplugins: [plugin.py]\n", "toy.yaml:1"),
    "hosts as a list": (HEAD + "hosts: [api.demo.test]\n", "toy.yaml:3"),
    "an unknown section": (HEAD + "domainz: {}\n", "did you mean 'domains'"),
    "an unknown key in a section": (HEAD + "domains: { certifcate: {} }\n", "did you mean 'certificate'"),
    "a missing variable": (HEAD + "hosts: { api: { name: '${NOT_SET_ANYWHERE}', role: api } }\n", "NOT_SET_ANYWHERE"),
    "a key twice": (HEAD + "environment: other\n", "toy.yaml:3"),
    "a tag": ("environment: !!python/object/apply:os.system ['true']\n", "toy.yaml:1"),
    "aliases that explode": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{n}: &{n} [{','.join(['*' + p] * 10)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)),
        "toy.yaml",
    ),
    "deep nesting": ("environment: " + "[" * 100_000, "toy.yaml:1"),
    "a secret file that is not there": (
        HEAD + "variables: { secrets: { KEY: { file: no/such } } }\nstripe: { webhook_secret: '${KEY}' }\n",
        "no/such",
    ),
    "a secret command that fails": (
        HEAD + "variables: { secrets: { KEY: { command: ['false'] } } }\nstripe: { webhook_secret: '${KEY}' }\n",
        "exit code 1",
    ),
    "a secret command that is not there": (
        HEAD + "variables: { secrets: { KEY: { command: [no-such] } } }\nstripe: { webhook_secret: '${KEY}' }\n",
        "no-such",
    ),
    "extends nothing": (HEAD + "extends: nowhere\n", "nowhere"),
    "extends itself": (HEAD + "extends: toy\n", "toy"),
    "a lab that is not there": (HEAD + "lab: moon\n", "demo"),
}


@pytest.mark.parametrize(
    ("command", "wrong"),
    [("check", w) for w in WRONG]
    + [(c, w) for c in ("plan", "profile show") for w in ("not YAML", "a wrong type", "extends itself")],
)
def test_a_wrong_profile_is_one_clear_line(place, wrong, command):
    text, told = WRONG[wrong]
    place.profile(text)
    assert told in place.refused(*command.split(), "toy")


def test_all_that_is_wrong_is_told_at_once(place):
    place.profile(HEAD + "domainz: {}\ntimeout: soon\nallow: [everything]\n")
    told = place.refused("check", "toy", lines=3)
    assert [line.split(":")[2] for line in told.splitlines()] == ["3", "4", "5"]


def test_a_huge_profile_is_refused_without_reading_it_all(place):
    with place.profile("").open("wb") as file:
        file.truncate(20 * 1024**3)
    place.refused("check", "toy")


def test_no_profile(place):
    assert "there are demo and toy" in place.refused("check", "no-such")
    assert "did you mean 'toy'" in place.refused("check", "toyy")


def test_a_profile_that_is_a_folder(place):
    (place.folder / "profiles" / "dir.yaml").mkdir()
    place.refused("check", "dir")


def test_a_profile_that_never_ends(place):
    (place.folder / "profiles" / "zero.yaml").symlink_to("/dev/zero")
    place.refused("check", "zero")


def test_a_pipe_that_nobody_writes_to(place):
    os.mkfifo(place.folder / "profiles" / "pipe.yaml")
    place.refused("check", "pipe")


def test_two_profiles_of_one_name(place):
    place.write("profiles/toy.yml", "environment: toy\n")
    told = place.refused("check", "toy")
    assert "toy.yaml" in told
    assert "toy.yml" in told


@pytest.mark.parametrize("name", ["", "\x1b[31mred", "../../../etc/passwd", "a" * 5000, "/dev/null", "-"])
def test_odd_names(place, name):
    place.refused("check", name)


def test_a_profile_that_may_not_be_read(place):
    (place.folder / "profiles" / "toy.yaml").chmod(0)
    assert "Permission denied" in place.refused("check", "toy", behind=WITHOUT_ROOTS_EYES)


def test_a_folder_that_may_not_be_searched(place):
    folder = place.folder / "profiles"
    folder.chmod(0)
    try:
        place.refused("check", "toy", behind=WITHOUT_ROOTS_EYES)
    finally:
        folder.chmod(0o700)


def test_a_secret_that_may_not_be_read(place):
    place.write("profiles/key", "k").chmod(0)
    place.profile(HEAD + "variables: { secrets: { KEY: { file: key } } }\nstripe: { webhook_secret: '${KEY}' }\n")
    assert "Permission denied" in place.refused("check", "toy", behind=WITHOUT_ROOTS_EYES)


def test_a_folder_where_no_report_may_be_written(place):
    place.folder.chmod(0o555)
    try:
        told = place.refused("check", "toy", "--only", "toy", "-o", "markdown:r.md", behind=WITHOUT_ROOTS_EYES)
    finally:
        place.folder.chmod(0o700)
    assert "this user may not write" in told


# --- plugins ----------------------------------------------------------------------------------------------------------

BROKEN = {
    "a syntax error": ("def (", "SyntaxError"),
    "raising": ("raise ValueError('no luck')", "ValueError: no luck"),
    "leaving": ("import sys; sys.exit(0)", "SystemExit"),
    "no section": ("x = 1", "it has no `section"),
    "an import that is not there": ("import no_such_module", "ModuleNotFoundError"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_plugin_is_a_red_finding(place, broken):
    text, told = BROKEN[broken]
    place.write("profiles/plugin.py", text)
    done = place.golive("check", "toy", "--only", "attestations")
    assert done.code == 1, done
    assert told in " ".join(done.out.split())
    assert "plugin.loads" in done.out


def test_a_plugin_that_is_not_there_is_red(place):
    place.profile("environment: toy\nplugins: [gone.py]\n")
    done = place.golive("check", "toy", "--only", "attestations")
    assert done.code in {1, 2}
    assert "gone.py" in done.out + done.err


UNDECLARABLE = {
    "two checks of one id": (
        "@check('toy.always')\ndef again(env: Environment) -> Verdict:\n    '''Again.'''\n    return passed('x')\n",
        "toy.always",
    ),
    "a fact that no probe brings": (
        (
            "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Lost(Fact):\n    x: int\n"
            "@check('toy.lost')\ndef lost(env: Environment, fact: Lost) -> Verdict:\n"
            "    '''Lost.'''\n    return passed('x')\n"
        ),
        "Lost",
    ),
    "a parameter without a type": (
        "@check('toy.bare')\ndef bare(env) -> Verdict:\n    '''Bare.'''\n    return passed('x')\n",
        "bare",
    ),
    "a section's id that is taken": ("section = Section('domains', title='Mine')\n", "domains"),
}


@pytest.mark.parametrize("wrong", UNDECLARABLE)
def test_a_plugin_that_declares_what_cannot_work_is_one_clear_line(place, wrong):
    more, told = UNDECLARABLE[wrong]
    file = place.folder / "profiles" / "plugin.py"
    file.write_text(file.read_text() + more)
    assert told in place.refused("check", "toy")


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--only", "tls.certificate-curent"), "tls.certificate-current"),
        (("--only", "nothing.*"), "nothing.*"),
        (("--skip", "*"), "no check is left"),
        (("--only", "toy", "--skip", "toy.*"), "no check is left"),
        (("--baseline", "no.json"), "no.json"),
        (("--fault", "tls.expired"), "--fault"),
        (("-o", "pdf:x.pdf"), "pdf"),
        (("-o", "markdown:no/such/folder/x.md"), "no folder"),
        (("-o", "json:-", "-o", "junit:-"), "standard output"),
    ],
)
def test_what_is_asked_and_cannot_be(place, arguments, told):
    assert told in place.refused("check", "toy", *arguments)


@pytest.mark.parametrize(
    "arguments", [("--timeout", "soon"), ("--phase", "during"), ("--no-such",), ("--timeout", "0")]
)
def test_bad_options_are_explained_without_a_traceback(place, arguments):
    done = place.golive("check", "toy", *arguments)
    assert done.code == 2
    assert arguments[0] in done.err


def test_an_unknown_check_to_explain(place):
    assert "tls.certificate-current" in place.refused("explain", "tls.certificate-curent")


def test_an_unknown_fault(place):
    assert "tls.expired" in place.refused("check", "demo", "--fault", "tls.expird")


def test_a_folder_that_is_gone_is_one_clear_line(place):
    gone = place.folder / "gone"
    gone.mkdir()
    done = place.golive("check", "toy", behind=("sh", "-c", f'cd {gone} && rmdir {gone} && exec "$@"', "sh"))
    assert (done.code, done.out) == (2, "")
    assert done.err == "golive: the folder that golive was started in is gone: change to one that is there\n"
