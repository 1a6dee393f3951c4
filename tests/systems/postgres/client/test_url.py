"""Prisma's URLs as libpq takes them, without a server."""

import pytest
from pydantic import SecretStr

from golive import Unavailable
from golive_checks.systems.postgres.client.trouble import TroubleKind, kind_of, trouble
from golive_checks.systems.postgres.client.url import NOWHERE, Demand, Reader, read

CANARY = "cAnArY7"


def of(text: str) -> dict[str, str]:
    return read(SecretStr(text)).libpq()


PARTS: dict[str, tuple[str, tuple[object, ...]]] = {
    "plain": ("postgresql://app:pw@db.example.com/shop", ((("db.example.com", 5432),), "app", "pw", "shop")),
    "port": ("postgres://app:pw@db:6432/shop?schema=public", ((("db", 6432),), "app", "pw", "shop")),
    "encoded": (
        "postgresql://a%40b:p%40ss%2Fw%3A%3F%23%25@db/sh%20op",
        ((("db", 5432),), "a@b", "p@ss/w:?#%", "sh op"),
    ),
    "IPv6": ("postgresql://app:pw@[2001:db8::1]:5433/shop", ((("2001:db8::1", 5433),), "app", "pw", "shop")),
    "two hosts": ("postgresql://app:pw@a:1,b:2/x", ((("a", 1), ("b", 2)), "app", "pw", "x")),
    "two hosts, one port": ("postgresql://app:pw@a,b/x?port=7", ((("a", 7), ("b", 7)), "app", "pw", "x")),
    "socket": (
        "postgresql://app:pw@localhost/x?host=/run/postgresql",
        ((("/run/postgresql", 5432),), "app", "pw", "x"),
    ),
    "socket in the host": ("postgresql://app@%2Frun%2Fpg/x", ((("/run/pg", 5432),), "app", "", "x")),
    "a port for each host": (
        "postgresql://app:pw@/x?host=a,2001:db8::1,c&port=1,,3",
        ((("a", 1), ("2001:db8::1", 5432), ("c", 3)), "app", "pw", "x"),
    ),
    "socket in the host, a port": ("postgresql://app@%2Frun%2Fpg:5433/x", ((("/run/pg", 5433),), "app", "", "x")),
    "a socket with colons": (
        "postgresql://app@/x?host=/cloudsql/project:region:instance",
        ((("/cloudsql/project:region:instance", 5432),), "app", "", "x"),
    ),
    "no host, no database": ("postgresql://app:pw@", ((("localhost", 5432),), "app", "pw", "postgres")),
    "no password": ("postgresql://app@db/x", ((("db", 5432),), "app", "", "x")),
    "login among the parameters": ("postgresql://db/x?user=app&password=pw", ((("db", 5432),), "app", "pw", "x")),
    "socket, no login": ("postgresql:///x?host=/run/pg", ((("/run/pg", 5432),), "", "", "x")),
    "socket in the host, a password alone": ("postgresql://:pw@%2Frun%2Fpg/x", ((("/run/pg", 5432),), "", "pw", "x")),
    "as SQLAlchemy has it": ("postgresql+psycopg://app:pw@db/x", ((("db", 5432),), "app", "pw", "x")),
    "no login at all, a port": ("postgresql://db:5433/x?user=app", ((("db", 5433),), "app", "", "x")),
}


@pytest.mark.parametrize(("text", "parts"), PARTS.values(), ids=PARTS)
def test_it_is_parted_as_prisma_parts_it(text: str, parts: tuple[object, ...]) -> None:
    url = read(SecretStr(text))
    assert (url.hosts, url.user, url.password, url.database) == parts
    assert CANARY not in repr(read(SecretStr(f"postgresql://app:{CANARY}@db/x?sslpassword={CANARY}")))


UNREADABLE = {
    "@ in the password and a slash": f"postgresql://app:{CANARY}@12/{CANARY}@db/x",
    "slash in the password": f"postgresql://app:{CANARY}/12@db/x",
    "slash after digits": f"postgresql://app:12/{CANARY}@db/x",
    "question mark in the password": f"postgresql://app:12?{CANARY}@db/x",
    "hash in the password": f"postgresql://app:12#{CANARY}@db/x",
    "hash after letters": f"postgresql://app:{CANARY}#1@db/x",
    "port is no number": f"postgresql://app:x@db:{CANARY}/x",
    "port is too large": "postgresql://app:x@db:70000/x",
    "bracket": f"postgresql://app:[{CANARY}@db/x",
    "more ports than hosts": "postgresql://app:x@a/x?port=1,2",
    "no user": f"postgresql://:{CANARY}@db/x",
    "parameters are none": f"postgresql://app:x@db/x?{CANARY}",
    "many hosts": "postgresql://app:x@" + ",".join("abcdefghijk") + "/x",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_never_repeated(text: str) -> None:
    with pytest.raises(Unavailable) as refused:
        read(SecretStr(text))
    assert CANARY not in f"{refused.value.reason} {refused.value.fix} {refused.value.__cause__}"
    assert "the connection URL" in refused.value.reason


def test_prismas_own_parameters_are_kept_from_libpq() -> None:
    theirs = "connection_limit=5&pool_timeout=3&schema=x&pgbouncer=true&sslaccept=strict&socket_timeout=2"
    more = "statement_cache_size=0&sslidentity=id.p12&sslpassword=p&connect_timeout=9&options=-c%20x%3D1&foo=bar"
    given = of(f"postgresql://app:pw@db/x?{theirs}&{more}&sslcert=ca.pem&channel_binding=require")
    assert set(given) == {
        *("sslkey", "sslcrl", "sslcert", "user", "password", "dbname", "passfile", "gssencmode", "client_encoding"),
        "channel_binding",
        "options",
    }
    assert given["sslcert"] == NOWHERE


def test_a_client_certificate_in_libpqs_words_is_kept() -> None:
    url = read(SecretStr("postgresql://app@db/x?sslcert=/c.pem&sslkey=/k.pem&sslrootcert=/ca.pem"))
    assert (url.libpq()["sslcert"], url.libpq()["sslkey"], url.ca_file) == ("/c.pem", "/k.pem", "/ca.pem")


def test_prismas_sslcert_is_the_ca() -> None:
    assert read(SecretStr("postgresql://app@db/x?sslcert=/ca.pem")).ca_file == "/ca.pem"


TLS: dict[str, tuple[Reader, Demand, tuple[str, ...]]] = {
    "": ("prisma6", "optional", ("require", "disable")),
    "sslmode=prefer": ("prisma6", "optional", ("require", "disable")),
    "sslmode=disable": ("prisma6", "none", ("disable",)),
    "sslmode=require": ("prisma6", "encrypted", ("require",)),
    "sslmode=require&sslaccept=strict": ("prisma6", "verified", ("verify-full",)),
    "sslmode=require&sslaccept=strickt": ("prisma6", "verified", ("verify-full",)),
    "sslmode=require&sslaccept=accept_invalid_certs": ("prisma6", "encrypted", ("require",)),
    "sslaccept=strict": ("prisma6", "optional", ("verify-full", "disable")),
    "sslmode=verify-full": ("prisma6", "optional", ("verify-full",)),
    "sslmode=allow": ("prisma6", "optional", ("require", "disable")),
    "sslcert=x": ("prisma7", "none", ("disable",)),
    "sslmode=prefer&a=7": ("prisma7", "verified", ("verify-full",)),
    "sslmode=no-verify": ("prisma7", "encrypted", ("require",)),
    "sslmode=require&uselibpqcompat=true": ("prisma7", "encrypted", ("require",)),
    "sslmode=require&a=l": ("libpq", "encrypted", ("require",)),
    "sslmode=verify-ca": ("libpq", "verified", ("verify-ca",)),
    "a=b": ("libpq", "optional", ("require", "disable")),
}


@pytest.mark.parametrize(("query", "told"), TLS.items(), ids=TLS)
def test_what_it_demands_of_tls(query: str, told: tuple[Reader, Demand, tuple[str, ...]]) -> None:
    url = read(SecretStr(f"postgresql://app:pw@db/x?{query}" if query else "postgresql://app:pw@db/x"))
    assert (url.demand(told[0]), url.tls_modes(told[0])) == told[1:]


def test_numbers_are_numbers() -> None:
    url = read(SecretStr("postgresql://a:b@c/d?connection_limit=5&pool_timeout=x&socket_timeout=-1"))
    assert [url.whole(n) for n in ("connection_limit", "pool_timeout", "socket_timeout", "gone")] == [
        5,
        None,
        None,
        None,
    ]


SAID = {
    "FATAL:  sorry, too many clients already": TroubleKind.FULL,
    "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute": TroubleKind.FULL,
    "FATAL:  no more connections allowed (max_client_conn)": TroubleKind.FULL,
    "FATAL:  the database system is starting up": TroubleKind.STARTING,
    "FATAL:  the database system is in recovery mode": TroubleKind.STARTING,
    "FATAL:  the database system is not yet accepting connections": TroubleKind.STARTING,
    'FATAL:  role "app" does not exist': TroubleKind.NO_ROLE,
    'FATAL:  role "app" is not permitted to log in': TroubleKind.NO_ROLE,
    "FATAL:  no such database: x": TroubleKind.NO_DATABASE,
    "FATAL:  SSL required": TroubleKind.TLS_DEMANDED,
    'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "a", database "b", SSL encryption': TroubleKind.NO_ENTRY,
    'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "a", database "b", no encryption': TroubleKind.TLS_DEMANDED,
    "FATAL:  connection requires a valid client certificate": TroubleKind.REFUSED,
    "FATAL : authentification par mot de passe échouée": TroubleKind.REFUSED,
    "session is read-only": TroubleKind.STANDBY,
    "No route to host": TroubleKind.UNREACHABLE,
    "fe_sendauth: no password supplied": TroubleKind.PASSWORD,
}


@pytest.mark.parametrize(("said", "kind"), SAID.items(), ids=SAID)
def test_what_was_said_means(said: str, kind: TroubleKind) -> None:
    assert kind_of(f'connection to server at "x", port 1 failed: {said}\n', answered=True) is kind
    assert trouble(kind, server="s", user="u", database="d", wait=1).reason


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        (f"mysql://app:{CANARY}@db/shop", "MySQL"),
        (f"mysql+pymysql://app:{CANARY}@db/shop", "MySQL"),
        (f"mongodb+srv://app:{CANARY}@cluster.example.com/shop", "MongoDB"),
        (f"sqlserver://db:1433;database=shop;user=app;password={CANARY}", "SQL Server"),
        ("file:./dev.db", "SQLite"),
        (f"jdbc:mysql://db/shop?user=app&password={CANARY}", "MySQL"),
        (f"rediss://:{CANARY}@cache:6379/0", "Redis"),
    ],
)
def test_another_engine_is_named(text: str, engine: str) -> None:
    with pytest.raises(Unavailable) as gap:
        read(SecretStr(text))
    assert gap.value.reason == f"golive does not look into {engine} yet"
