"""Does nginx, as configured, reach the API, forward the client's details, and avoid known traps?"""

from collections.abc import Iterable, Iterator, Mapping

from golive import Location, Severity, Unavailable, Verdict, check, failed, not_applicable, unknown, verdict
from golive.wording import counted
from golive_checks.domains.nginx_besides import doors_beside, doors_of_others
from golive_checks.domains.nginx_doors import other_doors
from golive_checks.domains.nginx_locations import (
    Needs,
    Proxying,
    is_newer,
    is_somebody_elses,
    nothing_proxied,
    proxied_locations,
)
from golive_checks.domains.nginx_traps import FAILS, WARNS
from golive_checks.domains.nginx_ways import ways_past
from golive_checks.subjects import Host
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.env.files import EnvFile, Variables
from golive_checks.systems.env.framework import AppFramework, Framework
from golive_checks.systems.nginx.places import Proxied, ProxyPlace, ServerBlock
from golive_checks.systems.nginx.routing import ends
from golive_checks.systems.proxy.config import ProxyAudit, ProxyConfig
from golive_checks.systems.proxy.policy import websocket_path

IGNORING_CASE: Mapping[Framework, str] = {"express": "Express", "nestjs": "NestJS"}
"""Frameworks whose routes ignore case: https://expressjs.com/en/4x/api.html#app.settings.table."""
NO_APPS: Mapping[Host, AppFramework | Unavailable] = {}


@check("proxy.upstream-matches-port", severity=Severity.CRITICAL)
def upstream_matches_port(
    proxy: ReverseProxy, config: ProxyConfig, needs: Needs, files: Mapping[EnvFile, Variables | Unavailable]
) -> Verdict:
    """The proxy passes the API's requests to the port that the API listens on.

    Why: When PORT changes and the proxy's configuration does not (or the other way round), every request ends in 502
    as soon as both are deployed.

    Fix: Use the same port in proxy_pass, or in the upstream block it names, and in the API's PORT.
    """
    ports = _api_ports(files)
    if isinstance(ports, Verdict):
        return ports
    if not ports:
        return not_applicable("the profile names no env file of the API")
    every = tuple(each for each in proxied_locations(config, needs) if each.host.serves_api)
    if not every:
        return nothing_proxied(config, {host: need for host, need in needs.items() if host.serves_api})
    wanted = f"{' and '.join(ports.values())} says PORT={'/'.join(map(str, ports))}"
    wrong = {
        f"{each} passes to {backend}, {wanted}": each.proxied.at
        for each in every
        for backend in each.proxied.backends
        if backend.port not in {*ports, *needs[each.host].policy.other_ports}
    }
    unclear = [f"{each}: {each.proxied.unresolved}" for each in every if each.proxied.unresolved]
    if unclear and not wrong:
        return unknown(unclear[0], *unclear[1:], config.seen)
    return verdict(
        tuple(wrong),
        ok=f"{counted(len(every), 'location passes', 'locations pass')} to port {'/'.join(map(str, ports))}",
        evidence=(*unclear, config.seen),
        at=next(iter(wrong.values()), None),
    )


def _api_ports(files: Mapping[EnvFile, Variables | Unavailable]) -> dict[int, str] | Verdict:
    """Return the ports that the API's env files name, each with its file; unknown where one of them names none."""
    ports: dict[int, str] = {}
    for file, variables in files.items():
        if file.role != "api":
            continue
        port = variables if isinstance(variables, Unavailable) else variables.values.get("PORT")
        if isinstance(port, Unavailable):
            return unknown(f"the API's PORT was not seen: {port.reason}")
        if port is None or not isinstance(port.value, str) or not port.value.strip().isdecimal():
            return unknown(f"{file.name} names no PORT to compare with", fix="Set PORT to a number there.")
        ports[int(port.value)] = file.name
    return ports


@check("proxy.forwards-client")
def forwards_client(proxy: ReverseProxy, config: ProxyConfig, needs: Needs) -> Verdict:
    """The proxy forwards the client's address, host and scheme to the API, and lets WebSockets through.

    Why: Without Host the application builds links to the upstream's name; without X-Forwarded-For every client has the
    proxy's address, so that rate limiting one abuser locks everyone out; without X-Forwarded-Proto secure cookies and
    redirects go wrong; without Upgrade no WebSocket opens.

    Fix: Set all of them wherever proxy_pass is: a level that has any proxy_set_header inherits none. For the WebSocket
    also `proxy_http_version 1.1`, `Upgrade $http_upgrade` and `Connection "upgrade"`.

    Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header and
    https://nginx.org/en/docs/http/websocket.html
    """
    every = tuple(proxied_locations(config, needs))
    if not every:
        return nothing_proxied(config, needs)
    fails: dict[str, Location] = {}
    warns: dict[str, Location] = {}
    for each in every:
        if each.place.asked_by_nginx or is_somebody_elses(each):
            continue
        fails.update({f"{each} {defect}": each.proxied.at for defect in _untold(each.proxied)})
        if set(each.proxied.header("x-forwarded-for")) == {"$http_x_forwarded_for"}:  # any caller can claim any address
            warns[f"{each} hands on X-Forwarded-For as the client wrote it"] = each.proxied.at
    unclear: list[str] = []
    for host, need in needs.items():
        for defect, at, certain in _websocket(config, host, websocket_path(host, need.policy), every):
            if certain:
                fails[defect] = at
            else:
                unclear.append(f"{defect}: that depends on what golive cannot tell")
    if unclear and not fails:
        return unknown(unclear[0], *unclear[1:], config.seen)
    return verdict(
        tuple(fails),
        tuple(warns),
        ok=f"{counted(len(every), 'location forwards', 'locations forward')} the client's details to the API",
        evidence=(config.seen,),
        at=next(iter((*fails.values(), *warns.values())), None),
    )


@check("proxy.config-sound")
def config_sound(
    proxy: ReverseProxy,
    audit: ProxyAudit,
    config: ProxyConfig | Unavailable,
    apps: Mapping[Host, AppFramework | Unavailable] = NO_APPS,
) -> Verdict:
    """The proxy's configuration has none of nginx's known traps.

    Why: An alias without its closing slash serves the folders above it; a variable in the wrong place lets a request
    choose the upstream or write headers; `deny all` for /admin does not cover //admin, nor /admin/x.php if a pattern
    for .php wins. nginx accepts all of them silently.

    Fix: The finding names file and line; https://github.com/dvershinin/gixy explains each kind by its name.

    Source: https://github.com/dvershinin/gixy
    """
    seen = "running" if audit.running else "repository, not running"
    if audit.broken:
        return failed(
            f"{proxy.program} would refuse this configuration: {audit.broken}",
            seen,
            fix="Fix the line, and run `nginx -t` or `caddy validate` before each reload.",
            at=audit.broken_at,
        )
    if isinstance(config, Unavailable):
        return unknown(config.reason, seen)
    if proxy.program != "nginx":  # the plugins that look for traps read nginx's language alone
        return not_applicable(f"{proxy.program} accepts it; golive looks for ways past a rule in nginx alone", seen)
    ways = _ways(config)
    ignoring = _ignoring_case(apps)
    beside = dict(way for server in config.servers for way in doors_beside(server, ignoring))
    fails = [issue for issue in audit.issues if issue.plugin in FAILS]
    warns = [issue for issue in audit.issues if issue.plugin in WARNS]
    return verdict(
        (*ways, *dict.fromkeys(f"{FAILS[issue.plugin]} ({issue.plugin})" for issue in fails)),
        (*beside, *dict.fromkeys(f"{WARNS[issue.plugin]} ({issue.plugin})" for issue in warns)),
        ok="no known trap",
        evidence=(*(f"{issue.at}: {issue.summary}" for issue in (*fails, *warns)), seen),
        at=next(iter((ways | beside).values()), None) or next((issue.at for issue in (*fails, *warns)), None),
    )


def _ways(config: ProxyConfig) -> dict[str, Location]:
    """Return the ways past a rule, each with the line of the rule."""
    found = dict(way for server in config.servers for way in (*ways_past(server), *other_doors(server)))
    return found | dict(doors_of_others(config.servers))


def _ignoring_case(apps: Mapping[Host, AppFramework | Unavailable]) -> str:
    """Return the framework of an app that takes /Admin for /admin."""
    names = [app.name for app in apps.values() if isinstance(app, AppFramework)]
    return next((name for each in names if each and (name := IGNORING_CASE.get(each))), "")


def _untold(proxied: Proxied) -> Iterator[str]:
    """Name what the API does not get. An empty value is a header not sent; nginx's own Host is the upstream's name."""
    if not {"", "$proxy_host"}.isdisjoint(proxied.header("host") or ("",)):
        yield "does not pass Host"
    if "" in (proxied.header("x-forwarded-for") or ("",)):
        yield "does not pass X-Forwarded-For"
    schemes = proxied.header("x-forwarded-proto") or ("",)
    if "" in schemes:
        yield "does not pass X-Forwarded-Proto"
    elif "http" in schemes:
        yield "says X-Forwarded-Proto: http whatever was asked"


def _websocket(
    config: ProxyConfig, host: Host, path: str, every: tuple[Proxying, ...]
) -> Iterator[tuple[str, Location, bool]]:
    """Name what keeps a WebSocket from opening at the host's path, and whether it is sure to go there."""
    servers = dict.fromkeys(each.server for each in every if each.host == host)
    bare = path.partition("?")[0]
    somewhere = any(place.proxied for place, _ in _handshakes(servers, bare))
    for place, sure in _handshakes(servers, bare) if path else ():
        if somewhere and place.handler == "answer":
            continue  # port 80, which hands on a path or two and leads the rest to https
        text = f"{place} of {host.name}, where the WebSocket {path} goes,"
        if place.proxied is None:
            yield f"{text} does not proxy", place.at, sure
            continue
        at = place.proxied.at
        if not any(place.proxied.header("upgrade")):
            yield f"{text} does not pass Upgrade", at, sure
        if not any("upgrade" in value.lower() for value in place.proxied.header("connection")):
            yield f"{text} does not pass Connection: upgrade", at, sure
        version = place.proxied.http_version or ("1.1" if is_newer(config.version) else "1.0")
        if version != "1.1":
            yield f"{text} is proxied over HTTP/{version}", at, sure


def _handshakes(servers: Iterable[ServerBlock], path: str) -> list[tuple[ProxyPlace, bool]]:
    """Return where a WebSocket's handshake ends in each server, and whether it is sure to."""
    there = [ends(server, path, upgrade=True) for server in servers]
    return [(place, len(places) == 1) for places in there for place in places]
