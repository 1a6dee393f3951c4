"""Are files kept where they may be, in browsers and at the CDN's edge, and revalidated where they must be?"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from golive import (
    Settings,
    Severity,
    Verdict,
    check,
    failed,
    not_applicable,
    not_configured,
    passed,
    shortened,
    unknown,
    verdict,
)
from golive.wording import duration
from golive_checks.subjects import Host
from golive_checks.systems.http.caching import Caching, EdgeCaching
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.page import Page

CACHE_HEADERS = (
    "cf-cache-status",
    "x-vercel-cache",
    "x-cache",
    "x-cache-status",
    "x-proxy-cache",
    "cdn-cache",
    "cache-status",
)
"""Where Cloudflare, Vercel, CloudFront and Fastly, nginx's users, Bunny, and RFC 9211 say whether a cache had it."""
HITS = ("hit", "stale", "updating", "revalidated", "prerender")
"""Words for "from the cache" (developers.cloudflare.com/cache/concepts/cache-responses, vercel.com/docs/headers)."""


class CachePolicy(Settings):
    """How long files may be kept."""

    home: ClassVar[str] = "domains.cache"

    asset_age_s: int = Field(default=31_536_000, ge=0)
    """The least max-age of a file whose name holds its hash, in seconds: a year."""
    page_age_s: int = Field(default=0, ge=0)
    """The most that a page or a service worker may be used without asking again, in seconds."""


@check("cdn.assets-immutable", severity=Severity.MEDIUM)
def assets_immutable(host: Host, page: Page, seen: Caching, ask: CachePolicy) -> Verdict:
    """Hashed assets are cached for a year without revalidation; the page and the service worker are always revalidated.

    Why: A file with its hash in the name never changes, and revalidating costs a round trip for each file. A cached
    page names files that the next release removes: people see a blank page until it expires.

    Fix: `Cache-Control: public, max-age=31536000, immutable` for /assets/, `Cache-Control: no-cache` for index.html
    and sw.js.

    Source: RFC 9111, section 5.2; RFC 8246 for immutable
    """
    if not host.has_page and not host.asset_paths:
        return not_applicable("it shows no page: its role is neither app nor shop")
    if not seen.kept:
        nothing = f"no page and no hashed asset to look at: {page.reply.path} answers {page.reply.status}"
        return unknown(nothing, fix="let the host show its page at /, or correct its role in the profile")
    assets = [kept.reply for kept in seen.kept if kept.role == "asset"]
    fails, warns = list[str](), list[str]()
    for kept in seen.kept:
        too_short = _kept_too_short(kept.reply, ask) if kept.role == "asset" else ()
        too_long = _kept_too_long(kept.reply, ask) if kept.role != "asset" else ()
        for hard, text in (*too_short, *too_long):
            (fails if hard else warns).append(text)
    others = [f"assets from elsewhere, not looked at: {', '.join(page.elsewhere)}"] if page.elsewhere else []
    hashed = f"{len(assets)} hashed assets" if assets else "no hashed asset"
    return verdict(
        fails, warns, ok=f"{hashed} kept for a year, {len(seen.kept) - len(assets)} pages ask again", evidence=others
    )


def _kept_too_short(reply: HttpReply, ask: CachePolicy) -> Iterator[tuple[bool, str]]:
    says = directives(reply)
    shown = reply.header("cache-control") or "no Cache-Control"
    refused = [word for word in ("no-store", "no-cache", "private") if word in says]
    if refused or seconds(says, "max-age") < ask.asset_age_s:
        yield True, f"{reply.path} is not kept for a year: {shown}"
    elif "immutable" not in says:
        yield False, f"{reply.path} is cached but requested again on reload, without immutable: {shown}"


def _kept_too_long(reply: HttpReply, ask: CachePolicy) -> Iterator[tuple[bool, str]]:
    says = directives(reply)
    if "no-store" in says or "no-cache" in says:
        return
    if "max-age" in says:
        if seconds(says, "max-age") > ask.page_age_s:
            yield (
                True,
                f"{reply.path} is kept for {duration(seconds(says, 'max-age'))}: {reply.header('cache-control')}",
            )
    elif reply.header("expires") or reply.header("last-modified"):
        # RFC 9111, section 4.2.2: without a word, a cache may take a tenth of the file's age.
        yield False, f"{reply.path} does not say how long it may be cached, so browsers guess"


@check("cdn.serves-from-edge", severity=Severity.MEDIUM, tags=("cdn",))
def serves_from_edge(host: Host, seen: EdgeCaching) -> Verdict:
    """A repeated fetch of an asset is answered from the CDN's cache.

    Why: A CDN that caches nothing sends each visitor's request all the way to the origin: slower than no CDN, and the
    origin carries the whole load of the launch.

    Fix: Let the assets' Cache-Control allow it (public, max-age, no Set-Cookie), and make sure that no rule of the CDN
    bypasses its cache for them.
    """
    if not host.behind_cdn:
        return not_configured("the profile declares no CDN before it", "hosts.*.cdn")
    if seen.replies is None:
        return unknown("the page names no asset to fetch", fix="name one in asset_paths of the host's entry")
    path, last = seen.replies[0].path, seen.replies[-1]
    if last.status != 200:  # noqa: PLR2004 - OK
        return unknown(f"{path} answers {last.status}")
    lines = [", ".join(words(reply)) or "no sign of a cache" for reply in seen.replies]
    if any(is_hit(reply) for reply in seen.replies[1:]):
        return passed(f"{path} came from the edge: {lines[-1]}", *lines)
    return failed(f"{path}, fetched {len(lines)} times, never came from the edge: {lines[-1]}", *lines)


def words(reply: HttpReply) -> list[str]:
    """Return what caches on the way say."""
    return [f"{name}: {value}" for name in CACHE_HEADERS for value in reply.values(name)]


def is_hit(reply: HttpReply) -> bool:
    """Return whether any cache on the way had it: by its word, or by an Age above zero (RFC 9111, section 5.1)."""
    hit = any(h in value.lower() for name in CACHE_HEADERS for value in reply.values(name) for h in HITS)
    age = reply.header("age").strip()
    return hit or (age.isascii() and age.isdigit() and int(age[:9]) > 0)


def directives(reply: HttpReply) -> dict[str, str]:
    """Read Cache-Control; the first of a repeated directive counts (RFC 9111, section 4.2.1)."""
    found: dict[str, str] = {}
    for part in reply.header("cache-control").split(","):
        name, _, value = part.strip().partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def seconds(says: Mapping[str, str], name: str) -> int:
    """Return a directive's seconds; none, or nonsense, is stale at once."""
    value = says.get(name, "")
    return int(shortened(value, 10)) if value.isdigit() and value.isascii() else 0
