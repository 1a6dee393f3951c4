"""What keeps clients from trusting a chain, what they put up with in it, and how each is fixed."""

from golive_checks.systems.tls.client.strictness import Breach
from golive_checks.systems.tls.client.trust_path import Broken, Obstacle, Odd, Oddity

OWN_CA = "Where the CA is your own, name its root in the profile's trust.ca_file."
OF_A_CA = {
    Obstacle.EXPIRED: "expired on {detail}",
    Obstacle.NOT_YET_VALID: "is not valid before {detail}",
    Obstacle.NO_CA: "is not a CA",
    Obstacle.MAY_NOT_SIGN: "has a key that may not sign certificates",
    Obstacle.TOO_DEEP: "allows at most {detail} more between it and the leaf",
    Obstacle.NOT_FOR_SERVERS: "may not issue for servers",
    Obstacle.NOT_FOR_NAMES: "may not issue for these names (its name constraints)",
    Obstacle.CA_EXTENSION: "has a critical extension that clients do not know ({detail})",
}
"""Of a CA on the way that did sign what is below it."""
STRICT = {
    Breach.NO_KEY_USAGE: "it is a CA without a key usage",
    Breach.LAX_CONSTRAINTS: "its basic constraints are not critical",
    Breach.PATH_LIMIT: "it limits the path without being a CA that signs",
    Breach.SIGNS: "it may sign certificates, and is no CA",
    Breach.NO_SUBJECT: "it has no subject",
    Breach.NO_ISSUER: "it has no issuer",
    Breach.LAX_NAMES: "its names are not critical, and it has no subject",
    Breach.CRITICAL_SUBJECT_KEY: "its subject key identifier is critical",
    Breach.CRITICAL_AUTHORITY_KEY: "its authority key identifier is critical",
    Breach.NO_AUTHORITY_KEY: "it has no authority key identifier",
    Breach.NO_SUBJECT_KEY: "it is a CA without a subject key identifier",
}


def obstacle(broken: Broken) -> str:
    """Say why no client trusts a chain."""
    if broken.by in OF_A_CA:
        return f"in its chain, {broken.name} {OF_A_CA[broken.by].format(detail=broken.detail)}"
    return {
        Obstacle.LEAF_EXTENSION: (
            f"the certificate has a critical extension that clients do not know ({broken.detail})"
        ),
        Obstacle.SELF_SIGNED: "the certificate is self-signed",
        Obstacle.OTHER_ROOT: f"the chain ends in {broken.name}, a root that is not trusted",
        Obstacle.INCOMPLETE: (
            f"the chain is not complete: {broken.detail}, the issuer of {broken.name}, "
            "is neither sent nor a trusted root"
        ),
        Obstacle.OWN_ROOT: f"it leads to {broken.name}, a root that this machine trusts and browsers do not",
    }[broken.by]


def remedy(broken: Broken) -> str:
    """Say how to fix it; empty where the check's own advice is all there is to say."""
    issuer_at = f" The issuer's certificate is at {broken.url}." if broken.url else ""
    return {
        Obstacle.LEAF_EXTENSION: "Have it reissued without that extension.",
        Obstacle.SELF_SIGNED: "Serve a certificate that a trusted CA has issued.",
        Obstacle.OTHER_ROOT: OWN_CA,
        Obstacle.INCOMPLETE: f"Serve the full chain (certbot: fullchain.pem).{issuer_at} {OWN_CA}",
        Obstacle.OWN_ROOT: f"Serve a certificate of a CA that browsers trust. {OWN_CA}",
    }.get(broken.by, "")


def oddity(odd: Odd, sent: int) -> str:
    """Say what is odd about a chain of `sent` certificates that clients accept all the same."""
    if odd.how is Oddity.OUT_OF_ORDER:  # TLS 1.2 demanded the order; browsers, curl, Node and OpenSSL accept any
        return "the chain is sent out of order: send the leaf first, then each certificate's issuer"
    if odd.how is Oddity.NOT_PART:
        return f"{odd.count} of the {sent} certificates sent are not part of its chain"
    what = STRICT[odd.breach] if odd.breach else "it is not as RFC 5280 has it"
    return f"Python 3.13 and later refuse {odd.name or 'the certificate'}: {what}"
