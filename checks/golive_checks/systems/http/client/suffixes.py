"""Names below which anybody may have a site: Mozilla's Public Suffix List, kept by the library publicsuffixlist."""

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


@functools.cache
def _listed(*, providers: bool) -> "PublicSuffixList":
    """Read the list, which ships with the library; its second part holds what hosting providers asked for."""
    from publicsuffixlist import PublicSuffixList

    # What is not listed is no public suffix: a company's own network has top-level domains of its own.
    return PublicSuffixList(accept_unknown=False, only_icann=not providers)


def is_public_suffix(name: str) -> bool:
    """Return whether anybody may have a name below it: a registry's (`com`) or a hosting provider's (`vercel.app`)."""
    return bool(name) and _listed(providers=True).is_public(name)


def provider_of(name: str) -> str:
    """Return the hosting provider's suffix that a name stands below (`vercel.app`), or nothing."""
    suffix: str = _listed(providers=True).publicsuffix(name) or ""
    return suffix if suffix not in {name, _listed(providers=False).publicsuffix(name)} else ""


def site_of(name: str) -> str:
    """Return the part of a name that is one owner's: `example.co.uk`, and `shop.vercel.app`; else all of it."""
    return _listed(providers=True).privatesuffix(name) or name


def registrable(name: str) -> str:
    """Return the registered domain of a name (`a.example.co.uk`: `example.co.uk`); else its last two labels."""
    return _listed(providers=False).privatesuffix(name) or ".".join(name.split(".")[-2:])
