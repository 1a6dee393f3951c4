import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golive_checks.systems.http.asset_names import carries_hash


@pytest.mark.parametrize(
    "path",
    [
        "/assets/entry-C7wq0LmZ.js",
        "/assets/entry-Zx9-_a-q.css",
        "/assets/entry-BxKzjaPq.js",
        "/_nuxt/D4kPz1Qa.js",
        "/_app/immutable/chunks/7.Pz4_kQ-1.js",
        "/_next/static/chunks/77-0d3f9b1c22aa41e7.js",
        "/_next/static/chunks/9f0e1d2c3b4a5968.js",
        "/static/js/2.8e7d6c5b.chunk.js",
        "/static/js/2.8e7d6c5b.chunk.js.map",
        "/polyfills-7KQ2XZ5M.js",
        "/chunk-QWERTYUI.js",
        "/assets/site-00112233445566778899aabbccddeeff00112233.css",
        "/css/site.css?id=0f1e2d3c4b5a69788796",
        "/_astro/page.Kd8wPz2c.css",
        "/_nuxt/B-zVo_qN.js",  # in such a folder every file is named by its content
        "/_app/immutable/assets/_layout.--__abCd.css",
        "/_next/static/chunks/0~k2x_9m4q1w.js",
    ],
)
def test_build_tools_hash_the_content_into_the_name(path):
    assert carries_hash(path)


@pytest.mark.parametrize(
    "path",
    [
        "/lodash-4.17.21.min.js",
        "/react-dom.production.min.js",
        "/chunk-vendors.js",
        "/polyfills-legacy.js",
        "/font-awesome-6.5.1.all.min.css",
        "/googleAnalytics4.js",
        "/js/UXTerminal.js",
        "/js/app-20260115.js",
        "/js/app-20260115093000.js",
        "/js/app.js?t=1768469400",
        "/js/app.js?v=3",
        "/js/app.js?lang=francais",
        "/CHANGELOG",
        "/workbox-strategies-dev.js",
        "/_nuxt/builds/latest.json",
        "/_next/data/build/cart.json",
        "/",
        "",
    ],
)
def test_a_word_a_version_and_a_date_are_no_hash(path):
    assert not carries_hash(path)


@given(
    st.from_regex(re.compile(r"[0-9a-f]{20}"), fullmatch=True),
    st.sampled_from(["app.{}.js", "{}.css", "a-{}.chunk.js"]),
)
def test_every_hash_of_webpacks_is_seen(content, name):
    assert carries_hash(f"/static/{name.format(content)}")


@given(st.text(max_size=200))
def test_any_path_has_an_answer(path):
    assert carries_hash(path) in {True, False}
