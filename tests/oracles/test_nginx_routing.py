"""Which server and which location answer: golive's reading of generated configurations, and the real nginx asked."""

from __future__ import annotations

import http.client
import os
import random
from typing import TYPE_CHECKING

from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.routing import locate, serving
from golive_checks.systems.proxy.config import proxy_config
from golive_lab.parts.edge.nginx_real import process
from golive_lab.parts.ports import standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20261203
ALL = 60
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
"""Of ports, with one to four servers each."""
TEMP = " ".join(f"{kind}_temp_path temp;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
PREFIXES = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/bc",
    "/api",
    "/api/",
    "/api/v1",
    "/api/v1/",
    "/admin",
    "/static/",
    "/A",
    "/a b",
]
PATTERNS = [
    *[
        r"\.php$",
        "^/api",
        "/v[0-9]+/",
        "^/(a|api)/",
        r"[^/]+\.js$",
        r"^/(?<part>\w+)/x",
        r"/\.(?!well-known)",
        "^/a/b$",
    ],
    *["(?i)^/ADMIN", r"\.(jpg|php)$", "^/[ab]+$", '"^/a{1,2}/"', r"(?<!v1)/x", "^(?:/a)+/", r"^/api/(.*)\.json$", "B"],
    *[r"\d+", "^/$", ".", r"/x(?=\.js)", "^/a/*b", "[[:upper:]]", r"\Q.\Ephp", r"/\x61dmin"],
]
NAMES = [
    *["a.test", "b.test", "www.a.test", "*.a.test", ".b.test", "*.test", "www.*", "a.*", r"~^x\d+\.test$", "_", '""'],
    *[r"~\.test$", "*.www.a.test", "A.test", ".test", r"~^(?<who>.+)\.b\.test$", "x1.test", "~^X", "localhost"],
]
HOSTS = ["a.test", "b.test", "www.a.test", "x.a.test", "y.www.a.test", "www.b.test", "www.c", "a.org", "x1.test"]
HOSTS += ["x12.test", "nobody.org", "test", "c.test", "A.TEST", "xa.test", "localhost"]
PATHS = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/bc",
    "/a/b/",
    "/a/bcd/x.js",
    "/ab",
    "/api",
    "/apis",
    "/api/",
    "/api/v1",
    "/api/v1/x",
]
PATHS += ["/api/v1/x.php", "/api/v2/x.json", "/admin", "/Admin", "/ADMIN/x", "/admin.php", "/static/x.js", "/static"]
PATHS += ["/.git/x", "/.well-known/x", "/aa/b", "/a/a/", "/A/x", "/x.jpg", "/b", "/bb", "/v1/x", "/a//b", "/x", "/9"]


def locations(of: random.Random, around: str, depth: int) -> Iterator[str]:
    """Yield lines, of which each that opens a location answers with its own number."""
    seen = set[str]()
    for _ in range(of.choice([1, 2, 3, 4, 5] if depth == 0 else [0, 0, 1, 2])):
        modifier = of.choice(["", "", "", "=", "^~", "~", "~", "~*"])
        inside = [each for each in PREFIXES if each.startswith(around) and each != around]
        if modifier in {"~", "~*"}:
            path = of.choice(PATTERNS)
        elif around.startswith("/") and inside:
            path = of.choice(inside)
        else:
            continue
        key = ("=" if modifier == "=" else "" if modifier in {"", "^~"} else modifier) + path
        if key in seen:
            continue
        seen.add(key)
        shown = f'"{path}"' if " " in path else path
        gap = of.choice([" ", ""]) if modifier and not shown.startswith('"') else " "
        yield f"location {modifier}{gap}{shown} {{ NUMBER"
        if modifier != "=":
            yield from locations(of, path if modifier in {"", "^~"} else "~", depth + 1)
        yield "}"


def generated() -> list[list[str]]:
    """Return the lines of the servers of each port; PORT stands for it."""
    of, made = random.Random(SEED), list[list[str]]()
    for _ in range(ALL):
        lines = list[str]()
        taken = set[str]()
        for n in range(of.choice([1, 2, 3, 4])):
            names = [name for name in of.sample(NAMES, k=of.choice([0, 1, 1, 2])) if name not in taken]
            taken |= {*names}
            default = (
                " default_server" if n and of.random() < 0.2 and not any("default_s" in each for each in lines) else ""
            )
            lines += [f"server {{ listen PORT{default}; NUMBER", f"server_name {' '.join(names)};" if names else ""]
            lines += [*locations(of, "/", 0), "}"]
        made.append(lines)
    return made[:: ALL // COUNT]


def written(ports: list[list[str]], address: str, port: int) -> str:
    lines = [
        f"pid pid; events {{}} http {{ server_names_hash_bucket_size 128; access_log off; merge_slashes off; {TEMP}"
    ]
    for n, each in enumerate(ports):
        for line in each:
            number = str(len(lines) + 1)
            answer = f"return 200 {number};" if line.startswith("location") else ""
            place = address.replace("N", str(n + 1))
            lines.append(line.replace("NUMBER", answer).replace("PORT", f"{place}:{port}"))
    return "\n".join([*lines, "}"])


def asked(address: str, port: int, host: str, path: str) -> int:
    """Return the line of the location that answers, or nothing where none does."""
    connection = http.client.HTTPConnection(address, port, timeout=5)
    connection.putrequest("GET", path.replace(" ", "%20"), skip_host=True)
    connection.putheader("Host", host)
    connection.putheader("Connection", "close")
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return int(text) if answer.status == 200 else 0


async def test_nginx_chooses_what_golive_says(tmp_path: Path) -> None:
    ports = generated()
    print(f"seed {SEED}, {COUNT} of {ALL} ports")
    wrong = []
    with standing(tmp_path) as place:
        port = place.ports.http
        for name in ("conf", "logs", "html"):
            (tmp_path / name).mkdir(exist_ok=True)
        text = written(ports, "127.1.N.1", port)
        (tmp_path / "conf/nginx.conf").write_text(text)
        read = await proxy_config(
            ReverseProxy("edge", main=str(tmp_path / "conf/nginx.conf")),
            NginxParser(),
            CommandRunner(CommandLimits()),
            Files(),
        )
        with process(tmp_path, [("127.1.1.1", port)]):
            of = random.Random(SEED)
            for n in range(len(ports)):
                address = f"127.1.{n + 1}.1"
                here = tuple(s for s in read.servers if s.listens[0].address == address)
                for host in HOSTS:
                    (server,) = serving(here, host.lower())
                    for path in of.sample(PATHS, k=5):
                        found = locate(server, path)
                        ours = found.at.line if found.path else 0
                        if ours != (theirs := asked(address, port, host, path)):
                            wrong.append(
                                f"{host} {path}: golive line {ours}, nginx line {theirs}\n{block(text, address)}"
                            )
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:5])


def block(text: str, address: str) -> str:
    """Return the servers of an address with their lines' numbers."""
    lines = [f"{n} {line}" for n, line in enumerate(text.split("\n"), 1)]
    starts = [n for n, line in enumerate(lines) if "server {" in line]
    mine = [n for n in starts if f"{address}:" in lines[n]]
    end = next((n for n in starts if n > mine[-1]), len(lines))
    return "\n".join(lines[mine[0] : end])
