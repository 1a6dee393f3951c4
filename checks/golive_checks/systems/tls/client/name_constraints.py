"""Whether a CA may issue for the names below it (RFC 5280, section 4.2.1.10), as the strictest of clients read it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from golive import Unavailable
from golive_checks.systems.tls.client.certificates import extension

if TYPE_CHECKING:
    from cryptography import x509

Part = tuple[tuple[str, str], ...]
MAX_COMPARED = 1_000_000
"""Names times constraints: honest chains have some thousands at most."""


def canonical(name: "x509.Name") -> tuple[Part, ...]:
    """Return a name so that names which clients hold for one are equal: without case and needless space."""
    return tuple(
        tuple(sorted((a.oid.dotted_string, " ".join(str(a.value).split()).casefold()) for a in part))
        for part in name.rdns
    )


def allowed(issuer: "x509.Certificate", below: "Sequence[x509.Certificate]") -> bool:
    """Hold all names below an issuer against its constraints; `below` is leaf first, and the leaf counts always.

    Raises:
        Unavailable: there are too many of both to compare.
    """
    constraints = extension(issuer, "NameConstraints")
    if not constraints:
        return True
    permitted, excluded = list(constraints.permitted_subtrees or ()), list(constraints.excluded_subtrees or ())
    names = [name for n, each in enumerate(below) if n == 0 or each.subject != each.issuer for name in _names(each)]
    if len(names) * (len(permitted) + len(excluded)) > MAX_COMPARED:
        raise Unavailable(f"a chain has {len(names):,} names under name constraints, too many to compare")
    return all(_allowed(name, permitted, excluded) for name in names)


def _names(certificate: "x509.Certificate") -> "Iterator[x509.GeneralName]":
    """List a certificate's names of every kind; its subject is one, and so is an address of mail in there."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    if list(certificate.subject):
        yield x509.DirectoryName(certificate.subject)
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        yield x509.RFC822Name(str(attribute.value))
    yield from extension(certificate, "SubjectAlternativeName") or ()


def _allowed(name: Any, permitted: Sequence[Any], excluded: Sequence[Any]) -> bool:
    within = [each for each in permitted if type(each) is type(name)]
    without = [each for each in excluded if type(each) is type(name)]
    if (within or without) and not _comparable(name):
        return False  # OpenSSL refuses what it cannot compare, and browsers compare no URI
    return (not within or any(_below(name, tree) for tree in within)) and not any(
        _below(name, tree) or _holds(name, tree) for tree in without
    )


def _comparable(name: Any) -> bool:
    from cryptography import x509

    return isinstance(name, x509.DNSName | x509.IPAddress | x509.DirectoryName | x509.RFC822Name)


def _below(name: Any, tree: Any) -> bool:
    """Return whether a name is within a tree of its own kind."""
    from cryptography import x509

    if isinstance(name, x509.IPAddress):
        return name.value.version == tree.value.version and name.value in tree.value
    if isinstance(name, x509.DirectoryName):
        start = canonical(tree.value)
        return canonical(name.value)[: len(start)] == start
    held, root = str(name.value).lower(), str(tree.value).lower()
    if isinstance(name, x509.RFC822Name):
        host = held.rpartition("@")[2]
        return root in {held, host} or (root.startswith(".") and host.endswith(root))
    return not root or held == root or held.endswith(root if root.startswith(".") else f".{root}")


def _holds(name: Any, tree: Any) -> bool:
    """Return whether a wildcard stands for names within a tree: browsers then refuse it."""
    from cryptography import x509

    return (
        isinstance(name, x509.DNSName)
        and name.value.startswith("*.")
        and tree.value.lower().endswith(name.value[1:].lower())
    )
