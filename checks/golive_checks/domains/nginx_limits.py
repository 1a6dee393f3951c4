"""Does nginx wait as long, take as much and reuse as briefly as the application behind it does?"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from golive import Location, Severity, Verdict, check, verdict
from golive.wording import binary_size, counted, duration
from golive_checks.domains.nginx_locations import Needs, Proxying, is_newer, nothing_proxied, proxied_locations
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.nginx.places import Proxied, ProxyNumber
from golive_checks.systems.nginx.routing import ends
from golive_checks.systems.proxy.config import ProxyConfig
from golive_checks.systems.proxy.policy import ProxyPolicy


@dataclass(frozen=True)
class Limit:
    """A value that counts in a location, and between what it should lie; above `most` it fails or only warns."""

    name: str
    number: ProxyNumber
    least: float
    most: float
    show: Callable[[float], str]
    most_fails: bool = True


@check("proxy.timeouts-set", severity=Severity.MEDIUM)
def timeouts_set(proxy: ReverseProxy, config: ProxyConfig, needs: Needs) -> Verdict:
    """The proxy's timeouts and body size suit the application.

    Why: A proxy that waits for an hour keeps a hung API's connections until there are none left; one that gives up
    too early shows an error for a payment that went through; one with a body limit below the largest upload answers
    413 to it.

    Fix: Set proxy_connect_timeout, proxy_send_timeout, proxy_read_timeout and client_max_body_size in the location or
    above it, and give the WebSocket a location with longer timeouts of its own.

    Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout
    """
    fails: dict[str, Location] = {}
    warns: dict[str, Location] = {}
    every = tuple(proxied_locations(config, needs))
    if not every:
        return nothing_proxied(config, needs)
    for each in every:
        for limit in _limits(each, needs[each.host].policy):
            value, at = limit.number.value, limit.number.at or each.place.at
            name = limit.number.name or limit.name
            text = f"{name} is {limit.show(value)}{_default(limit.number, config)} in {each}"
            if not limit.number.at and not config.whole:
                warns[f"{name} is not set in {each}, and not all of the configuration was seen"] = at
            elif value < limit.least:
                fails[f"{text}, at least {limit.show(limit.least)} is required"] = at
            elif value > limit.most:
                # where the program has no limit unless it is given one, nobody has asked for an hour either
                left_out = limit.number.at is None and value == math.inf
                (fails if limit.most_fails and not left_out else warns)[
                    f"{text}, at most {limit.show(limit.most)} is allowed"
                ] = at
    return verdict(
        tuple(fails),
        tuple(warns),
        ok=f"timeouts and body size of {counted(len(every), 'location')} are within the limits",
        evidence=(config.seen,),
        at=next(iter((*fails.values(), *warns.values())), None),
    )


@check("proxy.keepalive-outlived")
def keepalive_outlived(proxy: ReverseProxy, config: ProxyConfig, needs: Needs) -> Verdict:
    """The application keeps idle connections longer than the proxy reuses them.

    Why: Node closes an idle connection after 5 seconds, nginx reuses one for 60. A request sent at the moment the
    application closes is lost: nginx may not repeat a POST, so a webhook now and then gets 502.

    Fix: Set the application's keep-alive timeout above nginx's (Node: server.keepAliveTimeout = 65_000), and say so in
    the profile (`app_keepalive_s`); or set keepalive_timeout in the upstream block below the application's.

    Source: https://nodejs.org/api/http.html#serverkeepalivetimeout
    """
    fails: dict[str, Location] = {}
    warns: dict[str, Location] = {}
    every = tuple(proxied_locations(config, needs))
    if not every:
        return nothing_proxied(config, needs)
    for each in every:
        ask, idle = needs[each.host].policy, each.proxied.keepalive_timeout
        # None: the default changed with nginx 1.29.7, and the profile does not name the version.
        reused = _reused(each.proxied, config.version)
        if reused is False or idle.value + ask.keepalive_margin_s <= ask.app_keepalive_s:
            continue
        text = (
            f"{each.proxied.target} is reused when idle for up to {duration(idle.value)}{_default(idle, config)}, "
            f"the application closes after {duration(ask.app_keepalive_s)}"
        )
        if reused:
            fails[text] = idle.at or each.proxied.at
        else:
            warns[f"from nginx 1.29.7 on, {text}; the profile does not name nginx's version"] = each.proxied.at
    reusing = sum(_reused(each.proxied, config.version) is not False for each in every)
    return verdict(
        tuple(fails),
        tuple(warns),
        ok="the application outlives every idle connection" if reusing else "the proxy reuses no connection",
        evidence=(config.seen,),
        at=next(iter((*fails.values(), *warns.values())), None),
    )


def _limits(each: Proxying, ask: ProxyPolicy) -> Iterator[Limit]:
    """Name what counts in a location. One that is the WebSocket's alone may wait for long."""
    proxied, takes_uploads = each.proxied, each.place in ends(each.server, ask.upload_path)
    bare = ask.websocket_path.partition("?")[0]
    of_websocket = bool(bare) and each.place in ends(each.server, bare, upgrade=True)
    longest = ask.max_websocket_timeout_s if of_websocket and not takes_uploads else 0
    send, read = max(longest, ask.max_send_timeout_s), max(longest, ask.max_read_timeout_s)
    yield Limit("proxy_connect_timeout", proxied.connect_timeout, 0, ask.max_connect_timeout_s, duration)
    yield Limit("proxy_send_timeout", proxied.send_timeout, 0, send, duration)
    yield Limit("proxy_read_timeout", proxied.read_timeout, ask.min_read_timeout_s, read, duration)
    if takes_uploads:
        size = replace(each.place.body_limit, value=each.place.body_limit.value or math.inf)
        yield Limit("client_max_body_size", size, ask.largest_upload_bytes, ask.max_body_bytes, _size, most_fails=False)


def _reused(proxied: Proxied, version: str) -> bool | None:
    """Return whether idle connections are reused; None where nginx's version decides."""
    default = is_newer(version) if version else None
    connection = proxied.header("connection")
    needed = (
        proxied.keepalive.value > 0 if proxied.keepalive else default,
        proxied.http_version != "1.0" if proxied.http_version else default,
        any(value.strip().lower() != "close" for value in connection) if connection else default,
    )
    return False if False in needed else None if None in needed else True


def _default(number: ProxyNumber, config: ProxyConfig) -> str:
    return "" if number.at else f" ({config.program}'s default)"


def _size(size: float) -> str:
    if size == math.inf:
        return "unlimited"
    return binary_size(size)
