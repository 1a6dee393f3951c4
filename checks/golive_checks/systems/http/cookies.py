"""What Set-Cookie headers say, by the algorithm that browsers follow; a cookie's value is let go at once. Pure.

Not by http.cookies, which knows no prefix, drops what it cannot parse, and merges what was sent twice.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from golive_checks.systems.http.client.suffixes import is_public_suffix
from golive_checks.systems.http.cookie_dates import ends_at

NAME_LIMIT = 100
"""Characters of a name, a path or a domain that are kept."""
IGNORED_BYTES = 4096
"""Browsers ignore a cookie whose name and value are longer (RFC 6265bis, section 5.6)."""
PREFIXES = ("__host-", "__secure-")
"""A value without a name that begins so is ignored: servers would take it for a name (RFC 6265bis, section 5.7)."""
CONTROLS = frozenset(map(chr, [*range(9), *range(10, 32), 127]))
"""Characters for which the whole header is ignored (RFC 6265bis, section 5.6, step 1); a tab is none of them."""


@dataclass(frozen=True)
class Cookie:
    """A cookie as it was set, without its value."""

    name: str
    secure: bool = False
    http_only: bool = False
    same_site: str = ""
    """In lower case as it was sent, `nothing` where it was sent without a value; empty where it was not."""
    path: str = ""
    domain: str = ""
    domain_is_everybodys: bool = False
    """Anybody may have a name below its domain, such as `vercel.app` or `co.uk`."""
    partitioned: bool = False
    empty: bool = False
    """It has no value, or is over at once: the app takes it back."""


def _is_over(said: Mapping[str, str], at: dt.datetime) -> bool:
    """Return whether a cookie ends at once: by Max-Age, or else by Expires (RFC 6265bis, section 5.7)."""
    age = said.get("max-age", "")
    digits = age.removeprefix("-")
    if digits.isascii() and digits.isdecimal():
        return age.startswith("-") or not digits.strip("0")
    end = ends_at(said.get("expires", ""))
    return end is not None and end <= at


def cookies(headers: Iterable[str], at: dt.datetime) -> Iterator[Cookie]:
    """Parse the values of Set-Cookie headers (RFC 6265bis, section 5.6), those a browser would ignore left out.

    `at` is the time of the answer.
    """
    for header in headers:  # the client bounds how many an answer has
        if CONTROLS & set(header):
            continue
        pair, *attributes = header.split(";")
        name, equals, value = pair.partition("=")
        if not equals:
            name, value = "", pair
        name, value = name.strip(" \t"), value.strip(" \t")
        if (not name and not value) or len(name) + len(value) > IGNORED_BYTES or "\t" in name + value:
            continue  # a tab within is RFC 6265bis's to keep and Chromium's to drop
        if not name and value.lower().startswith(PREFIXES):
            continue
        fields: dict[str, str] = {}
        for attribute in attributes:
            key, _, content = attribute.partition("=")
            fields[key.strip(" \t").lower()] = content.strip(" \t")  # of an attribute sent twice the last one counts
        domain = fields.get("domain", "").lower()
        domain = domain.removeprefix(".") or domain  # a lone dot is no domain, and no host's
        yield Cookie(
            name=name[:NAME_LIMIT],
            secure="secure" in fields,
            http_only="httponly" in fields,
            same_site=(fields.get("samesite", "").lower() or ("nothing" if "samesite" in fields else ""))[:NAME_LIMIT],
            path=fields.get("path", "")[:NAME_LIMIT],
            domain=domain[:NAME_LIMIT],
            domain_is_everybodys=bool(domain) and ("." not in domain or is_public_suffix(domain)),
            partitioned="partitioned" in fields,
            empty=not value or _is_over(fields, at),
        )
