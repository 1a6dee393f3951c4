"""Which pages are isolated, and which scripts run: what golive says of generated headers and tags, beside Chromium."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import random
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from chromium_pages import LIMIT_S, Shown, answer, browsing, heard, served

from golive import Outcome
from golive_checks.security.integrity import scripts_pinned
from golive_checks.security.isolation import Isolation, isolation
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import AnswerKind, Answers
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.page.document import Document, parsed

SEED = 20261206
ALL = 120
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
HOST = Host("app.example", role="app")
OPENERS = [
    *["same-origin"] * 4,
    *["same-origin-allow-popups", "unsafe-none", "Same-Origin", "SAME-ORIGIN", '"same-origin"', " same-origin ", ""],
    *['same-origin; report-to="x"', "same-origin;", "same-origin, same-origin", "same_origin", "same-origin x"],
    *["same-origin;report-to=x", "noopener-allow-popups"],
]
EMBEDDERS = [
    *["require-corp"] * 3,
    *["credentialless", "credentialless", "unsafe-none", "Require-Corp", "require-corp;", '"require-corp"', "corp", ""],
    *['require-corp; report-to="a"', "require-corp, require-corp", "require-corp;a=1;b"],
]

Headers = tuple[tuple[str, str], ...]


def generated() -> list[Headers]:
    of, made = random.Random(SEED), list[Headers]()
    for _ in range(ALL):
        both = [("cross-origin-opener-policy", OPENERS), ("cross-origin-embedder-policy", EMBEDDERS)]
        made.append(
            tuple((name, of.choice(values)) for name, values in both for _ in range(of.choice([0, 1, 1, 1, 1, 2])))
        )
    return made[:: ALL // COUNT]


def by_chromium(sets: list[Headers]) -> list[bool]:
    """Open each page at the top, for a framed one is never isolated, and return whether it says that it is."""
    told, done = dict[int, bool](), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, said = self.path.partition("?")
            n = int(path.rpartition("/")[2])
            if path.startswith("/told/"):
                told[n] = said == "true"
                answer(self, f"<!doctype html><script>location.href='/page/{n + 1}'</script>")
            elif n < len(sets):
                answer(self, f"<!doctype html><script>location.href='/told/{n}?'+crossOriginIsolated</script>", sets[n])
            else:
                done.set()
                answer(self, "")

        def log_message(self, *_: Any) -> None:
            pass

    with (
        tempfile.TemporaryDirectory() as scratch,
        served(Handler, Path(scratch)) as port,
        browsing("https://app.example/page/0", port, Path(scratch, "profile")),
    ):
        assert done.wait(LIMIT_S)
    return [told[n] for n in range(len(sets))]


def says_isolated(headers: Headers) -> bool:
    read = (("content-type", "text/html"), *((name, value.strip()) for name, value in headers))
    seen = Answers("192.0.2.1", (AnswerKind("page", HttpReply("/", 200, "HTTP/1.1", read, 1)),))
    return isolation(HOST, seen, Document(), Isolation(wanted=True)).outcome is Outcome.PASS


def test_pages_are_isolated_as_golive_says() -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} pairs of headers")
    sets = generated()
    found = by_chromium(sets)
    assert {each: says_isolated(each) for each in sets} == dict(zip(sets, found, strict=True))


SCRIPT = "parent.postMessage('ran','*')"
HASHES = {name: base64.b64encode(hashlib.new(name, SCRIPT.encode()).digest()).decode() for name in ("sha256", "sha384")}
GOOD, WRONG = f"sha384-{HASHES['sha384']}", f"sha256-{HASHES['sha384']}"
INTEGRITIES = [
    *[GOOD, f"sha256-{HASHES['sha256']}", f" {GOOD} ", f"{GOOD}?ct=js", f"md5-abc {GOOD}", "md5-abc", "sha1-abcd", ""],
    *["sha384", "sha384-", "nothing", f"{WRONG} {GOOD}", "sha256-AAAA", f"SHA384-{HASHES['sha384']}"],
    GOOD.replace("-", "="),
]


def test_integrity_counts_where_golive_says() -> None:
    tags = list(itertools.product(INTEGRITIES, ("", " crossorigin")))[:: 1 if COUNT == ALL else 5]
    htmls = [
        f'<!doctype html><script src="https://cdn.jsdelivr.net/npm/x@1.2.3/x.js" integrity="{value}"{cors}></script>'
        for value, cors in tags
    ]
    # The stranger's server names no origin that may read it: what is asked for by CORS never runs.
    ran = ["ran" in told for told in heard([Shown((), html) for html in htmls], {"/npm/x@1.2.3/x.js": SCRIPT})]
    for (value, cors), html, runs in zip(tags, htmls, ran, strict=True):
        verdict = scripts_pinned(HOST, parsed("https://app.example/", html), {HOST: Origin("https://app.example")})
        if not cors:  # unchecked, it runs; checked, it is refused
            assert (verdict.outcome is Outcome.WARN) == runs, (value, verdict)
            assert (verdict.outcome is Outcome.FAIL) != runs, (value, verdict)
        else:
            assert verdict.outcome in {Outcome.PASS, Outcome.WARN}
