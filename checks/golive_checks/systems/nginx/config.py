"""nginx: the configuration that runs, or the files that are meant to run, as facts."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, model_validator

from golive import Entry, Fact, Location, Settings, Subject, Unavailable, probe, subjects
from golive.profile.types import FilePath
from golive_checks.subjects import Host
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.nginx.client.gixy import Gixy, Issue
from golive_checks.systems.nginx.client.parser import BrokenError, NginxParser, Parsed
from golive_checks.systems.nginx.effective import servers
from golive_checks.systems.nginx.places import ServerBlock
from golive_checks.systems.nginx.traps import PLUGINS

MAX_BYTES = 5_000_000
"""A configuration is some 100 kB; tables of addresses may make it larger."""

MAX_NAMED = 5
HARMLESS = "/mime.types"
"""Comes with nginx, and only says which name means which media type."""

NODE_KEEPALIVE_S = 5.0
"""Node's server.keepAliveTimeout (https://nodejs.org/api/http.html#serverkeepalivetimeout)."""


class NginxEntry(Entry):
    """An nginx: a command that prints its configuration, or the main file in the repository."""

    main: FilePath = ""
    """The main file, such as deploy/nginx/nginx.conf."""
    command: tuple[str, ...] = ()
    """A command that prints what `nginx -T` prints, such as [ssh, web1, sudo, nginx, -T]. It wins over `main`."""
    elsewhere: tuple[str, ...] = ()
    """Patterns of included files that lie on the machine alone, such as /etc/nginx/mime.types."""
    version: str = Field(default="", pattern=r"^(\d+\.\d+\.\d+)?$")
    """nginx's version, where its defaults matter: connections to an upstream are reused by default since 1.29.7."""

    @model_validator(mode="after")
    def _has_a_source(self) -> "NginxEntry":
        if not self.main and not self.command:
            raise ValueError("name the main file as `main`, or a `command` that prints the configuration")
        return self


@dataclass(frozen=True)
class Nginx(Subject):
    """An nginx in front of the application."""

    main: str = ""
    command: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    version: str = ""


@subjects("nginx", empty="the profile declares no nginx")
def nginxes(key: str, entry: NginxEntry) -> tuple[Nginx, ...]:
    """Name the nginxes of the profile."""
    return (
        Nginx(
            key,
            main=entry.main,
            command=entry.command,
            elsewhere=entry.elsewhere,
            version=entry.version,
            own=entry.own(),
        ),
    )


@dataclass(frozen=True)
class NginxConfig(Fact):
    """The configuration's servers. `running` where the machine's own nginx printed it, else it was read from files."""

    running: bool
    version: str
    """Of nginx, as the profile says; empty where it does not."""
    fragment: bool
    """True where only a part was read, which another file includes into its http block."""
    missing: tuple[str, ...]
    """Included files that lie on the machine alone."""
    servers: tuple[ServerBlock, ...]

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
class NginxAudit(Fact):
    """What gixy-ng finds. `broken` says why nginx would refuse the configuration: then nothing else was seen."""

    running: bool
    issues: tuple[Issue, ...]
    broken: str = ""
    broken_at: Location | None = None


class ProxyPolicy(Settings):
    """What the reverse proxy in front of the API should be like. A host may override it."""

    home: ClassVar[str] = "domains.proxy"

    max_connect_timeout_s: float = 60
    """A connection within one site is made in milliseconds; nginx's own default is the limit."""
    max_send_timeout_s: float = 120
    """How long the API may take between two reads of a request's body."""
    max_read_timeout_s: float = 120
    """How long a client may wait between two reads from the API before it gets 504."""
    min_read_timeout_s: float = 10
    """Payment providers answer slowly: a proxy that gives up first turns a payment made into an error shown."""
    max_websocket_timeout_s: float = 86_400
    """A WebSocket may be silent for long: its location has a limit of its own."""
    upload_path: str = "/"
    """Where the largest upload goes, as the client asks for it."""
    largest_upload_bytes: int = 1_048_576
    """The largest body that the application accepts there."""
    max_body_bytes: int = 104_857_600
    """A larger limit, or none, lets a client fill the disk; it warns."""
    websocket_path: str = ""
    """The WebSocket's path, such as /socket.io/; empty: there is none."""
    app_keepalive_s: float = NODE_KEEPALIVE_S
    """How long the application keeps an idle connection (Node: server.keepAliveTimeout)."""
    keepalive_margin_s: float = 1
    """By how much the application must keep it longer than the proxy reuses it."""
    other_ports: tuple[int, ...] = ()
    """Ports of other services that the API's host also proxies to."""


@dataclass(frozen=True)
class ProxyNeeds(Fact):
    """What a host needs of the proxy: the policy of the profile with what its entry overrides."""

    policy: ProxyPolicy


def websocket_path(host: Host, ask: ProxyPolicy) -> str:
    """Return the path of a host's WebSocket. One for all hosts means those that programs talk to, not every page's."""
    named = "websocket_path" in host.own.get("proxy", {})
    return ask.websocket_path if named or host.serves_api or host.api_path else ""


@probe("nginx.config")
async def nginx_config(nginx: Nginx, parser: NginxParser, command: CommandRunner) -> NginxConfig:
    """Read nginx's configuration and work out what counts in each location."""
    try:
        parsed = await _parsed(nginx, parser, command)
        return NginxConfig(bool(nginx.command), nginx.version, parsed.fragment, parsed.missing, servers(parsed.main))
    except BrokenError as error:
        raise Unavailable(
            f"nginx would refuse this configuration: {error}",
            fix="Fix the line, and run `nginx -t` before each reload.",
        ) from None


@probe("nginx.audit")
async def nginx_audit(nginx: Nginx, parser: NginxParser, command: CommandRunner, gixy: Gixy) -> NginxAudit:
    """Analyse nginx's configuration with gixy-ng."""
    try:
        parsed = await _parsed(nginx, parser, command)
        servers(parsed.main)
    except BrokenError as error:
        return NginxAudit(bool(nginx.command), (), error.why, error.at)
    return NginxAudit(bool(nginx.command), await gixy.audit(parsed, PLUGINS))


@probe("nginx.proxy-needs")
async def proxy_needs(host: Host, ask: ProxyPolicy) -> ProxyNeeds:
    """Tell from the profile what the host needs of the proxy."""
    return ProxyNeeds(ask)


async def _parsed(nginx: Nginx, parser: NginxParser, command: CommandRunner) -> Parsed:
    if not nginx.command:
        return await parser.files(nginx.main, elsewhere=nginx.elsewhere, max_bytes=MAX_BYTES)
    ran = await command.run(nginx.command)
    if ran.code:
        raise Unavailable(
            f"`{nginx.command[0]}` ended with {ran.code}: {ran.last_words() or 'it printed nothing'}",
            fix="Run the profile's command by hand: `nginx -T` must be allowed to read the certificates' keys.",
        )
    return await parser.dump(ran.stdout.decode("utf-8", "replace"))
