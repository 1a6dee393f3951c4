"""Do answers of every kind carry the headers that keep browsers from harm?

Each header is required where a browser honours it: HSTS and nosniff on every answer over https, Referrer-Policy on
pages and redirects, and what protects a page (frames, permissions) on every page, error pages included. JSON is no
page: it cannot be framed to any use, and with nosniff it runs as no script. What comes over clear http protects nothing
there: whoever could do harm can drop it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import ClassVar
from urllib.parse import urljoin

from pydantic import Field

from golive import Settings, Severity, Unavailable, Verdict, check, not_applicable, shortened, verdict
from golive_checks.hsts import HstsPolicy, hsts_defects
from golive_checks.security.frameworks import NOBODY, for_header
from golive_checks.security.policy import parsed
from golive_checks.security.sources import allows_url, strangers
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.env.framework import AppFramework
from golive_checks.systems.http.answers import Answers, Kind
from golive_checks.systems.http.front import REDIRECTS, Front, HttpReply
from golive_checks.systems.http.suffixes import SharedSuffixes
from golive_checks.systems.page.document import Document

PAGES = frozenset({"text/html", "application/xhtml+xml"})
EDGE_OWN = frozenset({"error", "redirect"})
"""Answers that a managed edge makes by itself, where its user can set no header."""
Defects = Iterator[tuple[bool, str]]
"""Whether it fails or warns, and what it is."""

NAMES: Mapping[Kind, str] = {
    "page": "the page",
    "data": "the API's data",
    "static": "the static file",
    "error": "the error",
    "redirect": "the redirect",
    "session": "the session's answer",
    "other": "the answer",
}


class HeaderPolicy(Settings):
    """What the security headers must say."""

    home: ClassVar[str] = "security.headers"

    referrer: tuple[str, ...] = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
    """Policies that give no path to other sites."""
    closed_features: tuple[str, ...] = ("camera", "microphone", "geolocation", "payment", "usb")
    """Features that Permissions-Policy may open to nobody but the site itself and those it names."""
    require_permissions: bool = Field(default=True)
    """Every page must send a Permissions-Policy."""


def looked_at(answers: Answers, fronts: Mapping[Address, Front | Unavailable]) -> list[tuple[Kind, str, HttpReply]]:
    """Return each answer over https, its kind and its name; the other addresses' front page too."""
    found: list[tuple[Kind, str, HttpReply]] = [
        (route.kind, f"{NAMES[route.kind]} {_shown(route.kind, route.reply)}", route.reply)
        for route in answers.routes
        if route.kind != "clear"
    ]
    others = {a.ip: s.reply for a, s in fronts.items() if isinstance(s, Front) and a.ip != answers.ip}
    return found + [("page", f"the page {reply.path} at {ip}", reply) for ip, reply in others.items()]


def _shown(kind: Kind, reply: HttpReply) -> str:
    return f"({reply.status})" if kind == "error" else reply.path


def is_page(reply: HttpReply) -> bool:
    """Return whether a browser shows it as a page."""
    return reply.media_type in PAGES and reply.status not in REDIRECTS


def judged(
    host: Host,
    answers: Answers,
    fronts: Mapping[Address, Front | Unavailable],
    applies: Callable[[HttpReply], bool],
    defects: Callable[[HttpReply], Defects],
    ok: str,
    *,
    evidence: Sequence[str] = (),
) -> Verdict:
    """Judge every answer that a header matters on; what a managed edge answers by itself warns."""
    looked = [each for each in looked_at(answers, fronts) if applies(each[2])]
    if not looked:
        return not_applicable("none of its responses is a page, and browsers use it only there")
    fails, warns = dict[str, list[str]](), dict[str, list[str]]()
    for kind, name, reply in looked:
        for hard, text in defects(reply):
            soft = not hard or (host.managed_edge and kind in EDGE_OWN)
            (warns if soft else fails).setdefault(text, []).append(name)
    kinds = ", ".join(dict.fromkeys(NAMES[kind].partition(" ")[2] for kind, _, _ in looked))
    return verdict(_described(fails), _described(warns), ok=f"{ok} on {kinds}", evidence=evidence)


def _described(defects: Mapping[str, list[str]]) -> list[str]:
    return [f"{text} on {', '.join(dict.fromkeys(names))}" for text, names in defects.items()]


@check("headers.hsts")
def hsts(
    host: Host,
    seen: Answers,
    fronts: Mapping[Address, Front | Unavailable],
    ask: HstsPolicy,
    app: AppFramework | Unavailable = NOBODY,
) -> Verdict:
    """Every response over https tells browsers to use https only.

    Why: Until a browser has seen the header, anyone in between can keep a visitor on plain http: in a cafe, a hotel, a
    mobile network. A header on pages alone misses visitors who follow a broken or redirecting link.

    Fix: In nginx `add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;`, repeated in each
    location that adds a header of its own; in Express `helmet.hsts()` before everything else.

    Source: RFC 6797, sections 6.1 and 8.1; https://hstspreload.org
    """
    found = judged(
        host,
        seen,
        fronts,
        lambda _: True,
        lambda reply: hsts_defects(reply.values("strict-transport-security"), ask),
        ok="HSTS",
        evidence=seen.unseen,
    )
    return for_header(found, app, "Strict-Transport-Security", "max-age=31536000; includeSubDomains")


@check("headers.nosniff", severity=Severity.MEDIUM)
def nosniff(
    host: Host, seen: Answers, fronts: Mapping[Address, Front | Unavailable], app: AppFramework | Unavailable = NOBODY
) -> Verdict:
    """Browsers do not guess the type of any response.

    Why: Without it a browser may run an uploaded picture as a script, or JSON with a customer's text in it as a page.

    Fix: In nginx `add_header X-Content-Type-Options nosniff always;`; in Express `helmet.noSniff()`.

    Source: Fetch, section "X-Content-Type-Options header"
    """
    found = judged(host, seen, fronts, lambda _: True, _sniffed, ok="nosniff")
    return for_header(found, app, "X-Content-Type-Options", "nosniff")


def _sniffed(reply: HttpReply) -> Defects:
    values = [v.strip().lower() for v in reply.header("x-content-type-options").split(",")]
    if values[0] != "nosniff":
        yield True, f"X-Content-Type-Options is {_value_of(reply, 'x-content-type-options')}, not nosniff,"
    elif len(values) > 1:
        yield False, f"X-Content-Type-Options is sent {len(values)} times"


@check("headers.frames")
def frames(
    host: Host,
    seen: Answers,
    fronts: Mapping[Address, Front | Unavailable],
    shared: SharedSuffixes,
    app: AppFramework | Unavailable = NOBODY,
) -> Verdict:
    """No other site can show a page in a frame.

    Why: A page that can be framed can be laid invisibly over another one: the visitor clicks on a game and confirms a
    payment. frame-ancestors overrides X-Frame-Options, and `frame-ancestors *` allows everyone.

    Fix: Add `frame-ancestors 'self'` (or 'none') to the Content-Security-Policy header; in a meta element it does not
    count. For old browsers also send `X-Frame-Options: SAMEORIGIN`; no current browser supports ALLOW-FROM.

    Source: CSP 3, section 6.4.2; HTML, section 7.6 for X-Frame-Options
    """
    found = judged(host, seen, fronts, is_page, lambda reply: _framed(reply, shared.names), ok="framing is refused")
    return for_header(found, app, "X-Frame-Options", "DENY") if _unframed(seen) else found


def _unframed(seen: Answers) -> bool:
    """Return whether no page says a word of frames, so that a header more is all that is wanted."""
    pages = [route.reply for route in seen.routes if is_page(route.reply)]
    return not any("frame-ancestors" in reply.header("content-security-policy") for reply in pages)


def _framed(reply: HttpReply, shared: Collection[str]) -> Defects:
    policies = parsed(reply.values("content-security-policy"))
    lists = [p.directives["frame-ancestors"] for p in policies if "frame-ancestors" in p.directives]
    if lists:
        if source := _framing(lists, shared):
            yield True, f"frame-ancestors {' '.join(lists[0])} lets any site frame it ({source}),"
        return
    for part in (part for p in policies for part in p.dropped if part.lower().startswith("frame-ancestors")):
        yield False, f"browsers drop {shortened(part, 60)} for a character that is not ASCII"
    options = list(dict.fromkeys(v.strip(" \t").lower() for v in reply.header("x-frame-options").split(",")))
    known = set(options) & (REFUSE if len(options) == 1 else {*REFUSE, "allowall"})
    if options == [""]:
        yield True, "neither frame-ancestors nor X-Frame-Options"
    elif not known and options[0].startswith("allow-from"):
        yield True, "X-Frame-Options ALLOW-FROM, which no current browser supports,"
    elif not known:
        yield True, f"X-Frame-Options is {_value_of(reply, 'x-frame-options')}, which says nothing,"
    elif len(reply.header("x-frame-options").split(",")) > 1:
        yield False, f"X-Frame-Options is sent more than once ({_value_of(reply, 'x-frame-options')})"


REFUSE = frozenset({"deny", "sameorigin"})
"""Several values that differ refuse every frame where one of them is known, ALLOWALL included (HTML, section 7.6.1)."""


def _framing(lists: Sequence[Sequence[str]], shared: Collection[str]) -> str:
    """Return the source by which every list lets another site frame the page: an empty list allows none."""
    for source, url in ((s, url) for sources in lists for s in sources for url in strangers(s, shared)):
        origin = urljoin(url, "/")  # a frame's ancestors are known by their origins
        if url.startswith("https://") and all(allows_url(each, origin, "https://page.invalid") for each in lists):
            return source
    return ""


@check("headers.referrer", severity=Severity.MEDIUM)
def referrer(
    host: Host,
    seen: Answers,
    fronts: Mapping[Address, Front | Unavailable],
    page: Document,
    ask: HeaderPolicy,
    app: AppFramework | Unavailable = NOBODY,
) -> Verdict:
    """Other sites do not learn the path of the page that a visitor comes from.

    Why: Paths hold ids, names, tokens of password resets; with an old browser or a lax policy, each site that a page
    links to or loads a script from gets the whole address.

    Fix: In nginx `add_header Referrer-Policy strict-origin-when-cross-origin always;`; in Express
    `helmet.referrerPolicy({ policy: 'strict-origin-when-cross-origin' })`.

    Source: W3C Referrer Policy, sections 3 and 8.1
    """
    shown = {route.reply.path for route in seen.routes if route.kind == "page"}

    def leaks(reply: HttpReply) -> Defects:
        if page.referrer and reply.path in shown and is_page(reply):
            yield from _referred(page.referrer, ask)  # what the page says itself comes later, and counts
        else:
            yield from _referred(reply.header("referrer-policy"), ask)

    found = judged(
        host, seen, fronts, lambda r: is_page(r) or r.status in REDIRECTS, leaks, ok="Referrer-Policy keeps paths"
    )
    return for_header(found, app, "Referrer-Policy", "strict-origin-when-cross-origin")


POLICIES = frozenset(
    {
        "no-referrer",
        "no-referrer-when-downgrade",
        "same-origin",
        "origin",
        "strict-origin",
        "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    }
)


def _referred(value: str, ask: HeaderPolicy) -> Defects:
    known = [word for word in (part.strip().lower() for part in value.split(",")) if word in POLICIES]
    if not value:
        yield True, "no Referrer-Policy"
    elif not known:
        yield True, f"Referrer-Policy is {shortened(value, 80)!r}, which no browser knows,"
    elif known[-1] not in ask.referrer:
        yield True, f"Referrer-Policy is {known[-1]}, which shows other sites too much,"


@check("headers.permissions", severity=Severity.LOW)
def permissions(
    host: Host,
    seen: Answers,
    fronts: Mapping[Address, Front | Unavailable],
    ask: HeaderPolicy,
    app: AppFramework | Unavailable = NOBODY,
) -> Verdict:
    """Each page says who may use the camera, the microphone, the location and the like.

    Why: Without it an injected script, or a frame with an advertisement, may ask the visitor for them in the site's
    name. A header in the old Feature-Policy form is ignored as a whole.

    Fix: `Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=(self)`, with what the app uses allowed.

    Source: W3C Permissions Policy, section 5.1; RFC 9651 for its grammar
    """
    found = judged(host, seen, fronts, is_page, lambda reply: _permitted(reply, ask), ok="Permissions-Policy")
    return for_header(found, app, "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(self)")


def _permitted(reply: HttpReply, ask: HeaderPolicy) -> Defects:
    value = reply.header("permissions-policy").strip()
    if not value:
        if ask.require_permissions:
            yield True, "no Permissions-Policy"
        return
    found = _allowlists(value)
    if found is None:
        yield True, f"Permissions-Policy is ignored, for it is not written as RFC 9651 has it ({shortened(value, 60)}),"
        return
    wide = [name for name in ask.closed_features if "*" in found.get(name, "").strip("()").split()]
    if wide:
        yield True, f"Permissions-Policy opens {', '.join(wide)} to everyone"


def _allowlists(value: str) -> dict[str, str] | None:
    """Read the dictionary of a Permissions-Policy: `camera=(), geolocation=(self "https://maps.example")`."""
    found = dict[str, str]()
    for member in _members(value):
        name, equals, allowed = member.strip().partition("=")
        key = name.replace("-", "").replace("_", "").replace(".", "").replace("*", "")
        listed = allowed.partition(";")[0].strip()
        whole = listed in {"*", "self", "src", "?0", "?1"} or (listed.startswith("(") and listed.endswith(")"))
        if not key.isalnum() or name != name.lower() or (equals and not whole and not listed.startswith('"')):
            return None
        found[name] = listed
    return found


def _members(value: str) -> Iterator[str]:
    """Part at the commas that stand in no text and no list."""
    start, depth, quoted = 0, 0, False
    for at, character in enumerate(value):
        if character == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if character == "," and not depth:
                yield value[start:at]
                start = at + 1
    yield value[start:]


def _value_of(reply: HttpReply, name: str) -> str:
    return shortened(reply.header(name), 80) or "absent"
