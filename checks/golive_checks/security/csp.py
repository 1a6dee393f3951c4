"""Does the Content-Security-Policy keep foreign scripts out, and let in what the page itself needs?"""

from collections.abc import Iterator, Mapping, Sequence

from golive import Unavailable, Verdict, check, not_applicable, unknown, verdict
from golive_checks.security.csp_needs import needs
from golive_checks.security.headers import EDGE_OWN, is_page, looked_at
from golive_checks.security.policy import (
    DYNAMIC,
    EVAL,
    Policy,
    allows_all_inline,
    lowered,
    names_elements,
    parsed,
    trusts_dynamically,
)
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.answers import Answers
from golive_checks.systems.http.front import LONG_VALUES, Front, Reply
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.page.bundle import Bundle
from golive_checks.systems.page.document import Document

HEADER, REPORT_ONLY = "content-security-policy", "content-security-policy-report-only"
ANYWHERE = frozenset({"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*", "*:*"})
"""Sources that are everyone's."""
MADE_UP = frozenset({"data:", "blob:", "filesystem:"})
"""Sources whose content a page, or who writes into it, makes up on the spot."""
CLEAR = ("http:", "ws:", "ftp:")
PASSIVE = frozenset({"img-src", "media-src"})
"""What cannot change the page: in clear it warns, for browsers load it by https or show it as unsafe."""
Defect = tuple[bool, str]


@check("headers.csp")
def csp(
    host: Host,
    seen: Answers,
    fronts: Mapping[Address, Front | Unavailable],
    page: Document,
    bundle: Bundle | Unavailable,
    origins: Mapping[Host, Origin],
) -> Verdict:
    """A Content-Security-Policy lets run on each page only what the site put there, and all that the app needs.

    Why: A customer's name that is shown without care is a script on every screen that shows it. The policy is what
    keeps it from running. A policy that forgets the payment form, a font or the API's address breaks the app instead.

    Fix: Begin with `default-src 'self'; script-src 'self' https://js.stripe.com; frame-src https://js.stripe.com
    https://hooks.stripe.com; connect-src 'self' https://api.stripe.com <the API's https and wss origins>; object-src
    'none'; base-uri 'none'; frame-ancestors 'none'`, on every page, error pages too. No 'unsafe-inline' for scripts:
    give inline ones a nonce that is new with each answer, or a hash.

    Source: CSP 3; https://docs.stripe.com/security/guide#content-security-policy
    """
    looked = [(kind, name, reply) for kind, name, reply in looked_at(seen, fronts) if is_page(reply)]
    if not looked:
        return not_applicable("none of its answers is a page; nosniff keeps data from being run")
    if any(len(v) >= LONG_VALUES[HEADER] for _, _, reply in looked for v in reply.values(HEADER)):
        return unknown(f"a Content-Security-Policy is longer than {LONG_VALUES[HEADER]:,} characters")
    shown = {route.reply.path for route in seen.routes if route.kind == "page"}
    fails, warns = dict[str, list[str]](), dict[str, list[str]]()
    for kind, name, reply in looked:
        policies = parsed(reply.values(HEADER), page.policies if kind == "page" and reply.path in shown else ())
        for hard, text in _defects(policies, reply):
            soft = not hard or (host.managed_edge and kind in EDGE_OWN)
            (warns if soft else fails).setdefault(text, []).append(name)
    told = [[f"{text} on {', '.join(names)}" for text, names in found.items()] for found in (fails, warns)]
    home, evidence = origins[host].origin, list[str]()
    front = [r for kind, _, r in looked if kind == "page" and r.path in shown]
    if front:
        policies = parsed(front[0].values(HEADER), page.policies)
        apis = [origin.origin for other, origin in origins.items() if other.serves_api]
        told[0] += needs(policies, page, bundle, home, apis)
        if isinstance(bundle, Unavailable):
            evidence.append(f"what its scripts call could not be read: {bundle.reason}")
        evidence += [f"{name} {' '.join(sources)}" for p in policies for name, sources in p.directives.items()]
    return verdict(
        told[0], told[1], ok="foreign scripts are kept out, and what the page needs is let in", evidence=evidence
    )


def _defects(policies: Sequence[Policy], reply: Reply) -> Iterator[Defect]:
    """Yield what is weak about an answer's policies together: a script runs only where all of them let it."""
    if not policies:
        reports = " (there is one that only reports)" if reply.values(REPORT_ONLY) else ""
        yield True, f"no Content-Security-Policy{reports}"
        return
    for policy in policies:
        for name in policy.repeated:
            yield True, f"{name} stands twice in one policy, and browsers ignore the second,"
        if not policy.known:
            names = " ".join(policy.directives)[:60]
            yield True, f"a Content-Security-Policy with no directive that a browser knows ({names})"
    yield from _of_scripts(policies)
    if all(_anywhere(policy.sources("object-src"), "object-src") for policy in policies):
        yield True, "plugins may come from anywhere: object-src is missing or open,"
    yield from _in_clear(policies)
    if all(allows_all_inline(policy.sources("style-src-attr"), script=False) for policy in policies):
        yield False, "inline styles are allowed"
    elif all(_anywhere(p.sources("style-src"), "style-src") for p in policies):
        yield False, "styles may come from anywhere"


def _of_scripts(policies: Sequence[Policy]) -> Iterator[Defect]:
    kinds = ("script-src-elem", "script-src-attr")
    for policy in policies:
        sources = policy.sources("script-src-elem")
        if sources is not None and trusts_dynamically(sources) and not names_elements(sources):
            yield True, f"{DYNAMIC} without a nonce or hash, by which no script runs at all,"
    if all(policy.sources("script-src-elem") is None for policy in policies):
        yield True, "the policy says nothing of scripts: neither script-src nor default-src,"
        return
    if any(all(allows_all_inline(policy.sources(kind), script=True) for policy in policies) for kind in kinds):
        yield True, "inline scripts may run: 'unsafe-inline'"
    wide = [_anywhere(policy.sources("script-src-elem"), "script-src") for policy in policies]
    if all(wide):
        yield True, f"scripts may come from anywhere: {wide[0]}"
    if all(
        EVAL in lowered(policy.sources("script-src") or ()) or policy.sources("script-src") is None
        for policy in policies
    ):
        yield True, "text may be run as a script: 'unsafe-eval'"
    dynamic = any(names_elements(policy.sources("script-src-elem") or ()) for policy in policies)
    if all(
        policy.sources("base-uri") is None or _anywhere(policy.sources("base-uri"), "base-uri") for policy in policies
    ):
        # A nonce vouches for the script's element and not for where a planted <base> sends it.
        yield dynamic, "base-uri is missing or open: a planted <base> sends the page's scripts elsewhere,"


def _anywhere(sources: Sequence[str] | None, name: str) -> str:
    """Return the source by which anyone may serve what a directive speaks of; empty where there is none."""
    if sources is None:
        return f"no {name}"
    if _overruled(name, sources):
        return ""  # hosts and schemes are then for browsers too old to know 'strict-dynamic'
    made_up = MADE_UP if name in {"script-src", "base-uri", "style-src"} else frozenset[str]()
    return next((s for s in lowered(sources) if s in ANYWHERE | made_up or s.endswith("://*")), "")


def _in_clear(policies: Sequence[Policy]) -> Iterator[Defect]:
    """Yield each directive by which all policies allow what is fetched in clear, and whether that can do harm."""
    names = dict.fromkeys(name for policy in policies for name in policy.directives)
    for name in names:
        lists = [policy.sources(name) for policy in policies]
        given = [sources for sources in lists if sources is not None and not _overruled(name, sources)]
        if given and all(any(s.startswith(CLEAR) for s in lowered(sources)) for sources in given):
            yield name not in PASSIVE, f"{name} allows what is sent in clear,"


def _overruled(name: str, sources: Sequence[str]) -> bool:
    """Tell whether 'strict-dynamic' puts a list's hosts and schemes out of force."""
    return name.startswith("script-src") and trusts_dynamically(sources) and names_elements(sources)
