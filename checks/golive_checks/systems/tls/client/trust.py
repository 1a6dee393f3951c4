"""Which roots are trusted: Mozilla's, which browsers go by, or those in the profile's file."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from golive import Client, Settings, Unavailable
from golive.profile.types import FilePath
from golive.wording import data_size
from golive_checks.systems.tls.client.certificates import Certificate, read
from golive_checks.systems.tls.client.staple import Staple, issuer_of, read_staple
from golive_checks.systems.tls.client.trust_path import Broken, Found, Obstacle, find_path

if TYPE_CHECKING:
    from cryptography import x509

MAX_BYTES = 4_000_000
"""Mozilla's whole bundle has 0.2 MB."""
MAX_ROOTS = 1000
END = b"-----END CERTIFICATE-----"


class Trust(Settings):
    """Which CAs are trusted for the hosts' certificates."""

    home: ClassVar[str] = "trust"

    ca_file: FilePath = ""
    """A PEM file with the roots to trust instead of Mozilla's: a private CA's, or a staging CA's."""


class Roots(Client):
    """Holds chains against the trusted roots, of which it reads each file once."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[x509.Certificate, ...]] = {}

    def path_of(self, chain: Sequence[bytes], trust: Trust, at: dt.datetime) -> tuple[tuple[Certificate, ...], Found]:
        """Read a chain in DER, leaf first, and look for a path from it to a trusted root."""
        import warnings

        from cryptography import x509

        public = self._from(certifi_file())
        anchors = self._from(trust.ca_file) if trust.ca_file else public
        try:
            with warnings.catch_warnings():  # what is odd about a certificate is no news for the terminal
                warnings.simplefilter("ignore")
                sent = [x509.load_der_x509_certificate(der) for der in chain]
                found = find_path(sent, anchors, public, at)
                if not found.root and not trust.ca_file:
                    found = self._beside(found, sent, at)
                return tuple(read(certificate) for certificate in sent), found
        except _unreadable() as error:
            raise Unavailable("it sends a certificate that cannot be parsed", fix="Have it reissued.") from error

    def staple(self, der: bytes, chain: Sequence[bytes], trust: Trust, at: dt.datetime) -> Staple:
        """Read what was stapled to a chain that has been read."""
        return read_staple(der, *self.leaf_and_issuer(chain, trust), at)

    def leaf_and_issuer(
        self, chain: Sequence[bytes], trust: Trust
    ) -> "tuple[x509.Certificate, x509.Certificate | None]":
        """Return the leaf of a chain that has been read, and who issued it: that may be a root that was not sent."""
        from cryptography import x509

        leaf, *above = (x509.load_der_x509_certificate(each) for each in chain)
        return leaf, issuer_of(leaf, (*above, *self._from(trust.ca_file or certifi_file())))

    def _beside(self, found: Found, sent: "Sequence[x509.Certificate]", at: dt.datetime) -> Found:
        """Mark it where this machine's own store alone has the root: a private one, or one that Mozilla has dropped."""
        import ssl

        own = ssl.get_default_verify_paths().cafile
        here = find_path(sent, self._from(own), (), at) if own else found
        if not here.root:
            return found
        return replace(here, broken=Broken(Obstacle.OWN_ROOT, here.root))

    def _from(self, path: str) -> "tuple[x509.Certificate, ...]":
        if path not in self._read:
            self._read[path] = _roots(path)
        return self._read[path]


def certifi_file() -> str:
    """Name the file with Mozilla's roots."""
    import certifi

    return certifi.where()


def _unreadable() -> tuple[type[Exception], ...]:
    """Name what cryptography raises over a certificate that is not as it should be."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    own = (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
    return (ValueError, TypeError, UnsupportedAlgorithm, *own)


def _roots(path: str) -> "tuple[x509.Certificate, ...]":
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib would be one more import
            pem = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unavailable(
            f"the trusted roots cannot be read: {path}: {error.strerror}", fix="Correct trust.ca_file in the profile."
        ) from error
    if len(pem) > MAX_BYTES:
        raise Unavailable(f"the file of trusted roots is larger than {data_size(MAX_BYTES)}: {path}")
    roots = list(_parsed(pem))
    if not roots:
        raise Unavailable(
            f"no PEM certificates in the file of trusted roots: {path}", fix="Correct trust.ca_file in the profile."
        )
    return tuple(roots)


def _parsed(pem: bytes) -> "Iterator[x509.Certificate]":
    """Parse one by one: an old root that is not quite as RFC 5280 wants it must not cost all the others."""
    import warnings

    from cryptography import x509

    blocks = pem.split(END)
    if len(blocks) > MAX_ROOTS:
        raise Unavailable(f"the file of trusted roots has more than {MAX_ROOTS:,} certificates")
    for block in blocks:
        with suppress(*_unreadable()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield x509.load_pem_x509_certificate(block + END)
