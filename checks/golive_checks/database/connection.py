"""Does the application reach its database, over TLS that it verifies?"""

from golive import Severity, Verdict, check, failed, not_applicable, passed, unknown, warned
from golive_checks.subjects import Database
from golive_checks.systems.postgres.connection import TLS, AppLogin


@check("db.reachable", severity=Severity.CRITICAL)
def reachable(database: Database, login: AppLogin) -> Verdict:
    """The database lets the application in, and takes its writes.

    Why: Without its database the application is down, for every tenant at once. A password that was changed, a full
    table of connections, an unknown database, a certificate that has expired: each has its own fix. A URL
    that leads to a standby works until the first write.

    Fix: See what the server said; start it, correct the URL, or let the role in. For an
    application that only reads, set `read_only: true`.
    """
    if login.refusal:
        return failed(login.refusal, fix=login.fix)
    if login.standby and not database.read_only:
        return failed("the URL leads to a standby, which takes no writes", fix="Name the primary in the URL.")
    return passed("lets the application in" + (", a standby that it only reads from" if login.standby else ""))


SHORT = {
    "none": "golive's connection is encrypted, but as the application reads the URL it asks for no TLS",
    "optional": "encrypted now, but the URL goes on without TLS where none is offered, and no certificate is verified",
    "encrypted": "encrypted, but the URL accepts any certificate: whoever is in between can show his own",
    "verified": "encrypted, but golive could not verify the certificate as the application does",
}
"""What a connection that is encrypted lacks, by what the URL demands."""


@check("db.encrypted", severity=Severity.HIGH)
def encrypted(database: Database, login: AppLogin) -> Verdict:
    """The application's connection to the database is encrypted, and it knows with whom it speaks.

    Why: Passwords, customers and payments pass over it. Without TLS anyone on the way reads them; with TLS that
    verifies no certificate, or that goes on without it, anyone on the way can put himself in between. Prisma 5 and 6
    do both unless told otherwise: `sslmode` is `prefer` and `sslaccept` is `accept_invalid_certs`.

    Fix: Write `sslmode=require&sslaccept=strict` into the URL, and `sslcert=` with the CA's file where it is a private
    one; Prisma 7 and libpq: `sslmode=verify-full` and `sslrootcert=`.

    Source: Prisma, PostgreSQL connector, arguments of the connection URL; PostgreSQL, section 34.19 (SSL support)
    """
    if login.refusal:
        return failed(login.refusal, fix=login.fix) if login.kind in TLS else unknown(f"no connection: {login.refusal}")
    if not login.secure:
        if login.by_socket:
            return not_applicable("the connection goes through a Unix socket and never leaves the machine")
        asked = "the URL asks for none" if login.demand == "none" else "the server offers none and the URL goes on"
        return failed(f"the connection is not encrypted: {asked}")
    if login.demand == "verified" and login.verified:
        return passed("encrypted, and the server's certificate is verified")
    return warned(SHORT[login.demand])
