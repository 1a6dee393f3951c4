"""The services of a Compose file, as far as Traefik is concerned.

Source: https://docs.docker.com/reference/compose-file/services/
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from golive import Location, Unavailable
from golive_checks.interpolation import InvalidError, replaced
from golive_checks.systems.machine.client import yamlnodes
from golive_checks.systems.nginx.client.parser import BrokenError
from golive_checks.systems.traefik.client.containers import IMAGE, Container

RESOLVED = "Name the file that `docker compose config` prints, or a command that prints /api/rawdata."


def containers(text: str, name: str, known: Mapping[str, str]) -> Iterator[Container]:
    """Yield the services of a Compose file, their labels with variables put in."""
    nodes = yamlnodes.documents(text, name)
    top = yamlnodes.pairs(nodes[0] if nodes else None)
    if "include" in top:
        raise Unavailable(f"{name} includes other files, which golive does not follow", fix=RESOLVED)
    lines = yamlnodes.lines(top.get("services"))

    def filled(what: str, value: str) -> str:
        return _filled(f"{what} in {name}", value, known, Location(name))

    for service, node in yamlnodes.pairs(top.get("services")).items():
        held = yamlnodes.pairs(node)
        if elsewhere := {"extends", "label_file"} & {*held}:
            raise Unavailable(f"{service} in {name} has {min(elsewhere)}, which golive does not follow", fix=RESOLVED)
        image = yamlnodes.scalar(held.get("image")) or ""
        image = filled("an image", image) if "traefik" in image.lower() else image
        texts = _texts(held.get("command")) if IMAGE.fullmatch(image) else []
        found = Container(
            service,
            image=image,
            labels=_lines(held.get("labels"), "traefik.", filled),
            deployed=_lines(yamlnodes.pairs(held.get("deploy")).get("labels"), "traefik.", filled),
            command=tuple(filled("a flag", each) for each in texts),
            environment=_lines(held.get("environment"), "TRAEFIK_", filled),
            ports=tuple(_texts(held.get("expose")) or _texts(held.get("ports"))),
            line=lines.get(service, 0),
        )
        if not found.matters or _runs(service, held, known):
            yield found


def _filled(what: str, value: str, known: Mapping[str, str], at: Location) -> str:
    """Put variables into a value, of which nothing is shown: it may be the hash of a password, full of dollars."""
    try:
        done = replaced(value, known)
    except InvalidError:
        raise BrokenError(f"Compose cannot read {what}", at) from None
    if done.missing:
        names = [each for each in done.missing if each.isupper() and ".users" not in what]
        raise Unavailable(
            f"{what} takes {', '.join(names) or 'a variable'} from the environment",
            fix="Give its value under `variables` of the entry, or write $$ where a dollar is meant.",
        )
    return done.value


def _runs(service: str, held: Mapping[str, Any], known: Mapping[str, str]) -> bool:
    """Return whether Compose starts a service: one with profiles only if one of them is chosen."""
    profiles = set(_texts(held.get("profiles")))
    if profiles and "COMPOSE_PROFILES" not in known:
        raise Unavailable(
            f"whether {service} runs depends on the profiles {', '.join(sorted(profiles))}",
            fix="Give COMPOSE_PROFILES under `variables` of the entry; leave it empty where none is chosen.",
        )
    chosen = {each.strip() for each in known.get("COMPOSE_PROFILES", "").split(",")}
    return not profiles or "*" in chosen or bool(profiles & chosen)


def _lines(node: Any, start: str, filled: Callable[[str, str], str]) -> tuple[tuple[str, str], ...]:
    """Return the entries of a mapping, or of a list of `name=value`, whose names begin so."""
    if found := yamlnodes.pairs(node):
        each = [(key, yamlnodes.scalar(value) or "") for key, value in found.items()]
    else:
        each = [(text.partition("=")[0], text.partition("=")[2]) for text in _texts(node)]
    return tuple((key, filled(key, value)) for key, value in each if key.lower().startswith(start.lower()))


def _texts(node: Any) -> list[str]:
    found = yamlnodes.scalar(node)
    if found is not None:
        try:
            return shlex.split(found)
        except ValueError:
            raise Unavailable("a command in the Compose file has a quote that nothing closes") from None
    return [yamlnodes.scalar(each) or "" for each in yamlnodes.items(node)]
