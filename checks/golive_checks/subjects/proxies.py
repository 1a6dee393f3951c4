"""A reverse proxy in front of the application, and the profile keys that name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from golive import Entry, Subject, subjects
from golive.profile.types import FilePath

EMPTY = "the profile declares no reverse proxy (nginx, caddy, traefik)"


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


class CaddyEntry(Entry):
    """A Caddy: its Caddyfile or JSON in the repository, or a command that prints the JSON that runs."""

    file: FilePath = ""
    """The Caddyfile, read by `caddy adapt`; or a file of Caddy's JSON, by its name that ends in .json."""
    command: tuple[str, ...] = ()
    """A command that prints the JSON, such as [ssh, web1, curl, -s, localhost:2019/config/]. It wins over `file`."""
    program: FilePath = ""
    """The Caddy that adapts the Caddyfile, built with the modules that it needs; without it the one on the PATH."""
    variables: Mapping[str, str] = Field(default_factory=dict)
    """What `{$NAME}` in the Caddyfile is on the machine: this machine's environment is not looked at."""
    version: str = Field(default="", pattern=r"^(\d+\.\d+\.\d+)?$")
    """Caddy's version: since 2.11 an upstream by https is asked under its own name."""

    @model_validator(mode="after")
    def _has_a_source(self) -> "CaddyEntry":
        if not self.file and not self.command:
            raise ValueError("name the Caddyfile as `file`, or a `command` that prints the configuration")
        return self


class TraefikEntry(Entry):
    """A Traefik: its files and the Compose files whose labels it reads, or a command that prints what its API knows."""

    static: FilePath = ""
    """Its own (static) configuration: traefik.yml or traefik.toml. Flags in a Compose file are read from there."""
    dynamic: tuple[FilePath, ...] = ()
    """Files of YAML or TOML with routers, services and middlewares, as its file provider reads them."""
    compose: tuple[FilePath, ...] = ()
    """Compose or stack files whose containers declare routers by labels."""
    command: tuple[str, ...] = ()
    """A command that prints /api/rawdata, such as [ssh, web1, curl, -s, localhost:8080/api/rawdata]; it wins."""
    variables: Mapping[str, str] = Field(default_factory=dict)
    """What `${NAME}` in the labels and `{{ env "NAME" }}` in the files is on the machine."""
    version: str = Field(default="", pattern=r"^(\d+\.\d+\.\d+)?$")
    """Traefik's version, where the image's tag does not say it: Traefik 2 writes its rules otherwise."""

    @model_validator(mode="after")
    def _has_a_source(self) -> "TraefikEntry":
        if not (self.dynamic or self.compose or self.command):
            raise ValueError("name files as `dynamic` or `compose`, or a `command` that prints /api/rawdata")
        return self


@dataclass(frozen=True)
class ReverseProxy(Subject):
    """A reverse proxy in front of the application, by the program that it is."""

    program: Literal["nginx", "Caddy", "Traefik"] = "nginx"
    main: str = ""
    command: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    version: str = ""
    run_as: str = ""
    """The program that reads the configuration, where golive does not."""
    variables: tuple[tuple[str, str], ...] = ()
    dynamic: tuple[str, ...] = ()
    compose: tuple[str, ...] = ()


@subjects("nginx", empty=EMPTY)
def nginxes(key: str, entry: NginxEntry) -> tuple[ReverseProxy, ...]:
    """Name the nginxes of the profile."""
    return (
        ReverseProxy(
            key,
            main=entry.main,
            command=entry.command,
            elsewhere=entry.elsewhere,
            version=entry.version,
            own=entry.own(),
        ),
    )


@subjects("caddy", empty=EMPTY)
def caddies(key: str, entry: CaddyEntry) -> tuple[ReverseProxy, ...]:
    """Name the Caddys of the profile."""
    return (
        ReverseProxy(
            key,
            program="Caddy",
            main=entry.file,
            command=entry.command,
            version=entry.version,
            run_as=entry.program or "caddy",
            variables=tuple(sorted(entry.variables.items())),
            own=entry.own(),
        ),
    )


@subjects("traefik", empty=EMPTY)
def traefiks(key: str, entry: TraefikEntry) -> tuple[ReverseProxy, ...]:
    """Name the Traefiks of the profile."""
    return (
        ReverseProxy(
            key,
            program="Traefik",
            main=entry.static,
            command=entry.command,
            version=entry.version,
            variables=tuple(sorted(entry.variables.items())),
            dynamic=entry.dynamic,
            compose=entry.compose,
            own=entry.own(),
        ),
    )
