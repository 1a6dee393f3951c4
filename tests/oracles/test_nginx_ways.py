"""What reaches a handler past a rule: golive's reading of generated configurations, and the real nginx asked for it."""

from __future__ import annotations

import http.client
import os
import random
import string
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_checks.domains.nginx_ways import ways_past
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.arriving import arrival
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.proxy.config import proxy_config
from golive_lab.parts.edge.nginx_real import process
from golive_lab.parts.ports import standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from golive_checks.systems.nginx.places import ServerBlock

SEED = 20261130
ALL = 80
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
TEMP = " ".join(f"{kind}_temp_path temp;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
RULES = ["deny all;", "return 403;", "allow 10.9.9.9; deny all;", "satisfy any; deny all;"]
ON = "proxy_pass http://127.0.0.1:BACK;"
OTHERS = [
    f"location / {{ {ON} }}",
    f"location / {{ {ON} }}",
    f"location ~ \\.php$ {{ {ON} }}",
    f"location ~* \\.(js|css|png)$ {{ {ON} }}",
    f"location ~ /v[0-9]+/ {{ {ON} }}",
    f"location ~ ^/shop/(\\d+)$ {{ {ON} }}",
    "location ~ \\.git { deny all; }",
    "location / { try_files $uri @app; }",
    f"location @app {{ {ON} }}",
    f"location ^~ /static {{ {ON} }}",
]
FOLDERS = [
    "location /api { proxy_pass http://127.0.0.1:BACK/v1/; }",
    "location /api { proxy_pass http://127.0.0.1:BACK/v1; }",
    "location /api/ { proxy_pass http://127.0.0.1:BACK/v1/; }",
    "location /api { proxy_pass http://127.0.0.1:BACK/; }",
    "location ^~ /api { proxy_pass http://127.0.0.1:BACK/a/b/; }",
    "location = /api { proxy_pass http://127.0.0.1:BACK/v1/; }",
    "location /ap { location /api { proxy_pass http://127.0.0.1:BACK/v1/; } }",
    "location ~ \\.\\. { return 403; }",
]
REFUSED = 403
SECRET = ["//admin/x", "//admin", *(f"/admin/{name}" for name in ("x.php", "x.js", "x.css", "x.png", "v1/", "xv1/"))]


def generated() -> list[str]:
    of, made = random.Random(SEED), list[str]()
    for _ in range(ALL):
        modifier = of.choice(["", "", "", "^~ ", "= ", "~ ^", "~* ^"])
        path = of.choice(["/admin", "/admin/"]) if modifier in {"", "^~ "} else "/admin"
        places = [f"location {modifier}{path} {{ {of.choice(RULES)} {of.choice(['', ON])} }}"]
        places += [*of.sample(OTHERS, k=of.choice([1, 2, 3])), *of.sample(FOLDERS, k=of.choice([0, 1, 2]))]
        places = list({each.partition("{")[0].replace("^~ ", ""): each for each in places}.values())
        of.shuffle(places)
        if any("@app;" in each for each in places) and not any("@app {" in each for each in places):
            places.append(f"location @app {{ {ON} }}")
        made.append(" ".join(of.choice([[], [], ["merge_slashes off;"]]) + places))
    return made[:: ALL // COUNT]


@contextmanager
def serving(folder: Path, servers: list[str]) -> Iterator[int]:
    """Run nginx with a server for each, at an address of its own: only the default server's merge_slashes counts."""
    with standing(folder) as place:
        port, back = place.ports.http, place.ports.api
        inside = "".join(
            f"server {{ listen 127.0.{n + 1}.1:{port}; {text} }}\n" for n, text in enumerate(servers)
        ).replace("BACK", str(back))
        echo = f"server {{ listen 127.0.0.1:{back}; merge_slashes off; return 200 $request_uri; }}"
        main = f"pid pid; events {{}} http {{ access_log off; {TEMP}\n{inside}{echo} }}"
        for name in ("conf", "logs", "html"):
            (folder / name).mkdir(exist_ok=True)
        (folder / "conf/nginx.conf").write_text(main)
        with process(folder, [("127.0.1.1", port)]):
            yield port


def asked(port: int, n: int, path: str) -> tuple[int, str]:
    """Return the status of an answer and its text."""
    connection = http.client.HTTPConnection(f"127.0.{n + 1}.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def reached(port: int, n: int, path: str) -> str:
    """Return what the application was asked for, or nothing."""
    status, text = asked(port, n, path)
    return text if status == 200 and text.startswith("/") else ""


def past(port: int, n: int) -> set[str]:
    """Return the kinds of ways that the real nginx lets somebody go."""
    found = set[str]()
    for path in SECRET:
        plain = path[1:] if path.startswith("//") else "/admin/plain"
        if reached(port, n, path) and asked(port, n, plain)[0] == REFUSED:
            found.add("rule")
    got = reached(port, n, "/api../golive")
    return found | ({"folder"} if "/../" in got and got != "/../golive" else set())


async def test_nginx_lets_past_what_golive_says(tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} configurations")
    texts = generated()
    with serving(tmp_path, texts) as port:
        nginx = ReverseProxy("edge", main=str(tmp_path / "conf/nginx.conf"))
        read = await proxy_config(nginx, NginxParser(), CommandRunner(CommandLimits()), Files())
        for n, text in enumerate(texts):
            said = [way for way, _ in ways_past(read.servers[n])]
            ours = {"folder" if " leaves " in way else "rule" for way in said}
            assert ours == past(port, n), (text, said)
            for way in said:
                assert reached(port, n, way.partition(" ")[0]), (text, way)
            assert all(c in string.printable for way in said for c in way)


TURNS = [
    *[("^/a/(.*)$", "/b/$1"), ("^/b/(.*)$", "/c/$1"), ("^/(.*)/x$", "/$1/y"), ("^/a", "/admin"), ("/x", "/c/z")],
    *[(r"^/c/(\w+)", "/a/$1"), ("^/b/", "/b/"), ("^/(?<all>.*)$", "/$all")],
]
REWRITES = [f"rewrite {what} {to} {flag};" for what, to in TURNS for flag in ("", "last", "break", "redirect")]
REFUSALS = [
    "if ($uri ~ ^/b) { return 403; }",
    "if ($request_uri ~ ^/a) { return 403; }",
    "if ($uri ~* /X$) { return 403; }",
    "if ($request_uri ~ y) { return 404; }",
    "if ($uri = /c/z) { return 403; }",
]
PATHS = ["/a/x", "/b/x", "/c/x", "/c/z", "/a/y", "/admin/x", "/q", "/a", "/q/x"]


def rewriting() -> list[str]:
    of = random.Random(SEED + 1)

    def level(most: int) -> str:
        return " ".join(of.choice([of.choice(REWRITES), of.choice(REFUSALS)]) for _ in range(of.randint(0, most)))

    made = [
        " ".join([level(2), *(f"location {path} {{ {level(3)} {ON} }}" for path in ("/a", "/b", "/c", "/admin", "/"))])
        for _ in range(ALL)
    ]
    return made[:: ALL // COUNT]


def meant(server: ServerBlock, path: str) -> str:
    """Return what golive says that the application is asked for, or nothing."""
    found = arrival(server, path)
    return found.upstream if found else ""


async def test_nginx_rewrites_as_golive_says(tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} servers")
    servers, wrong = rewriting(), list[str]()
    with serving(tmp_path, servers) as port:
        proxy = ReverseProxy("edge", main=str(tmp_path / "conf/nginx.conf"))
        config = await proxy_config(proxy, NginxParser(), CommandRunner(CommandLimits()), Files())
        for n, text in enumerate(servers):
            for path in PATHS:
                ours, theirs = meant(config.servers[n], path), reached(port, n, path)
                if ours != theirs:
                    wrong.append(f"{path}: the application is asked for {theirs}, golive says {ours}:\n{text}")
    assert not wrong, f"{len(wrong)} of {len(servers)} x {len(PATHS)}\n" + "\n".join(wrong[:5])
