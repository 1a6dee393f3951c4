from collections.abc import Mapping
from typing import Any

import pytest

from golive import Outcome
from golive_checks.domains.cdn import CachePolicy, assets_immutable, serves_from_edge
from golive_checks.subjects import Host
from golive_checks.systems.http.caching import Caching, EdgeCaching, Kept, Role
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.page import Page

PASS, WARN, FAIL, NA, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NA, Outcome.UNKNOWN
YEAR = "public, max-age=31536000, immutable"
APP = Host("app.test", role="app", cdn=True)


def reply(path: str = "/", status: int = 200, **headers: str) -> HttpReply:
    return HttpReply(path, status, "HTTP/2", tuple((n.replace("_", "-"), v) for n, v in headers.items()), 100)


def page(*elsewhere: str) -> Page:
    return Page("192.0.2.1", reply(), html=True, assets=(), elsewhere=elsewhere, left_out=0)


def kept(role: Role, says: str | None, **headers: str) -> Kept:
    path = {"asset": "/assets/a-1b2c3d4e.js", "index": "/", "worker": "/sw.js"}[role]
    return Kept(role, reply(path, **({"cache_control": says} if says is not None else {}), **headers))


CASES: Mapping[str, tuple[Outcome, str, tuple[Kept, ...]]] = {
    "all": (
        PASS,
        "1 hashed assets kept for a year, 2 pages ask again",
        (kept("asset", YEAR), kept("index", "no-cache"), kept("worker", "max-age=0, must-revalidate")),
    ),
    "no hashed asset": (PASS, "no hashed asset", (kept("index", "no-store"),)),
    "asset not stored": (FAIL, "is not kept for a year: no-store", (kept("asset", "no-store"),)),
    "asset for itself": (FAIL, "is not kept for a year", (kept("asset", "private, max-age=31536000, immutable"),)),
    "asset for a day": (FAIL, "is not kept for a year: max-age=86400", (kept("asset", "max-age=86400"),)),
    "asset without a word": (FAIL, "no Cache-Control", (kept("asset", None),)),
    "asset, nonsense": (FAIL, "max-age=a year", (kept("asset", "max-age=a year, immutable"),)),
    "asset, digits of no kind": (FAIL, "is not kept", (kept("asset", "max-age=²"),)),
    "asset, first word counts": (FAIL, "is not kept", (kept("asset", "max-age=1, max-age=31536000, immutable"),)),
    "asset, quoted": (PASS, "kept", (kept("asset", 'Max-Age="31536000", Immutable'),)),
    "asset not immutable": (WARN, "without immutable", (kept("asset", "public, max-age=31536000"),)),
    "page for a day": (FAIL, "/ is kept for 24 h", (kept("index", "public, max-age=86400"),)),
    "page guessed": (WARN, "browsers guess", (kept("index", None, last_modified="Mon, 23 Nov 2026 07:00:00 GMT"),)),
    "page, nothing to guess from": (PASS, "ask again", (kept("index", None),)),
    "worker for a year": (FAIL, "/sw.js is kept for 365 days", (kept("worker", YEAR),)),
    "nothing seen": (UNKNOWN, "no page and no hashed asset to look at: / answers 200", ()),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), CASES.values(), ids=CASES)
def test_what_may_be_kept(outcome: Outcome, summary: str, seen: tuple[Kept, ...]) -> None:
    judged = assets_immutable(APP, page(), Caching(seen), CachePolicy())
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_the_limits_can_be_set() -> None:
    seen = Caching((kept("asset", "max-age=86400, immutable"), kept("index", "max-age=60")))
    assert assets_immutable(APP, page(), seen, CachePolicy(asset_age_s=86400, page_age_s=60)).outcome is PASS


def test_assets_from_elsewhere_are_named() -> None:
    judged = assets_immutable(APP, page("https://cdn.test"), Caching((kept("index", "no-cache"),)), CachePolicy())
    assert judged.evidence == ("assets from elsewhere, not looked at: https://cdn.test",)


def test_an_api_keeps_nothing() -> None:
    assert assets_immutable(Host("api.test", role="api"), page(), Caching(()), CachePolicy()).outcome is NA


MISS = {"x_cache": "MISS"}
EDGES: Mapping[str, tuple[Outcome, list[dict[str, str]]]] = {
    "hit": (PASS, [MISS, {"x_cache": "HIT"}]),
    "cloudfront": (PASS, [{"x_cache": "Miss from cloudfront"}, {"x_cache": "Hit from cloudfront"}]),
    "cloudflare": (PASS, [{"cf_cache_status": "MISS"}, {"cf_cache_status": "HIT"}]),
    "vercel": (PASS, [{"x_vercel_cache": "HIT"}, {"x_vercel_cache": "HIT"}]),
    "rfc 9211": (PASS, [{}, {"cache_status": "Edge; hit; ttl=30"}]),
    "age": (PASS, [{"age": "0"}, {"age": "7"}]),
    "age of no kind": (FAIL, [{}, {"age": "²"}]),
    "third time": (PASS, [MISS, MISS, {"x_cache": "HIT"}]),
    "always a miss": (FAIL, [MISS, MISS, MISS]),
    "dynamic": (FAIL, [{"cf_cache_status": "DYNAMIC"}] * 3),
    "nothing said": (FAIL, [{}, {}, {"age": "0"}]),
    "only the first": (FAIL, [{"x_cache": "HIT"}, MISS]),
}


@pytest.mark.parametrize(("outcome", "headers"), EDGES.values(), ids=EDGES)
def test_what_came_from_the_edge(outcome: Outcome, headers: list[dict[str, str]]) -> None:
    replies = tuple(reply("/a.js", **given) for given in headers)
    assert serves_from_edge(APP, EdgeCaching(replies)).outcome is outcome


@pytest.mark.parametrize(
    ("seen", "outcome"), [(None, UNKNOWN), ((reply(status=404),), UNKNOWN), ((reply(status=200),), FAIL)]
)
def test_what_cannot_be_told(seen: Any, outcome: Outcome) -> None:
    assert serves_from_edge(APP, EdgeCaching(seen)).outcome is outcome


@pytest.mark.parametrize(
    ("host", "outcome"),
    [
        (Host("app.test", role="app"), NA),
        (Host("app.test", role="app", edge="cloudflare"), FAIL),
        (Host("app.test", role="shop", edge="vercel"), FAIL),
        (Host("api.test", role="api", edge="cloudflare"), NA),
        (Host("cdn.test", cdn=True), FAIL),
    ],
)
def test_where_a_cdn_is_declared(host: Host, outcome: Outcome) -> None:
    assert serves_from_edge(host, EdgeCaching((reply(),))).outcome is outcome
