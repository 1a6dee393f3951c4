"""Can the app's pages read the API's answers in a browser, and no other site's?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from golive import Severity, Unavailable, Verdict, check, not_applicable, passed, shortened, unknown, verdict
from golive_checks.security.frameworks import NOBODY, for_cors
from golive_checks.subjects import Host
from golive_checks.systems.env.framework import AppFramework
from golive_checks.systems.http.cors import Asked, Cors, CorsAnswers
from golive_checks.systems.http.front import HttpReply

ALLOW, CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"
SHOWN = (ALLOW, CREDENTIALS, "access-control-allow-methods", "access-control-allow-headers", "vary", "cache-control")
SAFE_METHODS = frozenset({"GET", "HEAD", "POST"})
"""What a preflight's answer need not name (Fetch, "CORS-safelisted method")."""
SERVER_ERROR = 500
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A method, or the name of a header (RFC 9110, section 5.6.2)."""
NO_API = "it is no API: its role is not api, and it names no api_path"
NO_ORIGIN = (
    "the profile names no other origin whose pages read it: no host of role app or shop, no security.cors.origins"
)


@check("cors.foreign-origins-refused", severity=Severity.CRITICAL)
def foreign_origins_refused(
    host: Host, seen: CorsAnswers, ask: Cors, app: AppFramework | Unavailable = NOBODY
) -> Verdict:
    """No page of another site can read the API's answers or open its WebSocket.

    Why: A response that reflects any origin lets any site read the API as the logged-in visitor, and a WebSocket that
    opens for any origin lets it act. Without credentials it still reads what the visitor's network can reach. A check
    of part of the origin, or with an unescaped dot, is defeated by a domain for ten euros.

    Fix: Compare the whole Origin header with a list of whole origins (`cors({ origin: ['https://app.example.com'] })`),
    no pattern and no startsWith; refuse a WebSocket whose Origin is not on it (Socket.IO: allowRequest). Public data
    may say `*`, without credentials: name its path in security.cors.public_paths.

    Source: Fetch, section "CORS protocol"; RFC 6455, section 10.2
    """
    if not seen.asked:
        return not_applicable(NO_API)
    foreign = [asked for asked in seen.asked if asked.form not in {"known", "none"}]
    lines = {text: asked for asked in foreign if (text := _let_in(asked))}
    let_in = _by_origin([asked for asked in foreign if _let_in(asked)])
    starred = [a for a in foreign if _values(a.reply, ALLOW) == ["*"] and not _credentials(a.reply)]
    open_paths = dict.fromkeys(a.reply.path for a in starred if a.reply.path not in ask.public_paths)
    warns = [
        f"{path} may be read from any site, without credentials: Access-Control-Allow-Origin: *" for path in open_paths
    ]
    evidence = [f"{a.way} {a.reply.path} from {a.origin}: {_drawn(a.reply)}" for a in lines.values()]
    if let_in:
        judged = verdict(let_in, warns, ok="", evidence=evidence[:20])
        return for_cors(judged, app, seen.known, credentials=ask.credentials)
    if all(asked.reply.status >= SERVER_ERROR for asked in foreign):  # it may fail before CORS is applied
        return unknown(f"every answer is an error of the server ({foreign[0].reply.status})")
    if shut := _websocket_shut(seen):
        return unknown(
            shut, *warns, fix="name a WebSocket path that opens without a login in domains.proxy.websocket_path"
        )
    forms = ", ".join(dict.fromkeys(asked.form for asked in foreign))
    paths = ", ".join(dict.fromkeys(asked.reply.path for asked in foreign if asked.reply.path != seen.error))
    ok = f"{len({asked.origin for asked in foreign})} foreign origins are refused on {paths} and an error"
    judged = for_cors(verdict([], warns, ok=ok), app, seen.known, credentials=ask.credentials)
    return replace(judged, evidence=(*judged.evidence, f"tried: {forms}"))


def _let_in(asked: Asked) -> str:
    """Tell that an answer lets a foreign origin in, and how far; empty where it does not."""
    allowed = _values(asked.reply, ALLOW)
    if asked.opened:
        return f"{asked.origin} the WebSocket opens for it"
    if asked.way == "preflight" and not _ok(asked.reply):
        return ""
    if allowed == [asked.origin]:
        return f"{asked.origin} {'with credentials' if _credentials(asked.reply) else 'without credentials'}"
    return f"{asked.origin} any origin with credentials" if allowed == ["*"] and _credentials(asked.reply) else ""


def _by_origin(let_in: Sequence[Asked]) -> list[str]:
    """Name each origin once, with all that it may do; those with credentials first."""
    where: dict[tuple[str, str], list[Asked]] = {}
    for asked in let_in:
        where.setdefault((asked.origin, asked.form), []).append(asked)
    ordered = sorted(where.items(), key=lambda item: not any(_credentials(a.reply) or a.opened for a in item[1]))
    return [f"{origin} ({form}) is allowed {_how(of)}" for (origin, form), of in ordered]


def _how(of: Sequence[Asked]) -> str:
    ways = dict.fromkeys(f"open the WebSocket {a.reply.path}" if a.opened else f"{_verb(a)} {a.reply.path}" for a in of)
    answers = [a for a in of if not a.opened]
    credentials = " with credentials" if any(_credentials(a.reply) for a in answers) else " without credentials"
    star = (
        ", as Access-Control-Allow-Origin: * with credentials,"
        if any("*" in _values(a.reply, ALLOW) for a in answers)
        else ""
    )
    return f"to {', '.join(ways)}{star}{credentials if answers and not star else ''}"


def _verb(asked: Asked) -> str:
    return "OPTIONS" if asked.way == "preflight" else "GET"


def _websocket_shut(seen: CorsAnswers) -> str:
    """Say that the WebSocket does not open for the app either, which proves nothing about foreign origins."""
    known = [asked for asked in seen.asked if asked.way == "upgrade" and asked.form == "known"]
    if not known or any(asked.opened for asked in known):
        return ""
    return (
        f"the WebSocket {seen.websocket} does not open for {known[0].origin} either: it answers {known[0].reply.status}"
    )


@check("cors.known-origins-served")
def known_origins_served(host: Host, seen: CorsAnswers, ask: Cors, app: AppFramework | Unavailable = NOBODY) -> Verdict:
    """The app's pages can read the API's answers, errors included, with the methods and headers that they use.

    Why: If one origin was forgotten, or the preflight requires a login, the page shows nothing, and neither do the
    API's logs. If errors lack the headers, the app cannot tell a wrong password from a broken network.

    Fix: Answer each known origin with itself in Access-Control-Allow-Origin, on errors too; answer OPTIONS before any
    login check with 204 and the methods and headers in use, including Authorization by name: `*` does not cover it.

    Source: Fetch, sections "CORS protocol" and "CORS-preflight fetch"
    """
    if not seen.asked:
        return not_applicable(NO_API)
    if not seen.known:
        return not_applicable(NO_ORIGIN)
    if not seen.path:
        return unknown("the profile names no path with the API's data", fix="name one in api_path of the host's entry")
    fails = list[str]()
    for asked in (a for a in seen.asked if a.form == "known"):
        if asked.way == "upgrade":
            fails += (
                []
                if asked.opened
                else [f"the WebSocket {seen.websocket} does not open for {asked.origin} ({asked.reply.status})"]
            )
        elif asked.way == "polling":
            # Without withCredentials Socket.IO's client sends no cookies, and `*` is enough.
            without = ask.model_copy(update={"credentials": False})
            fails += [f"Socket.IO's polling at {seen.websocket} {text}" for text in _unread(asked, without)]
        elif asked.reply.path in {seen.path, seen.error}:
            name = "an error" if asked.reply.path == seen.error else f"{_verb(asked)} {asked.reply.path}"
            fails += [f"{name} {text}" for text in _unread(asked, ask)]
    shown = [a for a in seen.asked if a.form == "known" and a.reply.path == seen.path]
    evidence = [f"{a.way} {a.reply.path} from {a.origin}: {_drawn(a.reply)}" for a in shown]
    judged = verdict(
        list(dict.fromkeys(fails)), ok=f"served: {', '.join(seen.known)}", evidence=evidence if fails else ()
    )
    return for_cors(judged, app, seen.known, credentials=ask.credentials)


def _unread(asked: Asked, ask: Cors) -> Iterator[str]:
    """Yield why a page of the origin could not read the answer, or would not be let ask."""
    reply, allowed = asked.reply, _values(asked.reply, ALLOW)
    if len(allowed) != 1 or allowed[0] not in {asked.origin, *([] if ask.credentials else ["*"])}:
        yield f"does not serve {asked.origin}: Access-Control-Allow-Origin is {', '.join(allowed) or 'absent'}"
        return
    if ask.credentials and not _credentials(reply):
        yield f"serves {asked.origin} without Access-Control-Allow-Credentials: true"
    if asked.way != "preflight":
        return
    if not _ok(reply):
        yield f"is a preflight that fails: it answers {reply.status} to {asked.origin}"
        return
    for what in ("methods", "headers"):
        if bad := [word for word in _words(reply, f"access-control-allow-{what}") if not TOKEN.fullmatch(word)]:
            yield f"has an Access-Control-Allow-{what.title()} that browsers cannot read ({shortened(bad[0], 40)!r})"
            return
    methods = set(_words(reply, "access-control-allow-methods"))  # case-sensitive, unlike names of headers
    headers = _listed(reply, "access-control-allow-headers")
    star = set() if ask.credentials else {"*"}
    if asked.method not in SAFE_METHODS | methods and not star & methods:
        yield f"does not allow {asked.method} to {asked.origin}"
    for name in (n.lower() for n in ask.headers):
        if name not in headers and (name == "authorization" or not star & headers):
            yield f"does not allow the header {name} to {asked.origin}"


@check("cors.varies", severity=Severity.MEDIUM)
def varies(host: Host, seen: CorsAnswers) -> Verdict:
    """A response that depends on the origin says so to caches.

    Why: Without `Vary: Origin` a browser's cache or a CDN gives the shop's pages the response that was made for the
    app's: the shop is broken for whoever used the app before, and works for whoever investigates.

    Fix: Send `Vary: Origin` on every answer of a route whose Access-Control-Allow-Origin depends on the request, even
    if the request has no Origin: Express's cors does, hand-written middleware often forgets.

    Source: Fetch, section "CORS protocol and HTTP caches"
    """
    if not seen.asked:
        return not_applicable(NO_API)
    paths: dict[str, list[Asked]] = {}
    for asked in (a for a in seen.asked if a.way == "simple"):
        paths.setdefault(asked.reply.path, []).append(asked)
    dynamic = {path: of for path, of in paths.items() if len({tuple(_values(a.reply, ALLOW)) for a in of}) > 1}
    fails, warns = list[str](), list[str]()
    for path, of in dynamic.items():
        silent = [a for a in of if not {"origin", "*"} & _listed(a.reply, "vary")]
        if silent:
            kept = all("no-store" in _listed(a.reply, "cache-control") for a in silent)
            name = "an error" if path == seen.error else path
            to = "any request" if len(silent) == len(of) else f"a request from {silent[0].origin or 'no origin'}"
            text = f"{name} depends on the origin and does not say Vary: Origin to {to}"
            (warns if kept else fails).append(text + (", though nothing keeps it today (no-store)" if kept else ""))
    if not dynamic:
        return passed("no answer depends on the origin")
    return verdict(fails, warns, ok=f"Vary: Origin on {', '.join(p for p in dynamic if p != seen.error) or 'errors'}")


def _values(reply: HttpReply, name: str) -> list[str]:
    """Return the values of a header as sent: a browser takes one that holds a list for none that it knows."""
    return [value.strip() for value in reply.values(name)]


def _credentials(reply: HttpReply) -> bool:
    return reply.header(CREDENTIALS).strip() == "true"  # in lower case alone (Fetch, "CORS check")


def _ok(reply: HttpReply) -> bool:
    return 200 <= reply.status < 300  # noqa: PLR2004 - an "ok status" of Fetch


def _words(reply: HttpReply, name: str) -> list[str]:
    return [word for each in reply.header(name).split(",") if (word := each.strip())]


def _listed(reply: HttpReply, name: str) -> set[str]:
    return {word.lower() for word in _words(reply, name)}


def _drawn(reply: HttpReply) -> str:
    found = [f"{name}: {value}" for name in SHOWN for value in reply.values(name)]
    return f"{reply.status}, {'; '.join(found) or 'no CORS header'}"
