"""Who may read an API's answers: what golive says of generated CORS headers, and what Chromium lets pages read."""

from __future__ import annotations

import json
import os
import random
import tempfile
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chromium_pages import answer, browsing, served

from golive import Outcome
from golive_checks.security.cors import foreign_origins_refused, known_origins_served
from golive_checks.subjects import Host
from golive_checks.systems.http.cors import Asked, Cors, CorsAnswers, Way
from golive_checks.systems.http.front import HttpReply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEED = 20261202
ALL = 300
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
LIMIT_S = 120.0
PAGE, STRANGER = "https://shop.example", "https://stranger.test"
HOST = Host("api.example", role="api")

ORIGINS: list[tuple[str, ...]] = [
    *[("FROM",)] * 14,
    *[("*",)] * 4,
    *[("FROM/",), ("HTTPS://SHOP.EXAMPLE",), ("null",), (), ("FROM", "FROM"), ("FROM, FROM",), (" FROM ",), ("*, *",)],
    *[("https://*.example",), ("http://shop.example",), ("FROM:443",), ("*", "FROM"), ('"FROM"',), ("FROM,",), ("**",)],
    *[("shop.example",), ("https://shop.example",), ("https://shop.example",), ("FROM https://other.test",), ("",)],
]
CREDENTIALS: list[tuple[str, ...]] = [
    *[("true",)] * 8,
    *[(), (), ("True",), ("true ",), ("1",), ("false",), ("true", "true"), ("true, true",), ("",), ("TRUE",)],
]
METHODS: list[tuple[str, ...]] = [
    *[("GET, POST, PUT, DELETE, PATCH",)] * 4,
    *[("*",), ("PUT",), ("put",), ("get,post,put,delete,patch",), (), ("",), ("PUT;DELETE",), ("PUT DELETE",)],
    *[("GET,,PUT",), ('"PUT"',), ("PUT", "DELETE"), ("Put",), ("*, PUT",), ("PUT, DELE TE",), ("GET, POST, OPTIONS",)],
]
HEADERS: list[tuple[str, ...]] = [
    *[("authorization, content-type, x-tenant",)] * 4,
    *[("Authorization,Content-Type,X-Tenant",), ("*",), ("*, authorization",), ("authorization,*",), (), ("",)],
    *[("authorization; content-type; x-tenant",), ("authorization content-type x-tenant",), ("*,x-tenant",)],
    *[("authorization", "content-type", "x-tenant"), ('"authorization", content-type, x-tenant',), ("content-type",)],
    *[("authorization, content-type, x-tenant, accept language",), ("authorization, content-type, x-tenant,",)],
    *[("Origin, X-Requested-With, Content-Type, Accept, Authorization, X-Tenant",), ("X_Tenant, authorization",)],
]
STATUSES = [200, 200, 204, 204, 204, 299, 301, 302, 401, 403, 404, 500]
Sent = tuple[tuple[str, str], ...]

GOLIVE_IS_RIGHT = {
    "* for Authorization": "Fetch, 'CORS-non-wildcard request-header name': Firefox and Safari refuse it; Chromium"
    " alone still lets * stand for Authorization",
}


@dataclass(frozen=True)
class Case:
    """What a page asks, and what it is answered: the words FROM stand for the page's origin."""

    method: str
    credentials: bool
    names: tuple[str, ...]
    status: int
    preflight: Sent
    reply: Sent

    def headers(self, of: Sent, origin: str) -> Sent:
        return tuple((name, value.replace("FROM", origin)) for name, value in of)


def _lines(name: str, values: Sequence[str]) -> Sent:
    return tuple((f"Access-Control-Allow-{name}", value) for value in values)


def generated() -> list[Case]:
    of, made = random.Random(SEED), list[Case]()
    for _ in range(ALL):
        who = _lines("Origin", of.choice(ORIGINS)) + _lines("Credentials", of.choice(CREDENTIALS))
        reply = who if of.random() < 0.8 else _lines("Origin", of.choice(ORIGINS)) + who[1:]
        usual = of.random() < 0.5
        preflight = (
            who
            + _lines("Methods", METHODS[0] if usual else of.choice(METHODS))
            + _lines("Headers", HEADERS[0] if usual else of.choice(HEADERS))
        )
        names = of.choice([("authorization", "content-type"), ("x-tenant",), ("authorization", "x-tenant")])
        method = of.choice(["GET", "POST", "PUT", "PUT", "DELETE", "PATCH"])
        made.append(Case(method, of.random() < 0.6, names, of.choice(STATUSES), preflight, reply))
    return made[:: ALL // COUNT]


SCRIPT = """<!doctype html><script>(async () => {
  const cases = %s, read = {}, own = %s;
  const reads = async (url, how) => {
    try { await (await fetch(url, {cache: 'no-store', ...how})).text(); return true; } catch { return false; }
  };
  const work = async () => { while (cases.length) { const [n, method, credentials, headers] = cases.shift();
    const url = `https://n${n}.example/data`, body = 'GET DELETE'.includes(method) ? undefined : 'x';
    read[n] = own ? [await reads(url, {method, headers, body, credentials: credentials ? 'include' : 'omit'})]
      : [await reads(url, {credentials: 'include'}), await reads(url, {credentials: 'omit'})];
  } };
  await Promise.all([work(), work(), work(), work()]);
  await fetch('/told', {method: 'POST', body: JSON.stringify(read)});
  location.href = %s;
})();</script>"""


def _handler(
    cases: Sequence[Case], asked: object, hear: Callable[[dict[str, list[bool]]], None]
) -> type[BaseHTTPRequestHandler]:
    """Serve the pages that ask, and the API of each case at a host of its own."""

    class Handler(BaseHTTPRequestHandler):
        @property
        def case(self) -> Case:
            return cases[int(self.headers["Host"].partition(".")[0][1:])]

        def do_GET(self) -> None:
            if self.path == "/page":
                own = f"https://{self.headers['Host']}" == PAGE
                answer(self, SCRIPT % (json.dumps(asked), json.dumps(own), json.dumps(f"{STRANGER}/page")))
            else:
                answer(self, "read", self.case.headers(self.case.reply, self.headers["Origin"] or ""))

        def do_OPTIONS(self) -> None:
            self.send_response(self.case.status)
            for name, value in self.case.headers(self.case.preflight, self.headers["Origin"]):
                self.send_header(name, value)
            self.send_header("Location", "/data")
            if self.case.status != 204:
                self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            if self.path == "/told":
                answer(self, "")
                hear(json.loads(body))
            else:
                self.do_GET()

        do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def by_chromium(cases: Sequence[Case]) -> tuple[dict[int, bool], dict[int, bool]]:
    """Return which cases the API's own page can read as it asks, and which a stranger's page can by some request."""
    told, done = list[dict[str, list[bool]]](), threading.Event()
    asked = [[n, case.method, case.credentials, dict.fromkeys(case.names, "text/csv")] for n, case in enumerate(cases)]

    def hear(read: dict[str, list[bool]]) -> None:
        told.append(read)
        if len(told) == 2:
            done.set()

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        served(_handler(cases, asked, hear), Path(scratch)) as port,
        browsing(f"{PAGE}/page", port, Path(scratch, "profile")),
    ):
        assert done.wait(LIMIT_S), f"Chromium gave no answer in {LIMIT_S:.0f} s"
    own, stranger = ({int(n): any(reads) for n, reads in each.items()} for each in told[:2])
    return own, stranger


def _asked(case: Case, way: Way, form: str, origin: str) -> Asked:
    headers = case.headers(case.preflight if way == "preflight" else case.reply, origin)
    status = case.status if way == "preflight" else 200
    kept = tuple((name.lower(), value.strip(" \t")) for name, value in headers)
    return Asked(way, form, origin, HttpReply("/data", status, "HTTP/2", kept, 4), case.method)


def serves(case: Case) -> bool:
    """Return whether golive says that the API's own page can read its answers."""
    ask = Cors(credentials=case.credentials, methods=(case.method,), headers=case.names)
    answers = tuple(_asked(case, way, "known", PAGE) for way in ("preflight", "simple"))
    verdict = known_origins_served(HOST, CorsAnswers((PAGE,), "/data", "/none", "", answers), ask)
    return verdict.outcome is Outcome.PASS


def lets_in(case: Case) -> Outcome:
    answers = (_asked(case, "simple", "unrelated", STRANGER),)
    return foreign_origins_refused(HOST, CorsAnswers((PAGE,), "/data", "/none", "", answers), Cors()).outcome


def right(case: Case) -> str:
    """Return by which reason golive is right against Chromium; empty for none."""
    listed = {value for name, value in case.preflight if name.endswith("Headers")}
    if "authorization" in case.names and any("*" in value for value in listed) and not case.credentials:
        return "* for Authorization"
    return ""


def test_chromium_reads_what_golive_says() -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} sets of headers")
    cases = generated()
    own, stranger = by_chromium(cases)
    wrong = []
    for n, case in enumerate(cases):
        if serves(case) != own[n] and not (own[n] and right(case)):
            wrong.append(f"{case}: golive says {serves(case)}, Chromium reads {own[n]}")
        there = lets_in(case)
        if stranger[n] != (there in {Outcome.FAIL, Outcome.WARN}):
            wrong.append(f"{case}: golive says {there} of a stranger, Chromium reads {stranger[n]}")
    assert not wrong, f"{len(wrong)} of {2 * len(cases)}\n" + "\n".join(wrong)
