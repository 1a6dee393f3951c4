"""What MDN's HTTP Observatory is asked in its own tests, as facts: header values, here about hosts of our own.

`differs` says why golive judges otherwise. Where it is empty, both fail or neither does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["csp", "hsts", "frames", "nosniff", "referrer", "cors", "cookies"]
FOREIGN = "https://foreign.example"


@dataclass(frozen=True)
class Case:
    kind: Kind
    headers: tuple[tuple[str, str], ...] = ()
    metas: dict[str, list[str]] = field(default_factory=dict)
    origin: str = ""
    differs: str = ""

    @property
    def name(self) -> str:
        said = " | ".join(value or "an empty header" for _, value in self.headers)
        return f"{self.kind}: {said or 'nothing'}{f' + meta {self.metas}' if self.metas else ''}"


def each(kind: Kind, header: str, *values: str, differs: str = "") -> list[Case]:
    return [Case(kind, ((header, value),), differs=differs) for value in values]


def csp(*values: str, differs: str = "") -> list[Case]:
    return each("csp", "content-security-policy", *values, differs=differs)


def cookie(text: str, differs: str = "") -> Case:
    return Case("cookies", (("set-cookie", text),), differs=differs)


def meta(*policies: str, header: str = "", differs: str = "") -> Case:
    sent = (("content-security-policy", header),) if header else ()
    return Case("csp", sent, {"content-security-policy": list(policies)}, differs=differs)


HASH = "'sha256-hqBEA/HXB3aJU2FgOnYN8rkAgEVgyfi3Vs1j2/XMPBA='"
BASE = "stricter: where nonces or hashes vouch for scripts, a planted <base> gets round them unless base-uri is set"
NO_EVAL_IN_STYLES = "laxer: no browser runs text as a style by 'unsafe-eval'; CSP 3 knows it for scripts alone"
MERGED = "laxer, it warns: the HTML and Fetch standards merge equal values that are sent twice, and browsers do so"
NAMED = "laxer, it warns: only cookies that the profile names as the session's fail, for names are not guessed at"
UNNAMED = "laxer: whether a cookie guards a form is not guessed from its name"
ABSENT = "stricter: what a browser does without the header depends on its age"
HOSTS = "https://app.example"

CASES: list[Case] = [
    # Content-Security-Policy
    Case("csp"),
    *csp("  ", "", "defa", "default-src 'none'; default-src 'none'"),
    *csp("default-src 'none'; img-src 'self'; default-src 'none'", "default-src 'none'; script-src 'strict-dynamic'"),
    *csp("default-src 'none'; script-src https://*", "default-src 'none'; script-src 'unsafe-inline'"),
    *csp("default-src http://app.example", "default-src 'none'; script-src http://app.example"),
    *csp("default-src 'none'; script-src ftp://app.example"),
    *csp("default-src 'none'; img-src http://app.example", "default-src 'self'; img-src ftp:"),
    *csp("default-src 'self'; img-src http:", "default-src 'none'; img-src https:; media-src http://app.example"),
    *csp("default-src 'none'; img-src http: https:; script-src 'self'; style-src 'self'"),
    *csp("default-src 'none'; img-src 'none'; media-src http:; script-src 'self'; style-src 'unsafe-inline'"),
    *csp("script-src 'unsafe-inline'", "script-src data:", "script-src http:", "script-src ftp:"),
    *csp("default-src 'unsafe-inline'", "default-src 'UNSAFE-INLINE'", "upgrade-insecure-requests"),
    *csp("script-src 'none'", "script-src https:", f"script-src {HOSTS} https:", f"default-src {HOSTS} https:"),
    *csp("default-src 'none'; script-src *", "default-src *; script-src *; object-src 'none'"),
    *csp("default-src 'none'; script-src 'none'; object-src *", "object-src https:; script-src 'none'"),
    *csp("default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'"),
    *csp("default-src 'none'; script-src 'unsafe-inline' http:", "default-src 'none'; script-src 'unsafe-eval'"),
    *csp("default-src 'none'; style-src 'unsafe-eval'", differs=NO_EVAL_IN_STYLES),
    *csp("object-src 'none'; script-src 'none'; style-src 'unsafe-inline'"),
    *csp(f"default-src 'none'; script-src {HOSTS}; style-src 'unsafe-inline'"),
    *csp(
        f"default-src 'unsafe-inline'; script-src {HOSTS}", "default-src 'none';;; ;;;style-src 'self' 'unsafe-inline'"
    ),
    *csp(
        "default-src 'none'; style-src data:", "default-src 'none'; style-src *", "default-src 'none'; style-src https:"
    ),
    *csp(f"default-src 'none'; style-src 'unsafe-inline'; script-src {HASH} 'unsafe-inline'", differs=BASE),
    *csp(f"default-src {HOSTS}", f"default-src {HOSTS};;; ;;;script-src 'none'"),
    *csp(f"object-src 'none'; script-src {HOSTS}; style-src {HOSTS}; upgrade-insecure-requests;"),
    *csp("object-src 'none'; script-src 'strict-dynamic' 'nonce-abc' 'unsafe-inline'; style-src 'none'", differs=BASE),
    *csp(f"object-src 'none'; style-src 'self'; script-src {HASH}", differs=BASE),
    *csp(f"object-src 'none'; style-src 'self'; script-src 'unsafe-inline' {HASH} {HASH}", differs=BASE),
    *csp("object-src 'none'; script-src 'unsafe-inline' 'nonce-abc123'; style-src 'none'", differs=BASE),
    *csp(f"default-src {HOSTS}; style-src 'unsafe-inline' 'nonce-abc123'"),
    *csp("default-src", "default-src 'none'; object-src https://app.example"),
    *csp("default-src 'none'; script-src 'strict-dynamic' 'nonce-abc123' 'unsafe-inline'", differs=BASE),
    *csp("default-src 'none'; script-src 'strict-dynamic' 'sha256-abc123' https://*", differs=BASE),
    *csp("default-src 'none'; script-src 'strict-dynamic' 'nonce-abc123'; base-uri 'none'"),
    *csp("frame-ancestors *", "default-src *; frame-ancestors 'none'", "default-src *; base-uri 'none'"),
    *csp("default-src 'none'; base-uri *; object-src *", "default-src 'none'; base-uri 'self'"),
    Case("csp", (("content-security-policy-report-only", "default-src 'none'"),)),
    meta("default-src 'none'"),
    meta("default-src 'none'", header="default-src 'none'"),
    meta("default-src 'none'", header="img-src 'none'"),
    meta("default-src https:", header="default-src 'none'"),
    meta(
        "default-src https:",
        header="default-src http:",
        differs="stricter: it compares the policies' words, of which none is common; a browser loads https by either",
    ),
    meta("frame-ancestors 'none'"),
    # Strict-Transport-Security
    Case("hsts"),
    *each("hsts", "strict-transport-security", "includeSubDomains; preload", "max-age=86400", "max-age=15768000"),
    *each("hsts", "strict-transport-security", "max-age=15768000; includeSubDomains; preload"),
    *each(
        "hsts",
        "strict-transport-security",
        "max-age=15768000; includeSubDomains, max-age=15768000; includeSubDomains",
    ),
    *each(
        "hsts",
        "strict-transport-security",
        "max-age=0; max-age=31536000",
        "max-age=31536000x; includeSubDomains",
        differs="stricter: by RFC 6797 a browser ignores a header with a directive twice, or an age that is no number",
    ),
    *each("hsts", "strict-transport-security", "max-age=31536000; max-age=0", 'max-age="31536000"'),
    # X-Frame-Options and frame-ancestors
    Case("frames"),
    *each("frames", "x-frame-options", "whimsy", "DENY", "DENY ", "sameorigin"),
    *each("frames", "x-frame-options", "SAMEORIGIN, SAMEORIGIN", differs=MERGED),
    *each(
        "frames",
        "x-frame-options",
        "ALLOW-FROM https://partner.example",
        differs="stricter: no browser heeds ALLOW-FROM any more, so that anyone may frame the page",
    ),
    Case(
        "frames", (("x-frame-options", "DENY"), ("content-security-policy", "frame-ancestors https://partner.example"))
    ),
    Case(
        "frames",
        (("x-frame-options", "DENY"), ("content-security-policy", "frame-ancestors *")),
        differs="stricter: frame-ancestors * puts X-Frame-Options out of force and protects nothing",
    ),
    Case("frames", metas={"x-frame-options": ["DENY"]}),
    # X-Content-Type-Options
    Case("nosniff"),
    *each("nosniff", "x-content-type-options", "whimsy", "nosniff", "nosniff ", "NOSNIFF"),
    *each("nosniff", "x-content-type-options", "nosniff, nosniff", differs=MERGED),
    # Referrer-Policy
    Case("referrer", differs=ABSENT),
    *each("referrer", "referrer-policy", "no-referrer", "same-origin", "strict-origin", "STRICT-ORIGIN"),
    *each("referrer", "referrer-policy", "strict-origin-when-cross-origin", "whimsy", "origin", "unsafe-url"),
    *each("referrer", "referrer-policy", "origin-when-cross-origin", "no-referrer-when-downgrade"),
    *each(
        "referrer", "referrer-policy", "origin-when-cross-origin, no-referrer, unsafe-url", "no-referrer, unsafe-url"
    ),
    *each("referrer", "referrer-policy", "no-referrer, whimsy", "whimsy, whimsy1, whimsy2"),
    # Cross-origin resource sharing
    Case("cors", origin=FOREIGN),
    Case("cors", (("access-control-allow-origin", "*"),), origin=FOREIGN),
    Case("cors", (("access-control-allow-origin", HOSTS),), origin=FOREIGN),
    Case(
        "cors",
        (("access-control-allow-origin", FOREIGN), ("access-control-allow-credentials", "true")),
        origin=FOREIGN,
    ),
    Case(
        "cors",
        (("access-control-allow-origin", FOREIGN),),
        origin=FOREIGN,
        differs="stricter: a foreign origin that is echoed reads what the visitor's network may reach",
    ),
    Case(
        "cors",
        (("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true")),
        origin=FOREIGN,
        differs="stricter: whoever asks for both means to let everyone in, and proxies make an echo of it",
    ),
    # Cookies
    Case("cookies"),
    cookie("foo=bar; Path=/; Secure; HttpOnly"),
    cookie("SESSIONID=bar; Path=/; Secure; HttpOnly"),
    cookie("SESSIONID=bar; Path=/; Secure; HttpOnly; SameSite=Strict"),
    cookie("SESSIONID=bar; Path=/; Secure; HttpOnly; SameSite=Lax"),
    cookie("SESSIONID=bar; Path=/; Secure; HttpOnly; SameSite=None"),
    cookie("SESSIONID=bar; Path=/; Secure; HttpOnly; SameSite="),
    cookie("SESSIONID=bar; Path=/; Secure; HttpOnly; SameSite=True"),
    cookie("SESSIONID=bar; Path=/; Secure; HttpOnly; SameSite=Invalid"),
    cookie("SESSIONID=bar; Path=/; HttpOnly; SameSite=None"),
    cookie("SESSIONID=bar; Path=/; Secure"),
    cookie("SESSIONID=bar; Path=/; HttpOnly"),
    cookie("SESSIONID=bar; Path=/"),
    cookie("foo=bar; Path=/", differs=NAMED),
    cookie("CSRFTOKEN=bar; Path=/; Secure; HttpOnly", differs=UNNAMED),
]
