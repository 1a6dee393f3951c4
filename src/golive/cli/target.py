"""What a command looks at: a profile by name or path, the one that is in reach, or URLs that need none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive.cli.errors import CliError
from golive.cli.lab import builtin_profiles, standing
from golive.installed import named
from golive.wording import listed

if TYPE_CHECKING:
    from golive.profile import ProfileDocument
    from golive.session import Session

PUBLIC = "golive.public"
"""The entry point that makes a profile of URLs: (urls, resolvers, ca_file, addresses) -> its data, or ValueError."""


@dataclass(frozen=True)
class Outside:
    """How hosts that need no profile are reached: resolvers, roots to trust, addresses in place of the DNS's."""

    resolvers: tuple[str, ...] = ()
    ca_file: Path | None = None
    addresses: tuple[str, ...] = ()


def is_url(text: str) -> bool:
    """Tell a URL from a profile."""
    return text.startswith(("https://", "http://"))


def profile_in_reach() -> str:
    """Return the one profile that is here or in a folder above."""
    from golive.profile.find import names  # noqa: PLC0415 - not needed for help

    found = names(Path.cwd())
    if not found:
        raise CliError(
            "no profile was found here or in a folder above: golive init writes one, "
            "golive check https://shop.example.com needs none"
        )
    if len(found) > 1:
        raise CliError(f"which profile? There are {', '.join(found)}")
    return found[0]


def asked(targets: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the profile or the URLs that are asked for; neither named is the one profile in reach."""
    urls = tuple(target for target in targets if is_url(target))
    others = [target for target in targets if not is_url(target)]
    if urls and others:
        raise CliError(f"a profile or URLs, not both: {others[0]} is no URL (write https://{others[0]} for a host)")
    if len(others) > 1:
        raise CliError(f"one profile at a time: {', '.join(others)}")
    return ("", urls) if urls else (profile_of(others[0] if others else None), ())


def profile_of(name: str | None) -> str:
    """Return the profile that is named, or the one in reach; a URL is refused."""
    if name and is_url(name):
        raise CliError(f"{name} is a URL; this needs a profile: golive init --url {name} writes one")
    return profile_in_reach() if name is None else name


def about(urls: Sequence[str]) -> str:
    """Say what a decision on URLs is about."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - not needed for help

    hosts = list(dict.fromkeys(urlsplit(url).hostname or url for url in urls))
    return f"for the public surface of {listed(hosts, 2)}"  # as many as fit the headline


@contextmanager
def loaded(
    profile: str,
    urls: Sequence[str],
    outside: Outside,
    environ: Mapping[str, str],
    *,
    fault: str | None = None,
    fetch: bool = True,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
) -> Iterator[Session]:
    """Yield the session to look with; a reference stack that the profile names is up for as long as that takes."""
    from golive import session  # noqa: PLC0415 - not needed for help

    if urls:
        yield session.of(_public(urls, outside), only, skip)
        return
    if outside != Outside():
        raise CliError("--resolver, --ca-file and --address go with URLs; a profile has keys for them")
    with standing(profile, fault, environ) as there:
        yield session.load(
            profile,
            cwd=Path.cwd(),
            environ=there,
            builtin=builtin_profiles(),
            fetch=fetch,
            only=only,
            skip=skip,
        )


def _public(urls: Sequence[str], outside: Outside) -> ProfileDocument:
    from golive.profile import given  # noqa: PLC0415 - not needed for help

    entry = next(iter(named(PUBLIC).values()), None)
    if entry is None:
        raise CliError("no installed package looks at URLs without a profile")
    ca_file = str(outside.ca_file.absolute()) if outside.ca_file else ""
    try:
        data = entry.load()(urls, outside.resolvers, ca_file, outside.addresses)
    except ValueError as problem:
        raise CliError(str(problem)) from None
    return given(data, " ".join(urls), Path.cwd())


def as_profile(urls: Sequence[str]) -> str:
    """Return the lines that make a profile of URLs."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - not needed for help

    hosts = dict.fromkeys(urlsplit(url).hostname for url in urls)
    given = " ".join(f"--url https://{host}" for host in hosts)
    steps = [f"golive init {given}", "golive plan staging", "golive check staging"]
    return "\n  ".join(["To look behind what is public, in the folder of its repository:", *steps])
