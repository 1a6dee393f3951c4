"""Reads a connection URL as Prisma writes it, and turns it into what libpq takes. Pure: nothing is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from golive import Unavailable
from golive_checks.subjects.databases import other_engine

DEFAULT_PORT = 5432
MAX_HOSTS = 8

NOWHERE = "/dev/null/golive"
"""A path at which nothing can be: for files that libpq would otherwise look for in the user's home."""

KEPT = frozenset(
    {
        "channel_binding",
        "options",
        "require_auth",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcrl",
        "sslkey",
        "sslnegotiation",
        "sslsni",
        "target_session_attrs",
    }
)
"""Parameters of a URL that libpq is given as they stand. All others are Prisma's own, a pool's, or golive sets them."""

Reader = Literal["prisma6", "prisma7", "libpq"]
"""Who reads the URL in the application: Prisma 5 or 6, Prisma 7 with its adapter for node-postgres, or libpq."""
Demand = Literal["none", "optional", "encrypted", "verified"]
"""What a URL asks of TLS: nothing; TLS where the server offers it; TLS with any certificate; a certificate to trust."""

VERIFYING = frozenset({"verify-ca", "verify-full"})
"""libpq's modes that hold the server's certificate against a CA. Prisma 5 and 6 read them as `prefer`."""


@dataclass(frozen=True)
class PostgresUrl:
    """A connection URL, parted. `parameters` are those after the ?, as they stand, decoded."""

    hosts: tuple[tuple[str, int], ...]
    """Host names, addresses or, beginning with a /, folders of a socket; each with its port."""
    user: str
    """Empty where a socket's server is to take the name of whoever asks, as libpq has it."""
    database: str
    password: str = field(default="", repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def server(self) -> str:
        """Name the server, as slots are counted and reports show it: `db.example.com:5432`."""
        return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)

    @property
    def schema(self) -> str:
        """The schema that Prisma works in."""
        return self.parameters.get("schema") or "public"

    @property
    def by_socket(self) -> bool:
        """True where the connection never leaves this machine: it goes through a Unix socket."""
        return all(host.startswith("/") for host, _ in self.hosts)

    @property
    def strict(self) -> bool:
        """True where Prisma verifies certificates: by `sslaccept`, whose every unknown value it reads as strict."""
        return self.parameters.get("sslaccept", "accept_invalid_certs") != "accept_invalid_certs"

    def demand(self, reader: Reader) -> Demand:
        """Tell what the application asks of TLS with this URL.

        Prisma 5 and 6: quaint/src/connector/postgres/url.rs of prisma-engines; any other mode than these is `prefer`.
        Prisma 7: pg-connection-string 2, without `uselibpqcompat`; without sslmode node-postgres asks for no TLS.
        """
        mode = self.parameters.get("sslmode", "none" if reader == "prisma7" else "prefer")
        if mode == "disable":
            return "none"
        if reader == "prisma6":
            if mode != "require":
                return "optional"
            return "verified" if self.strict else "encrypted"
        if reader == "prisma7" and self.parameters.get("uselibpqcompat") != "true":
            return "none" if mode == "none" else "encrypted" if mode == "no-verify" else "verified"
        return "verified" if mode in VERIFYING else "encrypted" if mode == "require" else "optional"

    def tls_modes(self, reader: Reader) -> tuple[str, ...]:
        """Return the sslmode to connect with, and the one to go on with where the server has no TLS.

        A URL that demands verification in libpq's words gets it, whoever reads it: an auditor's is seldom Prisma's.
        libpq's own `prefer` is never used: it tries a wrong password twice, with TLS and without.
        """
        mode, demand = self.parameters.get("sslmode", ""), self.demand(reader)
        if mode in VERIFYING:
            return (mode,)
        if demand == "optional":
            return ("verify-full" if self.strict else "require", "disable")
        return {"none": ("disable",), "encrypted": ("require",), "verified": ("verify-full",)}[demand]

    @property
    def ca_file(self) -> str:
        """The file with the CA of the server: libpq's sslrootcert, or sslcert as Prisma means it (without a key)."""
        own = "" if "sslkey" in self.parameters else self.parameters.get("sslcert", "")
        return self.parameters.get("sslrootcert", "") or own

    def whole(self, name: str) -> int | None:
        """Return a parameter that is a whole number, or None where it is absent or none."""
        text = self.parameters.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - 32 bits

    def of(self, database: str) -> "PostgresUrl":
        """Return the URL of another database on the same server."""
        return replace(self, database=database)

    def libpq(self) -> dict[str, str]:
        """Return what libpq is to be given, without hosts, mode and CA, which change from one attempt to the next."""
        kept = {name: value for name, value in self.parameters.items() if name in KEPT}
        client_certificate = (
            self.parameters["sslcert"] if "sslkey" in kept and "sslcert" in self.parameters else NOWHERE
        )
        return {
            "sslkey": NOWHERE,
            "sslcrl": NOWHERE,
            **kept,
            "sslcert": client_certificate,
            "user": self.user,
            "password": self.password,
            "dbname": self.database,
            "passfile": NOWHERE,
            "gssencmode": "disable",  # it would ask the machine's Kerberos first
            "client_encoding": "UTF8",
        }


def read(url: SecretStr) -> PostgresUrl:
    """Part a connection URL.

    Raises:
        Unavailable: it is none. The reason never repeats part of it: where a password is not percent-encoded, any
            part may hold a piece of it.
    """
    if not url.get_secret_value().strip():
        raise Unavailable("its connection URL is empty", fix="Set the variable, or the secret, that holds the URL.")
    try:
        parts = urlsplit(url.get_secret_value().strip())
        if engine := other_engine(url.get_secret_value()):
            raise Unavailable(
                f"golive does not look into {engine} yet", fix="Turn the database's lines off under checklist.off."
            )
        login, at, place = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        if (
            "@" in parts.path
            or "@" in parts.query
            or parts.fragment
            or (not at and ":" in place and "/" not in parts.path and "user=" not in parts.query)
        ):
            raise _unreadable("a character such as @, /, ? or # in it is not percent-encoded")
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        hosts = _hosts(place, parameters.pop("host", ""), parameters.pop("port", ""))
    except ValueError:
        raise _unreadable("it is no URL, or its port is no number") from None
    if not user and "user" not in parameters and not all(host.startswith("/") for host, _ in hosts):
        raise Unavailable(
            "the connection URL names no user", fix="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
        )
    return PostgresUrl(
        hosts,
        user=unquote(user) or parameters.get("user", ""),
        password=unquote(password) or parameters.pop("password", ""),
        database=unquote(parts.path.lstrip("/")) or "postgres",  # as Prisma does; libpq would take the user's name
        parameters=parameters,
    )


def _unreadable(why: str) -> Unavailable:
    fix = "Percent-encode the password: encodeURIComponent in JavaScript, urllib.parse.quote in Python."
    return Unavailable(f"the connection URL cannot be read: {why}", fix=fix)


def _hosts(places: str, named: str, ports: str) -> tuple[tuple[str, int], ...]:
    """Part `host:port,host:port` as it stands in the URL, or the parameter `host`.

    A port given apart counts for all hosts that have none; several are one for each (libpq-connect, section 34.1.1.3).
    """
    each = (named or places).split(",")
    usual = ports.split(",") if "," in ports else [ports] * len(each)
    if len(each) > MAX_HOSTS or len(usual) != len(each):
        raise ValueError(places)
    part = _named if named else _placed
    return tuple(
        part(host, port if port.isascii() and port.isdigit() else "") for host, port in zip(each, usual, strict=True)
    )


def _placed(place: str, usual: str) -> tuple[str, int]:
    """Part a host of the URL's own, still encoded: a colon that is not is before its port."""
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        return unquote(host).lower(), _port(port.removeprefix(":") or usual)
    host, _, port = place.partition(":")
    host = unquote(host)
    return host if host.startswith("/") else host.lower() or "localhost", _port(port or usual)


def _named(host: str, usual: str) -> tuple[str, int]:
    """Read a host of the parameter, decoded: a folder or an address of IPv6 may have colons in it."""
    if host.startswith("/") or host.count(":") > 1:
        return host, _port(usual)
    name, _, port = host.partition(":")
    return name.lower() or "localhost", _port(port or usual)


def _port(text: str) -> int:
    port = int(text) if text else DEFAULT_PORT
    if not 0 < port < 65536:  # noqa: PLR2004 - TCP's ports
        raise ValueError(text)
    return port
