"""The graph of a page's scripts, and its pictures, as a site serves them."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from site_files import html, serves

from golive_checks.systems.http.client.message import Access
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.page import page
from golive_checks.systems.page.bundle import bundle
from golive_checks.systems.page.client.images import format_of, pixels
from golive_checks.systems.page.modules import Modules, imports, modules
from golive_checks.systems.page.pictures import Pictures, Shown, pictures
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.parts.edge.front import _picture

Site = Callable[..., AbstractAsyncContextManager[Any]]

INDEX = """<script>import("/assets/boot-aaaa1111.js")</script>
<script type=module src="/assets/main-bbbb2222.js"></script>
<script nomodule src="/assets/old-cccc3333.js"></script><link rel=modulepreload href="/assets/vendor-dddd4444.js">
<link rel=preload as=script href="/assets/pre-eeee5555.js"><link rel=preload as=font href=/f.woff2>
<script src="https://js.stripe.com/v3/"></script>"""
JS = {
    "assets_boot-aaaa1111__js": "console.log(1)",
    "assets_main-bbbb2222__js": """import{a}from"./vendor-dddd4444.js";import "./side-ffff6666.js";
export*from'/assets/re-abab1212.js';
const x=()=>import(/* webpackChunkName: "c" */ "./Cart-cdcd3434.js"),
y=Array.from("./no-1234abcd.js"),z=s.import("./no-5678abcd.js");""",
    "assets_vendor-dddd4444__js": 'import react from"react";export const a=1',
    "assets_pre-eeee5555__js": "",
    "assets_side-ffff6666__js": "import('./vendor-dddd4444.js')",
    "assets_re-abab1212__js": 'import"./gone-efef5656.js"',
    "assets_Cart-cdcd3434__js": 'import"./deep-1212dada.js"',
    "assets_old-cccc3333__js": "var old",
}


async def look(
    site: Site, respond: Callable[[str, Any], HttpAnswer], **limits: float
) -> tuple[Modules, Pictures, list[str]]:
    async with site(respond, **limits) as there:
        fronts = await there.fronts()
        seen = await there.look(page, fronts=fronts)
        read = await there.look(bundle, page=seen, fronts=fronts)
        before = len(there.asked)
        graph = await there.look(modules, page=seen, fronts=fronts)
        shown = await there.look(pictures, page=seen, bundle=read, fronts=fronts)
        return graph, shown, [path for _, path, _ in there.asked[before:]]


async def test_the_graph_of_modules(site: Site) -> None:
    graph, _, asked = await look(site, serves(index=INDEX, **JS))
    names = {script.path.removeprefix("/assets/").partition("-")[0] for script in graph.initial}
    assert names == {"boot", "main", "vendor", "pre", "side", "re"}
    assert [script.path for script in graph.lazy] == ["/assets/Cart-cdcd3434.js"]
    assert (graph.elsewhere, graph.missed, graph.webpack_lazy) == (
        ("https://js.stripe.com",),
        ("/assets/gone-efef5656.js answers HTML in place of a script",),
        False,
    )
    assert asked == []  # the bundle's probe has read them


async def test_a_script_that_is_not_there_is_missed_and_not_passed_over(site: Site) -> None:
    graph, _, _ = await look(site, serves(index='<script src="/gone.js"></script>', **JS))
    assert graph.missed == ("/gone.js answers HTML in place of a script",)


async def test_a_script_counts_as_it_is_sent_and_else_as_it_would_be(site: Site) -> None:
    text = "const a='text';" * 2000
    packed = gzip.compress(text.encode())
    files = {
        "plain-aaaa1111__js": text,
        "packed-bbbb2222__js": HttpAnswer(200, "text/javascript", packed, (("content-encoding", "gzip"),)),
    }
    graph, _, _ = await look(
        site,
        serves(index='<script src="/plain-aaaa1111.js"></script><script src="/packed-bbbb2222.js"></script>', **files),
    )
    assert len(graph.initial) == 2
    assert {s.path: s.packed_bytes for s in graph.initial}["/packed-bbbb2222.js"] == len(packed)
    assert all(s.packed_bytes < 1000 and s.whole for s in graph.initial)


async def test_a_script_that_is_too_large_counts_as_far_as_it_was_read(site: Site) -> None:
    graph, _, _ = await look(
        site, serves(index="<script src=/a.js></script>", a__js="x" * 50_000), body_limit_bytes=10_000
    )
    assert [(s.packed_bytes, s.whole) for s in graph.initial] == [(10_000, False)]


async def test_only_so_many_scripts_are_read(site: Site) -> None:
    many = {f"s{n}-aaaa{n:04}__js": "1" for n in range(70)}
    index = "".join(f'<script src="/{name.replace("__", ".")}"></script>' for name in many)
    graph, _, _ = await look(site, serves(index=index, **many))
    assert (len(graph.initial), graph.missed) == (60, ("10 more scripts, past the first 60",))


async def test_scripts_that_come_later_are_tried_until_one_is_there(site: Site) -> None:
    named = "".join(f'import("./c{n}-aaaa{n:04}.js");' for n in range(50))
    late = {"main-bbbb2222__js": named, "c40-aaaa0040__js": "1"}
    graph, _, _ = await look(site, serves(index="<script type=module src=/main-bbbb2222.js></script>", **late))
    assert [script.path for script in graph.lazy] == ["/c40-aaaa0040.js"]


async def test_the_2001st_picture_is_missed_and_not_passed_over(site: Site) -> None:
    _, seen, _ = await look(site, serves(index="<img src=https://else.test/a.png loading=lazy>" * 2001))
    assert (len(seen.shown), seen.missed[-1]) == (2000, "1 more pictures and frames, past the first 2,000")


@pytest.mark.parametrize(
    "text", ["Promise.all([n.e(1),n.e(2)]).then(n.bind(n,3))", 'n.e("pages_cart").then(n.bind(n,3))']
)
async def test_webpack_asks_by_number(site: Site, text: str) -> None:
    graph, _, _ = await look(site, serves(index="<script src=/a.js></script>", a__js=text))
    assert graph.webpack_lazy


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('import a from "./a.js"', [("https://a.test/s/a.js", False)]),
        ("import('/b.js')", [("https://a.test/b.js", True)]),
        ('import("https://cdn.test/c.js")', [("https://cdn.test/c.js", True)]),
        ('import"react"', []),
        ('x.from("./a.js");important("./a.js");$import("./a.js")', []),
        ("import(`./${name}.js`)", [("https://a.test/s/${name}.js", True)]),
    ],
)
def test_imports(text: str, found: list[tuple[str, bool]]) -> None:
    assert list(imports("https://a.test/s/main.js", text)) == found


PNG = _picture(64, 32)
SHOWS = """<img src="/a.png" width=64 height=32>
<picture><source srcset="/b.webp 1x, /c.webp 2x"><img src="/no.png"></picture>
<img loading=LAZY src="/a.png" srcset="/a.png 1x">
<iframe src="https://maps.test/"></iframe><script src="/m.js"></script>
<link rel=stylesheet href="/s.css">"""


async def test_pictures(site: Site) -> None:
    script = 'const u="/in-script.png";jsx("img",{src:u,loading:"lazy"})'
    style = "body{background:url(in-style.png)}"
    huge = _picture(64, 800)
    files = serves(
        index=SHOWS,
        a__png=PNG,
        b__webp=PNG,
        m__js=script,
        s__css=style,
        **{"in-script__png": huge, "in-style__png": "no picture"},
    )
    _, seen, asked = await look(site, files, body_limit_bytes=20_000)
    assert seen.shown == (
        Shown("/a.png", wide=64, high=32),
        Shown("/b.webp", responsive=True),
        Shown("/a.png", lazy=True, responsive=True),
        Shown("", frame=True),
    )
    assert [(p.path, p.format, p.width, p.height, p.size_bytes, p.whole) for p in seen.files] == [
        ("/a.png", "PNG", 64, 32, len(PNG), True),
        ("/b.webp", "PNG", 64, 32, len(PNG), True),
        ("/in-script.png", "PNG", 64, 800, len(huge), False),
    ]
    assert (seen.scripts_draw, seen.scripts_defer, seen.left_out, seen.missed) == (True, True, 0, ())
    assert sorted(asked) == ["/a.png", "/b.webp", "/in-script.png", "/in-style.png"]  # each once


async def test_a_picture_that_is_packed_once_more_is_one(site: Site) -> None:
    sent = gzip.compress(PNG)
    packed = HttpAnswer(200, "image/png", sent, (("content-encoding", "gzip"),))
    _, seen, _ = await look(site, lambda path, _: packed if path == "/a.png" else html("<img src=/a.png>"))
    assert [(p.format, p.width, p.height, p.size_bytes) for p in seen.files] == [("PNG", 64, 32, len(sent))]


async def test_a_page_after_a_picture_of_4_mb_is_still_an_answer(site: Site) -> None:
    huge = _picture(1600, 850)
    async with site(lambda path, _: HttpAnswer(200, "image/png", huge) if path == "/a.png" else html()) as there:
        door = AddressDoor(there.http, Access(), there.trust, there.address)
        for again in range(3):
            for path in ("/a.png", "/", "/b"):
                assert (await door.get(path, again=again)).status == 200


HEADS = {
    "PNG": PNG,
    "JPEG": bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b08002000400101110000ffd9"),
    "GIF": b"GIF89a\x40\x00\x20\x00\x00\x00\x00;",
    "WebP": b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x3f\xc0\x07\x00" + bytes(8),
}


@pytest.mark.parametrize("kind", HEADS)
def test_a_pictures_format_and_size(kind: str) -> None:
    assert (format_of(HEADS[kind]), pixels(HEADS[kind])) == (kind, (64, 32))


def test_what_is_no_picture_has_no_size() -> None:
    noise = random.Random(3)  # noqa: S311 - a test
    broken = [head[:12] + noise.randbytes(200) for head in HEADS.values()] * 50
    assert all(min(pixels(content)) >= 0 for content in [*broken, b"", b"<svg>", b"\x89PNG\r\n\x1a\n"])
    assert (format_of(b"<svg"), pixels(b"<svg width='1' height='1'>")) == ("", (0, 0))
