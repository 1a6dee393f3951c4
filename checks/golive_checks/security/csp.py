"""Does the Content-Security-Policy keep foreign scripts out, and allow what the page itself needs?"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from golive import Unavailable, Verdict, check, not_applicable, shortened, unknown, verdict
from golive_checks.security.csp_needs import needs
from golive_checks.security.headers import EDGE_OWN, is_page, looked_at
from golive_checks.security.policy import ContentPolicy, parsed
from golive_checks.security.sources import (
    DYNAMIC,
    EVAL,
    MADE_UP,
    allows_all_inline,
    allows_url,
    is_nonce,
    lowered,
    names_elements,
    strangers,
    trusts_dynamically,
)
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.answers import Answers
from golive_checks.systems.http.front import LONG_VALUES, Front, HttpReply
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.http.suffixes import SharedSuffixes
from golive_checks.systems.page.bundle import Bundle
from golive_checks.systems.page.document import Document
from golive_checks.systems.page.second_look import SecondLook

HEADER, REPORT_ONLY = "content-security-policy", "content-security-policy-report-only"
CLEAR = ("http:", "ws:", "ftp:")
NOWHERE = "https://page.invalid"
"""A page's origin, to decide which other origins it allows: https, which its sources then imply."""
PASSIVE = frozenset({"img-src", "media-src"})
"""What cannot change the page: in clear it warns, for browsers load it by https or show it as unsafe."""
Defect = tuple[bool, str]


@check("headers.csp")
def csp(
    host: Host,
    seen: Answers,
    fronts: Mapping[Address, Front | Unavailable],
    page: Document,
    again: SecondLook,
    bundle: Bundle | Unavailable,
    origins: Mapping[Host, Origin],
    shared: SharedSuffixes,
) -> Verdict:
    """On each page a Content-Security-Policy allows what the app needs, and no script that the site did not put there.

    Why: A customer's name that is not escaped is a script on every screen that shows it. The policy keeps it from
    running. A policy that forgets the payment form, a font or the API's address breaks the app instead.

    Fix: Begin with `default-src 'self'; script-src 'self' https://js.stripe.com; frame-src https://js.stripe.com
    https://hooks.stripe.com; connect-src 'self' https://api.stripe.com <the API's https and wss origins>; object-src
    'none'; base-uri 'none'; frame-ancestors 'none'`, on every page, error pages too. No 'unsafe-inline' for scripts:
    give inline ones a hash, or a nonce that changes with each response.

    Source: CSP 3; https://docs.stripe.com/security/guide#content-security-policy
    """
    looked = [(kind, name, reply) for kind, name, reply in looked_at(seen, fronts) if is_page(reply)]
    if not looked:
        return not_applicable("none of its answers is a page; nosniff keeps data from being run")
    if any(len(v) >= LONG_VALUES[HEADER] for _, _, reply in looked for v in reply.values(HEADER)):
        return unknown(f"a Content-Security-Policy is longer than {LONG_VALUES[HEADER]:,} characters")
    shown = {route.reply.path for route in seen.routes if route.kind == "page"}
    fails, warns, evidence = *_weak(looked, host, page, shown, shared), list[str]()
    if front := [r for kind, _, r in looked if kind == "page" and r.path in shown]:
        policies = parsed(front[0].values(HEADER), page.policies)
        apis = [origin.origin for other, origin in origins.items() if other.serves_api]
        fails += _same_nonce(policies, parsed(again.headers, again.metas))
        fails += needs(policies, page, bundle, origins[host].origin, apis)
        evidence = _read_of(policies, bundle)
    return verdict(
        fails, warns, ok="foreign scripts are blocked, and what the page needs is allowed", evidence=evidence
    )


def _weak(
    looked: Sequence[tuple[str, str, HttpReply]],
    host: Host,
    page: Document,
    shown: Collection[str],
    shared: SharedSuffixes,
) -> tuple[list[str], list[str]]:
    """Return what is weak about the policies of all answers, what fails and what warns, each with where it stands."""
    fails, warns = dict[str, list[str]](), dict[str, list[str]]()
    for kind, name, reply in looked:
        policies = parsed(reply.values(HEADER), page.policies if kind == "page" and reply.path in shown else ())
        for hard, text in _defects(policies, reply, shared.names):
            soft = not hard or (host.managed_edge and kind in EDGE_OWN)
            (warns if soft else fails).setdefault(text, []).append(name)
    first, second = ([f"{text} on {', '.join(names)}" for text, names in found.items()] for found in (fails, warns))
    return first, second


def _read_of(policies: Sequence[ContentPolicy], bundle: Bundle | Unavailable) -> list[str]:
    """List the directives of the front page, and what kept the bundle from being held against them."""
    gap = f"what its scripts call could not be read: {bundle.reason}" if isinstance(bundle, Unavailable) else ""
    directives = [f"{name} {' '.join(sources)}" for p in policies for name, sources in p.directives.items()]
    return [gap, *directives] if gap else directives


def _defects(policies: Sequence[ContentPolicy], reply: HttpReply, shared: Collection[str]) -> Iterator[Defect]:
    """Yield what is weak about an answer's policies together: a script runs only where all of them let it."""
    if not policies:
        reports = " (there is one that only reports)" if reply.values(REPORT_ONLY) else ""
        yield True, f"no Content-Security-Policy{reports}"
        return
    for policy in policies:
        yield from _of_grammar(policy)
    if not any(policy.runs_no_script for policy in policies):
        yield from _of_scripts(policies, shared)
        if source := _stranger(policies, "object-src", shared):
            yield True, f"plugins may come from anywhere: object-src is missing or open ({source}),"
    yield from _in_clear(policies)
    if all(allows_all_inline(policy.sources("style-src-attr"), script=False) for policy in policies):
        yield False, "inline styles are allowed"
    elif source := _stranger(policies, "style-src", shared):
        yield False, f"styles may come from anywhere ({source})"


def _of_grammar(policy: ContentPolicy) -> Iterator[Defect]:
    for part in policy.dropped:
        # What that lets in is judged by what is left of the policy.
        yield False, f"browsers drop a directive for a character that is not ASCII ({shortened(part, 60)})"
    for name in policy.repeated:
        yield True, f"{name} is twice in one policy, and browsers ignore the second,"
    if policy.directives and not policy.known:
        names = shortened(" ".join(policy.directives), 60)
        yield True, f"a Content-Security-Policy with no directive that a browser knows ({names})"


def _of_scripts(policies: Sequence[ContentPolicy], shared: Collection[str]) -> Iterator[Defect]:
    kinds = ("script-src-elem", "script-src-attr")
    for policy in policies:
        sources = policy.sources("script-src-elem")
        if sources is not None and trusts_dynamically(sources) and not names_elements(sources):
            yield True, f"{DYNAMIC} without a nonce or hash, by which no script runs at all,"
    if all(policy.sources("script-src-elem") is None for policy in policies):
        yield True, "the policy does not restrict scripts: neither script-src nor default-src,"
        return
    if any(all(allows_all_inline(policy.sources(kind), script=True) for policy in policies) for kind in kinds):
        yield True, "inline scripts may run: 'unsafe-inline'"
    if wide := _stranger(policies, "script-src-elem", shared):
        yield True, f"scripts may come from anywhere: {wide}"
    if all(
        EVAL in lowered(policy.sources("script-src") or ()) or policy.sources("script-src") is None
        for policy in policies
    ):
        yield True, "text may be run as a script: 'unsafe-eval'"
    dynamic = any(names_elements(policy.sources("script-src-elem") or ()) for policy in policies)
    if _stranger(policies, "base-uri", shared):
        # A nonce allows the script's element, not where a planted <base> sends it.
        yield dynamic, "base-uri is missing or open: a planted <base> sends the page's scripts elsewhere,"


def _stranger(policies: Sequence[ContentPolicy], name: str, shared: Collection[str]) -> str:
    """Return the source by which anyone may serve what a directive controls; empty if there is none.

    Every policy must allow it: each place that one of them opens to others is checked against the rest.
    """
    lists = [sources for policy in policies if (sources := policy.sources(name)) is not None]
    if not lists:
        return f"no {name}"
    for sources in lists:
        for source in sources:
            for url in strangers(source, shared):
                made_up = source.lower() in MADE_UP and not name.startswith(("script-src", "base-uri", "style-src"))
                if not made_up and all(_lets_in(each, name, url) for each in lists):
                    return source
    return ""


def _lets_in(sources: Sequence[str], name: str, url: str) -> bool:
    """Return whether a list's hosts and schemes, where they are in force, let a script, style or the like come."""
    return not _overruled(name, sources) and allows_url(sources, url, NOWHERE)


def _same_nonce(first: Sequence[ContentPolicy], second: Sequence[ContentPolicy]) -> Iterator[str]:
    """Say that two responses use the same nonce: whoever has read it once can plant it."""
    one, two = (
        {s for p in policies for s in p.sources("script-src-elem") or () if is_nonce(s)} for policies in (first, second)
    )
    for source in sorted(one & two)[:1]:
        same = shortened(source, 40)
        yield f"two answers have the same nonce in script-src ({same}), which must be new with each answer"


def _in_clear(policies: Sequence[ContentPolicy]) -> Iterator[Defect]:
    """Yield each directive by which all policies allow what is fetched in clear, and whether that can do harm."""
    names = dict.fromkeys(name for policy in policies for name in policy.directives)
    for name in names:
        lists = [policy.sources(name) for policy in policies]
        given = [sources for sources in lists if sources is not None and not _overruled(name, sources)]
        if given and all(any(s.startswith(CLEAR) for s in lowered(sources)) for sources in given):
            yield name not in PASSIVE, f"{name} allows what is sent in clear,"


def _overruled(name: str, sources: Sequence[str]) -> bool:
    """Return whether 'strict-dynamic' puts a list's hosts and schemes out of force."""
    return name.startswith("script-src") and trusts_dynamically(sources)
