"""What the lab's authorities say of the certificates that they issued: by OCSP, stapled or asked for, and by CRL."""

from __future__ import annotations

import base64
import datetime as dt
import functools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from golive_lab.parts.asgi import HttpAnswer, Listener, lifespan, serving
from golive_lab.parts.part import Part, threaded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import rsa

    from golive_lab.parts.asgi import Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.tls import Chain, Said

REASON = x509.ReasonFlags.key_compromise
ISSUING = "http://ca.demo.test/issuing.crt"


@dataclass(frozen=True)
class Authority:
    """A certificate that signs others, with its key and what lies between it and the root, itself first."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    path: tuple[x509.Certificate, ...]


def folder(place: StackPlace) -> Path:
    """Name the folder with what the responder answers: a response for each serial number, a CRL for each authority."""
    return place.folder / "tls" / "ca"


def url(place: StackPlace) -> str:
    """Name where the authorities are asked."""
    return f"http://127.0.0.1:{place.ports.ca}"


def places(chain: Chain, at: str) -> tuple[x509.ExtensionType, ...]:
    """Make the extensions by which a certificate names its responder and its CRL."""
    kinds = AuthorityInformationAccessOID
    named = [(kinds.CA_ISSUERS, ISSUING)] + ([(kinds.OCSP, at)] if at and chain.names_responder else [])
    access = [x509.AccessDescription(kind, x509.UniformResourceIdentifier(where)) for kind, where in named]
    if not at:
        return (x509.AuthorityInformationAccess(access),)
    listed = [x509.UniformResourceIdentifier(f"{at}/{chain.issuer}.crl")]
    point = x509.DistributionPoint(listed, relative_name=None, reasons=None, crl_issuer=None)
    return x509.AuthorityInformationAccess(access), x509.CRLDistributionPoints([point])


def response(said: Said, leaf: x509.Certificate, by: Authority) -> bytes:
    """Make an OCSP response about a leaf, in DER, as its issuer signs it."""
    answered = dt.datetime.now(dt.UTC) - dt.timedelta(days=30 if said == "expired" else 1)
    revoked = said == "revoked"
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf,
        issuer=by.certificate,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
        this_update=answered,
        next_update=answered + dt.timedelta(days=7),
        revocation_time=answered if revoked else None,
        revocation_reason=REASON if revoked else None,
    )
    signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
    return signed.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)


def revocation_list(revoked: Iterable[x509.Certificate], by: Authority) -> bytes:
    """Make an authority's CRL, in DER."""
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateRevocationListBuilder(
        by.certificate.subject, now - dt.timedelta(1), now + dt.timedelta(7)
    )
    for leaf in revoked:
        entry = x509.RevokedCertificateBuilder(leaf.serial_number, now - dt.timedelta(1))
        builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(REASON), critical=False).build())
    return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)


def publish(place: StackPlace, issued: Iterable[tuple[Chain, x509.Certificate, Authority]]) -> None:
    """Write what the responder is to answer of these certificates."""
    here = folder(place)
    here.mkdir(exist_ok=True)
    for old in here.iterdir():
        old.unlink()
    them = list(issued)
    for chain, leaf, by in them:
        if chain.ca_says != "nothing":
            (here / f"{leaf.serial_number}.ocsp").write_bytes(response(chain.ca_says, leaf, by))
    for issuer, by in {chain.issuer: by for chain, _, by in them}.items():
        revoked = [leaf for chain, leaf, _ in them if (chain.issuer, chain.ca_says) == (issuer, "revoked")]
        if not any((chain.issuer, chain.ca_says) == (issuer, "nothing") for chain, _, _ in them):
            (here / f"{issuer}.crl").write_bytes(revocation_list(revoked, by))


async def responder(here: Path, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request by OCSP (RFC 6960, appendix A.1: GET with the request in base64) or for a CRL."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    name, kind = scope["path"].lstrip("/"), "application/pkix-crl"
    if not name.endswith(".crl"):
        asked = ocsp.load_der_ocsp_request(base64.b64decode(unquote(name)))
        name, kind = f"{asked.serial_number}.ocsp", "application/ocsp-response"
    file = here / name
    known = file.parent == here and file.is_file()
    answer = HttpAnswer(200, kind, file.read_bytes()) if known else HttpAnswer(503, "text/plain", b"ask again later")
    await answer.send(send)


@asynccontextmanager
async def authority(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve it in clear, as authorities do."""
    async with serving([(Listener("127.0.0.1", place.ports.ca), functools.partial(responder, folder(place)))]):
        yield


PART = Part("certificate authority", threaded(authority), reads=lambda world: world.tls)
