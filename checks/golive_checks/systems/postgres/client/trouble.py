"""Puts into plain words how a connection to Postgres or a query failed; libpq's and the server's are not repeated."""

import re
from enum import StrEnum

from golive import Unavailable


class Kind(StrEnum):
    """What went wrong, each its own; what is said to a person is the exception's reason."""

    NO_NAME = "no-name"
    CLOSED = "closed"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    """Nothing answers the connection."""
    TLS_SILENT = "tls-silent"
    MUTE = "mute"
    """It takes the connection and says nothing to the login."""
    BUSY = "busy"
    """Nothing was read in time, and golive or its machine was too busy to say that nothing came."""
    LOST = "lost"
    NOT_POSTGRES = "not-postgres"
    NO_TLS = "no-tls"
    TLS_DEMANDED = "tls-demanded"
    TLS_FAILED = "tls-failed"
    UNTRUSTED = "untrusted"
    WRONG_NAME = "wrong-name"
    EXPIRED = "expired"
    PASSWORD = "password"  # noqa: S105 - the name of a trouble
    NO_ENTRY = "no-entry"
    """No line of pg_hba.conf lets this role in from here."""
    NO_ROLE = "no-role"
    NO_DATABASE = "no-database"
    FULL = "full"
    STARTING = "starting"
    STANDBY = "standby"
    """It is a standby and the URL wants a primary, or the other way round."""
    DENIED = "denied"
    REFUSED = "refused"
    """It refuses the login, in words that are not known here."""
    CROWDED = "crowded"
    """Too few slots are free: golive keeps off."""
    TIMED_OUT = "timed-out"
    """The statement ran into its timeout."""
    STALLED = "stalled"
    """The server stopped answering in the middle."""
    LOCKED = "locked"
    TOO_MUCH = "too-much"
    QUERY = "query"
    """The server refuses the query; `sqlstate` says why."""
    STATEMENT_MODE = "statement-mode"
    """pgBouncer gives each statement another connection: no transaction can be held."""
    SETUP = "setup"
    """golive itself is not set up for it: a file of trusted roots that is not there."""


NOT_SEEN = frozenset({Kind.NO_NAME, Kind.UNREACHABLE, Kind.SILENT, Kind.BUSY, Kind.CROWDED, Kind.SETUP})
"""What says nothing of the server: it may be there for those in its own network. Any other is its answer."""
OF_SERVER = frozenset(
    {
        Kind.NO_NAME,
        Kind.CLOSED,
        Kind.UNREACHABLE,
        Kind.SILENT,
        Kind.TLS_SILENT,
        Kind.MUTE,
        Kind.NOT_POSTGRES,
        Kind.UNTRUSTED,
        Kind.WRONG_NAME,
        Kind.EXPIRED,
        Kind.TLS_FAILED,
    }
)
"""What is so whichever database is asked for: the server is left alone for the rest of the run."""
OF_LOGIN = frozenset({Kind.PASSWORD, Kind.REFUSED, Kind.NO_ROLE})
"""What is so of a role and its password: not tried twice, for some servers lock a role out after a few."""

FIXES = {
    Kind.NO_NAME: "Fix the host in the URL, or this machine's DNS.",
    Kind.CLOSED: "Start the server, fix host and port in the URL, or let listen_addresses include that address.",
    Kind.UNREACHABLE: "Open the way: a security group, a firewall, a VPN or a tunnel from where golive runs.",
    Kind.SILENT: "Open the way: a security group or a firewall drops what golive sends; or the server hangs.",
    Kind.BUSY: "Run golive while this machine has less to do, or raise postgres.connect_timeout_s.",
    Kind.NOT_POSTGRES: "Fix the port in the URL.",
    Kind.NO_TLS: "Set ssl = on and give the server a certificate, or ask for TLS where it ends.",
    Kind.TLS_DEMANDED: "Ask for TLS in the URL: sslmode=require&sslaccept=strict.",
    Kind.UNTRUSTED: "Name the CA's file in the URL (sslcert for Prisma, sslrootcert for libpq) or in postgres.ca_file.",
    Kind.WRONG_NAME: "Have the certificate issued for the name in the URL, or use the name that it has.",
    Kind.EXPIRED: "Renew the server's certificate, then reload the server.",
    Kind.PASSWORD: "Fix the user's password in the URL or in the database; percent-encode all but letters and digits.",
    Kind.NO_ENTRY: "Add a line to pg_hba.conf for this role, database and address, then reload.",
    Kind.NO_DATABASE: "Create the database, or fix its name in the URL.",
    Kind.NO_ROLE: "Create the role with LOGIN, or fix its name in the URL.",
    Kind.FULL: "Close what holds connections open; db.pool-fits shows what the pools may take.",
    Kind.STARTING: "Wait until it is up, then ask again.",
    Kind.DENIED: "Grant what is lacking: see the reason.",
    Kind.STATEMENT_MODE: "Set pool_mode = transaction in pgbouncer.ini, or lead audit_url to the server itself.",
    Kind.CROWDED: "Ask at a quieter time, or lower postgres.min_free_share.",
}


class PostgresTrouble(Unavailable):
    """Could not look, and in which way. `sqlstate` is the server's own code, where it sent one with a query."""

    def __init__(self, kind: Kind, reason: str, *, fix: str = "", sqlstate: str = "") -> None:
        super().__init__(reason, transient=kind in {Kind.LOST, Kind.BUSY}, fix=fix or FIXES.get(kind, ""))
        self.kind = kind
        self.sqlstate = sqlstate
        self.slots: tuple[int, int] | None = None
        """Where golive keeps off a crowded server: its usable connections, and those in use."""


SAID: tuple[tuple[str, Kind], ...] = (
    # libpq's own words (fe-connect.c, fe-secure-openssl.c, fe-protocol3.c of versions 16 to 18)
    (r"Connection refused|No such file or directory", Kind.CLOSED),
    (
        r"Network is unreachable|No route to host|Host is down|Permission denied|Operation not permitted",
        Kind.UNREACHABLE,
    ),
    (r"timed out|timeout expired", Kind.SILENT),
    (r"server does not support SSL", Kind.NO_TLS),
    (r"session is (?:not )?read-only|hot standby mode", Kind.STANDBY),
    (r"certificate verify failed", Kind.UNTRUSTED),
    (r"does not match host name|could not get server's host name from server certificate", Kind.WRONG_NAME),
    (r"root certificate file .* does not exist|could not read root certificate", Kind.SETUP),
    (r"invalid (?:sslmode|channel_binding|target_session_attrs|require_auth|ssl_\w+) value", Kind.SETUP),
    (r"certificate file|private key file|definition of service", Kind.SETUP),
    (r"invalid response to SSL negotiation|expected authentication request|protocol version", Kind.NOT_POSTGRES),
    (r"unsupported frontend protocol|message contents do not agree|lost synchronization", Kind.NOT_POSTGRES),
    (r"invalid message length", Kind.NOT_POSTGRES),
    (r"no password supplied", Kind.PASSWORD),
    # the server's (src/backend of version 18, in English) and pgBouncer's (src/client.c, src/objects.c of 1.18)
    (r"SSL required|SSL connection is required|no encryption|SSL off", Kind.TLS_DEMANDED),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", Kind.NO_ENTRY),
    (
        r"password authentication failed|SASL authentication failed|auth failed|authentication failed for user",
        Kind.PASSWORD,
    ),
    (r"too many (?:clients|connections)|remaining connection slots|no more connections allowed", Kind.FULL),
    (r"query_wait_timeout|server_login_retry|pool_full|database is not accepting", Kind.FULL),
    (r"starting up|shutting down|recovery mode|not yet accepting connections|server_login failed", Kind.STARTING),
    (r"role .* is not permitted to log in|role .* does not exist|no such user", Kind.NO_ROLE),
    (r"database .* does not exist|no such database", Kind.NO_DATABASE),
    (r"permission denied|not currently accepting connections", Kind.DENIED),
    (r"server closed the connection|EOF detected|Connection reset|Broken pipe|closed unexpectedly", Kind.LOST),
    (r"SSL|tls", Kind.TLS_FAILED),
)
"""What each message of libpq says, the first that fits. Servers may speak other languages: then it is `refused`."""

WORDS = {
    Kind.CLOSED: "{server} refuses connections",
    Kind.UNREACHABLE: "{server} cannot be reached from here",
    Kind.SILENT: "{server} did not answer the connection within {wait:g} s",
    Kind.TLS_SILENT: "{server} took the connection and said nothing to the request for TLS within {wait:g} s",
    Kind.MUTE: "{server} took the connection and said nothing to the login within {wait:g} s",
    Kind.BUSY: "golive was too busy to tell within {wait:g} s whether {server} answers",
    Kind.LOST: "{server} closed the connection during the login",
    Kind.NOT_POSTGRES: "{server} speaks another protocol than Postgres",
    Kind.NO_TLS: "{server} has no TLS, and the URL demands it",
    Kind.TLS_DEMANDED: "{server} refuses {user} without TLS",
    Kind.TLS_FAILED: "TLS with {server} failed",
    Kind.UNTRUSTED: "{server} shows a certificate that leads to no trusted root",
    Kind.WRONG_NAME: "{server} shows a certificate for another name",
    Kind.EXPIRED: "{server} shows a certificate that has expired",
    Kind.PASSWORD: "{server} refuses the password of the role {user}",
    Kind.NO_ENTRY: "{server} has no line in pg_hba.conf that lets the role {user} from here into {database}",
    Kind.NO_ROLE: "{server} has no role {user} that may log in",
    Kind.NO_DATABASE: "{server} has no database {database}",
    Kind.FULL: "{server} has no connection left for {user}",
    Kind.STARTING: "{server} is starting up, shutting down or recovering",
    Kind.STANDBY: "{server} is not the primary or the standby that the URL's target_session_attrs asks for",
    Kind.DENIED: "{server} does not let the role {user} connect to {database}",
    Kind.REFUSED: "{server} refuses the login of the role {user}",
    Kind.SETUP: "golive cannot connect to {server}: a file or a setting that the URL names is not usable here",
}


def kind_of(said: str, *, answered: bool) -> Kind:
    """Tell from libpq's message what happened; `answered`: the server had taken the connection by then."""
    for pattern, kind in SAID:
        if re.search(pattern, said):
            return kind
    return Kind.REFUSED if answered else Kind.UNREACHABLE


def trouble(kind: Kind, *, server: str, user: str, database: str, wait: float) -> PostgresTrouble:
    """Say what happened at connecting."""
    return PostgresTrouble(kind, WORDS[kind].format(server=server, user=user, database=database, wait=wait))


CODES = {
    "57014": Kind.TIMED_OUT,
    "55P03": Kind.LOCKED,
    "42501": Kind.DENIED,
    "53300": Kind.FULL,
    "57P01": Kind.LOST,
    "57P02": Kind.LOST,
    "57P03": Kind.STARTING,
}
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""

NO_TRANSACTIONS = "statement pooling mode"
"""pgBouncer's "transaction blocks not allowed in statement pooling mode" (src/server.c)."""


def refusal(error: Exception, where: str) -> PostgresTrouble:
    """Say why a query brought nothing: by the name and the code of the error, for its text may hold data."""
    sqlstate = str(getattr(error, "sqlstate", None) or "")
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    kind = CODES.get(sqlstate, Kind.QUERY if sqlstate else Kind.LOST)
    if NO_TRANSACTIONS in str(error):
        kind = Kind.STATEMENT_MODE
    reason = {
        Kind.TIMED_OUT: f"{where} did not answer a query within its statement timeout",
        Kind.LOCKED: f"{where}: a query waited too long for a lock",
        Kind.DENIED: f"{where} denies the query its permission ({sqlstate})",
        Kind.STATEMENT_MODE: f"{where} is a pgBouncer in statement mode, through which no transaction can be run",
        Kind.LOST: f"{where} closed the connection during a query",
    }.get(kind, f"{where} refuses a query: {name} ({sqlstate})")
    return PostgresTrouble(kind, reason, sqlstate=sqlstate)
