"""What a stapled OCSP response says about a certificate, and whether it may say so (RFC 6960, RFC 9654)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from golive_checks.systems.tls.client.certificates import extension, signed

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.x509 import ocsp

SLACK = dt.timedelta(minutes=5)
"""By how much a responder's clock may be ahead of this machine's."""
MAX_ANSWERS = 20


class StapleStanding(StrEnum):
    """What the response says, or why it says nothing."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    """The CA does not know the certificate."""
    GARBLED = "garbled"
    UNSUCCESSFUL = "unsuccessful"
    """The responder says that it could not answer."""
    FOREIGN = "foreign"
    """It is about another certificate."""
    UNSIGNED = "unsigned"
    """Neither the issuer nor who it let sign for it has signed the response."""
    EARLY = "early"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Staple:
    """A response. `since` is when the certificate was revoked; `until`, when a newer response is due."""

    standing: StapleStanding
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    reason: str = ""
    """Of the revocation, in RFC 5280's words: `keyCompromise`."""


def read_staple(der: bytes, leaf: "x509.Certificate", issuer: "x509.Certificate | None", at: dt.datetime) -> Staple:
    """Verify a response about `leaf`: its serial number and issuer, its signature, and its times."""
    from cryptography.x509 import ocsp

    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return Staple(StapleStanding.UNSUCCESSFUL)
        answers = [answer for _, answer in zip(range(MAX_ANSWERS), response.responses, strict=False)]
        own = next((answer for answer in answers if _is_about(answer, leaf, issuer)), None)
        if own is None:
            return Staple(StapleStanding.FOREIGN)
        signers = [issuer] if issuer else []
        # RFC 6960, section 4.2.2.2: the issuer may leave the answering to a certificate that it signed for that.
        signers += [c for c in response.certificates if issuer and _may_answer(c, issuer, at)]
        if not any(_signed_by(response, signer) for signer in signers):
            return Staple(StapleStanding.UNSIGNED)
        return _timely(own, at)
    except (ValueError, TypeError):
        return Staple(StapleStanding.GARBLED)


def _timely(answer: "ocsp.OCSPSingleResponse", at: dt.datetime) -> Staple:
    from cryptography.x509.ocsp import OCSPCertStatus

    until = answer.next_update_utc
    if answer.certificate_status is OCSPCertStatus.REVOKED:  # which no time takes back
        reason = answer.revocation_reason.value if answer.revocation_reason else ""
        return Staple(StapleStanding.REVOKED, answer.revocation_time_utc, until, str(reason))
    if answer.this_update_utc > at + SLACK:
        return Staple(StapleStanding.EARLY, until=until)
    if until and until < at:
        return Staple(StapleStanding.EXPIRED, until=until)
    good = answer.certificate_status is OCSPCertStatus.GOOD
    return Staple(StapleStanding.GOOD if good else StapleStanding.UNKNOWN, until=until)


def _is_about(answer: "ocsp.OCSPSingleResponse", leaf: "x509.Certificate", issuer: "x509.Certificate | None") -> bool:
    """Compare the serial number, and the digests of the issuer's name and key."""
    from cryptography.hazmat.primitives.hashes import Hash

    if answer.serial_number != leaf.serial_number:
        return False

    def digest(content: bytes) -> bytes:
        made = Hash(answer.hash_algorithm)
        made.update(content)
        return made.finalize()

    names = digest(leaf.issuer.public_bytes())
    return names == answer.issuer_name_hash and (issuer is None or digest(_key_bits(issuer)) == answer.issuer_key_hash)


def _key_bits(certificate: "x509.Certificate") -> bytes:
    """Return the bits of a key, without what says which kind it is."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key: Any = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return bytes(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _may_answer(responder: "x509.Certificate", issuer: "x509.Certificate", at: dt.datetime) -> bool:
    """Return whether the issuer let this one sign responses for it (RFC 6960, section 4.2.2.2)."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = extension(responder, "ExtendedKeyUsage")
    if usage is None or ExtendedKeyUsageOID.OCSP_SIGNING not in usage:
        return False
    try:
        responder.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return responder.not_valid_before_utc <= at <= responder.not_valid_after_utc


def _signed_by(response: "ocsp.OCSPResponse", signer: "x509.Certificate") -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    try:
        key: Any = signer.public_key()
        how = [padding.PKCS1v15()] if isinstance(key, rsa.RSAPublicKey) else []
        digest = response.signature_hash_algorithm
        more = [ec.ECDSA(digest)] if isinstance(key, ec.EllipticCurvePublicKey) and digest else [*how, digest]
        key.verify(response.signature, response.tbs_response_bytes, *([each for each in more if each]))
    except (InvalidSignature, ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        return False
    return True


def issuer_of(leaf: "x509.Certificate", candidates: "Sequence[x509.Certificate]") -> "x509.Certificate | None":
    """Find who issued a certificate, by its signature, however weak that is."""
    return next((each for each in candidates if each.subject == leaf.issuer and signed(leaf, each)), None)
