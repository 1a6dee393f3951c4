"""What reaches a handler by another door than the one that a rule closes: golive's word, and the real nginx asked."""

from __future__ import annotations

import http.client
import os
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from golive_checks.domains.nginx_besides import doors_beside
from golive_checks.domains.nginx_doors import other_doors
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

SEED = 20261205
ALL = 120
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
TEMP = " ".join(f"{kind}_temp_path temp;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
APP, OTHER = "proxy_pass http://127.0.0.1:BACK", "proxy_pass http://127.0.0.1:NEXT"
RULES = [
    "deny all;",
    "return 403;",
    "return 401;",
    "return 404;",
    "allow 10.9.9.9; deny all;",
    'auth_basic "x"; auth_basic_user_file none;',
    'if ($http_x_api_key != "letmein") { return 403; }',
    "if ($remote_addr !~ ^10\\.) { return 401; }",
]
CLOSED = [
    "location /admin {{ {rule} {on} }}",
    "location /admin/ {{ {rule} {on} }}",
    "location ^~ /admin {{ {rule} {on} }}",
    "location = /admin {{ {rule} {on} }}",
    "location ~ ^/admin {{ {rule} {on} }}",
    "location ~* ^/admin(/|$) {{ {rule} {on} }}",
    "location /admin {{ {rule} error_page 403 = @app; {on} }}",
    "location /admin/ {{ {rule} error_page 401 403 404 = @app; {on} }}",
    "location /admin {{ {rule} error_page 403 = @other; {on} }}",
    "location /admin {{ {rule} error_page 403 /denied.html; {on} }}",
]
OPEN = [f"location / {{ {APP}; }}"] * 4 + [
    f"location / {{ {OTHER}; }}",
    "location / { try_files $uri @app; }",
    f"location / {{ {APP}/; }}",
    f"location / {{ {APP}$request_uri; }}",
]
STRIPS = [
    f"location /api/ {{ {APP}/; }}",
    f"location /api {{ {APP}; }}",
    f"location /api/ {{ {APP}/api/; }}",
    f"location /api/ {{ {APP}/v1/; }}",
    f"location /api/ {{ {OTHER}/; }}",
    f"location ^~ /pub/ {{ {APP}/; }}",
    f"location /v1/ {{ rewrite ^/v1/(.*)$ /$1 break; {APP}; }}",
    f"location /v1 {{ rewrite ^/v1(/.*)$ $1 break; {APP}; }}",
    f"location /v1/ {{ rewrite ^/v1/(.*)$ /$1 last; {APP}; }}",
    f"location /v1/ {{ rewrite ^/v1/(.*)$ /$1 break; {OTHER}; }}",
    f"location /v2/ {{ rewrite ^/v2/(.*)$ /app/$1 break; {APP}; }}",
    "location /v1/ { rewrite ^/v1/(.*)$ https://elsewhere.test/$1 permanent; }",
    f"location ~ ^/s/(.*)$ {{ {APP}/$1; }}",
    "location ~ ^/u(?<rest>/.*)$ { set $to 127.0.0.1:BACK; proxy_pass http://$to$rest; }",
    "location /w/ { set $to 127.0.0.1:BACK; proxy_pass http://$to; }",
    f"location ~ ^/t/(?<rest>.*)$ {{ {APP}/t/$1; }}",
    f"location /api/ {{ deny all; {APP}/; }}",
]
BEFORE = [
    *[""] * 8,
    "rewrite ^/admin/(.*)$ /manage/$1;",
    "rewrite ^/admin(.*)$ /manage$1 last;",
    "rewrite ^/old/(.*)$ /admin/$1 last;",
    "rewrite ^/admin/(.*)$ /manage/$1 permanent;",
    "rewrite ^/shop/(.*)$ /$1 break;",
]
GUARDS = [
    *[""] * 8,
    "if ($request_uri ~ ^/admin) { return 403; }",
    "if ($request_uri ~* /(admin|internal)/) { return 404; }",
    "if ($uri ~ ^/admin) { return 403; }",
    'if ($request_uri ~* "^/wp-admin") { return 444; }',
    "if ($request_uri ~ ^/%61?a?dmin) { return 403; }",
    "if ($request_uri ~* select.*from) { return 403; }",
    "if ($request_uri = /admin/golive) { return 403; }",
    "if ($blocked) { return 403; }",
    "if ($blocked = 1) { return 404; }",
    "if ($opened != 1) { return 403; }",
    "set $shut 0; if ($request_uri ~ ^/admin) { set $shut 1; } if ($shut = 1) { return 403; }",
]
MAPS = "map $request_uri $blocked { default 0; ~^/admin 1; } map $uri $opened { default 1; ~*^/admin 0; }"
DOORS = ["/api/", "/api", "/v1/", "/v1", "/v2/", "/pub/", "/s/", "/t/", "/u", "/shop/", "/old/"]
CLOSED_PATHS = ["/admin/golive", "/admin"]


FOUND = [
    f"rewrite ^/shop/(.*)$ /$1 break; if ($opened != 1) {{ return 403; }} location / {{ {APP}; }}",
    f"location ^~ /pub/ {{ {APP}/; }} location ~ ^/admin(/|$) {{ deny all; {APP}; }} rewrite ^/admin/ /m permanent;",
]
"""What golive once passed over: a rewrite that ends its server's directives, and the last of alternatives."""


def generated() -> list[str]:
    of, made = random.Random(SEED), list[str]()
    for n in range(ALL):
        opening = of.choice(OPEN)
        # Where all else is another application's, so is a closed path that names none.
        on = f"{APP};" if OTHER in opening else of.choice(["", "", f"{APP};"])
        places = [of.choice(CLOSED).format(rule=of.choice(RULES), on=on), opening]
        if n % 3:
            places += of.sample(STRIPS, k=of.choice([0, 1, 1, 2]))
        else:
            places += of.choices(STRIPS, k=of.choice([0, 0, 1]))
        places = list({each.partition("{")[0].replace("^~ ", ""): each for each in places}.values())
        of.shuffle(places)
        text = " ".join([of.choice(BEFORE), of.choice(GUARDS), *places])
        if "@app" in text:
            text += f" location @app {{ {APP}; }}"
        if "@other" in text:
            text += f" location @other {{ {OTHER}; }}"
        made.append(text)
    return [*FOUND, *made[:: ALL // COUNT]]


@contextmanager
def serving(folder: Path, servers: list[str]) -> Iterator[int]:
    """Run nginx with a server for each, at an address of its own, before an application and another one."""
    with standing(folder) as place:
        port, back, other = place.ports.http, place.ports.api, place.ports.node
        inside = "".join(f"server {{ listen 127.2.{n + 1}.1:{port}; {text} }}\n" for n, text in enumerate(servers))
        inside = inside.replace("BACK", str(back)).replace("NEXT", str(other))
        echo = "".join(
            f"server {{ listen 127.0.0.1:{at}; merge_slashes off; return 200 {who}$request_uri; }}"
            for at, who in ((back, "app"), (other, "other"))
        )
        for name in ("conf", "logs", "html"):
            (folder / name).mkdir(exist_ok=True)
        (folder / "conf/none").write_text("")
        (folder / "conf/nginx.conf").write_text(
            f"pid pid; events {{}} http {{ access_log off; {TEMP} {MAPS}\n{inside}{echo} }}"
        )
        with process(folder, [("127.2.1.1", port)]):
            yield port


def reached(port: int, n: int, path: str, *, by: str = "app") -> str:
    """Return what an application was asked for, decoded as it would; nothing where it was not."""
    connection = http.client.HTTPConnection(f"127.2.{n + 1}.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    # An error_page keeps the status of what it answers for, unless it says `=`.
    return unquote(text.removeprefix(by).partition("?")[0]) if text.startswith(f"{by}/") else ""


def past(port: int, n: int, text: str) -> bool:
    """Return whether the real nginx lets somebody to a path that it refuses by that name."""
    for wanted in CLOSED_PATHS:
        refused = not reached(port, n, wanted) and not reached(port, n, wanted, by="other")
        names = [wanted, f"/%61{wanted[2:]}"]
        ways = [door + name[at:] for door in ["", *DOORS] for name in names for at in (0, 1)]
        if refused and any(reached(port, n, way) == wanted for way in ways if way.startswith("/")):
            return True
    return False


async def test_nginx_opens_the_doors_that_golive_names(tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} configurations")
    texts, wrong = generated(), []
    with serving(tmp_path, texts) as port:
        nginx = ReverseProxy("edge", main=str(tmp_path / "conf/nginx.conf"))
        read = await proxy_config(nginx, NginxParser(), CommandRunner(CommandLimits()), Files())
        for n, text in enumerate(texts):
            said = [way for way, _ in other_doors(read.servers[n])]
            if past(port, n, text) and not said:
                wrong.append(f"not named: {text}")
            for way in [*said, *(way for way, _ in doors_beside(read.servers[n]))]:
                path = way.partition(" ")[0]
                if not reached(port, n, path) and not reached(port, n, path, by="other"):
                    wrong.append(f"not open: {way}: {text}")
    assert not wrong, f"{len(wrong)} of {len(texts)}\n" + "\n".join(wrong)
