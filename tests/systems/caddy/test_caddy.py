"""A Caddyfile, judged by the checks of a reverse proxy."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from golive import Outcome, Unavailable
from golive_checks.domains.nginx import config_sound, forwards_client
from golive_checks.domains.nginx_headers import headers_kept
from golive_checks.domains.nginx_limits import keepalive_outlived, timeouts_set
from golive_checks.subjects import Host
from golive_checks.subjects.proxies import CaddyEntry, ReverseProxy, caddies
from golive_checks.systems.caddy.client.values import seconds
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.gixy import Gixy
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.proxy.config import ProxyConfig, proxy_audit, proxy_config
from golive_checks.systems.proxy.policy import ProxyNeeds, ProxyPolicy

CADDY = str(Path(sys.executable).with_name("caddy"))
API = Host("api.shop.test", role="api")
NEEDS = {API: ProxyNeeds(ProxyPolicy(websocket_path="/ws", upload_path="/files", largest_upload_bytes=10_000_000))}
CHECKS = {
    "forwards": forwards_client,
    "timeouts": timeouts_set,
    "keepalive": keepalive_outlived,
}
SURE = "reverse_proxy app:4000 {\ntransport http {\nkeepalive 4s\nresponse_header_timeout 60s\nwrite_timeout 30s\n}\n}"


def edge(main: Path, **more: object) -> ReverseProxy:
    (proxy,) = caddies("edge", CaddyEntry.model_validate({"file": str(main), "program": CADDY, **more}))
    return proxy


async def read(proxy: ReverseProxy) -> ProxyConfig:
    return await proxy_config(proxy, NginxParser(), CommandRunner(CommandLimits()), Files())


async def of_site(folder: Path, site: str) -> ProxyConfig:
    file = folder / "Caddyfile"
    file.write_text(f"api.shop.test {{\n{site}\n}}\n")
    return await read(edge(file))


@pytest.mark.parametrize(
    ("site", "check", "outcome", "said"),
    [
        ("reverse_proxy app:4000", "forwards", Outcome.PASS, "forwards the client's details"),
        ("reverse_proxy app:4000", "timeouts", Outcome.WARN, "is forever (Caddy's default)"),
        ("reverse_proxy app:4000", "keepalive", Outcome.FAIL, "idle for up to 2 min (Caddy's default)"),
        (f"request_body {{\nmax_size 20MB\n}}\n{SURE}", "timeouts", Outcome.PASS, "within the limits"),
        (f"request_body {{\nmax_size 2MB\n}}\n{SURE}", "timeouts", Outcome.FAIL, "request_body max_size is"),
        (f"request_body /other {{\nmax_size 2MB\n}}\n{SURE}", "timeouts", Outcome.WARN, "is unlimited"),
        (SURE, "keepalive", Outcome.PASS, "outlives every idle connection"),
        (SURE.replace("60s", "2s"), "timeouts", Outcome.FAIL, "response_header_timeout is 2 s"),
        (SURE.replace("60s", "1h"), "timeouts", Outcome.FAIL, "response_header_timeout is"),
        (
            "reverse_proxy a:1 {\nheader_up -X-Forwarded-For\n}",
            "forwards",
            Outcome.FAIL,
            "does not pass X-Forwarded-For",
        ),
        ("reverse_proxy a:1 {\nheader_up Host {upstream_hostport}\n}", "forwards", Outcome.FAIL, "not pass Host"),
        ("handle /ws {\nrespond 404\n}\nreverse_proxy a:1", "forwards", Outcome.FAIL, "does not proxy"),
        ("reverse_proxy a:1 {\nheader_up -Upgrade\n}", "forwards", Outcome.FAIL, "does not pass Upgrade"),
        ("@ip remote_ip 10.0.0.1\nhandle @ip {\nfile_server\n}\nreverse_proxy a:1", "forwards", Outcome.UNKNOWN, "/ws"),
        ("file_server", "forwards", Outcome.UNKNOWN, "no location proxies"),
    ],
)
async def test_the_checks_of_a_proxy_judge_a_caddyfile(
    tmp_path: Path, site: str, check: str, outcome: Outcome, said: str
) -> None:
    config = await of_site(tmp_path, site)
    found = CHECKS[check](edge(tmp_path / "Caddyfile"), config, NEEDS)
    assert (found.outcome, said in found.summary) == (outcome, True), found


async def test_a_header_that_is_set_beside_one_that_is_taken_away_does_not_reach_errors(tmp_path: Path) -> None:
    config = await of_site(tmp_path, "header {\nX-Frame-Options DENY\n-Server\n}\nreverse_proxy a:1")
    found = headers_kept(edge(tmp_path / "Caddyfile"), config)
    assert found.outcome is Outcome.WARN
    assert "X-Frame-Options" in found.summary


async def test_variables_come_from_the_profile_and_not_from_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_DOMAIN", "wrong.test")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites/shop").write_text("{$SHOP_DOMAIN} {\nreverse_proxy {$SHOP_APP:app:3000}\n}\n")
    main = tmp_path / "Caddyfile"
    main.write_text("import sites/*\n")
    with pytest.raises(Unavailable, match="SHOP_DOMAIN"):
        await read(edge(main))
    seen = await read(edge(main, variables={"SHOP_DOMAIN": "shop.test"}))
    assert ("shop.test",) in [server.names for server in seen.servers]


async def test_json_is_read_as_it_stands_and_hostile_json_is_a_gap(tmp_path: Path) -> None:
    route = {
        "match": [{"host": ["api.shop.test"]}],
        "handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": 7}]}],
    }
    for name, value in {
        "good": {"apps": {"http": {"servers": {"a": {"listen": [":443"], "routes": [route]}}}}},
        "odd": {"apps": {"http": {"servers": {"a": {"listen": 4, "routes": [7, {"match": 3, "handle": [None]}]}}}}},
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
        seen = await read(edge(tmp_path / f"{name}.json"))
        assert seen.servers
    (tmp_path / "no.json").write_text("[" * 100_000)
    with pytest.raises(Unavailable, match="not JSON"):
        await read(edge(tmp_path / "no.json"))


async def test_a_caddy_without_the_modules_is_no_defect_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text("api.shop.test {\nno_such_module\n}\n")
    proxy = edge(tmp_path / "Caddyfile")
    with pytest.raises(Unavailable, match="no_such_module"):
        await proxy_audit(proxy, NginxParser(), CommandRunner(CommandLimits()), Gixy(), Files())


async def test_a_sound_configuration_has_no_known_trap(tmp_path: Path) -> None:
    config = await of_site(tmp_path, "reverse_proxy a:1")
    proxy = edge(tmp_path / "Caddyfile")
    seen = await proxy_audit(proxy, NginxParser(), CommandRunner(CommandLimits()), Gixy(), Files())
    assert config_sound(proxy, seen, config).outcome is Outcome.NA  # its traps are others than nginx's


@pytest.mark.parametrize(
    ("value", "meant"),
    [(5_000_000_000, 5.0), ("1m30s", 90.0), ("1.5h", 5400.0), ("x", None), (True, None), ("5", None)],
)
def test_durations(value: object, meant: float | None) -> None:
    assert seconds(value) == meant
