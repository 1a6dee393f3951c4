from pathlib import Path

import pytest

from golive import Location
from golive_checks.systems.nginx.client.parser import BrokenError, NginxParser
from golive_checks.systems.nginx.effective import servers
from golive_checks.systems.nginx.places import Backend, Listen, Proxied, ProxyNumber, ProxyPlace, ServerBlock


async def read(folder: Path, text: str) -> tuple[ServerBlock, ...]:
    (folder / "nginx.conf").write_text(text)
    parsed = await NginxParser().files(str(folder / "nginx.conf"), max_bytes=100_000)
    return servers(parsed.main)


async def location(folder: Path, http: str, server: str, inside: str) -> ProxyPlace:
    text = f"http {{ {http}\nserver {{ {server}\nlocation / {{ {inside} }}\n}} }}"
    return (await read(folder, text))[0].place.inner[0]


async def proxied(folder: Path, http: str, server: str, inside: str) -> Proxied:
    found = (await location(folder, http, server, inside)).proxied
    assert found
    return found


TO_API = "proxy_pass http://127.0.0.1:4000;"


async def test_nginx_own_defaults(tmp_path: Path) -> None:
    place = await location(tmp_path, "", "", TO_API)
    assert place.body_limit == ProxyNumber(1_048_576)
    assert place.proxied
    found = place.proxied
    assert found.connect_timeout == found.send_timeout == found.read_timeout == ProxyNumber(60)
    assert (found.http_version, found.headers, found.keepalive, found.keepalive_timeout) == (
        "",
        (),
        ProxyNumber(0),
        ProxyNumber(60),
    )


@pytest.mark.parametrize(
    ("http", "server", "inside", "wanted", "line"),
    [
        ("proxy_read_timeout 10s;", "", TO_API, 10, 1),
        ("proxy_read_timeout 10s;", "proxy_read_timeout 20s;", TO_API, 20, 2),
        ("proxy_read_timeout 10s;", "proxy_read_timeout 20s;", f"proxy_read_timeout 1m; {TO_API}", 60, 3),
        ("", "", TO_API, 60, 0),
    ],
)
async def test_the_innermost_level_counts(
    http: str, server: str, inside: str, wanted: float, line: int, tmp_path: Path
) -> None:
    found = (await proxied(tmp_path, http, server, inside)).read_timeout
    assert found.value == wanted
    assert (found.at.line if found.at else 0) == line


HOST, FOR, UPGRADE = (
    "proxy_set_header Host $host;",
    "proxy_set_header X-Forwarded-For $x;",
    "proxy_set_header Upgrade u;",
)


@pytest.mark.parametrize(
    ("http", "server", "inside", "wanted"),
    [
        (HOST + FOR, "", "", {"host": ("$host",), "x-forwarded-for": ("$x",)}),
        (HOST, FOR, "", {"x-forwarded-for": ("$x",)}),
        (HOST, FOR, UPGRADE, {"upgrade": ("u",)}),
        (HOST, "", "proxy_set_header X-Key secret;", {}),
        ("", "", HOST + HOST.replace("$host", '""'), {"host": ("$host", "")}),
        ("", "", "proxy_set_header hOST x;", {"host": ("x",)}),
    ],
)
async def test_a_level_that_sets_a_header_inherits_none(
    http: str, server: str, inside: str, wanted: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    assert dict((await proxied(tmp_path, http, server, inside + TO_API)).headers) == wanted


async def test_a_header_that_may_be_a_secret_is_not_kept(tmp_path: Path) -> None:
    found = await proxied(tmp_path, "", "", f'proxy_set_header Authorization "Basic c2VjcmV0"; {TO_API}')
    assert "c2VjcmV0" not in repr(found)


POOL = "upstream api { server 10.0.0.1:4000; server api.internal; server unix:/run/api.sock; server 10.0.0.9:1 down; }"
MAP = 'map $http_x $pool { default http://api; "" http://127.0.0.1:5; }'


@pytest.mark.parametrize(
    ("http", "inside", "wanted"),
    [
        ("", "proxy_pass http://127.0.0.1:4000;", ["127.0.0.1:4000"]),
        ("", "proxy_pass http://127.0.0.1:4000/base/;", ["127.0.0.1:4000"]),
        ("", "proxy_pass http://[::1]:4000;", ["[::1]:4000"]),
        ("", "proxy_pass http://backend;", ["backend:80"]),
        ("", "proxy_pass https://backend/x;", ["backend:443"]),
        ("", "proxy_pass http://unix:/run/api.sock:/base;", ["unix:/run/api.sock"]),
        ("", "proxy_pass http://backend$request_uri;", ["backend:80"]),
        ("", "proxy_pass http://backend:81${uri}x;", ["backend:81"]),
        (POOL, "proxy_pass http://api;", ["10.0.0.1:4000", "api.internal:80", "unix:/run/api.sock"]),
        (POOL, "proxy_pass http://API/x;", ["10.0.0.1:4000", "api.internal:80", "unix:/run/api.sock"]),
        (POOL + MAP, "proxy_pass $pool;", ["10.0.0.1:4000", "api.internal:80", "unix:/run/api.sock", "127.0.0.1:5"]),
        ("", "set $port 4000; proxy_pass http://127.0.0.1:$port;", ["127.0.0.1:4000"]),
        ("", "set $port 1; set $port 4000; proxy_pass http://127.0.0.1:${port}/x;", ["127.0.0.1:4000"]),
        ("", "set $p 1; if ($arg_b) { set $p 2; } proxy_pass http://h:$p;", ["h:1", "h:2"]),
        ("map $a $b { default $c; } map $a $c { default h; }", "proxy_pass http://$b:7;", ["h:7"]),
        ("split_clients $a $b { 50% h; * i; }", "proxy_pass http://$b:7;", ["h:7", "i:7"]),
        ("geo $b { default h; proxy 10.0.0.0/8; 10.0.0.0/8 i; }", "proxy_pass http://$b:7;", ["h:7", "i:7"]),
    ],
)
async def test_where_a_request_goes(http: str, inside: str, wanted: list[str], tmp_path: Path) -> None:
    found = await proxied(tmp_path, http, "", inside)
    assert [str(backend) for backend in found.backends] == wanted
    assert not found.unresolved


@pytest.mark.parametrize(
    ("http", "inside"),
    [
        ("", "proxy_pass http://$host;"),
        ("", "proxy_pass http://api$arg_x;"),
        ("", "proxy_pass $arg_target;"),
        ("map $a $b { x h; }", "proxy_pass http://$b;"),  # without a default it may be empty
        ("map $a $b { default $b; }", "proxy_pass http://$b;"),
        ("upstream api { server 10.0.0.1 down; }", "proxy_pass http://api;"),
    ],
)
async def test_what_the_configuration_does_not_tell(http: str, inside: str, tmp_path: Path) -> None:
    found = await proxied(tmp_path, http, "", inside)
    assert found.backends == ()
    assert found.unresolved


async def test_a_target_that_may_be_any_of_too_many_is_not_followed_by_halves(tmp_path: Path) -> None:
    lines = " ".join(f"v{i} h{i};" for i in range(50))
    found = await proxied(tmp_path, f"map $a $b {{ default h; {lines} }}", "", "proxy_pass http://$b:1;")
    assert found.backends == ()
    assert found.unresolved == "http://$b:1 may come to 32 targets or more"


async def test_variables_without_end_are_bounded(tmp_path: Path) -> None:
    lines = " ".join(f"v{i} $b$b$b{i};" for i in range(200))
    found = await proxied(tmp_path, f"map $a $b {{ default x; {lines} }}", "", "proxy_pass http://h$b$b$b:1;")
    assert found.backends or found.unresolved


@pytest.mark.parametrize(
    ("pool", "keepalive", "idle"),
    [
        ("", None, 60),
        ("keepalive 16;", 16, 60),
        ("keepalive 32 local;", 32, 60),
        ("keepalive 16; keepalive_timeout 4s;", 16, 4),
        ("keepalive 0;", 0, 60),
    ],
)
async def test_what_an_upstream_keeps(pool: str, keepalive: int | None, idle: float, tmp_path: Path) -> None:
    http = f"keepalive_timeout 75s; upstream api {{ server 10.0.0.1; {pool} }}"
    found = await proxied(tmp_path, http, "", "proxy_pass http://api;")
    assert (found.keepalive.value if found.keepalive else None) == keepalive
    assert found.keepalive_timeout.value == idle


@pytest.mark.parametrize(
    ("listen", "wanted"),
    [
        ("", [Listen("*", 80, default=False)]),
        ("listen 8080;", [Listen("*", 8080, default=False)]),
        ("listen 0.0.0.0:80 default_server;", [Listen("*", 80, default=True)]),
        ("listen 127.0.0.1;", [Listen("127.0.0.1", 80, default=False)]),
        ("listen [::]:443 ssl; listen 443 ssl;", [Listen("[::]", 443, default=False), Listen("*", 443, default=False)]),
        ("listen [::1];", [Listen("[::1]", 80, default=False)]),
        ("listen unix:/run/x.sock;", [Listen("unix:/run/x.sock", 0, default=False)]),
    ],
)
async def test_where_a_server_listens(listen: str, wanted: list[Listen], tmp_path: Path) -> None:
    assert list((await read(tmp_path, f"http {{ server {{ {listen} }} }}"))[0].listens) == wanted


@pytest.mark.parametrize(
    ("text", "modifier", "path"),
    [
        ("/x", "", "/x"),
        ("= /x", "=", "/x"),
        ("=/x", "=", "/x"),
        ("^~ /x", "^~", "/x"),
        ("~ ^/x$", "~", "^/x$"),
        ("~* \\.php$", "~*", "\\.php$"),
        ("@api", "@", "@api"),
    ],
)
async def test_how_a_location_is_written(text: str, modifier: str, path: str, tmp_path: Path) -> None:
    place = (await read(tmp_path, f"http {{ server {{ location {text} {{ }} }} }}"))[0].place.inner[0]
    assert (place.modifier, place.path) == (modifier, path)


async def test_a_location_hands_no_proxy_pass_down(tmp_path: Path) -> None:
    place = await location(tmp_path, "", "", f"{TO_API} location /inner {{ }} if ($arg_x) {{ proxy_pass http://h:1; }}")
    assert [each.modifier for each in place.inner] == ["", "if"]
    assert place.inner[0].proxied is None
    assert place.inner[1].proxied
    assert place.inner[1].proxied.backends == (Backend("h", 1),)


async def test_a_value_that_nginx_refuses_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match='"proxy_read_timeout" has an invalid value') as caught:
        await location(tmp_path, "", "\n\nproxy_read_timeout 5x;", TO_API)
    assert caught.value.at == Location(str(tmp_path / "nginx.conf"), 4)


@pytest.mark.parametrize(
    ("server", "inside", "adds", "drops"),
    [
        ("add_header A 1;", "", ["A"], []),
        ("add_header A 1;", "add_header B 1;", ["B"], ["A"]),
        ("add_header A 1; add_header_inherit merge;", "add_header B 1;", ["B", "A"], []),
        ("add_header A 1;", "add_header_inherit off;", [], ["A"]),
        ("add_header A 1;", "add_header B 1; more_set_headers 'a: 1';", ["B"], []),
        ("more_set_headers 'C: 1'; add_header A 1;", "add_header B 1;", ["B"], ["A"]),
        ('add_header A "";', "", [], []),
        ("add_header A 1;", 'add_header B "";', [], ["A"]),
    ],
)
async def test_added_headers(server: str, inside: str, adds: list[str], drops: list[str], tmp_path: Path) -> None:
    place = await location(tmp_path, "", server, inside)
    assert [each.name for each in place.adds] == adds
    assert [each.name for each in place.drops] == drops
