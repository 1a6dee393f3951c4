"""Which scripts run under a policy: what golive says of generated policies, and what Chromium does with them."""

from __future__ import annotations

import base64
import hashlib
import os
import random
from dataclasses import dataclass

from chromium_pages import Shown, heard

from golive import Unavailable
from golive_checks.security.csp import csp
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import AnswerKind, Answers
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.http.suffixes import SharedSuffixes
from golive_checks.systems.page.document import Document, DocumentScript
from golive_checks.systems.page.second_look import SecondLook

SEED = 20261128
ALL = 300
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
HOST = Host("app.example", role="app")
HOME = "https://app.example"
NAME = "content-security-policy"
SHARED = SharedSuffixes(frozenset({"vercel.app", "example"}))

HASHED = "parent.postMessage('hashed','*')"
DIGEST = "sha256-" + base64.b64encode(hashlib.sha256(HASHED.encode()).digest()).decode()
FOREIGN = [
    "https://stranger.example/a.js",
    "https://stranger.example:8443/a.js",
    "https://stranger.example:80/a.js",
    "https://stranger.vercel.app/a.js",
    "https://stranger.example/js/a.js",
    "https://stranger.example/other/a.js",
]
PAGE = (
    "<!doctype html><body onload=\"parent.postMessage('handler','*')\">"
    "<script>parent.postMessage('inline','*')</script>"
    f"<script>{HASHED}</script>"
    "<script nonce=bm9uY2U0Mg>parent.postMessage('nonced','*')</script>"
    '<script src=/own.js></script><script nonce=bm9uY2U0Mg src="https://cdn.example/lib.js"></script>'
    + "".join(f'<script src="{url}"></script>' for url in FOREIGN)
    + "<script src=\"data:text/javascript,parent.postMessage('foreign','*')\"></script>"
)
EVAL = "try { eval(\"parent.postMessage('eval','*')\") } catch {}"
FILES = {
    "/own.js": f"parent.postMessage('own','*'); {EVAL}",
    "/lib.js": f"parent.postMessage('lib','*'); {EVAL}",
    "/a.js": "parent.postMessage('foreign','*')",
    "/other/a.js": "parent.postMessage('foreign','*')",
    "/js/a.js": "parent.postMessage('foreign','*')",
}
DOCUMENT = Document(
    scripts=(
        DocumentScript(hashes=(f"'{DIGEST}'",)),
        DocumentScript(f"{HOME}/own.js"),
        DocumentScript("https://cdn.example/lib.js", nonce="bm9uY2U0Mg"),
    )
)
GOLIVE_IS_RIGHT = {
    "http://*:8443": "CSP 3, sections 6.7.2.8 and 6.7.2.11: http matches https, and the port is the same; Chromium"
    " alone wants a port of http's to be raised to one of https's together with the scheme",
}
"""Sources by which golive lets a stranger in and Chromium does not."""
NEEDED = {"hashed": "inline script", "own": "script https://app.example/own.js", "lib": "script https://cdn.example/"}

SOURCES = (
    """
'self' 'self' 'self' 'self' 'self' 'self' 'self' 'self' 'none' 'none' 'none' https://cdn.example
https://cdn.example https://cdn.example https://cdn.example https://cdn.example/ cdn.example/lib.js *
https: http: HTTPS: data: https://* http://* https://*:443 https://*:8443 *:443 *:* *:8443 *:80
http://*:80 http://*:443 http://*:8443 http://cdn.example http://cdn.example:80 https://*:* https://*/js/
*/js/a.js https://*/other/ *.example *.vercel.app https://*.vercel.app:443 https://*.vercel.app/a.js //*
https:// https://*. https://cdn.example:443 https://cdn.example:8443 https://cdn.example/LIB.js
CDN.EXAMPLE wss: ws: 'unsafe-inline' 'unsafe-inline' 'unsafe-inline' 'UNSAFE-INLINE' unsafe-inline
'unsafe-eval' 'unsafe-eval' 'strict-dynamic' 'strict-dynamic' 'Strict-Dynamic' 'unsafe-hashes'
'report-sample' 'wasm-unsafe-eval' 'nonce-bm9uY2U0Mg' 'nonce-bm9uY2U0Mg' 'NONCE-bm9uY2U0Mg' 'nonce-other'
'nonce-' 'nonce-{{nonce}}' 'nonce-$request_id' 'nonce-%NONCE%' 'nonce-a=b' 'nonce-ab===' nonce-bm9uY2U0Mg
'nonce-bm9uY2U0Mg '<DIGEST>' '<DIGEST>' '<UPPER>' 'sha256-' 'sha256-abc' 'sha1-abcd' 'sha512-{hash}'
""".replace("<DIGEST>", DIGEST)
    .replace("<UPPER>", DIGEST.upper())
    .split()
)
SOURCES += [
    "'nonce-bm9u Y2U0Mg'",
    "\u2018self\u2019",
    "\u201cself\u201d",
    "'self\u2019",
    "caf\xe9.example",
    "\xa0'self'",
]
SCRIPTS = ["script-src", "script-src", "script-src", "default-src", "script-src-elem", "script-src-attr", "Script-Src"]
ODD = ["script\u2011src", "script-scr", "script-src:", "script_src", "scriptsrc"]
REST = [
    *["object-src 'none'", "base-uri 'none'", "base-uri 'self'", "img-src *", "connect-src 'self'", "sandbox"],
    *["sandbox allow-scripts", "upgrade-insecure-requests", "report-uri /r", "", "style-src 'self'", "\u201cx\u201d"],
]


@dataclass(frozen=True)
class Sent:
    policies: tuple[str, ...]
    report_only: bool = False

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"{NAME}-report-only" if self.report_only else NAME, policy) for policy in self.policies)


def directive(of: random.Random) -> str:
    name = of.choice(ODD) if of.random() < 0.05 else of.choice(SCRIPTS)
    gap = of.choice([" ", " ", "  ", "\t"])
    return gap.join([name, *of.choices(SOURCES, k=of.choice([0, 1, 1, 2, 2, 3]))])


def policy(of: random.Random) -> str:
    parts = [directive(of) for _ in range(of.choice([1, 1, 2, 2, 3]))] + of.choices(REST, k=of.choice([0, 1, 2]))
    of.shuffle(parts)
    return of.choice(["; ", ";", " ; "]).join(parts)


def generated() -> list[Sent]:
    of = random.Random(SEED)
    made = []
    for _ in range(ALL):
        policies = tuple(policy(of) for _ in range(of.choice([1, 1, 1, 2])))
        if of.random() < 0.2:
            policies = (", ".join(policies),)
        made.append(Sent(policies, report_only=of.random() < 0.03))
    return made[:: ALL // COUNT]


def said(sent: Sent) -> str:
    """Return all that golive says of a page with these headers; headers come as bytes, read as Latin-1."""
    read = tuple((name, value.encode().decode("latin-1")) for name, value in sent.headers)
    reply = HttpReply("/", 200, "HTTP/2", (("content-type", "text/html"), *read), 1)
    seen = Answers("192.0.2.1", (AnswerKind("page", reply),))
    verdict = csp(HOST, seen, {}, DOCUMENT, SecondLook(), Unavailable("none"), {HOST: Origin(HOME)}, SHARED)
    return " | ".join((verdict.summary, *verdict.evidence))


def claims(text: str) -> dict[str, bool]:
    every = "does not restrict scripts" in text or "no Content-Security-Policy" in text
    sandboxed = "sandbox without allow-scripts lets none of its scripts run" in text
    return {
        "inline": every or "inline scripts may run" in text,
        "foreign": every or "scripts may come from anywhere" in text,
        "eval": every or "text may be run as a script" in text,
        **{
            each: not sandboxed and f"script-src does not allow its {what}" not in text for each, what in NEEDED.items()
        },
    }


def seen(ran: frozenset[str]) -> dict[str, bool]:
    return {"inline": bool(ran & {"inline", "handler"}), **{k: k in ran for k in ("foreign", "eval", *NEEDED)}}


def test_chromium_runs_what_golive_says_it_does() -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} sets of headers")
    sets = generated()
    for sent, ran in zip(sets, heard([Shown(sent.headers, PAGE) for sent in sets], FILES), strict=True):
        text = said(sent)
        ours, theirs = claims(text), seen(ran)
        if not ran & {"own", "lib"}:
            del ours["eval"], theirs["eval"]  # nothing that ran has tried
        if ours["foreign"] and any(source in policy for policy in sent.policies for source in GOLIVE_IS_RIGHT):
            del ours["foreign"], theirs["foreign"]
        assert ours == theirs, (sent, ours, theirs, text)
