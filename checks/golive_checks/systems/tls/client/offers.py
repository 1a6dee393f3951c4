"""What hellos offer: as browsers do, or everything that a server could take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from golive_checks.dated import table
from golive_checks.systems.tls.client.suites import BROKEN, DATED, MODERN_1_3, SUITES, family, of_families

WIRE = {"SSLv3": (3, 0), "TLS 1.0": (3, 1), "TLS 1.1": (3, 2), "TLS 1.2": (3, 3), "TLS 1.3": (3, 4)}
"""Versions as they are written on the wire (RFC 8446, section 4.2.1)."""

GROUPS = {
    0x11EC: "X25519MLKEM768",
    29: "X25519",
    23: "P-256",
    24: "P-384",
    25: "P-521",
    30: "X448",
    0x11EB: "SecP256r1MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
    0x0201: "MLKEM768",
    0x0202: "MLKEM1024",
    256: "ffdhe2048",
    257: "ffdhe3072",
    258: "ffdhe4096",
    259: "ffdhe6144",
    260: "ffdhe8192",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    22: "secp256k1",
    21: "P-224",
    19: "P-192",
}
"""Every group that servers have (https://www.iana.org/assignments/tls-parameters, Supported Groups)."""
SIGNATURES = (
    *(0x0403, 0x0503, 0x0603),  # ECDSA
    *(0x0807, 0x0808),  # Ed25519, Ed448
    *(0x081A, 0x081B, 0x081C),  # ECDSA on brainpool's curves
    *(0x0804, 0x0805, 0x0806),  # RSA-PSS with an RSA key
    *(0x0809, 0x080A, 0x080B),  # RSA-PSS with a key of its own
    *(0x0904, 0x0905, 0x0906),  # ML-DSA
    *(0x0401, 0x0501, 0x0601, 0x0301, 0x0303),  # RSA, and SHA-224
    *(0x0402, 0x0202),  # DSA
    *(0x0203, 0x0201),  # ECDSA and RSA with SHA-1: the certificate is judged once it is seen
)
"""All that a server could sign with (RFC 8446, section 4.2.3)."""
ECDSA, PSS_AND_RSA = (0x0403, 0x0503, 0x0603), (0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601)


@dataclass(frozen=True)
class Offer:
    """What one hello offers, best first. `shares` are the groups for which it brings a key along."""

    versions: tuple[str, ...]
    suites: tuple[int, ...]
    groups: tuple[int, ...] = tuple(GROUPS)
    signatures: tuple[int, ...] = SIGNATURES
    shares: tuple[int, ...] = (29,)
    protocols: tuple[str, ...] = ()
    deflate: bool = False

    @property
    def best(self) -> str:
        """The newest version that is offered."""
        return self.versions[0]

    def only(self, version: str) -> "Offer":
        """Offer the same, in one version."""
        return replace(self, versions=(version,))


_BROWSERS = table("browsers").facts
BROWSERS = Offer(
    tuple(_BROWSERS["versions"]),
    tuple(_BROWSERS["suites"]),
    tuple(_BROWSERS["groups"]),
    tuple(_BROWSERS["signatures"]),
    tuple(_BROWSERS["shares"]),
    tuple(_BROWSERS["protocols"]),
)
"""As the strictest of the browsers says hello. What takes no such hello, no browser opens."""


def _badness(suite: int) -> tuple[bool, bool, int]:
    word = family(suite)
    return word in BROKEN, bool(word), suite


WIDE = {
    "TLS 1.2": Offer(("TLS 1.2",), tuple(sorted(set(SUITES) - set(MODERN_1_3), key=_badness)), deflate=True),
    "TLS 1.3": Offer(("TLS 1.3",), MODERN_1_3),
}
"""Everything that there is, to see what a server has that refuses browsers."""

SSL2 = Offer(("SSLv2",), ())


def old(version: str) -> Offer:
    """Offer one version before TLS 1.2: whatever suite the server would take is among these."""
    return SSL2 if version == "SSLv2" else Offer((version,), of_families((*DATED, *BROKEN)), deflate=True)


def of_suites(suites: Sequence[int]) -> Offer:
    """Offer these suites of TLS 1.2 and no others, with all else that there is."""
    return replace(WIDE["TLS 1.2"], suites=tuple(suites))


def of_other_key(suite: int, key: str) -> Offer:
    """Offer what browsers do, but for the other kind of key: RSA where `key` is EC, EC where it is RSA.

    `suite` is what the server chose of all: in TLS 1.2 the suite names the kind of key, in TLS 1.3 the signature does.
    """
    if suite in MODERN_1_3:
        return replace(BROWSERS.only("TLS 1.3"), signatures=PSS_AND_RSA if key == "EC" else ECDSA)
    wanted = "_RSA_" if "_ECDSA_" in SUITES.get(suite, "") else "_ECDSA_"
    suites = tuple(each for each in BROWSERS.suites if wanted in SUITES[each])
    return replace(BROWSERS.only("TLS 1.2"), suites=suites)


def group_name(group: int) -> str:
    """Name a group."""
    return GROUPS.get(group, f"group 0x{group:04X}")
