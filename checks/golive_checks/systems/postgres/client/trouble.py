"""Puts into plain words how a connection to Postgres or a query failed; libpq's and the server's are not repeated."""

import re
from enum import StrEnum

from golive import Unavailable


class TroubleKind(StrEnum):
    """What went wrong, each its own; what a person reads is the exception's reason."""

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


NOT_SEEN = frozenset(
    {
        TroubleKind.NO_NAME,
        TroubleKind.UNREACHABLE,
        TroubleKind.SILENT,
        TroubleKind.BUSY,
        TroubleKind.CROWDED,
        TroubleKind.SETUP,
    }
)
"""What says nothing of the server: it may be there for those in its own network. Any other is its answer."""
OF_SERVER = frozenset(
    {
        TroubleKind.NO_NAME,
        TroubleKind.CLOSED,
        TroubleKind.UNREACHABLE,
        TroubleKind.SILENT,
        TroubleKind.TLS_SILENT,
        TroubleKind.MUTE,
        TroubleKind.NOT_POSTGRES,
        TroubleKind.UNTRUSTED,
        TroubleKind.WRONG_NAME,
        TroubleKind.EXPIRED,
        TroubleKind.TLS_FAILED,
    }
)
"""What is so whichever database is asked for: the server is left alone for the rest of the run."""
OF_LOGIN = frozenset({TroubleKind.PASSWORD, TroubleKind.REFUSED, TroubleKind.NO_ROLE})
"""What is so of a role and its password: not tried twice, for some servers lock a role out after a few."""

FIXES = {
    TroubleKind.NO_NAME: "Fix the host in the URL, or this machine's DNS.",
    TroubleKind.CLOSED: "Start the server, fix host and port in the URL, or let listen_addresses include that address.",
    TroubleKind.UNREACHABLE: "Open the way: a security group, a firewall, a VPN or a tunnel from where golive runs.",
    TroubleKind.SILENT: "Open the way: a security group or a firewall drops what golive sends; or the server hangs.",
    TroubleKind.BUSY: "Run golive while this machine has less to do, or raise postgres.connect_timeout_s.",
    TroubleKind.NOT_POSTGRES: "Fix the port in the URL.",
    TroubleKind.NO_TLS: "Set ssl = on and give the server a certificate, or ask for TLS where it ends.",
    TroubleKind.TLS_DEMANDED: "Ask for TLS in the URL: sslmode=require&sslaccept=strict.",
    TroubleKind.UNTRUSTED: "Name the CA's file in the URL (sslcert for Prisma, sslrootcert for libpq) "
    "or in postgres.ca_file.",
    TroubleKind.WRONG_NAME: "Have the certificate issued for the name in the URL, or use the name that it has.",
    TroubleKind.EXPIRED: "Renew the server's certificate, then reload the server.",
    TroubleKind.PASSWORD: "Fix the user's password in the URL or in the database; "
    "percent-encode all but letters and digits.",
    TroubleKind.NO_ENTRY: "Add a line to pg_hba.conf for this role, database and address, then reload.",
    TroubleKind.NO_DATABASE: "Create the database, or fix its name in the URL.",
    TroubleKind.NO_ROLE: "Create the role with LOGIN, or fix its name in the URL.",
    TroubleKind.FULL: "Close what holds connections open; db.pool-fits shows what the pools may take.",
    TroubleKind.STARTING: "Wait until it is up, then ask again.",
    TroubleKind.DENIED: "Grant what is missing: see the reason.",
    TroubleKind.STATEMENT_MODE: "Set pool_mode = transaction in pgbouncer.ini, or lead audit_url to the server itself.",
    TroubleKind.CROWDED: "Ask at a quieter time, or lower postgres.min_free_share.",
}


class PostgresTrouble(Unavailable):
    """Could not look, and in which way. `sqlstate` is the server's own code, where it sent one with a query."""

    def __init__(self, kind: TroubleKind, reason: str, *, fix: str = "", sqlstate: str = "") -> None:
        super().__init__(reason, transient=kind in {TroubleKind.LOST, TroubleKind.BUSY}, fix=fix or FIXES.get(kind, ""))
        self.kind = kind
        self.sqlstate = sqlstate
        self.slots: tuple[int, int] | None = None
        """Where golive keeps off a crowded server: its usable connections, and those in use."""


SAID: tuple[tuple[str, TroubleKind], ...] = (
    # libpq's own words (fe-connect.c, fe-secure-openssl.c, fe-protocol3.c of versions 16 to 18)
    (r"Connection refused|No such file or directory", TroubleKind.CLOSED),
    (
        r"Network is unreachable|No route to host|Host is down|Permission denied|Operation not permitted",
        TroubleKind.UNREACHABLE,
    ),
    (r"timed out|timeout expired", TroubleKind.SILENT),
    (r"server does not support SSL", TroubleKind.NO_TLS),
    (r"session is (?:not )?read-only|hot standby mode", TroubleKind.STANDBY),
    (r"certificate verify failed", TroubleKind.UNTRUSTED),
    (r"does not match host name|could not get server's host name from server certificate", TroubleKind.WRONG_NAME),
    (r"root certificate file .* does not exist|could not read root certificate", TroubleKind.SETUP),
    (r"invalid (?:sslmode|channel_binding|target_session_attrs|require_auth|ssl_\w+) value", TroubleKind.SETUP),
    (r"certificate file|private key file|definition of service", TroubleKind.SETUP),
    (r"invalid response to SSL negotiation|expected authentication request|protocol version", TroubleKind.NOT_POSTGRES),
    (r"unsupported frontend protocol|message contents do not agree|lost synchronization", TroubleKind.NOT_POSTGRES),
    (r"invalid message length", TroubleKind.NOT_POSTGRES),
    (r"no password supplied", TroubleKind.PASSWORD),
    # the server's (src/backend of version 18, in English) and pgBouncer's (src/client.c, src/objects.c of 1.18)
    (r"SSL required|SSL connection is required|no encryption|SSL off", TroubleKind.TLS_DEMANDED),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", TroubleKind.NO_ENTRY),
    (
        r"password authentication failed|SASL authentication failed|auth failed|authentication failed for user",
        TroubleKind.PASSWORD,
    ),
    (r"too many (?:clients|connections)|remaining connection slots|no more connections allowed", TroubleKind.FULL),
    (r"query_wait_timeout|server_login_retry|pool_full|database is not accepting", TroubleKind.FULL),
    (
        r"starting up|shutting down|recovery mode|not yet accepting connections|server_login failed",
        TroubleKind.STARTING,
    ),
    (r"role .* is not permitted to log in|role .* does not exist|no such user", TroubleKind.NO_ROLE),
    (r"database .* does not exist|no such database", TroubleKind.NO_DATABASE),
    (r"permission denied|not currently accepting connections", TroubleKind.DENIED),
    (r"server closed the connection|EOF detected|Connection reset|Broken pipe|closed unexpectedly", TroubleKind.LOST),
    (r"SSL|tls", TroubleKind.TLS_FAILED),
)
"""What each message of libpq says, the first that fits. Servers may speak other languages: then it is `refused`."""

WORDS = {
    TroubleKind.CLOSED: "{server} refuses connections",
    TroubleKind.UNREACHABLE: "{server} cannot be reached from here",
    TroubleKind.SILENT: "{server} did not answer the connection within {wait:g} s",
    TroubleKind.TLS_SILENT: "{server} accepted the connection and did not answer the request for TLS within {wait:g} s",
    TroubleKind.MUTE: "{server} accepted the connection and did not answer the login within {wait:g} s",
    TroubleKind.BUSY: "golive was too busy to see within {wait:g} s whether {server} answers",
    TroubleKind.LOST: "{server} closed the connection during the login",
    TroubleKind.NOT_POSTGRES: "{server} speaks another protocol than Postgres",
    TroubleKind.NO_TLS: "{server} has no TLS, and the URL demands it",
    TroubleKind.TLS_DEMANDED: "{server} refuses {user} without TLS",
    TroubleKind.TLS_FAILED: "TLS with {server} failed",
    TroubleKind.UNTRUSTED: "{server} shows a certificate that leads to no trusted root",
    TroubleKind.WRONG_NAME: "{server} shows a certificate for another name",
    TroubleKind.EXPIRED: "{server} shows a certificate that has expired",
    TroubleKind.PASSWORD: "{server} refuses the password of the role {user}",
    TroubleKind.NO_ENTRY: "{server} has no line in pg_hba.conf that lets the role {user} from here into {database}",
    TroubleKind.NO_ROLE: "{server} has no role {user} that may log in",
    TroubleKind.NO_DATABASE: "{server} has no database {database}",
    TroubleKind.FULL: "{server} has no connection left for {user}",
    TroubleKind.STARTING: "{server} is starting up, shutting down or recovering",
    TroubleKind.STANDBY: "{server} is not the primary or the standby that the URL's target_session_attrs asks for",
    TroubleKind.DENIED: "{server} does not let the role {user} connect to {database}",
    TroubleKind.REFUSED: "{server} refuses the login of the role {user}",
    TroubleKind.SETUP: "golive cannot connect to {server}: a file or a setting that the URL names is not usable here",
}


def kind_of(said: str, *, answered: bool) -> TroubleKind:
    """Tell from libpq's message what happened; `answered`: the server had taken the connection by then."""
    for pattern, kind in SAID:
        if re.search(pattern, said):
            return kind
    return TroubleKind.REFUSED if answered else TroubleKind.UNREACHABLE


def trouble(kind: TroubleKind, *, server: str, user: str, database: str, wait: float) -> PostgresTrouble:
    """Say what happened at connecting."""
    return PostgresTrouble(kind, WORDS[kind].format(server=server, user=user, database=database, wait=wait))


CODES = {
    "57014": TroubleKind.TIMED_OUT,
    "55P03": TroubleKind.LOCKED,
    "42501": TroubleKind.DENIED,
    "53300": TroubleKind.FULL,
    "57P01": TroubleKind.LOST,
    "57P02": TroubleKind.LOST,
    "57P03": TroubleKind.STARTING,
}
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""

NO_TRANSACTIONS = "statement pooling mode"
"""pgBouncer's "transaction blocks not allowed in statement pooling mode" (src/server.c)."""


def refusal(error: Exception, where: str) -> PostgresTrouble:
    """Say why a query brought nothing: by the name and the code of the error, for its text may hold data."""
    sqlstate = str(getattr(error, "sqlstate", None) or "")
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    kind = CODES.get(sqlstate, TroubleKind.QUERY if sqlstate else TroubleKind.LOST)
    if NO_TRANSACTIONS in str(error):
        kind = TroubleKind.STATEMENT_MODE
    reason = {
        TroubleKind.TIMED_OUT: f"{where} did not answer a query within its statement timeout",
        TroubleKind.LOCKED: f"{where}: a query waited too long for a lock",
        TroubleKind.DENIED: f"{where} denies the query its permission ({sqlstate})",
        TroubleKind.STATEMENT_MODE: f"{where} is a pgBouncer in statement mode, "
        "through which no transaction can be run",
        TroubleKind.LOST: f"{where} closed the connection during a query",
    }.get(kind, f"{where} refuses a query: {name} ({sqlstate})")
    return PostgresTrouble(kind, reason, sqlstate=sqlstate)
