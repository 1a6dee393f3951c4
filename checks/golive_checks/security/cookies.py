"""Do cookies say what keeps them from being read, sent in clear, or sent along from other sites?"""

from collections.abc import Iterator
from typing import ClassVar

from golive import Settings, Unavailable, Verdict, check, not_applicable, shortened, unknown, verdict
from golive_checks.security.frameworks import NOBODY, for_cookies
from golive_checks.subjects import Host
from golive_checks.systems.env.framework import AppFramework
from golive_checks.systems.http.answers import Answers
from golive_checks.systems.http.cookies import Cookie

SAME_SITE = frozenset({"strict", "lax", "none"})


class CookiePolicy(Settings):
    """Which cookies hold a session. No name is guessed at."""

    home: ClassVar[str] = "security.cookies"

    session: tuple[str, ...] = ()
    """The names of the cookies that hold a session, such as `__Host-sid`."""


@check("cookies.flagged")
def flagged(host: Host, seen: Answers, ask: CookiePolicy, app: AppFramework | Unavailable = NOBODY) -> Verdict:
    """Session cookies are protected from scripts, from plain http and from cross-site requests.

    Why: Whoever has the session's cookie is the user. Without HttpOnly any script on the page reads it, without Secure
    it goes in clear over the network of a cafe, without SameSite it is sent along when another site posts a form.
    Browsers discard a cookie that breaks the rules of its prefix or of SameSite=None: nobody stays logged in.

    Fix: `Set-Cookie: __Host-sid=...; Path=/; Secure; HttpOnly; SameSite=Lax`; in express-session `cookie: { secure:
    true, httpOnly: true, sameSite: 'lax' }` with `app.set('trust proxy', 1)`. Name the session cookies in
    security.cookies.session: golive only warns about others.

    Source: RFC 6265bis, sections 4.1.2, 4.1.3 and 5.7
    """
    set_by = [(route, cookie) for route in seen.routes for cookie in route.cookies]
    fails, warns, met = list[str](), list[str](), set[str]()
    for route, cookie in set_by:
        named = cookie.name in ask.session
        met |= {cookie.name} & set(ask.session)
        # Without a value, or already over, it removes the cookie: there is nothing left to protect.
        if cookie.empty:
            continue
        for hard, text in _defects(cookie, host.name, clear=route.kind == "clear", session=named):
            summary = f"{cookie.name or 'a cookie without a name'} (set by {route.reply.path}) {text}"
            (fails if hard and named else warns).append(summary)
    unmet = [name for name in ask.session if name not in met] if host.serves_api or set_by else []
    if unmet and not fails:
        return unknown(
            f"no answer that was looked at sets {', '.join(unmet)}",
            *warns,
            fix="name a path that sets it without a login in routes.session of the host's entry",
        )
    if not set_by:
        return not_applicable("no answer that was looked at sets a cookie")
    names = ", ".join(dict.fromkeys(cookie.name for _, cookie in set_by))
    judged = verdict(list(dict.fromkeys(fails)), list(dict.fromkeys(warns)), ok=f"{names}: as it should be")
    return for_cookies(judged, app)


def _defects(cookie: Cookie, host: str, *, clear: bool, session: bool) -> Iterator[tuple[bool, str]]:
    """Yield whether it would fail if it held a session, and what it is."""
    if clear:
        yield True, "is set over clear http"
    for why in _refusals(cookie, host):
        yield True, f"is discarded: {why}"
    if not cookie.secure and cookie.same_site != "none":
        yield True, "is not Secure"
    if session and not cookie.http_only:
        yield True, "is not HttpOnly"
    if cookie.same_site and cookie.same_site not in SAME_SITE:
        yield True, f"has SameSite={shortened(cookie.same_site, 20)}, which no browser knows"
    elif session and not cookie.same_site:
        yield False, "has no SameSite, which browsers take for different things"
    if session and cookie.same_site == "none" and not cookie.partitioned:
        yield False, "has SameSite=None: it is sent with requests from any site"
    if session and cookie.domain:
        yield False, f"is sent to every host below {cookie.domain}"


def _refusals(cookie: Cookie, host: str) -> Iterator[str]:
    """Yield why browsers do not keep a cookie (RFC 6265bis, section 5.7; CHIPS for Partitioned)."""
    prefix = cookie.name.lower()
    if prefix.startswith("__secure-") and not cookie.secure:
        yield "__Secure- needs Secure"
    if prefix.startswith("__host-") and not (cookie.secure and cookie.path == "/" and not cookie.domain):
        yield "__Host- needs Secure, Path=/ and no Domain"
    if cookie.same_site == "none" and not cookie.secure:
        yield "SameSite=None needs Secure"
    if cookie.partitioned and not cookie.secure:
        yield "Partitioned needs Secure"
    if cookie.domain and cookie.domain != host:
        if not host.endswith(f".{cookie.domain}"):
            yield f"Domain={cookie.domain} is not a domain of {host}"
        elif cookie.domain_is_everybodys:
            yield f"Domain={cookie.domain} is a public suffix: anybody may have a site below it"
