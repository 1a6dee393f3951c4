"""The TLS of the reference stack: what each host's certificate is like, and what the edge negotiates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from golive_lab.world.names import APP

if TYPE_CHECKING:
    from collections.abc import Mapping


Protocol = Literal["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
Weak = Literal["3des", "rc4", "null", "anonymous"]
"""Families of suites that no OpenSSL of today serves."""

MOZILLA_INTERMEDIATE = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
    ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
"""OpenSSL's words for the TLS 1.2 suites of https://ssl-config.mozilla.org/guidelines/6.0.json, `intermediate`."""
BEFORE_TLS_1_2 = "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA"
"""TLS 1.0 and 1.1 know none of those: the best that they do know."""

Said = Literal["good", "revoked", "expired", "nothing"]
"""What an authority says of a certificate."""


@dataclass(frozen=True)
class Chain:
    """A certificate and what is sent with it."""

    names: tuple[str, ...] = ()
    """The DNS names and addresses it is for; none: the host's own."""
    issuer: Literal["lab", "other", "stranger", "self"] = "lab"
    """`lab` and `other` are intermediates below the lab's root, of different organisations; `stranger` is below a
    root that nobody trusts; `self`: it has signed itself."""
    sends_intermediate: bool = True
    lifetime_days: float = 90
    age_days: float = 30
    """How long ago it was issued; negative: its time has not come yet."""
    key: Literal["rsa-2048", "rsa-1024", "p-256", "p-521"] = "rsa-2048"
    signature: Literal["sha256", "sha1"] = "sha256"
    server_auth: bool = True
    """Whether its extended key usage names servers."""
    signs: bool = True
    """Whether its key usage lets it sign handshakes."""
    must_staple: bool = False
    staple: Said | Literal[""] = "good"
    """What the OCSP response says that nginx staples to it; Python's server staples nothing."""
    ca_says: Said = "good"
    """What its authority says to those that ask."""
    names_responder: bool = True
    """Otherwise it names a CRL alone."""
    critical_stranger: bool = False
    """It has a critical extension that nobody knows."""
    padding_bytes: int = 0
    """Makes it larger, by an extension of that many bytes that means nothing."""

    @property
    def weak(self) -> bool:
        """True where OpenSSL refuses to serve it at its default security level."""
        return self.key == "rsa-1024" or self.signature == "sha1"


@dataclass(frozen=True)
class OldTls:
    """What OpenSSL can no longer serve, from a tlslite-ng server in front of the edge.

    It answers the hellos that nothing better than `versions` and `ciphers` would suit; every other connection goes
    to the edge byte for byte, so that nothing else about it changes.
    """

    versions: tuple[Literal["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"], ...] = ()
    ciphers: tuple[Weak, ...] = ()
    """Weak families that it takes up where a hello offers nothing that the edge would take."""


@dataclass(frozen=True)
class EdgeTls:
    """What the edge does in TLS."""

    chain: Chain = field(default_factory=Chain)
    """What every host serves on every address, unless told otherwise."""
    chains: Mapping[str, Chain] = field(default_factory=dict)
    """What a host serves instead, by host name."""
    second_address: Mapping[str, Chain] = field(default_factory=dict)
    """What a host serves instead on its second address alone, by host name."""
    other_key: Mapping[str, Chain] = field(default_factory=lambda: {APP: Chain(key="p-256")})
    """What a host serves besides, on both addresses, to clients that take an ECDSA key."""
    protocols: tuple[Protocol, ...] = ("TLSv1.2", "TLSv1.3")
    ciphers: str = MOZILLA_INTERMEDIATE
    """In OpenSSL's words; TLS 1.3's own suites are always on where it is."""
    prefers_own_order: bool = False
    lowers_security: bool = True
    """Lower OpenSSL's security level for what is weak. Without it OpenSSL takes TLS 1.0 up and then fails."""
    front: OldTls | None = None

    def served(self, host: str, *, second: bool) -> Chain:
        """Tell what a host serves on its first or its second address."""
        chain = self.chains.get(host, self.chain)
        return self.second_address.get(host, chain) if second else chain

    def staples(self, host: str) -> bool:
        """Return whether nginx staples a host's response, of which it has one for all of a server's certificates."""
        chain = self.served(host, second=False)
        return bool(chain.staple) and chain.issuer != "self" and host not in self.other_key

    @property
    def openssl_ciphers(self) -> str:
        """The cipher string for OpenSSL: what it holds for too weak, it serves at security level 0 alone."""
        old = bool({"TLSv1", "TLSv1.1"} & set(self.protocols))
        weak = any(chain.weak for chain in (self.chain, *self.chains.values(), *self.second_address.values()))
        suites = self.ciphers + (f":{BEFORE_TLS_1_2}" if old else "")
        return f"{suites}:@SECLEVEL=0" if self.lowers_security and (old or weak) else suites
