from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.effective import servers
from golive_checks.systems.nginx.patterns import searches
from golive_checks.systems.nginx.places import ProxyPlace


async def server(folder: Path, text: str, http: str = "") -> ProxyPlace:
    (folder / "nginx.conf").write_text(f"http {{ {http}\nserver {{ {text} }} }}")
    parsed = await NginxParser().files(str(folder / "nginx.conf"), max_bytes=100_000)
    return servers(parsed.main)[0].place


BY_MAP = 'map $request_uri $shut { default 0; ~^/panel 1; ~*^/PANEL/open 0; /exactly "1"; hostnames; }'
BY_OPENING = "map $uri $open { default 0; ~*^/shop 1; }"


@pytest.mark.parametrize(
    ("text", "http", "refused", "let_in"),
    [
        ("if ($request_uri ~ ^/panel) { return 403; }", "", "/panel/x", "/Panel"),
        ("if ( $request_uri ~* ^/panel ) { return 404; }", "", "/PANEL", "/shop"),
        ('if ($request_uri ~ "^/(panel|hidden)") { return 444; }', "", "/hidden", "/shop"),
        ("if ($uri = /panel) { return 403; }", "", "/panel", "/panel/"),
        ("if ($uri != /shop) { return 403; }", "", "/panel", "/shop"),
        ("if ($request_uri !~ ^/shop) { return 403; }", "", "/panel", "/shop/1"),
        ("if ($shut) { return 403; }", BY_MAP, "/panel", "/shop"),
        ("if ($shut) { return 403; }", BY_MAP, "/EXACTLY", "/exactly/not"),
        ("if ($shut = 1) { return 403; }", BY_MAP, "/panel/open", "/Panel/open"),
        ("if ($open != 1) { return 403; }", BY_OPENING, "/panel", "/SHOP"),
        ("set $no 0; if ($request_uri ~ ^/panel) { set $no 1; } if ($no = 1) { return 403; }", "", "/panel", "/shop"),
    ],
)
async def test_what_an_if_refuses(tmp_path: Path, text: str, http: str, refused: str, let_in: str) -> None:
    (guard,) = (await server(tmp_path, text, http)).guards
    assert guard.refuses(refused), guard
    assert not guard.refuses(let_in), guard
    assert guard.as_written == ("request_uri" in text + http)


@pytest.mark.parametrize(
    "text",
    [
        "if ($request_uri ~ ^/panel) { return 301 /; }",
        "if ($request_uri ~ ^/panel) { set $x 1; }",
        "if ($host != shop.test) { return 403; }",
        "if ($unknown) { return 403; }",
        "if ($request_method = POST) { return 403; }",
    ],
)
async def test_what_is_no_refusal_of_a_path(tmp_path: Path, text: str) -> None:
    assert (await server(tmp_path, text)).guards == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("if ($remote_addr != 10.0.0.1) { return 403; }", "if ($remote_addr)"),
        ('if ($http_x_api_key != "letmein") { return 403; }', "if ($http_x_api_key)"),
        ("if ($cookie_staff = '') { return 401; }", "if ($cookie_staff)"),
        ("if ($office = 0) { return 404; }", "if ($office)"),
        ("if ($arg_debug) { return 403; }", ""),
        ("if ($http_user_agent ~ bot) { return 403; }", ""),
        ("if ($remote_addr != 10.0.0.1) { return 302 /login; }", ""),
    ],
)
async def test_who_is_refused(tmp_path: Path, text: str, told: str) -> None:
    place = await server(tmp_path, f"location /panel {{ {text} }}", "geo $office { default 0; 192.0.2.0/24 1; }")
    assert place.inner[0].condition == told
    assert place.inner[0].closed_by == told


def test_a_pattern_that_python_cannot_read_is_not_one_that_matches_nothing() -> None:
    assert searches(r"^/(?<section>a|b)(?!/public)", "/a/x")
    with pytest.raises(Unavailable, match="cannot read the pattern"):
        searches(r"^/(\((?1)\))$", "/()")
