"""A reverse proxy's configuration: the one that runs, or the files that are meant to run, as facts."""

import asyncio
from dataclasses import dataclass

from golive import Fact, Location, Unavailable, probe
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.caddy import routes
from golive_checks.systems.caddy.client.adapting import configuration
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.gixy import Gixy, Issue
from golive_checks.systems.nginx.client.parser import BrokenError, NginxParser
from golive_checks.systems.nginx.effective import servers
from golive_checks.systems.nginx.places import ServerBlock
from golive_checks.systems.nginx.reading import parsed
from golive_checks.systems.nginx.traps import PLUGINS
from golive_checks.systems.traefik import routes as traefik_routes
from golive_checks.systems.traefik.client import reading

MAX_NAMED = 5
HARMLESS = "/mime.types"
"""Comes with nginx, and only says which name means which media type."""


@dataclass(frozen=True)
class ProxyConfig(Fact):
    """The configuration's servers. `running` where the machine's own nginx printed it, else it was read from files."""

    running: bool
    version: str
    """Of nginx, as the profile says; empty where it does not."""
    fragment: bool
    """True where only a part was read, which another file includes into its http block."""
    missing: tuple[str, ...]
    """Included files that lie on the machine alone."""
    servers: tuple[ServerBlock, ...]
    program: str = "nginx"

    @property
    def seen(self) -> str:
        """Say what was looked at."""
        where = "running" if self.running else "repository, not running"
        unseen = ("its http level" if self.fragment else "", *self.missing[:MAX_NAMED])
        return "; without ".join(filter(None, (where, ", ".join(filter(None, unseen)))))

    @property
    def whole(self) -> bool:
        """True where nothing is missing, so that what it does not set is nginx's default."""
        return not self.fragment and not [name for name in self.missing if not name.endswith(HARMLESS)]


@dataclass(frozen=True)
class ProxyAudit(Fact):
    """What gixy-ng finds. `broken` says why nginx would refuse the configuration: then nothing else was seen."""

    running: bool
    issues: tuple[Issue, ...]
    broken: str = ""
    broken_at: Location | None = None


@probe("proxy.config")
async def proxy_config(proxy: ReverseProxy, parser: NginxParser, command: CommandRunner, files: Files) -> ProxyConfig:
    """Read the configuration and work out what counts in each place."""
    running = bool(proxy.command)
    try:
        if proxy.program == "Caddy":
            there = await _caddy(proxy, command, files)
            return ProxyConfig(running, proxy.version, fragment=False, missing=(), servers=there, program="Caddy")
        if proxy.program == "Traefik":
            return await _traefik(proxy, command, files)
        read = await parsed(proxy, parser, command)
        return ProxyConfig(bool(proxy.command), proxy.version, read.fragment, read.missing, servers(read.main))
    except BrokenError as error:
        raise Unavailable(
            f"{proxy.program} would refuse this configuration: {error}",
            fix="Fix the line, and run `nginx -t` or `caddy validate` before each reload, or look at Traefik's log.",
        ) from None


async def _caddy(proxy: ReverseProxy, command: CommandRunner, files: Files) -> tuple[ServerBlock, ...]:
    found = await configuration(proxy, files, command)
    return await asyncio.to_thread(routes.servers, found, proxy.main or proxy.command[0], proxy.version)


async def _traefik(proxy: ReverseProxy, command: CommandRunner, files: Files) -> ProxyConfig:
    setup = await reading.setup(proxy, files, command)
    there = await asyncio.to_thread(traefik_routes.servers, setup)
    missing = () if setup.static else ("its static configuration",)
    return ProxyConfig(
        bool(proxy.command), proxy.version, fragment=False, missing=missing, servers=there, program="Traefik"
    )


@probe("proxy.audit")
async def proxy_audit(
    proxy: ReverseProxy, parser: NginxParser, command: CommandRunner, gixy: Gixy, files: Files
) -> ProxyAudit:
    """Analyse nginx's configuration with gixy-ng; of another program's, see whether it would start with it."""
    try:
        if proxy.program == "Caddy":
            await _caddy(proxy, command, files)
            return ProxyAudit(bool(proxy.command), ())
        if proxy.program == "Traefik":
            await _traefik(proxy, command, files)
            return ProxyAudit(bool(proxy.command), ())
        read = await parsed(proxy, parser, command)
        servers(read.main)
    except BrokenError as error:
        return ProxyAudit(bool(proxy.command), (), error.why, error.at)
    return ProxyAudit(bool(proxy.command), await gixy.audit(read, PLUGINS))
