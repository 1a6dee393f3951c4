"""What bundlers say about files that come later, by other means than a URL."""

from __future__ import annotations

import pytest

from golive_checks.systems.page.chunks import asked_chunks, below_next, import_map, mapped, webpack_files

AT = "https://shop.test/static/js/runtime.1a2b3c4d.js"


@pytest.mark.parametrize(
    ("runtime", "asked", "files"),
    [
        ('r.p="/a/";r.u=e=>e+"."+{1:"ab",2:"cd"}[e]+".js",r.o=1', "", {"1": "/a/1.ab.js", "2": "/a/2.cd.js"}),
        (
            'r.p="/";r.u=e=>"js/"+({1:"cart"}[e]||e)+"."+{1:"ab",2:"cd"}[e]+".js"',
            "",
            {"1": "/js/cart.ab.js", "2": "/js/2.cd.js"},
        ),
        ('r.p="/";r.u=e=>"js/"+(({1:"cart"})[e]||e)+"."+({1:"ab"})[e]+".js"', "", {"1": "/js/cart.ab.js"}),
        (
            'r.p="/_next/";r.u=e=>7===e?"static/chunks/7-ab.js":"static/chunks/"+e+"."+{8:"cd"}[e]+".js"',
            "",
            {"7": "/_next/static/chunks/7-ab.js", "8": "/_next/static/chunks/8.cd.js"},
        ),
        (
            'r.u=function(e){return e+"."+{"cart-page":"ab"}[e]+".js"};r.p=""',
            "",
            {"cart-page": "/static/js/cart-page.ab.js"},
        ),
        (
            'i.src=function(e){return c.p+"js/"+({}[e]||e)+"."+{3:"ab"}[e]+".chunk.js"}(e);c.p="/"',
            "",
            {"3": "/js/3.ab.chunk.js"},
        ),
        ('r.p="/";r.u=e=>e+".js"', "5 6", {"5": "/5.js", "6": "/6.js"}),
        ('r.p="/";r.u=e=>names(e)+".js"', "5", {}),  # nobody can say
        ('r.p="/";r.u=e=>e+"."+{1:"ab"}[e]+".js"', "9", {"1": "/1.ab.js"}),
        ("r.u=e=>((((((((((((((((((((((((((((((((e)", "9", {}),
    ],
)
def test_chunks_of_webpack(runtime: str, asked: str, files: dict[str, str]) -> None:
    found = webpack_files(AT, runtime, asked.split())
    assert found == {number: f"https://shop.test{path}" for number, path in files.items()}


def test_the_chunks_that_are_asked_for() -> None:
    text = 'self.webpackChunkshop=[];x=()=>r.e(144).then(r.bind(r,144)),y=Promise.all([r.e(7),r.e("cart-page")])'
    assert asked_chunks(text) == {"144", "7", "cart-page"}
    assert asked_chunks("Math.e(144)") == frozenset()


def test_an_import_map() -> None:
    page = """<script type="importmap">{"imports": {"cart": "/cart.1a2b.js", "lib/": "./lib/", "none": null},
    "scopes": {"/admin/": {"users": "/users.js"}}}</script><script type=importmap>{broken</script>"""
    names = import_map("https://shop.test/", page)
    assert names == {
        "cart": "https://shop.test/cart.1a2b.js",
        "lib/": "https://shop.test/lib/",
        "users": "https://shop.test/users.js",
    }
    assert mapped(names, "lib/money.js") == "https://shop.test/lib/money.js"
    assert mapped(names, "react") == ""


def test_files_of_next_are_below_its_folder() -> None:
    script = "https://shop.test/docs/_next/static/chunks/main-1a2b3c4d.js"
    assert (
        below_next(script, "static/chunks/cart-5e6f7a8b.js")
        == "https://shop.test/docs/_next/static/chunks/cart-5e6f7a8b.js"
    )
    assert below_next("https://shop.test/assets/main.js", "static/chunks/cart-5e6f7a8b.js") == ""
