"""From the tree of directives to the values that count at each place: http, server, location, inner location."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from golive_checks.systems.nginx.added import added, dropped
from golive_checks.systems.nginx.client.parser import BrokenError, Directive
from golive_checks.systems.nginx.guards import condition, guards
from golive_checks.systems.nginx.places import Backend, Listen, Proxied, ProxyNumber, ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import error_pages, rewrites
from golive_checks.systems.nginx.rules import handler, rule
from golive_checks.systems.nginx.rules import passes as passed_by
from golive_checks.systems.nginx.values import (
    CLIENT_MAX_BODY_SIZE,
    PROXY_CONNECT_TIMEOUT,
    PROXY_READ_TIMEOUT,
    PROXY_SEND_TIMEOUT,
    SERVER_PORTS,
    UPSTREAM_KEEPALIVE_TIMEOUT,
    seconds,
    size,
)

JUDGED_HEADERS = frozenset({"host", "x-forwarded-for", "x-forwarded-proto", "upgrade", "connection"})
"""The headers whose values are kept: no other may be a secret, such as a key that the upstream asks for."""
MAX_DEPTH = 3
"""Of variables in the values of variables."""
MAX_VALUES = 32
"""A map may have thousands; a target that may be any of so many is not followed."""
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
TARGET = re.compile(r"(?P<scheme>[^:/]+)://(?P<host>unix:[^:]+|\[[^\]]+\]|[^:/?#]+)(?::(?P<port>\d{1,5}))?")
AUTHORITY = re.compile(r"\w{1,20}://[^/$?#]+", re.ASCII)
MEMBER = re.compile(r"(?P<host>unix:.+|\[[^\]]+\]|[^:]+)(?::(?P<port>\d{1,5}))?")
PATH = re.compile(r"\$\{?(?:request_uri|uri|document_uri)\b.*", re.ASCII)
"""What starts with a slash, whatever was asked."""
NO_CHOICE = frozenset({"proxy", "delete"})
CHOOSERS = frozenset({"map", "geo", "split_clients"})
"""Blocks that give a variable one of several values: each of their lines ends in a value."""


def servers(main: Directive) -> tuple[ServerBlock, ...]:
    """Work out every server block of a configuration that nginx could read."""
    return tuple(
        _server(_Level((server, http, main)))
        for http in main.find("http")
        for server in http.find("server")
        if server.block is not None
    )


@dataclass(frozen=True)
class _Level:
    """A block and those around it, from the innermost outwards to the main level."""

    blocks: tuple[Directive, ...]

    def inside(self, block: Directive) -> "_Level":
        return _Level((block, *self.blocks))

    def one(self, name: str) -> Directive | None:
        """Return the directive that counts: that of the innermost level which has one."""
        return next((found for block in self.blocks for found in block.find(name) if found.args), None)

    def all(self, name: str) -> tuple[Directive, ...]:
        """Return the directives that count where several of a name add up: a level that has any inherits none."""
        return next((found for block in self.blocks if (found := tuple(block.find(name)))), ())

    def number(self, name: str, default: str, read: Callable[[str], float | None]) -> ProxyNumber:
        """Read the time or size that counts."""
        return _number(name, self.one(name), default, read)

    def values(self, text: str, depth: int = 0) -> tuple[str, ...]:
        """Put in what the configuration itself gives a variable; a request's own variables stay as they are."""
        choices: list[tuple[str, ...]] = []
        end = 0
        for found in VARIABLE.finditer(text):
            name = found[1] or found[2]
            assigned = self._assigned(name) if depth < MAX_DEPTH else ()
            each = (value for one in dict.fromkeys(assigned) for value in self.values(one, depth + 1))
            some = tuple(dict.fromkeys(itertools.islice(each, MAX_VALUES)))
            choices += [(text[end : found.start()],), some or (found[0],)]
            end = found.end()
        choices.append((text[end:],))
        every = ("".join(parts) for parts in itertools.product(*choices))
        return tuple(dict.fromkeys(itertools.islice(every, MAX_VALUES)))

    def _assigned(self, name: str) -> tuple[str, ...]:
        """Return what the nearest `set` (those in an `if` may, too) or a map gives the variable."""
        perhaps: list[str] = []
        for block in self.blocks:
            perhaps += [text for inner in block.find("if") for text in _sets(inner, name)]
            if certain := _sets(block, name):
                return (certain[-1], *perhaps)
        chosen = [text for block in self.blocks for text in _choices(block, name)]
        return (*perhaps, *chosen)


def _number(name: str, directive: Directive | None, default: str, read: Callable[[str], float | None]) -> ProxyNumber:
    if directive is None:
        return ProxyNumber(read(default) or 0, name=name)
    value = read(directive.args[0]) if directive.args else None
    if value is None:
        raise BrokenError(f'"{directive.name}" has an invalid value', directive.at)
    return ProxyNumber(value, directive.at, name)


def _sets(block: Directive, name: str) -> list[str]:
    return [text for variable, text in _pairs(block.find("set")) if variable == f"${name}"]


def _pairs(directives: Iterable[Directive]) -> Iterator[tuple[str, str]]:
    """Return the two arguments of each directive that has two."""
    for directive in directives:
        match directive.args:
            case (first, second):
                yield first, second


def _choices(block: Directive, name: str) -> list[str]:
    """Return the values that the maps of a block may give the variable: without a default, also none."""
    found: list[str] = []
    for chooser in block.block or ():
        if chooser.name in CHOOSERS and chooser.args and chooser.args[-1] == f"${name}":
            lines = [line for line in chooser.block or () if len(line.args) == 1 and line.name not in NO_CHOICE]
            found += [line.args[0] for line in lines]
            if not any(line.name in {"default", "*"} for line in lines):
                found.append("")
    return found


def _server(level: _Level) -> ServerBlock:
    block = level.blocks[0]
    names = tuple(name.lower() for found in block.find("server_name") for name in found.args)
    slashes = level.one("merge_slashes")
    merges = slashes is None or slashes.args[0] != "off"
    listens = tuple(_listen(found) for found in block.find("listen") if found.args)
    return ServerBlock(
        names, listens or (Listen("*", SERVER_PORTS["http"], default=False),), block.at, _place(level), merges
    )


def _listen(directive: Directive) -> Listen:
    address, default = directive.args[0], not {"default_server", "default"}.isdisjoint(directive.args[1:])
    if address.startswith("unix:"):
        return Listen(address, 0, default)
    host, colon, port = address.rpartition(":")
    if not colon or "]" in port:  # a bare port, name, IPv4 or bracketed IPv6 address
        host, port = ("*", address) if address.isdecimal() else (address, str(SERVER_PORTS["http"]))
    return Listen("*" if host == "0.0.0.0" else host, int(port) if port.isdecimal() else 0, default)  # noqa: S104 - compared


def _place(level: _Level) -> ProxyPlace:
    """Work out a server's own level or a location, and the locations in it."""
    block = level.blocks[0]
    modifier, path = _path(block)
    passes = next(block.find("proxy_pass"), None)
    tries = next(block.find("try_files"), None)
    inner = (found for found in block.block or () if found.name == "location" or _proxies_if(found))
    return ProxyPlace(
        modifier=modifier,
        path=path,
        at=block.at,
        body_limit=level.number("client_max_body_size", CLIENT_MAX_BODY_SIZE, size),
        proxied=_proxied(level, passes) if passes and passes.args else None,
        fallback=tries.args[-1] if tries and tries.args and tries.args[-1].startswith("@") else "",
        inner=tuple(_place(level.inside(each)) for each in inner),
        rule=rule(level.blocks),
        handler=handler(block),
        passes=passed_by(block),
        asked_by_nginx=any(block.find("internal")) or path in _auth_requests(level),
        adds=added(level.blocks),
        drops=dropped(level.blocks),
        rewrites=rewrites(block),
        guards=guards(level.blocks),
        condition=condition(level.blocks),
        error_pages=error_pages(level.blocks),
    )


def _auth_requests(level: _Level) -> set[str]:
    """Return the paths that nginx asks, for leave, in the server that a level is in."""
    server = next((block for block in level.blocks if block.name == "server"), level.blocks[0])
    return {found.args[0] for found in _below(server) if found.name == "auth_request" and found.args}


def _below(block: Directive) -> Iterator[Directive]:
    for inner in block.block or ():
        yield inner
        yield from _below(inner)


def _path(block: Directive) -> tuple[str, str]:
    """Tell a location's modifier and path; the modifier may stand against the path (`=/health`, `~/x`)."""
    if block.name == "server":
        return "", ""
    if block.name != "location":
        return block.name, " ".join(block.args)
    if len(block.args) > 1:
        return block.args[0], block.args[1]
    path = block.args[0] if block.args else ""
    modifier = next((each for each in ("=", "^~", "~*", "~") if path.startswith(each)), "")
    return ("@", path) if path.startswith("@") else (modifier, path[len(modifier) :])


def _proxies_if(block: Directive) -> bool:
    return block.name in {"if", "limit_except"} and any(block.find("proxy_pass"))


def _proxied(level: _Level, passes: Directive) -> Proxied:
    targets = level.values(passes.args[0])
    backends: list[Backend] = []
    many = len(targets) >= MAX_VALUES
    unresolved = f"{passes.args[0]} may come to {MAX_VALUES} targets or more" if many else ""
    pools: list[Directive] = []
    for target in targets:
        found = TARGET.match(PATH.sub("/", target))
        pool = _pool(level, found["host"]) if found else None
        if found is None or "$" in found["host"]:
            unresolved = unresolved or f"the configuration does not define what {passes.args[0]} resolves to"
        elif pool:
            pools.append(pool)
            backends += _members(pool)
        else:
            backends.append(_backend(found["host"], found["port"], SERVER_PORTS.get(found["scheme"], 0)))
    if not backends and not unresolved:
        unresolved = f"the upstream of {passes.args[0]} names no server"
    kept = [found for pool in pools for found in pool.find("keepalive") if found.args]
    # of several upstreams, the one that keeps its connections the longest decides
    idle = max((_idle(pool) for pool in pools if any(pool.find("keepalive"))), key=_value, default=_DEFAULT_IDLE)
    version = level.one("proxy_http_version")
    return Proxied(
        target=passes.args[0],
        at=passes.at,
        backends=() if unresolved else tuple(dict.fromkeys(backends)),
        unresolved=unresolved,
        connect_timeout=level.number("proxy_connect_timeout", PROXY_CONNECT_TIMEOUT, seconds),
        send_timeout=level.number("proxy_send_timeout", PROXY_SEND_TIMEOUT, seconds),
        read_timeout=level.number("proxy_read_timeout", PROXY_READ_TIMEOUT, seconds),
        http_version=version.args[0] if version else "",
        headers=_headers(level),
        keepalive=_number("keepalive", kept[0], "", size) if kept else None if pools else ProxyNumber(0),
        keepalive_timeout=idle,
        uri=_uri(targets),
    )


def _uri(targets: tuple[str, ...]) -> str | None:
    """Return what the one target has behind its host; None where it may be one of several."""
    authority = AUTHORITY.match(targets[0]) if len(targets) == 1 else None
    return targets[0][authority.end() :] if authority else None


def _pool(level: _Level, host: str) -> Directive | None:
    """Find the upstream block of that name."""
    blocks = (found for block in level.blocks for found in block.find("upstream"))
    return next((found for found in blocks if found.args and found.args[0].lower() == host.lower()), None)


def _members(pool: Directive) -> Iterator[Backend]:
    for server in pool.find("server"):
        if server.args and "down" not in server.args[1:]:
            found = MEMBER.fullmatch(server.args[0])
            # https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server: without a port, port 80
            yield _backend(found["host"], found["port"], SERVER_PORTS["http"]) if found else Backend(server.args[0], 0)


def _backend(host: str, port: str | None, default: int) -> Backend:
    return Backend(host, 0 if host.startswith("unix:") else int(port or default))


def _idle(pool: Directive) -> ProxyNumber:
    return _number("keepalive_timeout", next(pool.find("keepalive_timeout"), None), UPSTREAM_KEEPALIVE_TIMEOUT, seconds)


def _value(number: ProxyNumber) -> float:
    return number.value


_DEFAULT_IDLE = _number("keepalive_timeout", None, UPSTREAM_KEEPALIVE_TIMEOUT, seconds)


def _headers(level: _Level) -> tuple[tuple[str, tuple[str, ...]], ...]:
    fields: dict[str, tuple[str, ...]] = {}
    for header, value in _pairs(level.all("proxy_set_header")):
        if (name := header.lower()) in JUDGED_HEADERS:
            fields[name] = (*fields.get(name, ()), *level.values(value))
    return tuple(sorted(fields.items()))
