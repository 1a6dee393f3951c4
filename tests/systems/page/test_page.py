import gzip
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from site_files import html, serves

from golive import Outcome, Unavailable
from golive_checks.domains.proxy_compression import compresses
from golive_checks.subjects import Host, Role
from golive_checks.systems.http.caching import caching, edge_caching
from golive_checks.systems.http.compression import compression
from golive_checks.systems.http.front import Front, reachable
from golive_checks.systems.http.page import Asset, page
from golive_checks.systems.page.bundle import ExposedSecret, bundle
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.names import APP

Site = Callable[..., AbstractAsyncContextManager[Any]]


PAGE = """<!doctype html><base href="/app/"><script src="a.js"></script><link rel=stylesheet href="/b.css">
<link rel="preload icon" href="c.png"><link rel=canonical href="/no"><a href="/no"><img src="data:image/png;base64,x">
<img src=" /d.png#x "><script src="//cdn.test/e.js"></script><script src="https://[bad"></script><img src="a.js">
<script src="javascript:x"></script><script>var s = '<img src=/no>'</script><img src>"""


async def test_a_page_names_its_assets(site: Site) -> None:
    host = Host(APP, role="app", asset_paths=("/extra.js",))
    async with site(lambda *_: html(PAGE), host=host) as there:
        seen = await there.look(page, fronts=await there.fronts())
    assert [a.path for a in seen.assets] == ["/app/a.js", "/b.css", "/app/c.png", "/d.png", "/extra.js"]
    assert (seen.elsewhere, seen.html, seen.left_out, seen.ip) == (("https://cdn.test",), True, 0, there.address.ip)


async def test_only_so_many_assets_are_looked_at(site: Site) -> None:
    many = "".join(f"<img src=/{n}.png>" for n in range(100))
    async with site(lambda *_: html(many)) as there:
        seen = await there.look(page, fronts=await there.fronts())
    assert (len(seen.assets), seen.left_out) == (60, 40)


async def test_a_page_behind_a_redirect_is_found(site: Site) -> None:
    def respond(path: str, _: Any) -> HttpAnswer:
        return html("<img src=x.png>") if path == "/en/login" else html("", 302, location="/en/login")

    async with site(respond) as there:
        seen = await there.look(page, fronts=await there.fronts())
    assert (seen.reply.path, [a.path for a in seen.assets]) == ("/en/login", ["/en/x.png"])


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("/again", "redirects without end: 5 steps"),
        ("https://www.demo.test/", "leads to another host, https://www.demo.test"),
    ],
)
async def test_a_page_that_is_nowhere_is_a_gap(site: Site, to: str, reason: str) -> None:
    async with site(lambda *_: html("", 302, location=to)) as there:
        with pytest.raises(Unavailable, match=reason):
            await there.look(page, fronts=await there.fronts())


async def test_where_an_api_leads_to_is_of_no_matter(site: Site) -> None:
    async with site(lambda *_: html("", 302, location="https://docs.test/"), host=Host(APP, role="api")) as there:
        seen = await there.look(page, fronts=await there.fronts())
    assert (seen.reply.status, seen.assets) == (302, ())


async def test_the_first_address_that_answers_is_taken(site: Site) -> None:
    async with site(lambda *_: html()) as there:
        fronts = await there.fronts()
    (address, seen), gap = next(iter(fronts.items())), Unavailable("broke")
    other = type(address)("x", there.host, "192.0.2.1")
    assert reachable({other: gap, address: seen}) is address
    assert isinstance(seen, Front)
    with pytest.raises(Unavailable, match="broke"):
        reachable({other: gap})


@pytest.mark.parametrize(
    ("path", "hashed"),
    [
        ("/assets/index-BxK3j2aP.js", True),
        ("/assets/index-DiwrgTda.css", True),
        ("/assets/index-C-x_3a2b.js?v=1", True),
        ("/static/js/main.4f3c2b1a.chunk.js", True),
        ("/static/js/main.4f3c2b1a.js", True),
        ("/_next/static/chunks/framework-2c79e2a64abdb08b.js", True),
        ("/js/polyfills-legacyes.js", False),
        ("/js/vendor-components.js", False),
        ("/js/jquery-3.7.1.min.js", False),
        ("/favicon.ico", False),
    ],
)
def test_which_names_hold_a_hash(path: str, *, hashed: bool) -> None:
    assert Asset(path).hashed is hashed


CHUNKS = {
    "index": '<script src="/assets/index-aaaa1111.js"></script><link rel=stylesheet href="/assets/i-bbbb2222.css">',
    "assets_index-aaaa1111__js": """import("./Cart-cccc3333.js");const m=["assets/Late-dddd4444.js","x.js",'nope.js'];
        fetch("https://API.demo.test:8443/v1");new WebSocket(`wss://api.demo.test/ws`);const local="http://localhost:4000";
        import("https://else.test/Far-eeee5555.js")""",
    "assets_Cart-cccc3333__js": 'import"./Deep-ffff6666.js";const a="http://localhost:4000"',
    "assets_Deep-ffff6666__js": f'const key="sk_live_{"x1" * 12}";const pk="pk_live_{"x1" * 12}"',
    "assets_i-bbbb2222__css": "body{background:url(https://img.test/a.png)}",
}


async def test_a_bundle_is_read_with_its_chunks(site: Site) -> None:
    async with site(serves(**CHUNKS)) as there:
        fronts = await there.fronts()
        seen = await there.look(bundle, fronts=fronts, page=await there.look(page, fronts=fronts))
    names = ["Cart-cccc3333.js", "Deep-ffff6666.js", "i-bbbb2222.css", "index-aaaa1111.js"]
    assert list(seen.files) == ["/", *(f"/assets/{name}" for name in names)]
    assert seen.exposed == (ExposedSecret("stripe-secret-live", "/assets/Deep-ffff6666.js", 11),)
    assert dict(seen.origins) == {
        "http://localhost:4000": "/assets/Cart-cccc3333.js",
        "https://api.demo.test:8443": "/assets/index-aaaa1111.js",
        "https://else.test": "/assets/index-aaaa1111.js",
        "https://img.test": "/assets/i-bbbb2222.css",
        "wss://api.demo.test": "/assets/index-aaaa1111.js",
    }
    assert "x1x1" not in repr(seen)
    assert not {"/x.js", "/nope.js"} & {path for _, path, _ in there.asked}


async def test_what_of_a_bundle_could_not_be_read_is_told(site: Site) -> None:
    files = {"index": '<script src="/a.js"></script>', "a__js": "x" * 20_000}
    async with site(serves(**files), body_limit_bytes=10_000) as there:
        fronts = await there.fronts()
        seen = await there.look(bundle, fronts=fronts, page=await there.look(page, fronts=fronts))
    assert seen.files == ("/",)
    assert len(seen.missed) == 1
    assert "/a.js is larger than 10,000 bytes" in seen.missed[0]


async def test_a_script_that_the_page_names_and_that_is_not_there_is_told(site: Site) -> None:
    names = '<script src="/gone.js"></script><script src="&#x2F;in-place"></script><script src=/there.js></script>'
    pages = {
        "/": html(names),
        "/in-place": html("<p>the app</p>"),
        "/there.js": HttpAnswer(200, "text/javascript", b"1"),
    }
    async with site(lambda path, *_: pages.get(path, HttpAnswer(404, "text/plain", b""))) as there:
        fronts = await there.fronts()
        seen = await there.look(bundle, fronts=fronts, page=await there.look(page, fronts=fronts))
    assert seen.files == ("/", "/there.js")
    assert seen.missed == ("/gone.js answers 404", "/in-place answers a page")


async def test_scripts_from_elsewhere_are_not_read_and_that_is_told(site: Site) -> None:
    async with site(lambda *_: html('<script src="https://cdn.test/a.js"></script>')) as there:
        fronts = await there.fronts()
        seen = await there.look(bundle, fronts=fronts, page=await there.look(page, fronts=fronts))
    assert seen.missed == ("its scripts, which come from elsewhere: https://cdn.test",)


async def test_an_app_without_a_page_has_no_bundle(site: Site) -> None:
    async with site(lambda *_: html("down", 503)) as there:
        fronts = await there.fronts()
        shown = await there.look(page, fronts=fronts)
        with pytest.raises(Unavailable, match=r"shows no page \(it answers 503\)"):
            await there.look(bundle, fronts=fronts, page=shown)


async def test_samples_of_compression(site: Site) -> None:
    packed = HttpAnswer(200, "text/javascript", gzip.compress(b"x" * 5000), (("content-encoding", "gzip"),))
    files = {
        "index": "<script src=/a.js></script><script src=/b.js></script><script src=/c.js></script><img src=/d.png>",
        "a__js": packed,
        "b__js": HttpAnswer(404, "text/plain", b"gone"),
        "c__js": "y",
        "d__png": b"\x89PNG",
        "api_list": HttpAnswer(200, "application/json", b"[]"),
    }
    async with site(serves(**files), host=Host(APP, role="app", api_path="/api/list")) as there:
        fronts = await there.fronts()
        seen = await there.look(compression, fronts=fronts, page=await there.look(page, fronts=fronts))
    found = {s.path: (s.form, s.what, s.gzip.header("content-encoding")) for s in seen.samples}
    assert found == {
        "/": ("text", "HTML", ""),
        "/a.js": ("text", "JavaScript", "gzip"),
        "/d.png": ("image", "image/png", ""),
        "/api/list": ("text", "JSON", ""),
    }
    assert next(s.size_bytes for s in seen.samples if s.path == "/a.js") == 5000
    assert seen.missed == ("/b.js answers 404",)
    encodings = {headers["accept-encoding"] for _, path, headers in there.asked if path in {"/a.js", "/d.png"}}
    assert encodings == {"gzip", "br, zstd", "gzip, br, zstd"}


UNREADABLE = {
    "too much": (b"x" * 10_001, (), "is larger than 10,000 bytes"),
    "a bomb": (gzip.compress(bytes(100_000)), (("content-encoding", "gzip"),), "unpacks to more than 80 kB"),
    "half of it": (gzip.compress(b"x" * 5000)[:-9], (("content-encoding", "gzip"),), "is gzip that breaks off"),
    "no gzip": (b"x" * 5000, (("content-encoding", "gzip"),), "says that it is gzip, and is not"),
    "another": (b"x" * 5000, (("content-encoding", "br"),), "answers in br, which was not requested"),
}


@pytest.mark.parametrize(("body", "headers", "why"), UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("role", ["api", "app"])
async def test_of_a_body_that_cannot_be_read_nothing_is_said(
    site: Site, role: Role, body: bytes, headers: tuple[tuple[str, str], ...], why: str
) -> None:
    """Neither that it is compressed nor that it is not: what a head says is no more than a claim."""
    vary = (("vary", "accept-encoding"),)
    files = {"index": "hello", "api_list": HttpAnswer(200, "application/json", body, headers + vary)}
    host = Host(APP, role=role, api_path="/api/list")
    async with site(serves(**files), host=host, body_limit_bytes=10_000) as there:
        fronts = await there.fronts()
        shown = await there.look(page, fronts=fronts)
        seen = await there.look(compression, fronts=fronts, page=shown)
    judged = compresses(host, shown, seen)
    assert judged.outcome is Outcome.UNKNOWN
    assert why in judged.summary


async def test_what_is_kept_is_what_there_is(site: Site) -> None:
    files = {"index": "<script src=/a-11112222.js></script><script src=/plain.js></script>", "a-11112222__js": "x"}
    async with site(serves(**files)) as there:
        fronts = await there.fronts()
        seen = await there.look(caching, fronts=fronts, page=await there.look(page, fronts=fronts))
    # /sw.js answers with the page: that is no service worker.
    assert [(k.role, k.reply.path) for k in seen.kept] == [
        ("asset", "/a-11112222.js"),
        ("index", "/"),
        ("index", "/index.html"),
    ]


async def test_one_asset_is_fetched_three_times(site: Site) -> None:
    async with site(serves(index="<img src=/x.png><script src=/a-11112222.js></script>")) as there:
        fronts = await there.fronts()
        seen = await there.look(edge_caching, fronts=fronts, page=await there.look(page, fronts=fronts))
    assert [r.path for r in seen.replies] == ["/a-11112222.js"] * 3
    assert [path for _, path, _ in there.asked].count("/a-11112222.js") == 3


async def test_a_page_without_assets_has_none_to_fetch(site: Site) -> None:
    async with site(lambda *_: html()) as there:
        fronts = await there.fronts()
        seen = await there.look(edge_caching, fronts=fronts, page=await there.look(page, fronts=fronts))
    assert seen.replies is None
