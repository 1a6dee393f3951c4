"""How a responder is asked about a certificate."""

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from cryptography import x509


def request_path(leaf: "x509.Certificate", issuer: "x509.Certificate") -> str:
    """Return what a GET adds to a responder's URL (RFC 6960, appendix A.1), with SHA-1 as RFC 5019 demands."""
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.ocsp import OCSPRequestBuilder

    asked = OCSPRequestBuilder().add_certificate(leaf, issuer, SHA1()).build()  # noqa: S303 - it names, and proves nothing
    return "/" + quote(base64.b64encode(asked.public_bytes(Encoding.DER)).decode("ascii"), safe="")
