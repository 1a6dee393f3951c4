"""Which requests reach a handler of nginx past the rule that was written for it: each with a path that does. Pure.

A path is reported where nginx's own rules for choosing a location lead past the rule; nothing is guessed.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from golive import Location
from golive_checks.domains.nginx_locations import every
from golive_checks.systems.nginx.arriving import entrance
from golive_checks.systems.nginx.places import ProxyPlace, ServerBlock
from golive_checks.systems.nginx.routing import locate

Way = tuple[str, Location]
"""What gets past, and where the location stands that it gets past."""
PROBE = "golive"
PREFIXES = frozenset({"", "^~", "="})
SIMPLE = (
    (re.compile(r"\(\?(?:i|:|<\w+>|P<\w+>)"), "("),
    (re.compile(r"\[\^[^\]]*\][*+?]?|\\w[*+?]?|(?<!\\)\.[*+]\??"), "x"),
    (re.compile(r"\[([^\]\\])[^\]]*\][*+?]?"), r"\1"),
    (re.compile(r"\\d[*+?]?"), "1"),
    (re.compile(r"[\^$]"), ""),
    (re.compile(r"\\(.)"), r"\1"),
)
"""How a pattern becomes a text that it may match. Whether it does is seen by asking which location is chosen."""
MAX_PATTERN = 500
FOLDER = re.compile(r"\^|\(?/\w")
"""What a pattern begins with that is for a folder, and not for names such as `.git`."""


def ways_past(server: ServerBlock) -> Iterator[Way]:
    """Yield the ways past the rules of a server."""
    if server.answers_itself:
        return
    places = list(every(server))
    for place in places:
        if way := _out_of_folder(server, place):
            yield way, place.at
    # A pattern that starts with a caret was written for those paths; another one takes what it finds.
    patterns = [each for each in places if each.modifier in {"~", "~*"} and not each.path.startswith("^")]
    for place in places:
        if place.path == "/" or place.closed_by in {"", "internal", server.place.rule}:
            continue
        for path in _tries(server, place, patterns):
            entry = entrance(server, path)
            there = entry[1].place if entry else place
            # By a second slash files may not be found at all: what counts is what an application answers.
            same = there.handler == "passed" or (there.handler == place.handler and not path.startswith("//"))
            if entry and there is not place and there.is_open_beside(place) and same:
                yield f"{entry[0]} is answered by {there}, past `{place.closed_by}` of {place}", place.at
                break


def _out_of_folder(server: ServerBlock, place: ProxyPlace) -> str:
    """Tell that `/api../secret` leaves the folder that proxy_pass names: its path takes the place of the location's."""
    target = place.proxied.target if place.proxied else ""
    folder = urlsplit(target).path
    if place.modifier not in {"", "^~"} or place.path.endswith("/") or not place.path or "$" in target:
        return ""
    if folder in {"", "/"} or not folder.endswith("/") or locate(server, f"{place.path}../{PROBE}") != place:
        return ""
    return f"{place.path}../{PROBE} leaves {folder}, which proxy_pass names: {place} has no closing slash"


def _tries(server: ServerBlock, place: ProxyPlace, patterns: list[ProxyPlace]) -> Iterator[str]:
    """Yield paths that may get past a location: with a second slash, or to a pattern that wins over it."""
    if place.modifier in PREFIXES:
        starts = [place.path]
    elif place.modifier in {"~", "~*"} and FOLDER.match(place.path):
        starts = [sample for sample in samples(place.path) if locate(server, sample) == place][:1]
    else:
        return
    if not server.merges_slashes:
        yield from (f"/{start}" for start in starts)
    if place.modifier in {"", "~", "~*"}:
        for start in starts:
            folder = start if start.endswith("/") else f"{start}/"
            for pattern in patterns:
                yield from (f"{folder}{sample.lstrip('/')}" for sample in samples(pattern.path))


def samples(pattern: str) -> Iterator[str]:
    """Yield texts that a pattern may match; of alternatives the first of each group, and the last."""
    if len(pattern) > MAX_PATTERN:
        return
    for change, to in SIMPLE:
        pattern = change.sub(to, pattern)
    for chosen in (0, -1):  # of the alternatives in brackets
        text = pattern
        while (group := re.search(r"\(([^()]*+)\)[?*+]?", text)) is not None:
            text = text[: group.start()] + group[1].split("|")[chosen] + text[group.end() :]
        yield text.partition("|")[0]
        yield f"x{text.partition('|')[0]}"
