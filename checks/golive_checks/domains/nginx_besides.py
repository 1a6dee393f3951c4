"""Doors that stand open beside a rule: by what a framework takes for the same path, or by another port. Pure."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from golive_checks.domains.nginx_doors import PROTECTING, ClosedPath, doors
from golive_checks.domains.nginx_ways import Way
from golive_checks.systems.nginx.arriving import arrival, entrance
from golive_checks.systems.nginx.places import Listen, ServerBlock

LETTER = re.compile(r"(?<=/)[a-z]")
EVERYWHERE = frozenset({"*", "[::]"})


def doors_beside(server: ServerBlock, ignoring_case: str = "") -> Iterator[Way]:
    """Yield the paths that only frameworks take for one that a rule closes: with a slash at the end, or without.

    `ignoring_case` names the framework that answers, where it takes /Admin for /admin.
    """
    reported = set[object]()
    for door in (each for each in doors(server) if each.rule.startswith(PROTECTING)):
        for beside, who in (
            (_slashed(door), "frameworks take"),
            (_cased(door, ignoring_case), f"{ignoring_case} takes"),
        ):
            found = arrival(server, beside) if beside else None
            if door.leads(found) and found and found.upstream == beside and (door.past(), who) not in reported:
                reported.add((door.past(), who))
                yield f"{beside} is answered by {found.place}, {door.past()}: {who} it for {door.path}", door.at


def _slashed(door: ClosedPath) -> str:
    """Return the path with a slash at its end, or without."""
    return door.path[:-1] if door.path.endswith("/") else f"{door.path}/"


def _cased(door: ClosedPath, ignoring_case: str) -> str:
    changed = LETTER.sub(lambda letter: letter[0].upper(), door.path, count=1)
    return changed if ignoring_case and changed != door.path else ""


def doors_of_others(servers: Sequence[ServerBlock]) -> Iterator[Way]:
    """Yield the ways to what a rule closes through another server of the same name, such as the one on port 80."""
    for server in servers:
        others = [each for each in servers if _is_of_the_same_name(server, each) and _is_public(each)]
        reported = set[object]()
        for door in doors(server) if others else ():
            for other in others:
                entry = entrance(other, door.path)
                if entry and door.leads_to_it(entry[1]) and (door.past(), other.at) not in reported:
                    reported.add((door.past(), other.at))
                    ports = "/".join(dict.fromkeys(str(listen.port) for listen in other.listens))
                    where = f"{entry[1].place} of the server on port {ports} ({other.at})"
                    yield f"{entry[0]} is answered by {where}, {door.past()}", door.at


def _is_of_the_same_name(one: ServerBlock, other: ServerBlock) -> bool:
    """Return whether two servers answer for one name, each at a socket of its own."""
    names, others = set(one.names) - {"_", ""}, set(other.names) - {"_", ""}
    shared = bool(names & others) or not (names or others)
    return one is not other and shared and _sockets(one).isdisjoint(_sockets(other))


def _sockets(server: ServerBlock) -> set[tuple[str, int]]:
    return {(listen.address, listen.port) for listen in server.listens}


def _is_public(server: ServerBlock) -> bool:
    return any(listen.address in EVERYWHERE or _is_global(listen) for listen in server.listens)


def _is_global(listen: Listen) -> bool:
    try:
        return ip_address(listen.address.strip("[]")).is_global
    except ValueError:
        return False
