"""--notify: a message to a real server on this machine, and addresses that are never shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import report_samples as samples
from pydantic import SecretStr

from golive.cli import notify
from golive.cli.errors import CliError

NONE = SimpleNamespace(slack=SecretStr(""), teams=SecretStr(""))


class Chat(BaseHTTPRequestHandler):
    """Answers by path, and keeps what was sent."""

    got: list[tuple[str, dict]] = []  # noqa: RUF012 - one server for a test

    def do_POST(self) -> None:
        self.got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        status = {"/refused": 404, "/moved": 302}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(f"no_service at {self.path}\x1b[31m".encode() if status != 200 else b"ok")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def chat() -> Iterator[str]:
    Chat.got = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Chat) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_the_message_is_sent_and_the_exit_code_is_the_run_s(chat, place):
    place.write("bad", more="notify: { slack: '${HOOK}' }\n")
    env = {"HOOK": f"{chat}/T0/s3cret", "GOLIVE_TEAMS_URL": f"{chat}/refused", "no_proxy": "*"}
    done = place.check("--notify", "slack", "--notify", "teams", "-o", "json:r.json", "--facts", "f.json", env=env)
    assert done.returncode == 1
    (path, sent), (_, card) = Chat.got
    assert path == "/T0/s3cret"
    assert sent["text"].startswith("NO-GO")
    assert card["type"] == "message"
    assert (
        done.stderr
        == "golive: --notify teams: the message was not sent: it answered 404: no_service at /refused␛[31m\n"
    )
    written = done.stdout + (place.folder / "r.json").read_text() + (place.folder / "f.json").read_text()
    assert "s3cret" not in written


@pytest.mark.parametrize(
    ("services", "environ", "why"),
    [
        (["irc"], {}, "there are slack and teams"),
        (["slack"], {}, "notify.slack in the profile, or GOLIVE_SLACK_URL"),
        (["slack"], {"GOLIVE_SLACK_URL": "http://hooks.example.com/s3cret"}, "no https URL"),
        (["teams"], {"GOLIVE_TEAMS_URL": "file:///etc/s3cret"}, "no https URL"),
        (["teams"], {"GOLIVE_TEAMS_URL": "https://[s3cret"}, "no https URL"),
    ],
)
def test_where_nothing_can_be_sent_nothing_is_looked_at(services, environ, why):
    with pytest.raises(CliError, match=why) as refused:
        notify.webhooks(services, NONE, environ)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("path", ["/moved", "/s3cret refused", "/refused"])
def test_what_fails_is_a_line_without_the_address(path, chat, capsys, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    notify.tell(samples.broken(), [notify.ChatWebhook("slack", f"{chat}{path}")], ())
    said = capsys.readouterr().err
    assert said.startswith("golive: --notify slack: the message was not sent: ")
    assert said.count("\n") == 1
    assert "s3cret" not in said
    assert chat not in said
    assert len(Chat.got) <= 1


def test_a_server_that_is_not_there_is_a_line(capsys, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    notify.tell(samples.broken(), [notify.ChatWebhook("teams", "http://127.0.0.1:1/s3cret")], ())
    assert capsys.readouterr().err == "golive: --notify teams: the message was not sent: Connection refused\n"
