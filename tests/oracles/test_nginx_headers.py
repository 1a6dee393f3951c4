"""Which headers an answer has: golive's reading of generated configurations, and the real nginx asked for it."""

from __future__ import annotations

import http.client
import os
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.proxy.config import proxy_config
from golive_lab.parts.edge.nginx_real import process
from golive_lab.parts.ports import standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20261129
ALL = 200
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
TEMP = " ".join(f"{kind}_temp_path temp;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
NAMES = ["X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "x-frame-options", "Cache-Control", "X-Own"]
KNOWN = {name.lower() for name in NAMES} | {"permissions-policy"}
OUTSIDE = "add_header Permissions-Policy camera=() always;"


def some(of: random.Random) -> str:
    """Write no header, or a few."""
    names = of.sample(NAMES, k=of.choice([0, 0, 1, 2]))
    values = of.choices(["v", "v", '""'], k=len(names))
    return " ".join(
        f"add_header {name} {value}{of.choice(['', ' always'])};" for name, value in zip(names, values, strict=True)
    )


def generated() -> list[str]:
    of, made = random.Random(SEED), list[str]()
    for _ in range(ALL):
        inner = f"location /found/in {{ {some(of)} return 200 in; }} location /found/no {{ {some(of)} return 404; }}"
        places = f"location /found {{ {some(of)} return 200 x; {inner} }} location /lost {{ {some(of)} return 404; }}"
        made.append(f"{some(of)} {places} location / {{ {some(of)} return 502; }}")
    return made[:: ALL // COUNT]


@contextmanager
def serving(folder: Path, servers: list[str]) -> Iterator[int]:
    with standing(folder) as place:
        port = place.ports.http
        inside = "".join(
            f"server {{ listen 127.0.0.1:{port}; server_name s{n}.test; {text} }}\n" for n, text in enumerate(servers)
        )
        for name in ("conf", "logs", "html"):
            (folder / name).mkdir(exist_ok=True)
        main = f"pid pid; events {{}} http {{ server_names_hash_bucket_size 128; access_log off; {TEMP}\n"
        (folder / "conf/nginx.conf").write_text(f"{main}{OUTSIDE}\n{inside} }}")
        with process(folder, [("127.0.0.1", port)]):
            yield port


def sent(port: int, n: int, path: str) -> tuple[int, set[str]]:
    """Ask a server for a path: the status, and which of the headers the answer has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers={"Host": f"s{n}.test"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {name.lower() for name, _ in answer.getheaders()} & KNOWN


async def test_nginx_sends_what_golive_reads(tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} configurations")
    texts = generated()
    with serving(tmp_path, texts) as port:
        nginx = ReverseProxy("edge", main=str(tmp_path / "conf/nginx.conf"))
        read = await proxy_config(nginx, NginxParser(), CommandRunner(CommandLimits()), Files())
        for n, text in enumerate(texts):
            server = read.servers[n].place
            places = [*server.inner, *(inner for place in server.inner for inner in place.inner)]
            assert len(places) == 5
            for place in places:
                status, headers = sent(port, n, place.path)
                ours = {each.name.lower() for each in place.adds if each.always or status == 200}
                assert ours == headers, (text, place.path)
                above = server.adds if place in server.inner else server.inner[0].adds
                gone = {each.name.lower() for each in above} - {each.name.lower() for each in place.adds}
                assert {each.name.lower() for each in place.drops} == gone, (text, place.path)
