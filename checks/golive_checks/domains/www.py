"""Do a domain's two names, with www and without, lead to one site?"""

from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

from golive import Verdict, check, verdict
from golive_checks.hsts import HstsPolicy, hsts_defects
from golive_checks.systems.http.front import REDIRECTS, Hop
from golive_checks.systems.http.www import NameLook, WwwLooks, WwwPair

PERMANENT = frozenset({301, 308})
ERROR, SUCCESS = 400, 300
Defect = tuple[bool, str]
"""Whether it fails, and what it is."""
Part = Literal["serves", "leads", "broken"]
"""What a name does: it shows the site, it leads to the other name, or neither."""


@check("www.one-site")
def one_site(pair: WwwPair, seen: WwwLooks, ask: HstsPolicy) -> Verdict:
    """With www and without, people come to one site, over https, in one step.

    Why: People type either name. One that does not answer, or has no valid certificate, is an outage for those who
    typed it; one that shows a second copy of the site splits its search ranking, its cookies and its logins. A name
    that leaves http for the other name, before https on its own, never has its HSTS header seen.

    Fix: Give both names addresses and a certificate that covers both. On port 80, `return 301 https://$host$request_uri;`
    for both; on port 443, in the server block of the name that leads, `return 301 https://<the other>$request_uri;`,
    with Strict-Transport-Security sent `always` by both.

    Source: https://hstspreload.org; RFC 6797, section 8.1; RFC 9110, section 15.4
    """
    parts = {name: {_part(pair, look) for look in seen.looks if look.name == name} for name in (pair.apex, pair.www)}
    defects: list[Defect] = [(True, f"{name} has no address") for name in seen.absent]
    if not seen.absent:
        defects += _together(pair, parts)
    for look in seen.looks:
        at = f" (at {look.ip})" if sum(each.name == look.name for each in seen.looks) > 1 else ""
        defects += [(fails, text + at) for fails, text in _defects(pair, look, ask)]
    main = next((name for name, does in parts.items() if does == {"serves"}), "")
    return verdict(
        _distinct(text for fails, text in defects if fails),
        _distinct(text for fails, text in defects if not fails),
        ok=f"{pair.other(main)} leads to {main} in one step, over https" if main else "",
        evidence=[_drawn(hop) for look in seen.looks for hop in (look.http, look.https) if hop],
    )


def _distinct(texts: Iterator[str]) -> Sequence[str]:
    return list(dict.fromkeys(texts))


def _part(pair: WwwPair, look: NameLook) -> Part:
    """Return what a name does, by its front page over https."""
    if look.https is None or look.https.reply.status >= ERROR:
        return "broken"
    if not look.https.to:
        return "broken" if look.https.reply.status in REDIRECTS else "serves"
    there = urlsplit(look.https.to).hostname
    if there == look.name:
        return "serves"  # it leads on within the site, as to a language
    return "leads" if there == pair.other(look.name) else "broken"


def _together(pair: WwwPair, parts: dict[str, set[Part]]) -> Iterator[Defect]:
    """Judge both names side by side. What is broken by itself is reported by itself."""
    for name, does in parts.items():
        if {"serves", "leads"} <= does:
            yield True, f"{name} shows the site at one address and leads to {pair.other(name)} at another"
    if any(does not in ({"serves"}, {"leads"}) for does in parts.values()):
        return
    if all(does == {"serves"} for does in parts.values()):
        yield True, f"{pair.apex} and {pair.www} both show a site: neither leads to the other"
    elif all(does == {"leads"} for does in parts.values()):
        yield True, f"{pair.apex} and {pair.www} lead to each other without end"
    elif pair.serves and parts[pair.serves] != {"serves"}:
        yield True, f"{pair.serves} leads to {pair.other(pair.serves)}; the profile has it the other way round"


def _defects(pair: WwwPair, look: NameLook, ask: HstsPolicy) -> Iterator[Defect]:
    if look.https is None:
        yield True, f"{look.name} does not answer on port {pair.port}"
    else:
        yield from _secure(pair, look, look.https, ask)
    if look.http is not None:
        yield from _plain(pair, look.name, look.http)


def _secure(pair: WwwPair, look: NameLook, front: Hop, ask: HstsPolicy) -> Iterator[Defect]:
    name, reply, there = look.name, front.reply, urlsplit(front.to).hostname
    if reply.distrust:
        yield True, f"https://{name} cannot be trusted: {reply.distrust}"
    if reply.status >= ERROR:
        yield True, f"https://{name} answers {reply.status}"
    elif reply.status in REDIRECTS and not front.to:
        yield True, f"https://{name} answers {reply.status} without saying where to"
    elif front.to and there not in {pair.apex, pair.www}:
        yield True, f"https://{name} leads to another host, {there}"
    elif front.to:
        yield from _of_redirect(pair, f"https://{name}", front)
        if there != name:
            yield from _lasting(f"https://{name}", front)
            yield from _of_path(name, look.deep)
    if reply.status < ERROR:
        for fails, text in hsts_defects(reply.values("strict-transport-security"), ask):
            if fails:
                yield True, f"https://{name}: {text.removesuffix(',')}"


def _of_redirect(pair: WwwPair, asked: str, hop: Hop) -> Iterator[Defect]:
    to = urlsplit(hop.to)
    if to.scheme != "https":
        yield True, f"{asked} leads to clear http, {hop.to}"
    elif (to.port or 443) != pair.port:
        yield True, f"{asked} leads to port {to.port or 443}, not {pair.port}"


def _lasting(asked: str, hop: Hop) -> Iterator[Defect]:
    if hop.reply.status not in PERMANENT:
        yield False, f"{asked} redirects with {hop.reply.status}, which is temporary; use 301 or 308"


def _of_path(name: str, deep: Hop | None) -> Iterator[Defect]:
    """A link to a page must arrive at that page under the other name."""
    if deep is None or not deep.to:
        text = f" (another path answers {deep.reply.status})" if deep else ""
        yield False, f"https://{name} leads to the other name from / alone{text}"
    elif (there := urlsplit(deep.to)).path != deep.reply.path:
        yield False, f"https://{name} forgets the path: every link leads to {there.path}"


def _plain(pair: WwwPair, name: str, hop: Hop) -> Iterator[Defect]:
    asked, to = f"http://{name}", urlsplit(hop.to)
    if hop.to and to.hostname == pair.other(name):
        yield True, f"{asked} leads to {to.scheme}://{to.hostname} before https on its own name"
    elif hop.to and to.hostname != name:
        yield True, f"{asked} leads to another host, {to.hostname}"
    elif hop.to:
        yield from _of_redirect(pair, asked, hop)
        if to.scheme == "https":
            yield from _lasting(asked, hop)
    elif hop.reply.status in REDIRECTS:
        yield True, f"{asked} answers {hop.reply.status} without saying where to"
    elif hop.reply.status < SUCCESS:
        yield True, f"{asked} shows content in clear ({hop.reply.status})"
    else:
        yield True, f"{asked} answers {hop.reply.status} and does not lead to https"


def _drawn(hop: Hop) -> str:
    return f"{hop.url} ({hop.reply.status})" + (f" -> {hop.to}" if hop.to else "")
