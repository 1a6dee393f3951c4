"""Does the application reach its database, over TLS that it verifies?"""

from golive import Severity, Verdict, check, failed, not_applicable, passed, unknown, warned
from golive_checks.subjects import Database
from golive_checks.systems.postgres.connection import TLS, AppLogin


@check("db.reachable", severity=Severity.CRITICAL)
def reachable(database: Database, login: AppLogin) -> Verdict:
    """The application can connect to the database and write to it.

    Why: Without its database the application is down, for every tenant at once. A password that was changed, a full
    table of connections, an unknown database, a certificate that has expired: each has its own fix. A URL
    that leads to a standby works until the first write.

    Fix: Read what the server said; start it, correct the URL, or grant the role access. For an application that only
    reads, set `read_only: true`.
    """
    if login.refusal:
        return failed(login.refusal, fix=login.fix)
    if login.standby and not database.read_only:
        return failed("the URL leads to a standby, which accepts no writes", fix="Name the primary in the URL.")
    return passed("lets the application in" + (", a standby that it only reads from" if login.standby else ""))


SHORT = {
    "none": "golive's connection is encrypted, but the application does not use TLS with this URL",
    "optional": "encrypted now, but the URL allows a fallback to no TLS, and no certificate is verified",
    "encrypted": "encrypted, but the URL accepts any certificate: anyone in between can present their own",
    "verified": "encrypted, but golive could not verify the certificate as the application does",
}
"""What a connection that is encrypted lacks, by what the URL demands."""


@check("db.encrypted", severity=Severity.HIGH)
def encrypted(database: Database, login: AppLogin) -> Verdict:
    """The application's connection to the database is encrypted, and it verifies the server's identity.

    Why: Passwords, customers and payments pass over it. Without TLS anyone on the way reads them; with TLS that
    verifies no certificate, or that falls back to none, anyone on the way can intercept it. Prisma 5 and 6 do both by
    default: `sslmode` is `prefer` and `sslaccept` is `accept_invalid_certs`.

    Fix: Write `sslmode=require&sslaccept=strict` into the URL, and `sslcert=` with the CA's file if it is a private
    one; Prisma 7 and libpq: `sslmode=verify-full` and `sslrootcert=`.

    Source: Prisma, PostgreSQL connector, arguments of the connection URL; PostgreSQL, section 34.19 (SSL support)
    """
    if login.refusal:
        return failed(login.refusal, fix=login.fix) if login.kind in TLS else unknown(f"no connection: {login.refusal}")
    if not login.secure:
        if login.by_socket:
            return not_applicable("the connection goes through a Unix socket and never leaves the machine")
        asked = "the URL does not ask for it" if login.demand == "none" else "the server offers none, as the URL allows"
        return failed(f"the connection is not encrypted: {asked}")
    if login.demand == "verified" and login.verified:
        return passed("encrypted, and the server's certificate is verified")
    return warned(SHORT[login.demand])
