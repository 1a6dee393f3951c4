"""The browser reaches hosts as golive does: their addresses, their walls, by its own name."""

from __future__ import annotations

import pytest
from vitals_site import ACCESS, HTML, QUICK, SECRET, TEXT, page, site

from golive import Unavailable
from golive_checks.systems.page.vitals import web_vitals
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.names import API, APP


async def test_it_says_who_asks_and_asks_the_hosts_of_the_profile_where_they_are():
    body = TEXT + "<script>fetch('%s/data')</script>"
    async with site(lambda _: page(body % here_is[0]), lambda _: HttpAnswer(200, "text/plain", b"x")) as here:
        here_is = [here.origin(API)]
        await here.open()
    asked = here.of(APP, "/")[0]
    assert "HeadlessChrome/" in asked["user-agent"]
    assert asked["user-agent"].endswith("golive/9.9 (+readiness check; run 0123abcd)")
    assert here.of(API, "/data")[0]["user-agent"] == asked["user-agent"]


async def test_a_host_of_the_profile_whose_addresses_do_not_answer_is_nowhere():
    async with site(page(TEXT)) as here:
        given = here.asking()
        for address in given["fronts"]:
            if address.host.key == "app":
                given["fronts"][address] = Unavailable("left alone")
        with pytest.raises(Unavailable, match="left alone"):
            await web_vitals(QUICK, **given)
        assert here.asked == []


async def test_what_opens_a_wall_goes_to_its_host_alone():
    def app(path: str) -> HttpAnswer:
        if path == "/away.png":
            return HttpAnswer(302, HTML, b"", (("location", f"{there[0]}/seen.png"),))
        return page(f"{TEXT}<img src=/own.png><img src=/away.png><img src={there[0]}/direct.png>")

    there = [""]
    async with site(app, lambda _: HttpAnswer(200, "image/png", b"")) as here:
        there[0] = here.origin(API)
        seen = await here.open(own={"app": ACCESS})
    assert seen.runs[0].lcp_of == "h1"
    assert [h.get("x-wall") for h in here.of(APP)] == [SECRET] * len(here.of(APP))
    assert len(here.of(APP)) >= 3
    assert {path for name, path, _ in here.asked if name == API} == {"/seen.png", "/direct.png"}
    assert [h.get("x-wall") for h in here.of(API)] == [None, None]


async def test_a_page_that_asks_its_api_behind_a_wall_is_let_through_to_it():
    body = TEXT + "<script>fetch('%s/data').then(r => r.text()).then(t => fetch('/got-' + t))</script>"
    allow = (("access-control-allow-origin", "*"),)
    async with site(lambda _: page(body % there[0]), lambda _: HttpAnswer(200, "text/plain", b"it", allow)) as here:
        there = [here.origin(API)]
        await here.open(own={"api": ACCESS})
    assert here.of(APP, "/got-it"), here.asked
    assert here.of(API, "/data")[-1]["x-wall"] == SECRET
    assert "x-wall" not in here.of(APP, "/")[0]
