"""Traefik's files and labels, judged by the checks of a reverse proxy. Routing itself is held to Traefik elsewhere."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from golive import Outcome, Unavailable
from golive_checks.domains.nginx import forwards_client
from golive_checks.domains.nginx_headers import headers_kept
from golive_checks.domains.nginx_limits import keepalive_outlived, timeouts_set
from golive_checks.subjects import Host
from golive_checks.subjects.proxies import ReverseProxy, TraefikEntry, traefiks
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.gixy import Gixy
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.routing import ends, serving
from golive_checks.systems.proxy.config import ProxyConfig, proxy_audit, proxy_config
from golive_checks.systems.proxy.policy import ProxyNeeds, ProxyPolicy
from golive_checks.systems.traefik.rules import RuleError, terms

if TYPE_CHECKING:
    from pathlib import Path

API = Host("api.shop.test", role="api")
NEEDS = {API: ProxyNeeds(ProxyPolicy(websocket_path="/ws", upload_path="/files", largest_upload_bytes=10_000_000))}
CHECKS = {"forwards": forwards_client, "timeouts": timeouts_set, "keepalive": keepalive_outlived}
STATIC = "entryPoints: {web: {address: ':80'}, websecure: {address: ':443', http: {tls: {}}}}\n"
ROUTER = """\
http:
  routers: {api: {rule: 'Host(`api.shop.test`)', service: api, MIDDLE}}
  services: {api: {loadBalancer: {servers: [{url: 'http://api:4000'}], BALANCER}}}
"""


def files(folder: Path, **texts: str) -> ReverseProxy:
    """Write files by the key of the entry that names them."""
    entry: dict[str, object] = {}
    for key, text in texts.items():
        file = folder / (f"{key}.toml" if text.startswith("[") else f"{key}.yml")
        file.write_text(text)
        entry[key] = str(file) if key == "static" else [str(file)]
    (proxy,) = traefiks("edge", TraefikEntry.model_validate(entry))
    return proxy


async def read(proxy: ReverseProxy) -> ProxyConfig:
    return await proxy_config(proxy, NginxParser(), CommandRunner(CommandLimits()), Files())


def dynamic(middle: str = "", balancer: str = "", more: str = "") -> str:
    return (
        ROUTER.replace(", MIDDLE", f", {middle}" * bool(middle)).replace(", BALANCER", f", {balancer}" * bool(balancer))
        + more
    )


FAST = "  serversTransports: {fast: {forwardingTimeouts: {responseHeaderTimeout: 60s, idleConnTimeout: 3s}}}\n"
PROTO = "  middlewares: {m: {headers: {customRequestHeaders: {X-Forwarded-Proto: http}}}}\n"
SMALL = "  middlewares: {m: {buffering: {maxRequestBodyBytes: 2000000}}}\n"
LARGE = "  middlewares: {m: {buffering: {maxRequestBodyBytes: 20000000}}}\n"


@pytest.mark.parametrize(
    ("text", "check", "outcome", "said"),
    [
        (dynamic(), "forwards", Outcome.PASS, "forwards the client's details"),
        (dynamic(balancer="passHostHeader: false"), "forwards", Outcome.FAIL, "does not pass Host"),
        (dynamic("middlewares: [m]", more=PROTO), "forwards", Outcome.FAIL, "says X-Forwarded-Proto: http"),
        (dynamic(), "timeouts", Outcome.WARN, "is forever (Traefik's default)"),
        (dynamic(), "keepalive", Outcome.FAIL, "idle for up to 90 s (Traefik's default)"),
        (dynamic(balancer="serversTransport: fast", more=FAST), "keepalive", Outcome.PASS, "outlives every idle"),
        (dynamic("middlewares: [m]", more=SMALL), "timeouts", Outcome.FAIL, "maxRequestBodyBytes is"),
        (dynamic("middlewares: [m]", more=LARGE), "timeouts", Outcome.WARN, "is forever"),
    ],
)
async def test_what_a_router_comes_to(tmp_path: Path, text: str, check: str, outcome: Outcome, said: str) -> None:
    proxy = files(tmp_path, static=STATIC, dynamic=text)
    judged = CHECKS[check](proxy, await read(proxy), NEEDS)
    assert (judged.outcome, said in judged.summary) == (outcome, True), judged


COMPOSE = """\
services:
  traefik:
    image: traefik:v3.5
    command:
      - --entrypoints.web.address=:80
      - --entrypoints.websecure.address=:443
      - --providers.docker.exposedbydefault=false
  api:
    image: shop/api
    expose: [4000]
    labels:
      - traefik.enable=true
      - traefik.http.routers.api.rule=Host(`api.${DOMAIN}`) && !PathPrefix(`/internal`)
      - traefik.http.routers.api.entrypoints=websecure
      - traefik.http.routers.api.tls.certresolver=le
      - traefik.http.routers.api.middlewares=guard@docker
      - traefik.http.middlewares.guard.basicauth.users=bob:$$apr1$$x$$y
  worker:
    image: shop/worker
"""


async def test_labels_and_flags_of_a_compose_file(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(COMPOSE)
    held = {"compose": [str(tmp_path / "compose.yml")], "variables": {"DOMAIN": "shop.test"}}
    (proxy,) = traefiks("edge", TraefikEntry.model_validate(held))
    config = await read(proxy)
    (server,) = serving(config.servers, "api.shop.test")
    assert [listen.port for listen in server.listens] == [443]
    (place,) = ends(server, "/orders")
    assert place.proxied
    assert [str(backend) for backend in place.proxied.backends] == ["api:4000"]
    assert place.rule == "basicAuth"
    assert place.at.line == 8
    assert ends(server, "/internal/x")[0].proxied is None
    assert config.whole


async def test_a_variable_that_nobody_gives_is_a_gap(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="takes DOMAIN from the environment"):
        await read(files(tmp_path, compose=COMPOSE))


async def test_swarm_reads_the_labels_of_services(tmp_path: Path) -> None:
    text = """\
services:
  api:
    image: shop/api
    labels: {traefik.http.routers.other.rule: Host(`other.test`)}
    deploy:
      labels:
        traefik.http.routers.api.rule: Host(`api.shop.test`)
        traefik.http.services.api.loadbalancer.server.port: 4000
"""
    static = "providers: {swarm: {}}\nentryPoints: {web: {address: ':80'}}\n"
    config = await read(files(tmp_path, static=static, compose=text))
    assert [name for server in config.servers for name in server.names] == ["api.shop.test"]


async def test_rules_of_traefik_2(tmp_path: Path) -> None:
    text = """\
services:
  traefik: {image: 'traefik:v2.11'}
  api:
    labels:
      traefik.http.routers.a.rule: Host(`api.shop.test`, `www.shop.test`) && Path(`/users/{id:[0-9]+}`)
      traefik.http.services.a.loadbalancer.server.port: 4000
"""
    config = await read(files(tmp_path, compose=text))
    assert {name for server in config.servers for name in server.names} == {"api.shop.test", "www.shop.test"}
    (server,) = serving(config.servers, "www.shop.test")
    assert [bool(ends(server, path)[0].proxied) for path in ("/users/12", "/users/bob")] == [True, False]
    assert not config.whole


async def test_toml_and_what_the_api_prints(tmp_path: Path) -> None:
    toml = """\
[http.routers.api]
rule = "Host(`api.shop.test`)"
service = "api"
[[http.services.api.loadBalancer.servers]]
url = "http://api:4000"
"""
    by_file = await read(files(tmp_path, dynamic=toml))
    printed = {
        "routers": {"api@docker": {"rule": "Host(`api.shop.test`)", "service": "api", "status": "enabled"}},
        "services": {"api@docker": {"loadBalancer": {"servers": [{"url": "http://api:4000"}]}}},
    }
    entry = TraefikEntry(command=(sys.executable, "-c", f"print({json.dumps(printed)!r})"))
    (proxy,) = traefiks("edge", entry)
    for config in (by_file, await read(proxy)):
        (server,) = serving(config.servers, "api.shop.test")
        proxied = ends(server, "/")[0].proxied
        assert proxied
        assert str(proxied.backends[0]) == "api:4000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (dynamic("middlewares: [guard]"), "names the middleware guard@file, which there is not"),
        (dynamic().replace("service: api", "service: shop"), "names the service shop@file, which there is not"),
        (dynamic("entryPoints: [other]"), "names the entry point other, which there is not"),
        (dynamic().replace("Host(`api.shop.test`)", "Host(`api.shop.test`"), "the parameters of Host do not end"),
        (dynamic().replace("Host(`api", "Hosts(`api"), "there is no matcher Hosts"),
        ("[http\n", "it is not TOML"),
        (dynamic("priority: high"), "its priority is no whole number"),
        (dynamic("middlewares: [m]", more="  middlewares: {m: {compress: }}\n"), "the middleware m@file is empty"),
    ],
)
async def test_what_traefik_would_leave_out(tmp_path: Path, text: str, said: str) -> None:
    proxy = files(tmp_path, static=STATIC, dynamic=text)
    seen = await proxy_audit(proxy, NginxParser(), CommandRunner(CommandLimits()), Gixy(), Files())
    assert said in seen.broken
    with pytest.raises(Unavailable, match="Traefik would refuse"):
        await read(proxy)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (dynamic("middlewares: [guard@docker]"), "golive did not see what that provider has"),
        ("http:\n{{ range $i := until 3 }}\n{{ end }}\n", "is a Go template"),
        (dynamic().replace("api.shop", '{{ env "SHOP" }}'), "takes SHOP from the environment"),
    ],
)
async def test_what_golive_cannot_see_is_a_gap(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unavailable, match=said):
        await read(files(tmp_path, static=STATIC, dynamic=text))


async def test_a_redirection_answers_every_request(tmp_path: Path) -> None:
    web = "web: {address: ':80', http: {redirections: {entryPoint: {to: secure}}}}"
    static = f"entryPoints: {{{web}, secure: {{address: ':443'}}}}\n"
    config = await read(files(tmp_path, static=static, dynamic=dynamic("tls: {}")))
    assert [server.answers_itself for server in config.servers if server.listens[0].port == 80] == [True]
    headers = "  middlewares: {m: {headers: {stsSeconds: 60, frameDeny: true}}}\n"
    config = await read(files(tmp_path, static=STATIC, dynamic=dynamic("middlewares: [m], tls: {}", more=headers)))
    assert headers_kept(ReverseProxy("edge", program="Traefik"), config).outcome is Outcome.PASS


def test_an_entry_names_a_source() -> None:
    with pytest.raises(ValidationError, match="name files as `dynamic` or `compose`"):
        TraefikEntry(static="traefik.yml")


@pytest.mark.parametrize(
    "rule", ["", "Host()", "Host(`a`) &&", "Host(`a`))", "Path(`x`)", "!", "Host(a)", "?", "Query(`a`,`b`,`c`)"]
)
def test_what_is_no_rule(rule: str) -> None:
    with pytest.raises(RuleError):
        terms(rule)


def test_more_alternatives_than_golive_follows() -> None:
    with pytest.raises(RuleError, match="more than 200 alternatives"):
        terms(" && ".join(["(Host(`a`) || Host(`b`))"] * 9))


@pytest.mark.parametrize("text", [f"[http]\na = {'[' * 5000}", "http: &a {routers: {a: *a}}\n"])
async def test_a_file_without_end_is_a_gap(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unavailable, match=r"deeper than golive follows|once its aliases are written out"):
        await read(files(tmp_path, dynamic=text))


LABELLED = """\
services:
  traefik: {image: 'traefik:${TAG:-v3.5}', command: [--entrypoints.web.address=:80, --providers.docker=true]}
  api: {labels: {traefik.http.routers.api.rule: Host(`api.shop.test`)}, expose: [4000], MORE}
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("extends: {service: base}", "api in .* has extends"),
        ("label_file: labels.env", "api in .* has label_file"),
        ("profiles: [debug]", "depends on the profiles debug"),
        ("}\n  other: {labels: {traefik.http.routers.x.rule: 'Host(`$HOME`)'}", "takes HOME from the environment"),
        (
            "}\n  api2: {labels: {traefik.http.routers.api.rule: Host(`b.test`)}",
            "two containers declare api of routers",
        ),
        ("}\n  api2: {labels: {traefik.http.routers.b.middleware: x}", "has the field middleware"),
        ("}\n  api2: {labels: {traefik.tcp.routers.b.rule: HostSNI(`*`)}", "the TCP router b@docker takes connections"),
        ("}\ninclude: {path: other.yml", "includes other files"),
    ],
)
async def test_what_compose_puts_together_elsewhere_is_a_gap(tmp_path: Path, more: str, said: str) -> None:
    text = LABELLED.replace("MORE", more)
    with pytest.raises(Unavailable, match=said):
        await read(files(tmp_path, compose=text))


async def test_a_compose_file_that_compose_completes(tmp_path: Path) -> None:
    text = LABELLED.replace("MORE", "profiles: [shop]")
    (tmp_path / "compose.yml").write_text(text)
    for chosen, there in (("", False), ("shop,debug", True)):
        held = {"compose": [str(tmp_path / "compose.yml")], "variables": {"COMPOSE_PROFILES": chosen, "TAG": "v2.11"}}
        (proxy,) = traefiks("edge", TraefikEntry.model_validate(held))
        config = await read(proxy)
        assert [name for server in config.servers for name in server.names] == ["api.shop.test"] * there
        assert config.whole
    (tmp_path / "more.yml").write_text("services: {api: {image: shop/api}}\n")
    held = {"compose": [str(tmp_path / name) for name in ("compose.yml", "more.yml")], "variables": held["variables"]}
    (proxy,) = traefiks("edge", TraefikEntry.model_validate(held))
    with pytest.raises(Unavailable, match="several Compose files have the service api"):
        await read(proxy)


async def test_no_part_of_a_password_or_rule_is_shown(tmp_path: Path) -> None:
    hashed = "traefik.http.middlewares.m.basicauth.users: 'bob:$apr1$H6uskkkW$IgXLP6{'"
    for text in (hashed, hashed.replace("$IgX", "${IgX"), "traefik.http.routers.q.rule: 'Header(`X`, `IgXLP6`) &'"):
        with pytest.raises(Unavailable) as gap:
            await read(files(tmp_path, compose=LABELLED.replace("MORE", f"}}\n  q: {{labels: {{{text}}}")))
        assert "IgXLP6" not in f"{gap.value}{gap.value.fix}"


@pytest.mark.parametrize(
    ("static", "said"),
    [
        ("providers: {file: {}, redis: {}}", "has the provider redis as well"),
        ("providers: {docker: {}}", "has the provider docker as well"),
        ("providers: {docker: {constraints: 'Label(`a`, `b`)'}}", "its provider has constraints"),
    ],
)
async def test_what_other_providers_declare_is_a_gap(tmp_path: Path, static: str, said: str) -> None:
    more = {"compose": LABELLED.replace(", MORE", "")} if "constraints" in static else {}
    with pytest.raises(Unavailable, match=said):
        await read(files(tmp_path, static=STATIC + static, dynamic=dynamic(), **more))


@pytest.mark.parametrize("command", ["--configfile=/etc/traefik.yml", "traefik --entrypoints.web.address :80"])
async def test_flags_that_golive_cannot_read_are_a_gap(tmp_path: Path, command: str) -> None:
    text = f"services: {{traefik: {{image: traefik, command: '{command}'}}}}\n"
    with pytest.raises(Unavailable, match="takes its configuration from a file, or a flag's value"):
        await read(files(tmp_path, compose=text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (dynamic("parentRefs: [other]"), "has the field parentrefs"),
        (dynamic(balancer="serversTransport: fast"), "names the serversTransport fast@file, which golive did not see"),
        (dynamic(balancer="passHost: false"), "the service api@file has the field passhost"),
        (dynamic().replace("Host(`api", "Host(`www.shop.test`, `api"), "Traefik 2 and Traefik 3 read differently"),
        (dynamic("tls: {}").replace("  services", "           b: {rule: Host(`b.test`), service: api}}\n  services")
         .replace("tls: {}}}", "tls: {}},"), "has routers for TLS and routers for clear text"),
    ],
)  # fmt: skip
async def test_what_depends_on_more_than_golive_sees_is_a_gap(tmp_path: Path, text: str, said: str) -> None:
    static = "entryPoints: {web: {address: ':7000'}}"
    with pytest.raises(Unavailable, match=said):
        await read(files(tmp_path, static=static, dynamic=text))


async def test_a_redirection_with_a_priority_lets_routers_go_first(tmp_path: Path) -> None:
    static = "entryPoints: {web: {address: ':80', http: {redirections: {entryPoint: {to: ':443', priority: 5}}}}}\n"
    config = await read(files(tmp_path, static=static, dynamic=dynamic("entryPoints: [web, gone]")))
    for host, answers in (("api.shop.test", False), ("other.test", True)):
        (server,) = serving(config.servers, host)
        assert (ends(server, "/")[0].proxied is None) == answers


async def test_a_host_that_a_rule_leaves_out(tmp_path: Path) -> None:
    config = await read(files(tmp_path, dynamic=dynamic().replace("Host(`api", "!Host(`api")))
    for host, there in (("api.shop.test", False), ("other.test", True)):
        (server,) = serving(config.servers, host)
        assert bool(ends(server, "/")[0].proxied) == there


async def test_a_star_stands_for_one_label(tmp_path: Path) -> None:
    config = await read(files(tmp_path, dynamic=dynamic().replace("api.shop.test", "*.shop.test")))
    for host, there in (("a.shop.test", True), ("b.a.shop.test", False)):
        (server,) = serving(config.servers, host)
        assert bool(ends(server, "/")[0].proxied) == there


async def test_labels_that_come_by_merge_keys_of_merge_keys(tmp_path: Path) -> None:
    text = """\
x-rule: &rule {traefik.http.routers.api.rule: Host(`api.shop.test`)}
x-both: &both {<<: *rule, traefik.http.services.api.loadbalancer.server.port: '4000'}
services: {api: {labels: {<<: *both, traefik.enable: 'true'}}}
"""
    config = await read(files(tmp_path, compose=text))
    assert [name for server in config.servers for name in server.names] == ["api.shop.test"]
