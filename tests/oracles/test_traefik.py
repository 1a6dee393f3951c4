"""Where Traefik leads a request and what it hands on: golive's reading of generated routers, and Traefik asked."""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from docker_api import docker_api
from echo import Echo

from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.routing import endings, ends, serving
from golive_checks.systems.proxy.config import proxy_config
from golive_lab.parts.ports import standing
from golive_lab.parts.process import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_checks.systems.nginx.places import ProxyPlace

TRAEFIK = str(Path(sys.executable).with_name("traefik"))
SEED = 20261129
ALL = 160
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
RULES = [
    "PathPrefix(`/api`)",
    "PathPrefix(`/api/`)",
    "Path(`/admin`)",
    "PathPrefix(`/admin`)",
    "PathPrefix(`/admin`) && !PathPrefix(`/admin/open`)",
    "Path(`/ws`) || PathPrefix(`/v1`)",
    "(PathPrefix(`/v1`) || PathPrefix(`/v2`)) && Method(`GET`)",
    "PathRegexp(`^/v[12]/`)",
    "PathRegexp(`(?i)\\.php$`)",
    "!PathPrefix(`/api`)",
    "!(PathPrefix(`/api`) || Path(`/ws`))",
    "Header(`X-Golive`, `yes`)",
    "Query(`golive`, `yes`)",
    "ClientIP(`10.9.9.9`)",
    "HeaderRegexp(`Connection`, `(?i)upgrade`) && PathPrefix(`/ws`)",
    'PathPrefix("/old")',
    "pathprefix(`/old`) || METHOD(`POST`)",
    "Pathprefix(`/v2`)",
    "",
    "",
]
MIDDLEWARES: list[dict[str, Any]] = [
    {"stripPrefix": {"prefixes": ["/api", "/v1"]}},
    {"stripPrefix": {"prefixes": ["/admin/"]}},
    {"stripPrefixRegex": {"regex": ["/v[0-9]+"]}},
    {"addPrefix": {"prefix": "/app"}},
    {"replacePath": {"path": "/fixed"}},
    {"replacePathRegex": {"regex": "^/api/(.*)$", "replacement": "/$1"}},
    {"replacePathRegex": {"regex": "/v1/", "replacement": "/version/"}},
    {"basicAuth": {"users": ["bob:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/"]}},
    {"ipAllowList": {"sourceRange": ["10.0.0.0/8"]}},
    {"ipAllowList": {"sourceRange": ["10.0.0.0/8", "0.0.0.0/0"]}},
    {"headers": {"frameDeny": True, "contentTypeNosniff": True}},
    {"headers": {"customFrameOptionsValue": "SAMEORIGIN", "referrerPolicy": "no-referrer", "stsSeconds": 60}},
    {"headers": {"customResponseHeaders": {"X-Frame-Options": "DENY", "Server": ""}, "forceSTSHeader": True}},
    {"headers": {"customResponseHeaders": {"X-Frame-Options": "", "Referrer-Policy": ""}}},
    {"headers": {"frameDeny": True, "stsSeconds": 60, "forceSTSHeader": True, "isDevelopment": True}},
    {"headers": {"customRequestHeaders": {"X-Forwarded-Proto": "https", "X-Forwarded-For": ""}}},
    {"headers": {"customRequestHeaders": {"Host": "fixed.test"}}},
    {"headers": {"customRequestHeaders": {"X-Forwarded-Proto": ""}}},
    {"buffering": {"maxRequestBodyBytes": 50}},
    {"redirectScheme": {"scheme": "https"}},
    {"compress": {}},
    {"rateLimit": {"average": 100000, "burst": 100000}},
    {"retry": {"attempts": 2}},
]
PATHS = ["/", "/api/x", "/API/x", "/api", "/apix", "/ws", "/v1/x", "/v1", "/v1/api/x", "/admin", "/admin/", "/admin/x"]
PATHS += ["/admin/open", "//admin", "/old/1", "/x.PHP", "/v2/x.php", "/v10"]
KNOWN = {"x-frame-options", "x-content-type-options", "referrer-policy", "strict-transport-security"}
APPS = ("app", "other")


@dataclass(frozen=True)
class Site:
    """Routers and middlewares of a host, as a file has them; the services are the two applications."""

    name: str
    routers: dict[str, dict[str, Any]]
    middlewares: dict[str, dict[str, Any]]
    keeps_host: bool

    @property
    def host(self) -> str:
        return f"{self.name}.test"


def generated() -> list[Site]:
    of, made = random.Random(SEED), list[Site]()
    for n in range(ALL):
        names = [f"m{n}-{k}" for k in range(of.choice([0, 1, 1, 2, 3]))]
        middlewares = {name: of.choice(MIDDLEWARES) for name in names}
        if len(names) == 3 and of.random() < 0.5:
            middlewares[f"m{n}-chain"] = {"chain": {"middlewares": names[:2]}}
        routers = {}
        for k in range(of.choice([1, 2, 3])):
            host = of.choice([f"Host(`s{n}.test`)"] * 4 + [f"HostRegexp(`^s{n}\\.test$`)"])
            rule = of.choice(RULES)
            rule = f"{host} && {f'({rule})' if '||' in rule else rule}" if rule else host
            held: dict[str, Any] = {"rule": rule, "service": f"{of.choice(APPS)}{n}"}
            if of.random() < 0.2:
                held["priority"] = of.choice([1, 500, 1000 + k])
            if middlewares:
                held["middlewares"] = of.sample(list(middlewares), k=of.choice([0, 1, min(2, len(middlewares))]))
            routers[f"r{n}-{k}"] = {name: value for name, value in held.items() if value != []}
        if len({len(each["rule"]) for each in routers.values() if "priority" not in each}) == len(
            [each for each in routers.values() if "priority" not in each]
        ):  # of two routers with one priority nobody says which comes first
            made.append(Site(f"s{n}", routers, middlewares, of.random() < 0.8))
    return made[:: ALL // COUNT]


def services(site: Site, ports: dict[str, int]) -> dict[str, Any]:
    return {
        f"{app}{site.name[1:]}": {
            "loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{ports[app]}"}], "passHostHeader": site.keeps_host}
        }
        for app in APPS
    }


def labels(site: Site, ports: dict[str, int]) -> dict[str, str]:
    """Write a site as labels of one container, whose services are at two ports of it."""
    found = dict[str, str]()

    def spell(start: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, each in value.items() or {"": "true"}.items():
                spell(f"{start}.{name}".rstrip("."), each)
        else:
            text = ",".join(value) if isinstance(value, list) else value
            found[start] = str(text).lower() if isinstance(text, bool) else str(text)

    spell("traefik.http.routers", site.routers)
    spell("traefik.http.middlewares", site.middlewares)
    for name in services(site, ports):
        spell(f"traefik.http.services.{name}.loadbalancer.server.port", ports[name.rstrip("0123456789")])
        spell(f"traefik.http.services.{name}.loadbalancer.passhostheader", site.keeps_host)
    return {name: text for name, text in found.items() if not name.endswith(("routers", "middlewares"))}


@contextmanager
def serving_sites(folder: Path, sites: list[Site]) -> Iterator[tuple[int, ReverseProxy]]:
    """Run Traefik, half of the sites from files and half from labels; yield its port and what golive reads."""
    with ExitStack() as up:
        place = up.enter_context(standing(folder))
        ports = {"app": place.ports.api, "other": place.ports.node}
        for port in ports.values():
            app = up.enter_context(ThreadingHTTPServer(("127.0.0.1", port), Echo))
            threading.Thread(target=app.serve_forever, args=(0.05,), daemon=True).start()
            up.callback(app.shutdown)
        by_file, by_label = sites[::2], sites[1::2]
        held = {
            "routers": {name: router for site in by_file for name, router in site.routers.items()},
            "middlewares": {name: each for site in by_file for name, each in site.middlewares.items()},
            "services": {name: each for site in by_file for name, each in services(site, ports).items()},
        }
        containers = {site.name: labels(site, ports) for site in by_label}
        daemon = up.enter_context(docker_api(containers))
        static = {
            "entryPoints": {"web": {"address": f"127.0.0.1:{place.ports.http}"}},
            "providers": {
                "file": {"filename": str(folder / "dynamic.yml")},
                "docker": {"endpoint": f"tcp://127.0.0.1:{daemon}", "watch": False},
            },
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            "log": {"level": "WARN"},
            "ping": {"entryPoint": "web"},
        }
        (folder / "dynamic.yml").write_text(yaml.safe_dump({"http": {k: v for k, v in held.items() if v}}))
        (folder / "traefik.yml").write_text(yaml.safe_dump(static))
        compose = {
            name: {"image": "app", "labels": {k: v.replace("$", "$$") for k, v in each.items()}}
            for name, each in containers.items()
        }
        (folder / "compose.yml").write_text(yaml.safe_dump({"services": compose}))
        last = (by_label or by_file)[-1]
        ready = lambda: knows(place.ports.http, last, by_file[-1])  # noqa: E731 - one expression
        argv = [TRAEFIK, f"--configFile={folder / 'traefik.yml'}"]
        up.enter_context(running(argv, log=folder / "traefik.log", ready=ready))
        proxy = ReverseProxy(
            "edge",
            program="Traefik",
            main=str(folder / "traefik.yml"),
            version="3.6.0",
            dynamic=(str(folder / "dynamic.yml"),),
            compose=(str(folder / "compose.yml"),),
        )
        yield place.ports.http, proxy


def knows(port: int, *sites: Site) -> bool:
    """Return whether Traefik has read both providers: some path of each site has a router."""
    try:
        return all(any(sent(port, site, path)[0] != 404 for path in PATHS) for site in sites)
    except OSError:
        return False


def sent(port: int, site: Site, path: str, *, size: int = 0, **more: str) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Ask a site: the status, the answer's headers, and what an application was sent, if it was."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Host": site.host, "X-Forwarded-For": "9.9.9.9", **more}
    connection.request("POST" if size else "GET", path, body=b"x" * size or None, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    got = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, got, json.loads(text) if "x-app" in got else {}


def disagreements(port: int, site: Site, path: str, found: tuple[tuple[ProxyPlace, str], ...]) -> Iterator[str]:
    """Yield what the real Traefik does at a place otherwise than golive says."""
    status, got, told = sent(port, site, path)
    fits = [(place, becomes) for place, becomes in found if _fits(place, told)]
    if not fits:
        yield f"{told.get('port', 'nobody')} answered ({status}), golive says {[str(place) for place, _ in found]}"
        return
    place, becomes = fits[0]
    if len(found) > 1 or not told or place.proxied is None:
        return
    ours = {each.name.lower() for each in place.adds}
    if ours != {*got} & KNOWN:
        yield f"answers have {sorted({*got} & KNOWN)}, golive says {sorted(ours)}"
    if becomes != told["path"]:
        yield f"the application was asked for {told['path']}, golive says {becomes}"
    meant = {"$host": site.host, "$scheme": "http", "$proxy_add_x_forwarded_for": "127.0.0.1", "": None}
    meant["$proxy_host"] = f"127.0.0.1:{told['port']}"
    for name in ("host", "x-forwarded-for", "x-forwarded-proto"):
        (value,) = place.proxied.header(name)
        if told["headers"].get(name) != meant.get(value, value):
            yield f"{name} is {told['headers'].get(name)}, golive says {value}"
    if (limit := place.body_limit.value) < 1000 and "Method" not in str(site.routers):
        for size in (int(limit), int(limit) + 1):
            if bool(sent(port, site, path, size=size)[2]) != (size <= limit):
                yield f"a body of {size} is answered otherwise, golive says at most {limit}"


def _fits(place: ProxyPlace, told: dict[str, Any]) -> bool:
    if not told:
        return place.proxied is None or bool(place.rule)
    ports = [backend.port for backend in place.proxied.backends] if place.proxied else []
    return told["port"] in ports and not place.rule


async def test_traefik_does_what_golive_reads(tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} configurations")
    sites, wrong = generated(), list[str]()
    with serving_sites(tmp_path, sites) as (port, proxy):
        config = await proxy_config(proxy, NginxParser(), CommandRunner(CommandLimits()), Files())
        for site in sites:
            (server,) = serving(config.servers, site.host)
            for path in PATHS:
                found = endings(server, path.replace("//", "/"))
                wrong += [f"{path}: {text}:\n{site}" for text in disagreements(port, site, path, found)]
            _, _, told = sent(port, site, "/ws", Connection="Upgrade", Upgrade="websocket")
            if not any(_fits(place, told) for place in ends(server, "/ws", upgrade=True)):
                wrong.append(f"/ws: the handshake ended at {told}, golive says otherwise:\n{site}")
    assert not wrong, f"{len(wrong)} of {len(sites)} x {len(PATHS)}\n" + "\n\n".join(wrong)
