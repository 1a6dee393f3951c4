"""A reverse proxy in front of the application, and the profile keys that name it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from golive import Entry, Subject, subjects
from golive.profile.types import FilePath

EMPTY = "the profile declares no reverse proxy (nginx)"


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
class ReverseProxy(Subject):
    """A reverse proxy in front of the application, by the program that it is."""

    program: Literal["nginx"] = "nginx"
    main: str = ""
    command: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    version: str = ""


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
