"""Whether the CA of a certificate that is served without a staple has revoked it: asked by OCSP, then by CRL."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive import Fact, Now, Unavailable, probe
from golive_checks.shapes import split_url
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import ACCEPT_ANY
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.tls.client.crl import read_crl
from golive_checks.systems.tls.client.ocsp_request import request_path
from golive_checks.systems.tls.client.staple import Staple, StapleStanding, read_staple
from golive_checks.systems.tls.client.trust import Roots, Trust
from golive_checks.systems.tls.facts import ModernVersions, ServedChain

if TYPE_CHECKING:
    from cryptography import x509

MAX_ASKED = 2
"""Of the responders and of the CRLs that a certificate names, so many are tried."""
OK = 200


@dataclass(frozen=True)
class CaSaid:
    """What a CA says of a certificate, and where. `said` is None where no place that it names gave an answer."""

    said: Staple | None = None
    by: str = ""
    troubles: tuple[str, ...] = ()
    """Why the places that were asked before gave none."""


@dataclass(frozen=True)
class Revocation(Fact):
    """What CAs say of the certificates of an address, by fingerprint.

    Nobody is asked about one that is stapled and sound, leads to no trusted root, or names no place to ask at.
    """

    of: Mapping[str, CaSaid]


@probe("tls.revocation")
async def revocation(
    address: Address,
    seen: ModernVersions,
    served: ServedChain,
    roots: Roots,
    trust: Trust,
    others: OtherHosts,
    now: Now,
) -> Revocation:
    """Ask the places that a trusted certificate without a sound staple names, the responders first."""
    of = dict[str, CaSaid]()
    for chain, ders in zip(served.both, (seen.chain, seen.other_chain), strict=False):
        stapled = chain.staple is not None and chain.staple.standing in {StapleStanding.GOOD, StapleStanding.REVOKED}
        # Whoever made an untrusted certificate must not choose where this machine connects to.
        if stapled or not chain.root:
            continue
        leaf, issuer = roots.leaf_and_issuer(ders, trust)
        places = [("ocsp", url) for url in chain.leaf.ocsp[:MAX_ASKED]]
        places += [("crl", url) for url in chain.leaf.crl[:MAX_ASKED]]
        if issuer is not None and places:
            of[chain.leaf.fingerprint] = await _asked(places, leaf, issuer, others, now.at)
    return Revocation(of)


async def _asked(
    places: list[tuple[str, str]],
    leaf: "x509.Certificate",
    issuer: "x509.Certificate",
    others: OtherHosts,
    at: dt.datetime,
) -> CaSaid:
    """Ask until a place says that it is good or revoked."""
    troubles = list[str]()
    for kind, url in places:
        try:
            if kind == "ocsp":
                der = await _fetched(url.rstrip("/") + request_path(leaf, issuer), url, others)
                answer = read_staple(der, leaf, issuer, at)
            else:
                answer = await _apart(read_crl, await _fetched(url, url, others), leaf, issuer, at)
        except Unavailable as gap:
            troubles.append(gap.reason)
            continue
        if answer.standing in {StapleStanding.GOOD, StapleStanding.REVOKED}:
            return CaSaid(answer, url, tuple(troubles))
        troubles.append(f"{url}: {answer.standing}")
    return CaSaid(troubles=tuple(troubles))


async def _apart(read: Callable[..., Staple], *given: object) -> Staple:
    """Read what may be megabytes beside the loop."""
    return await asyncio.to_thread(read, *given)


async def _fetched(url: str, shown: str, others: OtherHosts) -> bytes:
    """GET a URL in clear, as they are: what comes back is signed, and https would want this very answer first."""
    parts = split_url(url)
    if parts is None or parts.scheme != "http" or not parts.hostname:
        raise Unavailable(f"{shown} is no http URL")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    door = await others.door(parts.hostname, parts.port or 80, secure=False)
    got = await door.get(path, accept=ACCEPT_ANY, encoding="identity")
    if got.status != OK:
        raise Unavailable(f"{shown} answers {got.status}")
    return got.content
