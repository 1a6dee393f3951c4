"""Does what stands in front of a host send everyone to https, speak HTTP/2, and keep its version to itself?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from golive import Outcome, Severity, Unavailable, Verdict, check, not_applicable, verdict
from golive_checks.edges import softened
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.front import MAX_HOPS, REDIRECTS, Front, Hop, HttpReply, PlainFront

PERMANENT = frozenset({301, 308})
"""What a browser may remember (RFC 9110, sections 15.4.2 and 15.4.9)."""
VERSION = re.compile(r"/\s*v?\d|(?<!\d)\d++\.\d")
"""`nginx/1.22.1`, `Apache/2.4`, `Kestrel 8.0`."""
TELLTALES = ("x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator", "x-runtime")
"""Headers that tell what an application is made with, and serve nobody else."""


def per_address(defects: Mapping[Address, Sequence[str]]) -> list[str]:
    """List each defect once, and at which addresses if not at all of them; the most common first."""
    where: dict[str, list[str]] = {}
    for address, texts in defects.items():
        for text in dict.fromkeys(texts):
            where.setdefault(text, []).append(address.ip)
    common = sorted(where.items(), key=lambda item: (-len(item[1]), len(item[0])))
    return [text if len(ips) == len(defects) else f"{text} (at {', '.join(ips)})" for text, ips in common]


CLOSED = {"refused": "refuses connections", "silent": "does not answer"}


@check("proxy.http-redirects")
def http_redirects(host: Host, plain: Mapping[Address, PlainFront]) -> Verdict:
    """Plain http redirects to https on the same host in one step, or nothing listens there.

    Why: Anyone on the way can read and change what is sent in clear, passwords and sessions included. A redirect
    through another host or through several steps stays in clear for longer, and keeps that host from ever being on the
    HSTS preload list. Browsers request a temporary redirect in clear again each time.

    Fix: Answer every path on port 80 with `return 301 https://$host$request_uri;`, or close the port. Paths that must
    answer in clear, such as ACME's, are named in clear_text_paths of the host's entry.

    Source: RFC 9110, section 15.4; https://hstspreload.org
    """
    chains = {address: seen.chains for address, seen in plain.items()}
    if not any(chains.values()) and not any(seen.closed for seen in plain.values()):
        return not_applicable("clear_text_paths allows every path to answer in clear")
    faults = {address: list(_faults(host, paths)) for address, paths in chains.items()}
    closed = {CLOSED[seen.closed] for seen in plain.values() if seen.closed}
    statuses = {hops[0].reply.status for paths in chains.values() for hops in paths.values()}
    answers = [
        f"answers {status} to https" if status in REDIRECTS else f"answers {status}" for status in sorted(statuses)
    ]
    return verdict(
        per_address({a: [text for fails, text in found if fails] for a, found in faults.items()}),
        per_address({a: [text for fails, text in found if not fails] for a, found in faults.items()}),
        ok=f"port {host.http_port} {' and '.join([*sorted(closed), *answers])}",
        evidence=[_drawn(hops) for paths in list(chains.values())[:1] for hops in paths.values()],
    )


def _faults(host: Host, chains: Mapping[str, tuple[Hop, ...]]) -> Iterator[tuple[bool, str]]:
    """Yield each fault: whether it fails, and what it is."""
    for path, hops in chains.items():
        first = hops[0]
        asked = f"http port {host.http_port}" if path == "/" else f"{path} over http"
        if first.to:
            yield from _of_redirect(host, asked, hops)
        elif first.reply.status in REDIRECTS:
            yield True, f"{asked} answers {first.reply.status} without saying where to"
        elif first.reply.header("www-authenticate").lower().startswith(("basic", "digest")):
            yield True, f"{asked} asks for a password in clear"
        elif first.reply.status < 300:  # noqa: PLR2004 - success
            yield True, f"{asked} serves content in clear ({first.reply.status}, {first.reply.body_bytes:,} bytes)"
        elif host.role != "api":
            # An API does well to refuse: a client that sends in clear should notice. A person should be led on.
            yield False, f"{asked} answers {first.reply.status} and does not redirect to https"


def _of_redirect(host: Host, asked: str, hops: tuple[Hop, ...]) -> Iterator[tuple[bool, str]]:
    first, last, seen = hops[0], hops[-1], {hop.url for hop in hops}
    there = urlsplit(first.to)
    if there.hostname != host.name:
        yield True, f"{asked} redirects to another host, {there.hostname}"
    elif last.to in seen or (len(hops) == MAX_HOPS and last.to):
        yield True, f"{asked} redirects without end"
    elif there.scheme != "https":
        yield True, f"{asked} redirects to clear http first, to {first.to}"
    elif (there.port or 443) != host.port:
        yield True, f"{asked} redirects to port {there.port or 443}, not {host.port}"
    elif first.reply.status not in PERMANENT:
        yield False, f"{asked} redirects with {first.reply.status}, which is temporary; use 301 or 308"


def _drawn(hops: tuple[Hop, ...]) -> str:
    steps = [f"{hop.url} ({hop.reply.status})" for hop in hops]
    return " -> ".join([*steps, *([hops[-1].to] if hops[-1].to else [])])


@check("proxy.http2-offered", severity=Severity.LOW)
def http2_offered(host: Host, fronts: Mapping[Address, Front]) -> Verdict:
    """The edge speaks HTTP/2.

    Why: HTTP/1.1 carries one request at a time over each connection, so that a page of many files loads slowly where
    the network is slow, as phones' are.

    Fix: Let the server's TLS offer h2: in nginx `http2 on;` (before 1.25.1 `listen 443 ssl http2;`).

    Source: RFC 9113; RFC 7301 for ALPN
    """
    old = {a: [] if seen.reply.version == "HTTP/2" else [seen.reply.version] for a, seen in fronts.items()}
    lines = [f"offered h2, it chose {text}" for text in per_address(old)]
    distrust = {a: [seen.reply.distrust] if seen.reply.distrust else [] for a, seen in fronts.items()}
    evidence = [f"seen over a connection that cannot be trusted: {text}" for text in per_address(distrust)]
    return softened(host, verdict(lines, ok="chooses h2", evidence=evidence))


@check("proxy.hides-version", severity=Severity.LOW)
def hides_version(
    host: Host, fronts: Mapping[Address, Front], plain: Mapping[Address, PlainFront | Unavailable]
) -> Verdict:
    """No header gives away the server's version or the application's framework.

    Why: A version tells an attacker which known holes to try; nobody else has a use for it.

    Fix: In nginx `server_tokens off;`; in Express `app.disable('x-powered-by')`; or drop the header in the proxy with
    `proxy_hide_header X-Powered-By;`.
    """
    replies = {address: [seen.reply] for address, seen in fronts.items()}
    for address, seen in plain.items():
        if isinstance(seen, PlainFront) and address in replies:
            replies[address] += [hop.reply for hops in seen.chains.values() for hop in hops]
    versions = per_address({a: [text for r in found for text in _versions(r)] for a, found in replies.items()})
    made_with = per_address({a: [text for r in found for text in _telltales(r)] for a, found in replies.items()})
    judged = softened(host, verdict(versions, ok=""))
    soft = judged.outcome is Outcome.WARN
    servers = sorted({r.header("server") for found in replies.values() for r in found if r.header("server")})
    return verdict(
        made_with if soft else [*versions, *made_with],
        versions if soft else [],
        ok=f"Server: {', '.join(servers)}" if servers else "no Server header",
    )


def _versions(reply: HttpReply) -> Iterator[str]:
    return (f"Server: {value}" for value in reply.values("server") if VERSION.search(value))


def _telltales(reply: HttpReply) -> Iterator[str]:
    return (f"{name.title()}: {value}" for name in TELLTALES for value in reply.values(name))
