"""Pages as frameworks build them today, cut down to what names their scripts: each chunk is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from site_files import html

from golive_checks.systems.http.page import page
from golive_checks.systems.page.bundle import bundle
from golive_lab.parts.asgi import HttpAnswer

Site = Callable[..., AbstractAsyncContextManager[Any]]


def flight(row: str) -> str:
    """Return a script with which Next hands a row of React's server components to the page."""
    return f"<script>self.__next_f.push([1,{json.dumps(row)}])</script>"


NEXT = "/_next/static/chunks/"
TURBOPACK = {
    "/": f'<script src="{NEXT}turbopack-0a1b2c3d4e5f6071.js" async></script>'
    + flight(f'5:I[4707,["{NEXT}8b9f0e1d2c3b4a59.js"],"Cart"]\n'),
    f"{NEXT}turbopack-0a1b2c3d4e5f6071.js": (
        'e.v(t=>Promise.all(["static/chunks/77aa88bb99cc00dd.js","static/chunks/0~k2x_9m4q1w.js"].map(t=>e.l(t)))'
        ".then(()=>t(12)))"
    ),
    f"{NEXT}8b9f0e1d2c3b4a59.js": "1",
    f"{NEXT}77aa88bb99cc00dd.js": "2",
    f"{NEXT}0~k2x_9m4q1w.js": "3",
}
WEBPACK = {
    "/": f'<script src="{NEXT}main-app-1a2b3c4d5e6f7081.js" async></script>'
    + flight(
        'a:I[231,["231","static/chunks/231-8b9f0e1d2c3b4a59.js",'
        '"931","static/chunks/app/(shop)/[id]/page-9c8d7e6f5a4b3c2d.js"],"default"]\n'
    ),
    f"{NEXT}main-app-1a2b3c4d5e6f7081.js": "1",
    f"{NEXT}231-8b9f0e1d2c3b4a59.js": "2",
    f"{NEXT}app/(shop)/[id]/page-9c8d7e6f5a4b3c2d.js": "3",
}
NUXT = {
    "/": '<script type="importmap">{"imports":{"#entry":"/_nuxt/DSuKsZ0-.js"}}</script>'
    '<script type="module" src="/_nuxt/DSuKsZ0-.js" crossorigin></script>',
    "/_nuxt/DSuKsZ0-.js": (
        'const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["./B-zVo_qN.js","./cart.Bx-_zjaP.css"])))'
        "=>i.map(i=>d[i]);"
        'const c=()=>p(()=>import("./B-zVo_qN.js"),__vite__mapDeps([0,1]),import.meta.url)'
    ),
    "/_nuxt/B-zVo_qN.js": 'import{a}from"#entry"',
    "/_nuxt/cart.Bx-_zjaP.css": "a{}",
}
SVELTEKIT = {
    "/": '<link rel="modulepreload" href="/_app/immutable/entry/start.BbXW_dpw.js">'
    '<script>{Promise.all([import("/_app/immutable/entry/start.BbXW_dpw.js"),'
    'import("/_app/immutable/entry/app.C-aq_xzl.js")])}</script>',
    "/_app/immutable/entry/start.BbXW_dpw.js": 'import"../chunks/_-xKpq__.js"',
    "/_app/immutable/entry/app.C-aq_xzl.js": 'const n=[()=>p(()=>import("../nodes/0.--__abCd.js"),[],import.meta.url)]',
    "/_app/immutable/chunks/_-xKpq__.js": "1",
    "/_app/immutable/nodes/0.--__abCd.js": "2",
}


def serving(files: Mapping[str, str]) -> Callable[[str, Any], HttpAnswer]:
    """Serve files, and the page for any other path."""

    def respond(path: str, _: Any) -> HttpAnswer:
        if path == "/" or path not in files:
            return html(files["/"])
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        return HttpAnswer(200, kind, files[path].encode())

    return respond


@pytest.mark.parametrize(
    "build", [TURBOPACK, WEBPACK, NUXT, SVELTEKIT], ids=["Turbopack", "webpack", "Nuxt", "SvelteKit"]
)
async def test_every_chunk_is_read(build: Mapping[str, str], site: Site) -> None:
    async with site(serving(build)) as there:
        fronts = await there.fronts()
        seen = await there.look(bundle, fronts=fronts, page=await there.look(page, fronts=fronts))
    assert set(build) - set(seen.files) == set()
    assert seen.missed == ()
