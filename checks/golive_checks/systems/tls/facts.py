"""What each address does in TLS: the chain that it sends, the versions and the cipher suites that it takes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from golive import Effect, Fact, Now, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.tls.client.answer import CLOSED, HelloAnswer, HelloOutcome
from golive_checks.systems.tls.client.certificates import Certificate, kind_of_key
from golive_checks.systems.tls.client.client import Tls, TlsTarget
from golive_checks.systems.tls.client.offers import BROWSERS, WIDE, of_other_key, of_suites, old
from golive_checks.systems.tls.client.staple import Staple
from golive_checks.systems.tls.client.suites import BROKEN, DATED, DHE, family, of_families
from golive_checks.systems.tls.client.trust import Roots, Trust
from golive_checks.systems.tls.client.trust_path import Broken, Odd

OLD = ("SSLv2", "SSLv3", "TLS 1.0", "TLS 1.1")
MODERN = ("TLS 1.2", "TLS 1.3")
REFUSED = HelloAnswer(HelloOutcome.REFUSED)


@dataclass(frozen=True)
class ModernVersions(Fact):
    """What an address says to TLS 1.2 and TLS 1.3 as browsers offer them, and the certificates it sends to browsers."""

    answers: Mapping[str, HelloAnswer]
    """By version."""
    browsers: HelloAnswer = REFUSED
    """To a hello as browsers send it, which offers both."""
    wide: Mapping[str, HelloAnswer] = field(default_factory=dict)
    """To hellos with everything that there is, by version: asked where it refuses browsers alone."""
    chain: tuple[bytes, ...] = ()
    """In DER, leaf first; where it refuses browsers, as sent to the wide hello."""
    staple: bytes = b""
    """The OCSP response that came with the chain, in DER."""
    other_chain: tuple[bytes, ...] = ()
    """What it sends to clients that take the other kind of key alone; empty where it has one kind."""
    other_staple: bytes = b""


@dataclass(frozen=True)
class OldVersions(Fact):
    """What an address says to SSLv2, SSLv3, TLS 1.0 and TLS 1.1, by version."""

    answers: Mapping[str, HelloAnswer]


@dataclass(frozen=True)
class ServedChain(Fact):
    """The certificates that an address sends, leaf first, and the way from them to a trusted root.

    `broken` says where it breaks, whatever the leaf's dates and names are, which other checks judge;
    `oddities` what clients put up with. `public`: the root is one that browsers trust.
    """

    certificates: tuple[Certificate, ...]
    broken: Broken | None = None
    oddities: tuple[Odd, ...] = ()
    root: str = ""
    public: bool = False
    staple: Staple | None = None
    """The OCSP response that came with it."""
    path: tuple[Certificate, ...] = ()
    """The certificates that clients use, leaf first and the root last; empty where they find no way to a root."""
    other: "ServedChain | None" = None
    """The chain of its other certificate, where the address has both an RSA and an ECDSA one."""

    @property
    def both(self) -> tuple["ServedChain", ...]:
        """The chain, and the other one where there is one."""
        return (self, self.other) if self.other else (self,)

    @property
    def leaf(self) -> Certificate:
        """The host's own certificate."""
        return self.certificates[0]

    @property
    def issuer_organisation(self) -> str:
        """Whose CA issued the leaf: `Let's Encrypt`."""
        return self.leaf.issuer_organisation

    @property
    def issuer_name(self) -> str:
        """The common name of the CA that issued the leaf: `R11`."""
        return self.leaf.issuer_name


@dataclass(frozen=True)
class TakenSuites:
    """What one address takes in TLS 1.2: `preferred` of what browsers offer (0: it refuses TLS 1.2), and old suites."""

    preferred: int
    old: Mapping[str, int]
    """By family (`3DES`, `CBC`), the suite of it that was chosen."""
    dh_bits: int = 0
    """The size of its Diffie-Hellman group; 0 where it has none."""
    follows_client: bool | None = None
    """It prefers what the client names first; not known where it takes no old suite."""
    compresses: bool = False
    renegotiates_securely: bool = True


@dataclass(frozen=True)
class CipherSuites(Fact):
    """The cipher suites that a host takes, on one address of each kind (IPv4, IPv6): one configuration serves all."""

    taken: Mapping[str, TakenSuites]
    unseen: tuple[str, ...] = ()
    """Why a kind of address could not be asked: no route."""


def _target(address: Address) -> TlsTarget:
    return TlsTarget(address.host.name, address.ip, address.host.port)


@probe("tls.modern-versions", requests=3)
async def modern_versions(address: Address, tls: Tls) -> ModernVersions:
    """Say hello as browsers do, in TLS 1.3 and 1.2, and read the certificates, of both kinds of key."""
    target = _target(address)
    browsers, older = await asyncio.gather(tls.hello(target, BROWSERS), tls.hello(target, BROWSERS.only("TLS 1.2")))
    took = browsers.answer
    chose_older = HelloAnswer(HelloOutcome.REFUSED, f"chose {took.version}")
    answers = {"TLS 1.2": older.answer, "TLS 1.3": chose_older if took.version == "TLS 1.2" else took}
    if took.seen is HelloOutcome.ACCEPTED:
        # A server may hold a certificate of RSA and one of ECDSA: clients of the other kind get the other chain.
        other = await tls.hello(target, of_other_key(took.suite, _key(browsers.chain)))
        if other.chain[:1] == browsers.chain[:1]:
            return ModernVersions(answers, took, {}, browsers.chain, browsers.staple)
        return ModernVersions(answers, took, {}, browsers.chain, browsers.staple, other.chain, other.staple)
    wide = dict(zip(MODERN, await asyncio.gather(*(tls.hello(target, WIDE[v]) for v in MODERN)), strict=True))
    if all(answer.how == CLOSED for answer in (took, older.answer, *(each.answer for each in wide.values()))):
        raise Unavailable(
            f"{address.ip} port {address.host.port} closes the connection on every hello: no TLS was seen there",
            transient=True,
            fix="See which server listens there, and whether a firewall lets this machine through to it.",
        )
    best = next((each for each in (older, *reversed(wide.values())) if each.chain), older)
    return ModernVersions(answers, took, {v: each.answer for v, each in wide.items()}, best.chain, best.staple)


def _key(chain: tuple[bytes, ...]) -> str:
    """Tell the kind of a leaf's key; nothing where it cannot be parsed, which the chain's own fact says."""
    try:
        return kind_of_key(chain[0])
    except ValueError:
        return ""


@probe("tls.old-versions", requests=4, effect=Effect.ACTIVE)
async def old_versions(address: Address, tls: Tls) -> OldVersions:
    """Say hello in SSLv2, SSLv3, TLS 1.0 and TLS 1.1, one by one."""
    heard = await asyncio.gather(*(tls.hello(_target(address), old(version)) for version in OLD))
    return OldVersions({version: answered.answer for version, answered in zip(OLD, heard, strict=True)})


@probe("tls.served-chain")
async def served_chain(address: Address, seen: ModernVersions, roots: Roots, trust: Trust, now: Now) -> ServedChain:
    """Read the certificates, and look for a path from them to a trusted root."""
    if not seen.chain:
        how = ", ".join(f"{version}: {answer.how}" for version, answer in seen.answers.items())
        raise Unavailable(f"no handshake, so no certificate ({how})", fix="See tls.modern-versions-offered.")

    def followed(chain: tuple[bytes, ...], staple: bytes, other: ServedChain | None = None) -> ServedChain:
        certificates, found = roots.path_of(chain, trust, now.at)
        return ServedChain(
            certificates,
            broken=found.broken,
            oddities=found.oddities,
            root=found.root,
            public=found.public,
            staple=roots.staple(staple, chain, trust, now.at) if staple else None,
            path=found.path,
            other=other,
        )

    other = followed(seen.other_chain, seen.other_staple) if seen.other_chain else None
    return followed(seen.chain, seen.staple, other)


OF_OLD_SUITES = 3
"""Hellos, to one address of each kind; most hosts have one kind, or the same server for both."""


@probe("tls.cipher-suites", requests=OF_OLD_SUITES, effect=Effect.ACTIVE)
async def cipher_suites(host: Host, seen: Mapping[Address, ModernVersions | Unavailable], tls: Tls) -> CipherSuites:
    """Offer old cipher suites only, family by family, to one address of each kind (IPv4, IPv6)."""
    heard, unseen = dict[Address, ModernVersions](), list[str]()
    for kind in ([a for a in seen if ":" not in a.ip], [a for a in seen if ":" in a.ip]):
        gaps = [gap for a in kind if isinstance(gap := seen[a], Unavailable)]
        there = {a: versions for a in kind if not isinstance(versions := seen[a], Unavailable)}
        if not there and any(not gap.no_route for gap in gaps):
            raise next(gap for gap in gaps if not gap.no_route)
        heard |= dict(list(there.items())[:1])
        unseen += [gap.reason for gap in gaps[:1] if not there]
    if not heard:
        raise next(gap for gap in seen.values() if isinstance(gap, Unavailable))
    found = await asyncio.gather(*(_taken(_target(a), hello.answers["TLS 1.2"], tls) for a, hello in heard.items()))
    return CipherSuites({a.ip: taken for a, taken in zip(heard, found, strict=True)}, tuple(unseen))


async def _taken(target: TlsTarget, usual: HelloAnswer, tls: Tls) -> TakenSuites:
    """Offer what is old alone. A sound server refuses all three hellos."""
    broken, dated, dh = await asyncio.gather(
        _families(target, tls, BROKEN), _families(target, tls, DATED), tls.hello(target, of_suites(DHE))
    )
    old, follows = broken | dated, None
    better = usual.suite and not family(usual.suite)
    if old and better:
        # The usual suite comes last: a server that still takes it goes by its own order.
        last_first = (*old.values(), usual.suite)
        follows = (await tls.hello(target, of_suites(last_first))).answer.suite != usual.suite
    return TakenSuites(
        usual.suite,
        old,
        dh_bits=dh.answer.dh_bits,
        follows_client=follows,
        compresses=usual.compresses,
        renegotiates_securely=usual.renegotiates_securely or usual.seen is not HelloOutcome.ACCEPTED,
    )


async def _families(target: TlsTarget, tls: Tls, asked: Mapping[str, str]) -> dict[str, int]:
    """Find the families that are taken: offer all, drop the family of the suite that is chosen, offer the rest."""
    left, taken = dict(asked), dict[str, int]()
    while left:
        answer = (await tls.hello(target, of_suites(of_families(left)))).answer
        word = family(answer.suite)
        if not answer.suite or word not in left:
            break
        taken[word] = answer.suite
        del left[word]
    return taken
