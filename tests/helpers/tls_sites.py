"""TLS sites that are sound or odd in one or two ways: certificates of a small CA, and the servers that send them."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import ipaddress
import random
import ssl
import threading
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from golive_lab.parts.certificates import _signed_anew_with_sha1

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DAY = dt.timedelta(days=1)
NOW = dt.datetime.now(dt.UTC)
USUAL = ""

LEAF_KEYS = ("rsa-2048", "p-256", "rsa-3072", "p-384", "p-521", "ed25519", "rsa-1024", "k-256")
CA_KEYS = ("rsa-2048", "p-256", "rsa-4096", "p-384", "p-521", "rsa-1024", "ed25519")
DIGESTS = ("sha256", "sha384", "sha512", "sha224", "sha1")
LEAF = (
    *("unknown critical", "unknown", "cannot sign", "no key usage", "no extended usage", "for clients", "for both"),
    *(
        "no authority key",
        "other authority key",
        "no names",
        "other name",
        "wildcard",
        "expired",
        "future",
        "critical names",
    ),
    *("a CA", "no basic constraints", "critical features", "policies", "must staple", "part of a wildcard"),
    *("wildcard of two", "in capitals", "wildcard within", "address alone", "an address for a name"),
    *("any purpose", "any purpose, critical", "agreement alone", "a dot at the end", "many names", "no subject"),
    *("mail alone", "long life", "very long life", "another beside it", "signing alone", "names twice"),
)
MIDDLE = (
    *("not a CA", "no basic constraints", "lax constraints", "expired", "future", "no key usage", "may not sign"),
    *("for clients", "for servers", "unknown critical", "no subject key", "no authority key", "path of none"),
    *("its names", "other names", "its names excluded", "dotted names", "other address", "own address", "other mail"),
    *("own subject", "other subject", "other uri", "critical policies", "spelled otherwise"),
)
SENT = (
    *("no middle", "root too", "out of order", "stranger too", "twice", "leaf twice", "sha1 too", "expired too"),
    *("cross-signed", "expired cross", "other key too", "self-signed", "two middles"),
    *("too deep", "sha1 middle", "a long chain", "root alone"),
)
DEEPER = ("two middles", "too deep", "a long chain")
SPOKEN = ("1.2", "1.3", "1.0", "1.1", "1.0 to 1.2", "1.1 to 1.3")
DUAL = ("sound", "expired", "other name", "weak", "for clients", "no middle", "ed25519")
"""What is odd about a second certificate, of the other kind of key."""
CURVES = ("X25519", "prime256v1", "secp384r1", "secp521r1", "X448")
SUITES = ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE+CHACHA20", "ECDHE+AES256", "ECDHE-RSA-AES128-SHA", "AESCCM")
SUITES += ("kRSA+AESGCM", "DHE+AESGCM", "ECDHE+CAMELLIA", "ECDHE+SHA384", "aNULL", "eNULL", "ECDHE+ARIA")


@dataclass(frozen=True)
class Site:
    """What is odd about a site; empty: as usual."""

    name: str
    key: str = LEAF_KEYS[0]
    ca_key: str = CA_KEYS[0]
    digest: str = DIGESTS[0]
    leaf: str = USUAL
    middle: str = USUAL
    sent: str = USUAL
    spoken: str = USUAL
    curve: str = USUAL
    suites: str = USUAL
    dual: str = USUAL


def generated(seed: int, count: int) -> list[Site]:
    """Make sites: each aspect's every value alone first, in an order by chance, and then in pairs."""
    chance = random.Random(seed)  # noqa: S311 - test data
    aspects: dict[str, Sequence[str]] = {
        "key": LEAF_KEYS,
        "ca_key": CA_KEYS,
        "digest": DIGESTS,
        "leaf": LEAF,
        "middle": MIDDLE,
        "sent": SENT,
        "spoken": SPOKEN,
        "curve": CURVES,
        "suites": SUITES,
        "dual": DUAL,
    }
    single = [{aspect: value} for aspect, values in aspects.items() for value in values]
    chance.shuffle(single)
    pairs = []
    while len(single) + len(pairs) < count:
        one, other = chance.sample(list(aspects), 2)
        pairs.append({one: chance.choice(aspects[one]), other: chance.choice(aspects[other])})
    return [Site(f"n{n}.example", **odd) for n, odd in enumerate((single + pairs)[:count])]


@functools.cache
def key(kind: str, whose: str = "") -> Any:
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    family, _, size = kind.partition("-")
    if family == "rsa":
        return rsa.generate_private_key(65537, int(size))
    curves = {"p-256": ec.SECP256R1(), "p-384": ec.SECP384R1(), "p-521": ec.SECP521R1(), "k-256": ec.SECP256K1()}
    return ec.generate_private_key(curves[kind])


def named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def usage(*, ca: bool, signs: bool = True) -> x509.KeyUsage:
    off = dict.fromkeys(
        ("content_commitment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    return x509.KeyUsage(
        digital_signature=signs and not ca, key_encipherment=not ca, key_cert_sign=ca and signs, crl_sign=ca, **off
    )


ROOT_NAME = named("Oracle Root")
STRANGE = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), b"\5\0")
Extensions = dict[str, tuple[x509.ExtensionType, bool]]


def sign(
    subject: x509.Name, own: Any, issuer: x509.Name, signer: Any, extensions: Extensions, odd: str, digest: str
) -> x509.Certificate:
    begins = NOW + DAY if odd == "future" else NOW - 40 * DAY
    lives = {"expired": -1, "long life": 500, "very long life": 900}
    ends = NOW + lives.get(odd, 40) * DAY
    builder = x509.CertificateBuilder(issuer, subject, own.public_key(), x509.random_serial_number(), begins, ends)
    for extension, critical in extensions.values():
        builder = builder.add_extension(extension, critical)
    made = None if isinstance(signer, ed25519.Ed25519PrivateKey) else getattr(hashes, digest.upper())()
    if isinstance(made, hashes.SHA1):  # which this library no longer signs with, and only RSA keys are asked to
        done = builder.sign(signer, hashes.SHA256())
        return _signed_anew_with_sha1(done, signer) if isinstance(signer, rsa.RSAPrivateKey) else done
    return builder.sign(signer, made)


@functools.cache
def root() -> x509.Certificate:
    own = key("rsa-2048", "root")
    held: Extensions = {
        "constraints": (x509.BasicConstraints(ca=True, path_length=None), True),
        "usage": (usage(ca=True), True),
        "own": (x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False),
    }
    return sign(ROOT_NAME, own, ROOT_NAME, own, held, "", "sha256")


def issued(site: Site) -> tuple[list[x509.Certificate], Any]:
    """Issue what a site sends, and its key."""
    above, own = key(site.ca_key, "middle"), key(site.key, "leaf")
    subject = named(f"Middle of {site.name}")
    middle = sign(subject, above, ROOT_NAME, key("rsa-2048", "root"), _of_middle(site, above), site.middle, "sha256")
    spelled = named(f"MIDDLE  of {site.name}") if site.middle == "spelled otherwise" else subject
    called = x509.Name([]) if site.leaf == "no subject" else named(site.name)
    leaf = sign(called, own, spelled, above, _of_leaf(site, own, above), site.leaf, site.digest)
    stranger = sign(named("Stranger"), key("p-256", "x"), named("Nobody"), key("p-256", "x"), {}, "", "sha256")
    sent = {
        "no middle": [leaf],
        "root too": [leaf, middle, root()],
        "out of order": [leaf, root(), middle],
        "stranger too": [leaf, middle, stranger],
        "twice": [leaf, middle, middle],
        "leaf twice": [leaf, leaf, middle],
        "cross-signed": [leaf, middle, cross_signed("")],
        "expired cross": [leaf, middle, cross_signed("expired")],
        "root alone": [leaf, root()],
        **(_deeper(site, middle, above) if site.sent in DEEPER else _beside(site, leaf, middle, above)),
    }
    return sent.get(site.sent, [leaf, middle]), own


@functools.cache
def cross_signed(odd: str) -> x509.Certificate:
    """Sign the root's key by an authority that nobody trusts, as new roots are by old ones."""
    own, old = key("rsa-2048", "root"), key("rsa-2048", "old root")
    held: Extensions = {
        "constraints": (x509.BasicConstraints(ca=True, path_length=None), True),
        "usage": (usage(ca=True), True),
        "own": (x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False),
    }
    return sign(ROOT_NAME, own, named("Old Root"), old, held, odd, "sha256")


def _beside(site: Site, leaf: x509.Certificate, middle: x509.Certificate, above: Any) -> dict[str, Any]:
    """Send another certificate of the middle's name before it, which clients may not stumble over, or more of them."""
    signer, held = key("rsa-2048", "root"), _of_middle(site, above)
    if site.sent in {"sha1 middle", "sha1 too"}:
        weak = _signed_anew_with_sha1(middle, signer)
        return {site.sent: [leaf, weak] if site.sent == "sha1 middle" else [leaf, weak, middle]}
    if site.sent == "expired too":
        return {
            "expired too": [leaf, sign(middle.subject, above, ROOT_NAME, signer, held, "expired", "sha256"), middle]
        }
    if site.sent == "self-signed":
        own, called = key(site.key, "leaf"), named(site.name)
        return {"self-signed": [sign(called, own, called, own, _of_leaf(site, own, own), site.leaf, site.digest)]}
    if site.sent == "other key too":
        other = key("p-256", "other middle")
        named_so = sign(middle.subject, other, ROOT_NAME, signer, _of_middle(site, other), "", "sha256")
        return {"other key too": [leaf, named_so, middle]}
    return {}


def _deeper(site: Site, middle: x509.Certificate, above: Any) -> dict[str, list[x509.Certificate]]:
    """Put authorities between the middle and the leaf; `too deep`: the first of them may have none below itself."""
    chain = [middle]
    for n in range(5 if site.sent == "a long chain" else 2 if site.sent == "too deep" else 1):
        depth = 0 if (site.sent, n) == ("too deep", 0) else None
        own = key("p-256", f"deeper {n}")
        held = {**_of_middle(site, own), "constraints": (x509.BasicConstraints(ca=True, path_length=depth), True)}
        held["above"] = (x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), False)
        chain.append(sign(named(f"Deeper {n} of {site.name}"), own, chain[-1].subject, above, held, "", "sha256"))
        above = own
    own = key(site.key, "leaf")
    held = _of_leaf(site, own, above)
    leaf = sign(named(site.name), own, chain[-1].subject, above, held, site.leaf, site.digest)
    return {site.sent: [leaf, *reversed(chain)]}


def second(site: Site) -> tuple[list[x509.Certificate], Any]:
    """Issue the certificate of the other kind of key, and its key."""
    kind = "p-256" if site.key.startswith("rsa") else "rsa-2048"
    kind = {"weak": "rsa-1024" if kind == "rsa-2048" else "k-256", "ed25519": "ed25519"}.get(site.dual, kind)
    leaf = site.dual if site.dual in {"expired", "other name", "for clients"} else USUAL
    sent = site.dual if site.dual == "no middle" else USUAL
    return issued(Site(site.name, key=kind, leaf=leaf, sent=sent))


def _of_leaf(site: Site, own: Any, above: Any) -> Extensions:
    odd, servers = site.leaf, ExtendedKeyUsageOID.SERVER_AUTH
    names = {
        "other name": "other.example",
        "wildcard": "*.example",
        "part of a wildcard": f"{site.name[0]}*.example",
        "wildcard of two": "*.*",
        "wildcard within": f"*{site.name[1:]}",
        "in capitals": site.name.upper(),
        "an address for a name": "127.0.0.1",
    }.get(odd, site.name)
    more = [x509.IPAddress(ipaddress.ip_address("192.0.2.7"))] if "address" in site.middle else []
    more += [x509.RFC822Name("ops@n.example")] if "mail" in site.middle else []
    more += [x509.UniformResourceIdentifier("https://n.example/")] if "uri" in site.middle else []
    held: Extensions = {
        "names": (x509.SubjectAlternativeName([x509.DNSName(names), *more]), odd == "critical names"),
        "constraints": (x509.BasicConstraints(ca=odd == "a CA", path_length=None), True),
        "usage": (usage(ca=False, signs=odd != "cannot sign"), True),
        "extended": (x509.ExtendedKeyUsage([servers]), False),
        "own": (x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False),
        "above": (x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), False),
    }
    if odd == "address alone":
        held["names"] = (x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
    clients, anything = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
    if more_names := _more_names(site):
        held["names"] = (x509.SubjectAlternativeName(more_names), odd == "no subject")
    changes: dict[str, Extensions] = {
        "unknown critical": {"more": (STRANGE, True)},
        "unknown": {"more": (STRANGE, False)},
        "for clients": {"extended": (x509.ExtendedKeyUsage([clients]), False)},
        "for both": {"extended": (x509.ExtendedKeyUsage([servers, clients]), False)},
        "any purpose": {"extended": (x509.ExtendedKeyUsage([anything]), False)},
        "any purpose, critical": {"extended": (x509.ExtendedKeyUsage([anything]), True)},
        "signing alone": {"usage": (_only("digital_signature"), True)},
        "agreement alone": {"usage": (_only("key_agreement"), True)},
        "other authority key": {"above": (x509.AuthorityKeyIdentifier(b"\1" * 20, None, None), False)},
        "critical features": {"more": (x509.TLSFeature([x509.TLSFeatureType.status_request_v2]), True)},
        "policies": {"more": (_policies(), False)},
        "must staple": {"more": (x509.TLSFeature([x509.TLSFeatureType.status_request]), False)},
    }
    for gone, what in {
        "no key usage": "usage",
        "no extended usage": "extended",
        "no authority key": "above",
        "no names": "names",
        "no basic constraints": "constraints",
    }.items():
        if odd == gone:
            del held[what]
    return held | changes.get(odd, {})


def _more_names(site: Site) -> list[x509.GeneralName]:
    """Return the names of a certificate that has others than one."""
    own = x509.DNSName(site.name)
    return {
        "a dot at the end": [x509.DNSName(f"{site.name}.")],
        "many names": [*(x509.DNSName(f"m{n}.example.org") for n in range(150)), own],
        "no subject": [own],
        "mail alone": [x509.RFC822Name(f"ops@{site.name}")],
        "another beside it": [x509.DNSName("other.example"), own, x509.IPAddress(ipaddress.ip_address("192.0.2.7"))],
        "names twice": [own, own],
    }.get(site.leaf, [])


def _only(what: str) -> x509.KeyUsage:
    words = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    words += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{word: word == what for word in words})


def _policies() -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)])


def _of_middle(site: Site, own: Any) -> Extensions:
    odd = site.middle
    depth = 0 if odd == "path of none" else None
    held: Extensions = {
        "constraints": (
            x509.BasicConstraints(ca=odd != "not a CA", path_length=depth),
            odd != "lax constraints",
        ),
        "usage": (usage(ca=True, signs=odd != "may not sign"), True),
        "own": (x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False),
        "above": (x509.AuthorityKeyIdentifier.from_issuer_public_key(key("rsa-2048", "root").public_key()), False),
    }
    for gone, what in {
        "no key usage": "usage",
        "no subject key": "own",
        "no authority key": "above",
        "no basic constraints": "constraints",
    }.items():
        if odd == gone:
            del held[what]
    for word, purpose in {
        "clients": ExtendedKeyUsageOID.CLIENT_AUTH,
        "servers": ExtendedKeyUsageOID.SERVER_AUTH,
    }.items():
        if odd == f"for {word}":
            held["extended"] = (x509.ExtendedKeyUsage([purpose]), False)
    if odd == "unknown critical":
        held["more"] = (STRANGE, True)
    if odd == "critical policies":
        held["more"] = (_policies(), True)
    if tree := _trees(site).get(odd):
        held["trees"] = (tree, True)
    return held


def _trees(site: Site) -> dict[str, x509.NameConstraints]:
    def only(*names: x509.GeneralName) -> x509.NameConstraints:
        return x509.NameConstraints(list(names), None)

    return {
        "its names": only(x509.DNSName("example")),
        "other names": only(x509.DNSName("example.org")),
        "its names excluded": x509.NameConstraints(None, [x509.DNSName(site.name)]),
        "dotted names": only(x509.DNSName(f".{site.name}")),
        "other address": only(x509.IPAddress(ipaddress.ip_network("198.51.100.0/24"))),
        "own address": only(x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))),
        "other mail": only(x509.RFC822Name("example.org")),
        "own subject": only(x509.DirectoryName(named(site.name.upper()))),
        "other subject": only(x509.DirectoryName(named("other"))),
        "other uri": only(x509.UniformResourceIdentifier("example.org")),
    }


def pem(certificates: Sequence[x509.Certificate]) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def context(site: Site, folder: Path) -> ssl.SSLContext:
    sent, own = issued(site)
    file = folder / f"{site.name}.pem"
    file.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem(sent))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers(f"{site.suites or 'ECDHE+AESGCM'}:@SECLEVEL=0")
    if site.spoken:
        first, _, last = site.spoken.partition(" to ")
        with warnings.catch_warnings():  # old versions are deprecated, and that is what is asked about
            warnings.simplefilter("ignore", DeprecationWarning)
            made.minimum_version, made.maximum_version = _version(first), _version(last or first)
    elif site.suites:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    if site.curve:
        made.set_ecdh_curve(site.curve)
    made.load_cert_chain(file)
    if site.dual:
        sent, own = second(site)
        file.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem(sent))
        made.load_cert_chain(file)
    return made


def _version(text: str) -> ssl.TLSVersion:
    return ssl.TLSVersion["TLSv1" if text == "1.0" else f"TLSv{text}".replace(".", "_")]


@contextmanager
def serving(sites: Sequence[Site], folder: Path) -> Iterator[dict[str, int]]:
    """Serve every site on a port of loopback; by name, the port."""
    ports: dict[str, int] = {}
    standing, stop = threading.Event(), threading.Event()
    clients: set[asyncio.StreamWriter] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\nAccess-Control-Allow-Origin: *\r\n\r\n")
            await writer.drain()
        writer.close()

    async def stand() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # clients that refuse a certificate break off
        servers = []
        for site in sites:
            servers.append(await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context(site, folder)))
            ports[site.name] = servers[-1].sockets[0].getsockname()[1]
        standing.set()
        await asyncio.to_thread(stop.wait)
        for server in servers:
            server.close()
        for writer in clients:
            writer.transport.abort()
        await asyncio.sleep(0.1)  # what was aborted is let go of a few turns later

    thread = threading.Thread(target=lambda: asyncio.run(stand()))
    thread.start()
    try:
        if not standing.wait(120):
            raise TimeoutError("the sites do not stand after 120 s")
        yield ports
    finally:
        stop.set()
        thread.join()
