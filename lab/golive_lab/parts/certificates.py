"""The lab's certificate authority: root, intermediates, and the leaves that the world describes, as files."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from golive_lab.parts import revocation
from golive_lab.parts.part import Part
from golive_lab.parts.revocation import Authority
from golive_lab.world.names import HOSTS, WWW, ZONE
from golive_lab.world.tls import Chain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.tls import EdgeTls

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

ORGANISATION, OTHER_ORGANISATION = "Golive Lab Trust", "Other Lab Trust"
"""Whose the intermediates are; the zone's CAA records let the first alone issue."""

SITE = Chain(names=(WWW, ZONE))
"""The public site's, whatever is wrong with the other hosts' own."""

SHA256_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")
SHA1_RSA = bytes.fromhex("300d06092a864886f70d0101050500")
"""The two AlgorithmIdentifiers in DER, of one length (RFC 8017, appendix A.2.4)."""


def ca_file(place: StackPlace) -> Path:
    """Name the file with the root that the profile trusts."""
    return place.folder / "tls" / "ca.pem"


def chain_file(place: StackPlace, host: str, address: str = "") -> Path:
    """Name the file with the chain that a host serves on an address, leaf first; without one, for ECDSA on both."""
    which = place.addresses.index(address) + 1 if address else "ecdsa"
    return place.folder / "tls" / f"{host}-{which}.pem"


def key_file(place: StackPlace, host: str, address: str = "") -> Path:
    """Name the file with the key of that chain's leaf."""
    return chain_file(place, host, address).with_suffix(".key")


def staple_file(place: StackPlace, host: str, address: str) -> Path:
    """Name the file with the OCSP response that is stapled to that chain."""
    return chain_file(place, host, address).with_suffix(".ocsp")


@contextmanager
def certificates(world: World, place: StackPlace) -> Iterator[None]:
    """Write every chain and key of the world's TLS, for the servers to read as they start."""
    write(world.tls, place)
    yield


CERTIFICATES = Part("certificates", certificates, reads=lambda world: world.tls)


def write(tls: EdgeTls, place: StackPlace) -> None:
    """Issue what `tls` describes, to the files that `chain_file` and `key_file` name, and publish what became of it."""
    ca_file(place).parent.mkdir(exist_ok=True)
    ca_file(place).write_bytes(_root("Golive Lab Root").certificate.public_bytes(Encoding.PEM))
    issued: dict[tuple[str, Chain], tuple[bytes, bytes]] = {}
    for host in HOSTS:
        for address in place.addresses:
            chain = tls.served(host, second=address == place.addresses[1])
            if (host, chain) not in issued:
                issued[host, chain] = issue(chain, host, revocation.url(place))
            _write(place, host, address, issued[host, chain])
            if tls.staples(host):
                leaf, by = _leaf_and_issuer(chain, issued[host, chain][0])
                staple = revocation.response(chain.staple or "good", leaf, by)
                staple_file(place, host, address).write_bytes(staple)
    for host, chain in tls.other_key.items():
        issued[host, chain] = issue(chain, host, revocation.url(place))
        _write(place, host, "", issued[host, chain])
    _write(place, WWW, "", issue(SITE, WWW, revocation.url(place)))
    them = [(chain, pem) for (_, chain), (pem, _) in issued.items() if chain.issuer != "self"]
    revocation.publish(place, [(chain, *_leaf_and_issuer(chain, pem)) for chain, pem in them])


def _leaf_and_issuer(chain: Chain, pem: bytes) -> tuple[x509.Certificate, Authority]:
    authority = _authority(chain.issuer)
    if authority is None:
        raise ValueError("who signs for itself is no authority")
    return x509.load_pem_x509_certificate(pem), authority


def _write(place: StackPlace, host: str, address: str, issued: tuple[bytes, bytes]) -> None:
    chain_file(place, host, address).write_bytes(issued[0])
    key = key_file(place, host, address)
    key.touch(mode=0o600)
    key.write_bytes(issued[1])


def issue(chain: Chain, host: str, ca: str = "") -> tuple[bytes, bytes]:
    """Make a host's chain and key, both in PEM; `ca` is the URL at which its authority can be asked."""
    key = _key(chain.key)
    authority = _authority(chain.issuer)
    leaf = _leaf(chain, host, key, authority, ca)
    sent = (leaf, *(authority.path if authority and chain.sends_intermediate else ()))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join(c.public_bytes(Encoding.PEM) for c in sent), secret


def _leaf(chain: Chain, host: str, key: Key, authority: Authority | None, ca: str) -> x509.Certificate:
    subject = _name(host)
    names = chain.names or (host,)
    begins = _now() - dt.timedelta(days=chain.age_days)
    usage = ExtendedKeyUsageOID.SERVER_AUTH if chain.server_auth else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=chain.lifetime_days))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False, signs=chain.signs), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if authority:
        for held in (_issued_by(authority.key), *revocation.places(chain, ca)):
            builder = builder.add_extension(held, critical=False)
    if chain.must_staple:
        builder = builder.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
    if chain.padding_bytes or chain.critical_stranger:
        nothing = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), bytes(chain.padding_bytes))
        builder = builder.add_extension(nothing, critical=chain.critical_stranger)
    signer = authority.key if authority else key
    made = builder.sign(signer, hashes.SHA256())
    return _signed_anew_with_sha1(made, signer) if chain.signature == "sha1" else made


def _general(name: str) -> x509.GeneralName:
    """Write a name as a certificate holds it: an address is none of the DNS's."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _signed_anew_with_sha1(certificate: x509.Certificate, key: Key) -> x509.Certificate:
    """Replace the signature: cryptography no longer signs a certificate with SHA-1, though its keys still do."""
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("only the RSA authorities sign with SHA-1")
    body = certificate.tbs_certificate_bytes.replace(SHA256_RSA, SHA1_RSA, 1)
    signature = key.sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the fault that is to be seen
    return x509.load_der_x509_certificate(_der(0x30, body + SHA1_RSA + _der(0x03, b"\0" + signature)))


def _der(tag: int, content: bytes) -> bytes:
    """Wrap `content` as one DER value (X.690, sections 8.1 and 10.1)."""
    if len(content) < 0x80:  # noqa: PLR2004 - the short form's limit
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


@functools.cache
def _key(kind: str) -> Key:
    """Make one key of a kind for the whole process: a new one for each host would take most of a start's time."""
    if kind.startswith("p-"):
        return ec.generate_private_key(ec.SECP256R1() if kind == "p-256" else ec.SECP521R1())
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa-")))


def _authority(issuer: str) -> Authority | None:
    if issuer == "self":
        return None
    root = "Stranger's Root" if issuer == "stranger" else "Golive Lab Root"
    return _intermediate(root, OTHER_ORGANISATION if issuer == "other" else ORGANISATION)


@functools.cache
def _root(name: str) -> Authority:
    key = rsa.generate_private_key(65537, 2048)
    certificate = _ca(_name(name), _name(name), key, key, path_length=1)
    return Authority(certificate, key, ())


@functools.cache
def _intermediate(root_name: str, organisation: str) -> Authority:
    root, key = _root(root_name), rsa.generate_private_key(65537, 2048)
    subject = _name(f"{organisation} R1", organisation)
    certificate = _ca(subject, root.certificate.subject, key, root.key, path_length=0)
    return Authority(certificate, key, (certificate,))


def _ca(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, signer: rsa.RSAPrivateKey, *, path_length: int
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - dt.timedelta(days=1000))
        .not_valid_after(_now() + dt.timedelta(days=2000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_issued_by(signer), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _issued_by(key: rsa.RSAPrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _key_usage(*, signs_certificates: bool, signs: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs and not signs_certificates,
        key_encipherment=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str, organisation: str = "") -> x509.Name:
    held = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        held.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(held)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
