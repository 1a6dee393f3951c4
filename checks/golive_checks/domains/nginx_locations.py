"""Which locations proxy the profile's hosts: what every check of nginx's configuration starts from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from golive import Verdict, not_applicable, unknown
from golive_checks.subjects import Host
from golive_checks.systems.nginx.places import Proxied, ProxyPlace, ServerBlock
from golive_checks.systems.nginx.routing import locate, proxying, serving
from golive_checks.systems.nginx.values import REUSES_BY_DEFAULT
from golive_checks.systems.proxy.config import ProxyConfig
from golive_checks.systems.proxy.policy import ProxyNeeds

Needs = Mapping[Host, ProxyNeeds]


@dataclass(frozen=True)
class Proxying:
    """A location that proxies a host's requests."""

    host: Host
    server: ServerBlock
    place: ProxyPlace
    proxied: Proxied

    def __str__(self) -> str:
        """Render as `location / of api.example.com`."""
        return f"{self.place} of {self.host.name}"


def proxied_locations(config: ProxyConfig, needs: Needs) -> Iterator[Proxying]:
    """Walk the locations that proxy the profile's hosts; one that several servers include comes once for each host."""
    for host in needs:
        seen = set()
        for server in serving(config.servers, host.name):
            for place in proxying(server.place):
                if place.proxied and place not in seen:
                    seen.add(place)
                    yield Proxying(host, server, place, place.proxied)


def is_somebody_elses(each: Proxying) -> bool:
    """Return whether a location passes to another company's service, such as a bucket or avatars, and not to the app.

    By its name, which is another site's, by https, under that name: what answers for the host itself is the app.
    """
    url = urlsplit(each.proxied.target)
    name = url.hostname or ""
    own = each.place in {locate(each.server, path) for path in ("/", each.host.api_path) if path}
    as_itself = not any("$h" in value for value in each.proxied.header("host"))
    foreign = "." in name and not name.replace(".", "").isdecimal() and _site(name) != _site(each.host.name)
    return url.scheme == "https" and foreign and as_itself and not own


def _site(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def nothing_proxied(config: ProxyConfig, needs: Needs) -> Verdict:
    """Say that there was nothing to look at: no verdict rests on nothing."""
    passed = [
        place.passes for host in needs for server in serving(config.servers, host.name) for place in every(server)
    ]
    if others := dict.fromkeys(filter(None, passed)):
        return not_applicable(f"requests are handed on by {', '.join(others)}, which has settings of its own")
    names = ", ".join(host.name for host in needs)
    return unknown(
        f"no location proxies for {names}",
        config.seen,
        fix="Point the profile's `nginx` at the configuration in front of the API, and `hosts` at its server_name.",
    )


def every(server: ServerBlock) -> Iterator[ProxyPlace]:
    """Walk all places of a server, its own level first."""
    left = [server.place]
    while left:
        place = left.pop(0)
        yield place
        left = [*place.inner, *left]


def is_newer(version: str) -> bool:
    """Return whether nginx is of a version that reuses connections by default; False where it is not known."""
    return bool(version) and tuple(map(int, version.split("."))) >= REUSES_BY_DEFAULT
