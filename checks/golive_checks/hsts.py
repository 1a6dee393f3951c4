"""Strict-Transport-Security as browsers read it. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from golive import Settings, shortened

PRELOAD_S = 31_536_000
"""The max-age without which no site is put on the preload list (https://hstspreload.org)."""
DIRECTIVE = re.compile(
    r"""\s*+([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*+(?:=\s*+(?:"([^"]*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+)))?\s*+"""
)
"""RFC 6797, section 6.1: a token, with a token or a quoted text as its value."""


class HstsPolicy(Settings):
    """For how long a browser must remember to come by https alone."""

    home: ClassVar[str] = "security.hsts"

    min_age_s: int = Field(default=15_552_000, ge=0)
    """A shorter max-age fails: 180 days, the least that MDN's Observatory takes."""
    wanted_age_s: int = Field(default=31_536_000, ge=0)
    """A shorter max-age warns: a year."""
    subdomains: bool = True
    """Without includeSubDomains it warns: cookies of the whole domain can be set and read over clear http."""


def directives(value: str) -> dict[str, str] | None:
    """Read a header's directives; None where it is not as the RFC has it, and a browser ignores all of it."""
    found = dict[str, str]()
    for part in value.split(";"):
        if not part.strip():
            continue
        match = DIRECTIVE.fullmatch(part)
        if match is None or match[1].lower() in found:
            return None
        found[match[1].lower()] = match[2] if match[2] is not None else match[3] or ""
    return found if found.get("max-age", "").isdecimal() else None


def hsts_defects(values: Sequence[str], ask: HstsPolicy) -> Iterator[tuple[bool, str]]:
    """Judge the first header alone: a browser honours no other (RFC 6797, section 8.1)."""
    if not values:
        yield True, "no Strict-Transport-Security"
        return
    says = directives(values[0])
    if says is None:
        yield True, f"Strict-Transport-Security is malformed, and ignored ({shortened(values[0], 80)}),"
        return
    age = int(f"{says['max-age'].lstrip('0') or '0':.12}")  # Python refuses to read numbers of thousands of digits
    if age == 0:
        yield True, "Strict-Transport-Security with max-age=0, which switches it off,"
    elif age < ask.min_age_s:
        yield True, f"Strict-Transport-Security with max-age={age}, less than {ask.min_age_s},"
    elif age < ask.wanted_age_s:
        yield False, f"Strict-Transport-Security with max-age={age}; at least {ask.wanted_age_s} is required"
    if age and ask.subdomains and "includesubdomains" not in says:
        yield False, "Strict-Transport-Security without includeSubDomains"
    # hstspreload.org refuses a site that lacks either.
    if "preload" in says and (age < PRELOAD_S or "includesubdomains" not in says):
        yield False, "Strict-Transport-Security asks for preload, which needs max-age=31536000 and includeSubDomains,"
    if len(values) > 1 and values[1].strip() != values[0].strip():
        yield False, f"a second Strict-Transport-Security that browsers ignore ({shortened(values[1], 60)})"
