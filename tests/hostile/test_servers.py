"""One run over a healthy system and every hostile server at once: it ends in time, each host judged by itself."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from html.parser import HTMLParser

import hostile_servers as hostile
import pytest
import yaml
from lxml import etree
from markdown_it import MarkdownIt

SILENT_S = 5
"""How long a server is waited for here: all of them share two cores with golive."""
HEALTHY = ("api", "app", "shop")
KINDS = (*hostile.TCP, *hostile.HTTP, "words", "giant", "dead")
FORMATS = ("json:r.json", "markdown:r.md", "junit:r.xml")


@dataclass(frozen=True)
class Seen:
    """What one run over all of them brought."""

    code: int
    out: str
    verbose: str
    err: str
    json: dict
    markdown: str
    junit: bytes
    summary: str
    terminal: str

    def of(self, host: str) -> dict[str, set[str]]:
        return hostile.outcomes(self.json, host)

    def why(self, host: str, check: str) -> str:
        """What is said of one check of a host."""
        (found,) = (
            f["summary"]
            for f in self.json["findings"]
            if f["check"] == check and f["subject"].startswith(f"{host}.demo.test")
        )
        return found

    def reasons(self, host: str) -> set[str]:
        return hostile.gaps(self.json, host)


@pytest.fixture(scope="module")
def seen(module_place) -> Seen:
    place = module_place
    hostile.compressed()  # before anything is timed
    limits = {"timeout_s": SILENT_S, "connect_timeout_s": 1}
    with ExitStack() as held:
        ports = {kind: held.enter_context(hostile.serving(talk, None)) for kind, talk in hostile.TCP.items()}
        behind_tls = {**hostile.HTTP, "words": hostile.words, "giant": hostile.silent}
        for kind, talk in behind_tls.items():
            chain = hostile.certificate(f"{kind}.demo.test", padding_bytes=2**20 if kind == "giant" else 0)
            ports[kind] = held.enter_context(hostile.serving(talk, chain))
        profile, named = held.enter_context(hostile.among_healthy({**ports, "dead": 0}, limits))
        place.write("profile.yaml", yaml.safe_dump(profile))
        env = {**named, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(place.folder / "s.md")}
        asked = [word for form in FORMATS for word in ("-o", form)]
        done = place.golive("check", "profile.yaml", "--only", "domains", *asked, "--facts", "f.json", env=env)
    read = {form: (place.folder / form.partition(":")[2]).read_bytes() for form in FORMATS}
    verbose = place.golive("judge", "f.json", "--verbose", env={"GITHUB_ACTIONS": "true"})
    return Seen(
        done.code,
        done.out,
        verbose.out,
        done.err,
        json.loads(read[FORMATS[0]]),
        read[FORMATS[1]].decode(),
        read[FORMATS[2]],
        (place.folder / "s.md").read_text(),
        on_a_terminal(place, "judge", "f.json", "--verbose"),
    )


def on_a_terminal(place, *arguments: str, columns: int = 80) -> str:
    primary, secondary = pty.openpty()
    env = {"TERM": "xterm-256color", "COLUMNS": str(columns)}
    with place.start(*arguments, env=env, stdin=secondary, stdout=secondary, stderr=subprocess.STDOUT):
        os.close(secondary)
        text = b""
        while select.select([primary], [], [], 30)[0]:
            try:
                text += os.read(primary, 65536)
            except OSError:
                break
    os.close(primary)
    return text.decode()


def test_it_ends_in_time_and_says_no_go(seen):
    assert seen.code == 1, seen.err
    assert seen.err == ""
    assert seen.out.split()[0] == "NO-GO"
    assert "not finished when" not in seen.verbose


@pytest.mark.parametrize("host", HEALTHY)
def test_the_healthy_hosts_stay_green(seen, host):
    found = seen.of(host)
    assert not found["fail"]
    assert not found["unknown"], seen.reasons(host)
    assert len(found["pass"]) > 10


DNS = {
    "dns.addresses-public",
    "dns.delegation-sound",
    "dns.resolves",
    "dns.servers-agree",
    "dns.signed-zone-validates",
}
TLS = {
    "dns.caa-permits-renewal",  # of the CA that issued what is served
    "tls.certificate-current",
    "tls.certificate-strong",
    "tls.certificate-trusted",
    "tls.issuer-expected",
    "tls.modern-versions-offered",
}
STAPLED = {"tls.not-revoked"}
"""Not applicable where TLS is spoken: these hosts staple nothing."""
HEAD = {"proxy.hides-version", "proxy.http2-offered"}
"""What the head of an answer over https tells by itself."""
REST = {"cdn.assets-immutable", "cdn.serves-from-edge", "proxy.compresses", "proxy.http-redirects"}
"""What takes a page, or an answer over http."""


@pytest.mark.parametrize("kind", [*hostile.TCP, "giant", "dead"])
def test_what_speaks_no_tls_is_unknown_but_for_its_dns(seen, kind):
    found = seen.of(kind)
    assert found["pass"] == DNS
    assert found["unknown"] == TLS | STAPLED | HEAD | REST
    assert not found["fail"] | found["warn"]


@pytest.mark.parametrize("kind", [k for k in hostile.HTTP if k not in {"redirects", "body", "bomb"}])
def test_what_speaks_no_http_is_unknown_but_for_its_dns_and_tls(seen, kind):
    found = seen.of(kind)
    assert found["pass"] == DNS | TLS
    assert found["unknown"] == HEAD | REST
    assert not found["fail"] | found["warn"]


@pytest.mark.parametrize("kind", ["redirects", "body", "bomb", "words"])
def test_of_what_cannot_be_read_on_the_head_is_judged_and_no_more(seen, kind):
    """Over http they do not answer at all: TLS is what they speak on that port too."""
    found = seen.of(kind)
    assert found["pass"] == DNS | TLS | {"proxy.hides-version"}
    assert found["fail"] == {"proxy.http2-offered"}
    assert found["unknown"] == REST
    assert not found["warn"]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("body", "is larger than 2,000,000 bytes, where golive stopped reading"),
        ("bomb", "unpacks to more than 16 MB"),
    ],
)
def test_of_too_much_it_is_said_how_much(seen, kind, why):
    assert seen.why(kind, "proxy.compresses").endswith(why)
    assert seen.why(kind, "cdn.serves-from-edge").endswith(why)


def test_redirects_without_end_are_said_to_be_such(seen):
    assert any("redirects without end" in reason for reason in seen.reasons("redirects"))


def test_a_giant_certificate_is_said_to_be_such(seen):
    assert any("more than clients read" in reason for reason in seen.reasons("giant"))


@pytest.mark.parametrize("kind", KINDS)
def test_no_server_provokes_a_defect(seen, kind):
    assert not [reason for reason in seen.reasons(kind) if "defect" in reason]


# --- hostile words are harmless in every format -----------------------------------------------------------------------


def test_the_hostile_words_are_in_the_report_at_all(seen):
    assert "pwned" in json.dumps(seen.json)


@pytest.mark.parametrize("where", ["out", "verbose", "summary", "markdown"])
def test_no_text_has_anything_that_a_terminal_obeys(seen, where):
    odd = {c for c in getattr(seen, where) if not c.isprintable() and c != "\n"}
    assert not odd


def test_on_a_terminal_there_is_nothing_but_golives_own_colours(seen):
    rest = re.sub(r"\x1b\[[0-9;]*m", "", seen.terminal.replace("\r\n", "\n"))
    assert not {c for c in rest if not c.isprintable() and c != "\n"}
    assert "\x1b[31mred" not in seen.terminal


@pytest.mark.parametrize("where", ["out", "verbose"])
def test_the_runner_of_github_sees_no_command(seen, where):
    lines = getattr(seen, where).splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        assert tag in {"td", "th", "code"} or not attrs, (tag, attrs)


@pytest.mark.parametrize("where", ["markdown", "summary"])
def test_markdown_has_no_link_image_or_script(seen, where):
    tags = _Tags()
    tags.feed(MarkdownIt("commonmark").enable("table").render(getattr(seen, where)))
    assert not tags.found & {"script", "a", "img", "iframe", "style"}


def test_junit_is_well_formed_and_holds_no_command(seen):
    root = etree.fromstring(seen.junit)
    text = "\n".join(root.itertext())
    assert "##[" not in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert "\x1b" not in text
