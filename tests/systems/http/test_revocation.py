"""OCSP as OpenSSL answers it, and CRLs, fetched from a server on loopback."""

import base64
import datetime as dt
import functools
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from golive import Environment, Now
from golive.engine.declare import RunInfo
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import HttpSettings
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.http.revocation import CaSaid, revocation
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.crl import read_crl
from golive_checks.systems.tls.client.staple import StapleStanding
from golive_checks.systems.tls.client.trust import Roots, Trust
from golive_checks.systems.tls.facts import ModernVersions, ServedChain
from golive_lab.parts.process import program

AT = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
PEM = serialization.Encoding.PEM
KEY, OWN = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
CA_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A root")])
ADDRESS = Address("api.example.com@127.0.0.1", Host("api.example.com"), "127.0.0.1")


def certificate(subject: x509.Name, key: ec.EllipticCurvePrivateKey, *more: x509.ExtensionType) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(CA_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - DAY)
        .not_valid_after(AT + 30 * DAY)
    )
    for each in more:
        builder = builder.add_extension(each, critical=isinstance(each, x509.BasicConstraints))
    return builder.sign(KEY, hashes.SHA256())


ROOT = certificate(
    CA_NAME,
    KEY,
    x509.BasicConstraints(ca=True, path_length=None),
    x509.SubjectKeyIdentifier.from_public_key(KEY.public_key()),
)


def leaf(*, ocsp: str = "", crl: str = "") -> x509.Certificate:
    held: list[x509.ExtensionType] = [
        x509.SubjectAlternativeName([x509.DNSName("api.example.com")]),
        x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(KEY.public_key()),
    ]
    if ocsp:
        place = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp))
        held.append(x509.AuthorityInformationAccess([place]))
    if crl:
        held.append(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)]
            )
        )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.example.com")])
    return certificate(subject, OWN, *held)


def listing(
    *revoked: x509.Certificate, age: dt.timedelta = DAY, key: ec.EllipticCurvePrivateKey = KEY, part: str = ""
) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(CA_NAME).last_update(AT - age)
    builder = builder.next_update(AT - age + 7 * DAY)
    for each in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(each.serial_number).revocation_date(AT - DAY)
        entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    if part:
        point = x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier(part)],
            None,
            only_contains_user_certs=False,
            only_contains_ca_certs=False,
            only_some_reasons=None,
            indirect_crl=False,
            only_contains_attribute_certs=False,
        )
        builder = builder.add_extension(point, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class Responder(SimpleHTTPRequestHandler):
    """Hands out a folder's files, and has OpenSSL answer what else it is asked, by the index there."""

    def do_GET(self) -> None:
        if self.path.endswith(".crl"):
            super().do_GET()
            return
        folder = Path(self.directory)
        (folder / "asked").write_bytes(base64.b64decode(unquote(self.path[1:])))
        argv = [
            program("openssl"),
            "ocsp",
            "-index",
            "index",
            "-CA",
            "ca.pem",
            "-rsigner",
            "ca.pem",
            "-rkey",
            "key.pem",
        ]
        argv += ["-ndays", "7", "-reqin", "asked", "-respout", "answer"]
        subprocess.run(argv, cwd=folder, check=True, capture_output=True)
        self.send_response(200)
        self.end_headers()
        self.wfile.write((folder / "answer").read_bytes())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    (folder / "ca.pem").write_bytes(ROOT.public_bytes(PEM))
    private = KEY.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Responder, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def nobody_there() -> str:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return f"http://127.0.0.1:{one.getsockname()[1]}"


async def asked(sent: x509.Certificate, folder: Path, *, trusted: bool = True) -> CaSaid | None:
    (folder / "roots.pem").write_bytes((ROOT if trusted else leaf()).public_bytes(PEM))
    trust, roots = Trust(ca_file=str(folder / "roots.pem")), Roots()
    chain = (sent.public_bytes(serialization.Encoding.DER),)
    certificates, found = roots.path_of(chain, trust, AT)
    served = ServedChain(certificates, broken=found.broken, root=found.root)
    pace = Pace(RateLimit(), Environment("x"))
    http = Http(HttpSettings(timeout_s=5), pace, NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"))
    try:
        got = await revocation(
            ADDRESS,
            ModernVersions({}, chain=chain),
            served,
            roots,
            trust,
            OtherHosts(Dns(pace), DnsSettings(), http, trust),
            Now(dt.datetime.now(dt.UTC)),
        )
    finally:
        await http.aclose()
    return got.of.get(served.leaf.fingerprint)


@pytest.mark.parametrize(
    ("state", "revoked", "standing"),
    [("V", "", StapleStanding.GOOD), ("R", f"{AT - DAY:%y%m%d%H%M%SZ},keyCompromise", StapleStanding.REVOKED)],
    ids=["good", "revoked"],  # the same in every process: the time of the revocation is not
)
async def test_a_responder_is_asked(state: str, revoked: str, standing: StapleStanding, tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        sent = leaf(ocsp=url)
        serial = f"{sent.serial_number:X}"
        serial = serial.zfill(len(serial) + len(serial) % 2)
        until = f"{AT + 30 * DAY:%y%m%d%H%M%SZ}"
        (tmp_path / "index").write_text(f"{state}\t{until}\t{revoked}\t{serial}\tunknown\t/CN=api.example.com\n")
        got = await asked(sent, tmp_path)
    assert got
    assert got.said, got.troubles
    assert (got.said.standing, got.by) == (standing, url)
    if standing is StapleStanding.REVOKED:
        assert (got.said.since, got.said.reason) == (AT - DAY, "keyCompromise")


async def test_where_the_responder_is_silent_the_list_counts(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        sent = leaf(ocsp=nobody_there(), crl=f"{url}/own.crl")
        (tmp_path / "own.crl").write_bytes(listing(sent))
        got = await asked(sent, tmp_path)
    assert got
    assert got.said
    assert got.said.standing is StapleStanding.REVOKED
    assert len(got.troubles) == 1


async def test_what_cannot_be_fetched_is_said(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        got = await asked(leaf(crl=f"{url}/none.crl"), tmp_path)
        assert got == CaSaid(troubles=(f"{url}/none.crl answers 404",))
    got = await asked(leaf(crl="ldap://127.0.0.1/cn=x"), tmp_path)
    assert got is None or got.said is None


async def test_nobody_is_asked_about_a_certificate_that_nobody_trusts_or_that_names_no_place(tmp_path: Path) -> None:
    assert await asked(leaf(ocsp="http://127.0.0.1:1"), tmp_path, trusted=False) is None
    assert await asked(leaf(), tmp_path) is None


SENT, PLACE = leaf(crl="http://a.example/1.crl"), "http://a.example/1.crl"
LISTS: dict[str, tuple[bytes, StapleStanding]] = {
    "not in it": (listing(leaf()), StapleStanding.GOOD),
    "in it": (listing(leaf(), SENT), StapleStanding.REVOKED),
    "in an old one": (listing(SENT, age=30 * DAY), StapleStanding.REVOKED),
    "old": (listing(age=30 * DAY), StapleStanding.EXPIRED),
    "of tomorrow": (listing(age=-DAY), StapleStanding.EARLY),
    "signed by another key": (listing(key=OWN), StapleStanding.UNSIGNED),
    "its own part": (listing(part=PLACE), StapleStanding.GOOD),
    "another part": (listing(part="http://a.example/2.crl"), StapleStanding.FOREIGN),
    "cut short": (listing()[:-9], StapleStanding.GARBLED),
    "nothing": (b"", StapleStanding.GARBLED),
}


@pytest.mark.parametrize(("der", "standing"), LISTS.values(), ids=LISTS)
def test_what_a_list_says(der: bytes, standing: StapleStanding) -> None:
    assert read_crl(der, SENT, ROOT, AT).standing is standing
