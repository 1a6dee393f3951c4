"""Which headers nginx adds to answers at a place, and which of the levels around it get lost there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive import Location
from golive_checks.systems.nginx.client.parser import Directive


@dataclass(frozen=True)
class AddedHeader:
    """An `add_header`, by its name as it is written. `always`: error answers have it, too."""

    name: str
    at: Location
    always: bool


def added(blocks: Sequence[Directive]) -> tuple[AddedHeader, ...]:
    """Return what is added in the innermost of these blocks, which stand from the innermost outwards.

    A level that adds any inherits none, unless `add_header_inherit merge` says otherwise
    (https://nginx.org/en/docs/http/ngx_http_headers_module.html).
    """
    sent = (found for found in _counting(blocks) if found.args[1])
    return tuple(AddedHeader(found.args[0], found.at, "always" in found.args[2:]) for found in sent)


def dropped(blocks: Sequence[Directive]) -> tuple[AddedHeader, ...]:
    """Return what the levels around the innermost block add and it does not."""
    there = {each.name.lower() for each in added(blocks)} | set(_set_by_headers_more(blocks))
    return tuple(each for each in added(blocks[1:]) if each.name.lower() not in there)


def _counting(blocks: Sequence[Directive]) -> list[Directive]:
    """Return the directives that count. One with an empty value sends nothing, and is one nevertheless."""
    if not blocks:
        return []
    own = [found for found in blocks[0].find("add_header") if len(found.args) > 1]
    how = _inherits(blocks)
    if (own and how == "on") or how == "off":
        return own
    return [*own, *_counting(blocks[1:])]


def _inherits(blocks: Sequence[Directive]) -> str:
    found = (each for block in blocks for each in block.find("add_header_inherit") if each.args)
    directive = next(found, None)
    return directive.args[0] if directive else "on"


def _set_by_headers_more(blocks: Sequence[Directive]) -> Iterator[str]:
    """Yield what another module sets (https://github.com/openresty/headers-more-nginx-module): all levels count."""
    for block in blocks:
        for found in block.find("more_set_headers"):
            yield from (each.partition(":")[0].strip().lower() for each in found.args if ":" in each)
