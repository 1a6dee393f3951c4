import base64
import gzip
import html
import json
import os
import re
import zlib
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from golive.model import Finding, failed
from golive.report import FORMATS, render
from golive.report.redact import MASK, redact, redact_report

SECRET = 'p&ss "wörd"/+<1>'  # noqa: S105 - nobody's
SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=40).filter(
    lambda s: len(s.strip()) >= 6
)


@pytest.mark.parametrize(
    "disguised",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower().replace("w%c3", "w%c3"),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        "".join(f"%{byte:02x}" for byte in SECRET.encode()),
        "".join(f"\\u{ord(letter):04X}" for letter in SECRET),
        html.escape(SECRET),
        SECRET.upper(),
        SECRET[::-1],
        base64.b64encode(base64.b64encode(SECRET.encode())).decode(),
        base64.b64encode(b"Basic " + base64.b64encode(f"golive:{SECRET}".encode())).decode(),
        base64.b64encode(gzip.compress(f"user=golive password={SECRET}".encode())).decode(),
        base64.urlsafe_b64encode(zlib.compress(json.dumps({"p": SECRET}, ensure_ascii=False).encode())).decode(),
        base64.b64encode(zlib.compress(SECRET.encode() * 3, 1)).decode(),
    ],
)
def test_disguises_are_seen_through(disguised):
    assert MASK in redact(f"before {disguised} after", [SECRET])
    assert disguised not in redact(f"before {disguised} after", [SECRET])


def test_what_is_compressed_costs_no_more_than_a_bound():
    bomb = base64.b64encode(gzip.compress(bytes(20_000_000))).decode()
    assert redact(f"cookie {bomb}", [SECRET]) == f"cookie {bomb}"
    broken = base64.b64encode(gzip.compress(os.urandom(5000) + SECRET.encode())).decode()
    assert redact(broken[:4000] + " eJxnothingofthatkindis there", [SECRET]).startswith("H4sI")


def test_a_secret_that_is_cut_in_two_is_not_put_together_again():
    halves = json.dumps({"a": SECRET[:8], "b": SECRET[8:]}, ensure_ascii=False)
    assert redact(halves, [SECRET]) == halves  # docs/profiles.md says so


BYTES = SECRET.encode()
JSON = json.dumps(SECRET, ensure_ascii=False)[1:-1]
BEHIND_ESCAPES = {
    "entities, decimal": "".join(f"&#{ord(letter)};" for letter in SECRET),
    "entities, hexadecimal": "".join(f"&#X{ord(letter):X};" for letter in SECRET),
    "some entities": html.escape(SECRET).replace("&quot;", "&#34;"),
    "percent twice": quote(quote(SECRET, safe=""), safe=""),
    "percent for some": SECRET.replace("ö", "%c3%b6").replace(" ", "%20"),
    "JSON with slashes": JSON.replace("/", "\\/"),
    "JSON for pages": JSON.replace("<", "\\u003c").replace(">", "\\u003E").replace("&", "\\u0026"),
    "JSON twice": json.dumps(json.dumps(SECRET))[3:-3],
    "a program's bytes": "".join(f"\\x{byte:02x}" for byte in SECRET.replace("ö", "o").encode()),
    "a shell's": re.sub(r"([&<>\" ])", r"\\\1", SECRET),
    "colours within": f"{SECRET[:7]}\x1b[31m{SECRET[7:]}\x1b[0m",
    "unseen letters": "\u200b".join(SECRET[at : at + 3] for at in range(0, len(SECRET), 3)),
    "bytes with colons": BYTES.hex(":"),
    "bytes with blanks": BYTES.hex(" ").upper(),
    "bytes in C": ", ".join(f"0x{byte:02x}" for byte in BYTES),
    "base32": base64.b32encode(BYTES).decode(),
    "base64 of UTF-16": base64.b64encode(SECRET.encode("utf-16-le")).decode(),
    "base64 in a URL": quote(base64.b64encode(BYTES).decode(), safe=""),
    "base64 in lines": "\r\n  ".join(re.findall(".{1,9}", base64.b64encode(BYTES).decode())),
}


@pytest.mark.parametrize("written", BEHIND_ESCAPES.values(), ids=BEHIND_ESCAPES)
def test_escapes_are_seen_through(written):
    secret = SECRET.replace("ö", "o") if "\\x" in written else SECRET
    shown = redact(f"before {written} after", [secret])
    assert MASK in shown
    assert len(shown) < len("before  after") + 12, shown
    assert shown.startswith("before ")
    assert redact(f"before {written} after", [secret, "nobody's"]) == shown


@pytest.mark.parametrize(
    "honest", ["100%25 of 3\\n4", "&lt;b&gt; &#65;", "C:\\new\\table", "a%", "\\u{110000}", "é%C3"]
)
def test_honest_escapes_stay(honest):
    assert redact(honest, [SECRET]) == honest


@given(SECRETS, st.text(max_size=10))
def test_a_secret_is_found_behind_anything_in_base64(secret, user):
    encoded = base64.b64encode(f"{user}:{secret}".encode("utf-8", "replace")).decode()
    shown = redact(encoded, [secret])
    assert MASK in shown
    assert len(shown.replace(MASK, "").rstrip("=")) < len(encoded) - len(secret)


@given(SECRETS, st.text(max_size=20), st.text(max_size=20))
def test_no_secret_survives(secret, before, after):
    assert secret not in redact(before + secret + after, [secret]).replace(MASK, "") or secret in before + after


@pytest.mark.parametrize(
    "secret",
    [
        "golive:Zq7CANARY,pw",
        "https://golive:Zq7CANARY,pw@db.example.com/x",
        "postgresql://app:Zq7CANARY%2Cpw@[::1]:5432/shop",
        "host=db user=app password='Zq7CANARY,pw' dbname=shop",
    ],
)
def test_a_server_may_repeat_the_password_alone(secret):
    assert redact("bind with Zq7CANARY,pw failed", [secret]) == f"bind with {MASK} failed"


def test_a_url_without_a_password_has_no_part_that_is_secret_by_itself():
    assert redact("asked example.com/hook", ["https://example.com/hook"]) == "asked example.com/hook"


def test_a_short_value_is_left_alone():
    assert redact("port 443 is open", ["443", "", "open"]) == "port 443 is open"


def test_the_longer_of_two_secrets_is_masked_whole():
    assert redact("hunter2-production", ["hunter2", "hunter2-production"]) == MASK


def leaking():
    """A report in which a secret stands in every text that comes from outside."""
    report = samples.broken()
    verdict = replace(failed(f"got {SECRET}", f"x {SECRET}", fix=f"do {SECRET}"), unseen=(SECRET,))
    finding = Finding(samples.HSTS, "route", f"a/{SECRET}", verdict, owner=SECRET, tolerated="")
    run = replace(
        report.run, environment=SECRET, profile=SECRET, vantage=SECRET, selection=SECRET, left_behind=(SECRET,)
    )
    return replace(
        report, run=run, findings=(finding,), red=frozenset({finding.id}), reasons=(SECRET,), gate={SECRET: SECRET}
    )


IN_JSON = {"json", "sarif", "codequality"}
"""Formats that write all but ASCII as escapes."""
SHOWS_NO_FINDINGS = {"checklist", "openmetrics"}


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_shows_it(name):
    shown = render(name, leaking(), secrets=[SECRET])
    for form in (SECRET, "wörd", r"w\u00f6rd", "p&amp;ss", "p&ss"):
        assert form not in shown
    assert (r"\u2022\u2022\u2022" if name in IN_JSON else "•••") in shown


def test_what_is_red_stays_red():
    shown = redact_report(leaking(), [SECRET])
    assert [f.id for f in shown.blockers] == ["headers.hsts[route:a/•••]"]


@pytest.mark.parametrize("word", ["domains", "headers.hsts", "failure", "findings", "summary", "testcase", "unknown"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_secret_like_a_word_of_the_format_does_not_break_it(name, word):
    shown = render(name, samples.broken(), secrets=[word])
    assert "headers.hsts" in shown or name in SHOWS_NO_FINDINGS
    if name == "json":
        assert json.loads(shown)["counts"]["red"] == 6


def test_nothing_to_hide_changes_nothing():
    assert redact_report(samples.broken(), []) == samples.broken()


# --- what a cut leaves of a secret -----------------------------------------------------------------------------------

CANARY = "Zq7cAnary9xK2mN4vT8"


def shows(text: str, most: int) -> bool:
    return any(CANARY[at : at + most + 1] in text for at in range(len(CANARY) - most))


@pytest.mark.parametrize(
    "wrap", ["{}", "x-echo: {}", "says '{}'", 'is "{}" here', "({})", "{}\u2026 (12 more characters)"]
)
@pytest.mark.parametrize("known", [CANARY, f"golive:{CANARY}", f"postgres://golive:{CANARY}@db.demo.test/app"])
def test_the_beginning_that_a_cut_leaves_is_masked_at_every_length(known: str, wrap: str) -> None:
    sent = f"{'=' * 40}{CANARY}{'=' * 30}"
    for length in range(len(sent) + 1):
        assert not shows(redact(wrap.format(sent[:length]), [known]), 5), length


@pytest.mark.parametrize("known", [CANARY, f"golive:{CANARY}"])
def test_the_end_that_a_cut_leaves_is_masked_at_every_length(known: str) -> None:
    sent = f"{'=' * 30}{CANARY}{'=' * 30}"
    for start in range(len(sent)):
        assert not shows(redact(sent[start:], [known]), 11), start


def test_a_line_of_a_private_key_is_masked_by_itself() -> None:
    lines = ["-----BEGIN PRIVATE KEY-----", *(letter * 60 + "x7" for letter in "ABCD"), "-----END PRIVATE KEY-----"]
    shown = redact(f"line 3 says {lines[3]}, and not more", ["\n".join(lines)])
    assert shown == f"line 3 says {MASK}, and not more"


@pytest.mark.parametrize(
    "honest",
    [
        "postgres://somebody@db",
        "https://",
        "golive",
        "prometheus",
        "golive-lab-postgres answers",
        "of the database golive",
    ],
)
def test_what_only_resembles_a_secrets_beginning_stays(honest: str) -> None:
    assert redact(honest, ["golive:golive-lab-prometheus", f"postgres://golive:{CANARY}@db.demo.test/app"]) == honest


@pytest.mark.parametrize("kind", ["whsec_", "sk_live_", "rk_test_", "ghp_"])
def test_what_a_vendors_keys_begin_with_is_no_cut_secret(kind: str) -> None:
    text = f"STRIPE_WEBHOOK_SECRET is not a Stripe webhook secret ({kind})"
    key = f"{kind}9fQ2xYz7LmN4Kp0s"
    assert redact(text, [key]) == text
    assert redact(f"{text[:-1]}9fQ)", [key]).endswith("•••)")
