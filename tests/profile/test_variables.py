from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from golive.profile import ProfileDocument, read

if TYPE_CHECKING:
    from desk import Desk

CANARY = "canary-7f3a9c"


def test_variables_come_from_the_environment_then_dotenv(desk: Desk) -> None:
    desk.write(".env", "A=from-file\nB='quoted value'  # note\nexport C=3\nEMPTY=\n")
    desk.write("later.env", "C=4\n")
    desk.environ |= {"A": "from-environment"}
    desk.profile(
        """\
        environment: x
        description: "${A} ${B} ${C} ${EMPTY:-default} $${A} $A"
        variables: {dotenv: [../.env, ../later.env]}
        """
    )
    profile = desk.load()
    assert profile.data.description == "from-environment quoted value 4 default ${A} $A"
    assert profile.sources[("description",)] == (
        "${A} from the environment, ${B} from .env:2, ${C} from later.env:1, ${EMPTY} from its default"
    )


def test_a_filled_in_text_takes_the_fields_type_and_never_another(desk: Desk) -> None:
    desk.environ |= {"PORT": "8443", "STRICT": "true", "VERSION": "1.10"}
    desk.profile(
        """\
        environment: x
        strict: ${STRICT}
        ratio: ${RATIO:-0.25}
        release: {version: "${VERSION}"}
        hosts: {api: {name: a, port: "${PORT}"}}
        """
    )
    data = desk.load().data
    assert (data.strict, data.ratio, data.hosts["api"].port) == (True, 0.25, 8443)
    assert data.release
    assert data.release.version == "1.10"


BAD = [
    ("${PROT}", "the variable ${PROT} is not set (did you mean 'PORT'?)"),
    ("${EMPTY}", "the variable ${EMPTY} is empty; where that is meant, write ${EMPTY:-}"),
    ("${}", "'${}' is no variable; write ${NAME}, ${NAME:-default}, or $${ for a plain ${"),
    ("${1A}", "'${1A}' is no variable"),
    ("${A", "'${A' is no variable"),
    ("${A-b}", "'${A-b}' is no variable"),
    ("${A:?no}", "'${A:?no}' is no variable"),
    ("${A:-${PORT}}", "'${A:-${PORT}' is no variable"),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_a_bad_variable_is_told_at_its_value(desk: Desk, text: str, told: str) -> None:
    desk.environ |= {"PORT": "1", "EMPTY": ""}
    desk.profile(f"environment: x\ndescription: '{text}'\n")
    [line] = desk.problems()
    assert line.startswith(f"profiles/p.yaml:2:14: {told}")


def test_every_missing_variable_is_told_beside_the_other_slips(desk: Desk) -> None:
    desk.profile("environment: ${A}\nratio: ${B}\nhosts: {api: {name: '${C}', role: ap}}\n")
    assert [line.partition(": ")[2][:40] for line in desk.problems()] == [
        "the variable ${A} is not set",
        "the variable ${B} is not set",
        "the variable ${C} is not set",
        "hosts.api.role is 'ap'; expected: one of",
    ]


def test_a_variable_in_the_wrong_place_is_not_quoted(desk: Desk) -> None:
    desk.environ |= {"PORT": f"postgres://u:{CANARY}@db"}
    desk.profile("environment: x\nhosts: {api: {name: a, port: '${PORT}', role: '${PORT}'}}\n")
    lines = desk.problems()
    assert lines[0] == (
        "profiles/p.yaml:2:30: hosts.api.port is what ${PORT} from the environment gave (29 characters); "
        "expected: a whole number"
    )
    assert "expected: one of api, app and shop" in lines[1]
    assert CANARY not in "".join(lines)


@pytest.mark.parametrize("key", ["production: '${X}'", "confirm: '${X}'", "allow: ['${X}']", "allow: '${X}'"])
def test_what_golive_may_do_is_written_out(desk: Desk, key: str) -> None:
    desk.environ |= {"X": "active"}
    desk.profile(f"environment: active\n{key}\n")
    [line] = desk.problems()
    assert line.endswith("no variable is taken here: what golive may do is written out in the profile")


DOTENV = [
    ("A='unclosed\n", "/.env:1: not a NAME=value line"),
    ("A=1\nB C D\n", "/.env:2: not a NAME=value line"),
    (b"A=\xff\n", "/.env:1:3: not UTF-8 text; save the file as UTF-8"),
    (b"A=\0\n", "/.env:1:3: a control character (U+0000)"),
    (None, "No such file or directory"),
]


@pytest.mark.parametrize(("content", "told"), DOTENV)
def test_a_bad_dotenv_file_is_told(desk: Desk, content: str | bytes | None, told: str) -> None:
    if content is not None:
        desk.write(".env", content)
    desk.profile("environment: ${A}\nvariables: {dotenv: [../.env]}\n")
    [line] = desk.problems()
    assert told in line


def test_a_dotenv_file_is_only_read_where_it_is_needed(desk: Desk) -> None:
    desk.environ |= {"A": "x"}
    desk.profile("environment: ${A}\nvariables: {dotenv: [gone.env]}\n")
    assert desk.load().data.environment == "x"


def test_where_variables_come_from_may_name_the_environment_alone(desk: Desk) -> None:
    desk.environ |= {"STAGE": "blue"}
    desk.write("blue.env", "A=x\n")
    desk.profile("environment: ${A}\nvariables: {dotenv: ['../${STAGE}.env']}\n")
    assert desk.load().data.environment == "x"
    desk.profile("environment: ${A}\nvariables: {dotenv: ['../${A}.env']}\n")
    assert len(desk.problems()) == 2


def test_bad_variables_are_told_once_with_their_place(desk: Desk) -> None:
    desk.profile(
        """\
        environment: x
        variables:
          dotnev: [a]
          secrets:
            A: {fiel: x}
            B: {file: x, region: y}
            1C: {file: x}
            D: {command: []}
            E: {command: vault read}
            F: x
        """
    )
    wanted = "a secret needs one of file:, aws_secrets_manager:, ssm:, command: to be read from"
    assert desk.problems() == [
        "profiles/p.yaml:3:3: unknown key 'dotnev' in variables (did you mean 'dotenv'?); allowed: dotenv and secrets",
        f"profiles/p.yaml:5:5: variables.secrets.A: {wanted}",
        "profiles/p.yaml:6:18: unknown key 'region' in variables.secrets.B; allowed: file",
        "profiles/p.yaml:7:5: the key '1C' in variables.secrets; expected: a text of the form ^[A-Za-z_][A-Za-z0-9_]*$",
        "profiles/p.yaml:8:9: variables.secrets.D.command is an empty list; expected: at least one entry",
        "profiles/p.yaml:9:18: variables.secrets.E.command is 'vault read'; expected: a list",
        f"profiles/p.yaml:10:8: variables.secrets.F is 'x': {wanted}",
    ]


def test_filled_in_values_are_bounded(desk: Desk) -> None:
    desk.environ |= {"BIG": "x" * 100_000}
    items = ", ".join("'${BIG}'" for _ in range(20))
    desk.profile(f"environment: x\nplugins: [{items}]\n")
    [line] = desk.problems()
    assert line.endswith("the filled-in values exceed 1,048,576 characters")


def test_a_document_names_its_plugins_before_it_is_validated(desk: Desk) -> None:
    desk.environ |= {"X": "mine"}
    desk.profile("plugins: ['${X}.py', ../shared/x.py, 5]\nunknown: 1\n")
    document = read("p", cwd=desk.folder, environ=desk.environ)
    assert isinstance(document, ProfileDocument)
    assert document.plugins == (desk.folder / "profiles/mine.py", desk.folder / "shared/x.py")
