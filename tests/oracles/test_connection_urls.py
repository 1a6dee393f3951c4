"""What does this connection URL say? Of every shape that providers hand out, read by golive and by libpq itself."""

from __future__ import annotations

import os
import random
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from golive_checks.systems.postgres.client.url import read

SEED = 20261129
ALL = 20_000
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
LETTERS = "abcXYZ019-_.~!$&'()*+,;=:@/?#[]% \"<>\\^`{|}é\u4e2d"
USERS = ["app", "postgres.abcdefghijklmnop", "neondb_owner", "user name", "a@b", "ädmin", "o'neil"]
NAMES = ["shop", "neondb", "my-db", "sh op", "a/b", "ünï", "postgres", "db?x", "100%"]
HOSTS = [
    "db.example.com",
    "localhost",
    "127.0.0.1",
    "[::1]",
    "[2001:db8::7]",
    "ep-cool-darkness-a1b2c3d4-pooler.eu-central-1.aws.neon.tech",
    "aws-0-eu-west-3.pooler.supabase.com",
    "shop.abc123.eu-west-3.rds.amazonaws.com",
    "my_db",
    "xn--bcher-kva.example",
    "DB.Example.com",
]
FOLDERS = ["/run/postgresql", "/var/run/post gres", "/srv/pg", "/cloudsql/proj:region:inst"]
PARAMETERS = {
    "sslmode": ["require", "verify-full", "disable"],
    "channel_binding": ["require", "prefer"],
    "options": ["endpoint=ep-cool-darkness-a1b2c3d4", "-c search_path=shop,public", "-c statement_timeout=5s"],
    "connect_timeout": ["10"],
    "application_name": ["shop & co", "a=b"],
    "target_session_attrs": ["read-write", "any"],
    "sslrootcert": ["/etc/ssl/ca file.pem", "system"],
    "keepalives": ["1"],
}


def encoded(text: str) -> str:
    return quote(text, safe="")


def made(of: random.Random) -> str:
    """Write a URL."""
    password = "".join(of.choices(LETTERS, k=of.randrange(1, 12)))
    user, name = of.choice(USERS), of.choice(NAMES)
    given = {key: of.choice(values) for key, values in PARAMETERS.items() if of.random() < 0.2}
    login, place = "", ""
    inside = of.random() < 0.85
    if inside:
        login = encoded(user) + of.choice([":" + encoded(password)] * 4 + ["", ":"]) + "@"
    else:
        given |= {"user": user, "password": password}
    kind = of.choice(
        ["host"] * 5 + ["hosts", "hosts by parameters", "socket", "socket in the host", "host by parameter"]
    )
    if kind == "host":
        place = of.choice(HOSTS) + of.choice(["", ":5432", ":6543", ":"])
    elif kind == "hosts":
        place = ",".join(h + of.choice(["", ":5433"]) for h in of.sample(HOSTS, of.randrange(2, 4)))
    elif kind == "socket in the host":
        place = encoded(of.choice(FOLDERS)) + of.choice(["", ":5433"])
    elif kind == "socket":
        given["host"] = of.choice(FOLDERS)
    elif kind == "host by parameter":
        given |= {"host": of.choice(HOSTS).strip("[]")} | ({"port": "6000"} if of.random() < 0.5 else {})
    else:
        hosts = [host.strip("[]") for host in of.sample(HOSTS, 2)]
        given |= {"host": ",".join(hosts), "port": of.choice(["5433", "5433,5434", "5433,"])}
    path = f"/{encoded(name)}" if of.random() < 0.9 else of.choice(["", "/"])
    query = "&".join(f"{key}={encoded(value)}" for key, value in given.items())
    return f"{of.choice(['postgresql', 'postgres'])}://{login}{place}{path}{'?' + query if query else ''}"


def libpqs(url: str) -> tuple[list[tuple[str, int]], str, str, str]:
    """Return hosts with ports, user, password and database, as libpq reads them."""
    found = conninfo_to_dict(url)
    hosts = str(found.get("host", "localhost")).split(",")
    ports = str(found.get("port", "")).split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = [(host.lower() or "localhost", int(port or 5432)) for host, port in zip(hosts, ports, strict=True)]
    places = [
        (host if not host.startswith("/") else raw, port) for (host, port), raw in zip(places, hosts, strict=True)
    ]
    return places, str(found.get("user", "")), str(found.get("password", "")), str(found.get("dbname", "postgres"))


def test_golive_reads_what_libpq_reads() -> None:
    of = random.Random(SEED)
    print(f"seed {SEED}, {COUNT} of {ALL} URLs")
    wrong = []
    for _ in range(COUNT):
        url = made(of)
        try:
            seen = read(SecretStr(url))
            ours = ([*seen.hosts], seen.user, seen.password, seen.database)
            given = seen.libpq()
        except Exception as problem:  # noqa: BLE001 - it is what is reported
            wrong.append((url, repr(problem), libpqs(url)))
            continue
        theirs = libpqs(url)
        if ours != theirs or given.get("options", "") != conninfo_to_dict(url).get("options", ""):
            wrong.append((url, ours, theirs))
    assert not wrong, f"{len(wrong)}: " + "\n".join(map(str, wrong[:15]))
