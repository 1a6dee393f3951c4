from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest
from clocks import not_waiting

from golive.profile import read, secrets
from golive.profile.show import show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desk import Desk

CANARY = "canary-7f3a9c"


def profile_with(desk: Desk, source: str, value: str = "'Bearer ${TOKEN}'") -> None:
    """Write a profile whose only secret comes from `source`."""
    desk.profile(
        f"environment: x\nvariables: {{secrets: {{TOKEN: {source}}}}}\nhosts: {{api: {{name: a, login: {value}}}}}\n"
    )


def login(desk: Desk) -> str:
    """Return the login that the profile comes to, having seen that nothing shows it."""
    profile = desk.load()
    document = read("p", cwd=desk.folder, environ=desk.environ)
    shown = "".join(
        [
            repr(document),
            repr(document.root),
            repr(profile),
            str(profile.data),
            show(profile),
            show_json(profile),
            json.dumps(profile.masked),
        ],
    )
    found = profile.data.hosts["api"].login
    assert found
    value = found.get_secret_value()
    assert value not in shown
    assert CANARY not in shown
    assert profile.secrets[0] == value
    return value


def test_a_file(desk: Desk) -> None:
    desk.write("profiles/token", f"{CANARY}\n")
    profile_with(desk, "{file: token}")
    assert login(desk) == f"Bearer {CANARY}"


def test_a_command_runs_without_a_shell_in_the_profiles_folder(desk: Desk) -> None:
    desk.write("profiles/token", CANARY)
    profile_with(desk, "{command: [cat, token]}")
    assert login(desk) == f"Bearer {CANARY}"
    profile_with(desk, "{command: [echo, '$HOME; `id`']}")
    assert login(desk) == "Bearer $HOME; `id`"


def test_a_command_is_run_once_and_only_where_used(desk: Desk) -> None:
    desk.profile(
        f"""\
        environment: x
        variables:
          secrets:
            TOKEN: {{command: [sh, -c, "echo run >> log; echo {CANARY}"]}}
            SAME: {{command: [sh, -c, "echo run >> log; echo {CANARY}"]}}
            UNUSED: {{command: [sh, -c, "echo never >> log"]}}
        hosts:
          api: {{name: a, login: "${{TOKEN}}", headers: {{X: "${{TOKEN}}", Y: "${{SAME}}"}}}}
        """
    )
    desk.load()
    assert (desk.folder / "profiles/log").read_text() == "run\n"


def test_without_fetching_no_source_is_asked(desk: Desk) -> None:
    profile_with(desk, "{command: [sh, -c, 'echo run >> log']}")
    profile = desk.load(fetch=False)
    assert profile.data.hosts["api"].login
    assert profile.secrets == ("Bearer **********",)
    assert not (desk.folder / "profiles/log").exists()


def test_a_secret_set_in_the_environment_is_still_a_secret(desk: Desk) -> None:
    desk.environ |= {"TOKEN": CANARY}
    profile_with(desk, "{file: gone}")
    assert login(desk) == f"Bearer {CANARY}"
    desk.profile(
        "environment: x\nvariables: {secrets: {TOKEN: {file: gone}}}\nhosts: {api: {name: '${TOKEN}'}}\n",
    )
    assert "would show a secret" in desk.problems()[0]


def test_a_secret_stands_only_in_fields_for_secrets(desk: Desk) -> None:
    desk.write("profiles/token", CANARY)
    desk.profile(
        """\
        environment: "${TOKEN}"
        variables: {secrets: {TOKEN: {file: token}}}
        description: "see ${TOKEN}"
        ratio: ${TOKEN}
        plugins: ["${TOKEN}"]
        owners: {tls: "${TOKEN}"}
        hosts:
          api: {name: "${TOKEN}", role: "${TOKEN}", port: "${TOKEN}", files: ["${TOKEN}"], headers: {X: "${TOKEN}"}}
        waivers: [{check: "${TOKEN}", reason: r, approver: a, expires: "${TOKEN}"}]
        """
    )
    lines = desk.problems()
    assert len(lines) == 11
    assert all("would show a secret (${TOKEN} from file '" in line for line in lines)
    assert lines[0].endswith("only fields for secrets may hold one")
    assert CANARY not in "".join(lines)


FAILING = [
    ("{file: gone}", "No such file or directory"),
    ("{file: .}", "is a folder, not a file"),
    ("{file: /dev/zero}", "is not a regular file"),
    ("{file: empty}", "gave nothing"),
    ("{file: big}", "is larger than 64 KiB"),
    ("{file: bytes}", "is not UTF-8 text"),
    ("{file: nul}", "holds a NUL character, which no text secret does"),
    ("{command: [golive-no-such-program]}", "cannot be started: No such file or directory"),
    ("{command: [./big]}", "cannot be started: Permission denied"),
    (f"{{command: [sh, -c, 'echo {CANARY}; echo {CANARY} >&2; exit 3']}}", "ended with exit code 3; what it wrote is"),
    ("{command: ['true']}", "gave nothing"),
    ("{command: [yes]}", "is larger than 64 KiB"),
    ("{command: [sleep, '240']}", "took longer than 500 ms"),
    ("{command: [sh, -c, 'sleep 240 & sleep 240']}", "took longer than 500 ms"),
    ("{command: [sh, -c, 'sleep 240 & echo x']}", "took longer than 500 ms"),
]


@pytest.mark.parametrize(("source", "told"), FAILING)
def test_a_failing_source_ends_in_a_clear_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, source: str, told: str
) -> None:
    monkeypatch.setattr(secrets, "COMMAND_S", 0.5)
    desk.write("profiles/empty", "\n")
    desk.write("profiles/big", CANARY * 10_000)
    desk.write("profiles/bytes", CANARY.encode() + b"\xff")
    desk.write("profiles/nul", f"{CANARY}\0")
    profile_with(desk, source)
    with not_waiting():
        [line] = desk.problems()
    assert line.startswith("profiles/p.yaml:3:31: the secret ${TOKEN} could not be read: ")
    assert told in line
    assert CANARY not in line.replace(f"echo {CANARY}", "")


def test_a_hung_command_is_ended_with_its_children(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "COMMAND_S", 0.3)
    profile_with(desk, "{command: [sh, -c, '(sleep 1; touch survived) & wait']}")
    desk.problems()
    time.sleep(1.2)
    assert not (desk.folder / "profiles/survived").exists()


def test_a_literal_in_a_secret_field_is_masked_too(desk: Desk) -> None:
    desk.profile(f"environment: x\nhosts: {{api: {{name: a, login: {CANARY}}}}}\n")
    assert login(desk) == CANARY


def test_a_wrong_value_in_a_secret_field_is_not_quoted(desk: Desk) -> None:
    desk.profile("environment: x\nhosts: {api: {name: a, login: 8675309, headers: [8675309], rol: hunter2}}\n")
    lines = desk.problems()
    assert lines[0] == 'profiles/p.yaml:2:31: hosts.api.login is a number; expected: a text; put it in quotes ("...")'
    assert "8675309" not in "".join(lines)
    assert "hunter2" not in "".join(lines)


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """Run moto's server: AWS's API, over HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{url}/moto-api/", timeout=1).close()  # noqa: S310 - our own loopback server
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def account(aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Fill the account with secrets and forget the developer's own."""
    import boto3  # noqa: PLC0415 - slow, and needed here alone

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    urllib.request.urlopen(  # noqa: S310 - our own loopback server
        urllib.request.Request(f"{aws}/moto-api/reset", method="POST"),  # noqa: S310 - likewise
        timeout=5,
    ).close()
    manager = boto3.client("secretsmanager", region_name="eu-west-3", endpoint_url=aws)
    manager.create_secret(Name="app/plain", SecretString=CANARY)
    manager.create_secret(Name="app/json", SecretString=json.dumps({"password": CANARY, "port": 5432}))
    manager.create_secret(Name="app/bytes", SecretBinary=CANARY.encode())
    boto3.client("ssm", region_name="eu-west-3", endpoint_url=aws).put_parameter(
        Name="/app/token", Value=CANARY, Type="SecureString"
    )
    manager.close()
    return aws


GIVEN = [
    ("aws_secrets_manager: app/plain", CANARY),
    ("aws_secrets_manager: app/json, key: password", CANARY),
    ("aws_secrets_manager: app/json, key: port", "5432"),
    ("ssm: /app/token", CANARY),
]


@pytest.mark.parametrize(("source", "value"), GIVEN)
def test_aws(desk: Desk, account: str, source: str, value: str) -> None:
    profile_with(desk, f"{{{source}, region: eu-west-3, endpoint: '{account}'}}")
    assert login(desk) == f"Bearer {value}"


REFUSED = [
    ("aws_secrets_manager: app/gone, region: eu-west-3", "AWS answered ResourceNotFoundException"),
    ("ssm: /app/gone, region: eu-west-3", "AWS answered ParameterNotFound"),
    ("aws_secrets_manager: app/bytes, region: eu-west-3", "holds bytes, not text"),
    ("aws_secrets_manager: app/plain, key: password, region: eu-west-3", "is not JSON, so it has no key 'password'"),
    ("aws_secrets_manager: app/json, key: pass, region: eu-west-3", "has no key 'pass'"),
    ("ssm: /app/token", "NoRegionError"),
]


@pytest.mark.parametrize(("source", "told"), REFUSED)
def test_aws_refusing(desk: Desk, account: str, source: str, told: str) -> None:
    profile_with(desk, f"{{{source}, endpoint: '{account}'}}")
    [line] = desk.problems()
    assert line.startswith("profiles/p.yaml:3:31: the secret ${TOKEN} could not be read: AWS ")
    assert told in line
    assert CANARY not in line


def test_aws_unreachable(desk: Desk, account: str) -> None:
    assert account
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    profile_with(desk, f"{{ssm: x, region: eu-west-3, endpoint: 'http://127.0.0.1:{port}'}}")
    [line] = desk.problems()
    assert line.endswith("AWS SSM parameter 'x': EndpointConnectionError")


def test_aws_silent(desk: Desk, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert account
    monkeypatch.setattr(secrets, "AWS_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        profile_with(desk, f"{{ssm: x, region: eu-west-3, endpoint: 'http://127.0.0.1:{port}'}}")
        [line] = desk.problems()
    assert line.endswith("AWS SSM parameter 'x' did not answer within 500 ms")


def test_two_keys_of_one_aws_secret_are_one_request(desk: Desk, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = secrets.ask_aws
    monkeypatch.setattr(secrets, "ask_aws", lambda *given: asked.append(given[2]) or ask(*given))
    source = f"aws_secrets_manager: app/json, region: eu-west-3, endpoint: '{account}'"
    desk.profile(
        f"""\
        environment: x
        variables: {{secrets: {{A: {{{source}, key: password}}, B: {{{source}, key: port}}}}}}
        hosts: {{api: {{name: a, login: "${{A}}:${{B}}"}}}}
        """
    )
    assert login(desk) == f"{CANARY}:5432"
    assert asked == ["app/json"] * 2  # `login` reads the profile twice
