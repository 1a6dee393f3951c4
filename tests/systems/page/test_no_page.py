"""What is no page that could be measured: errors, other hosts, nothing, data, no end."""

from __future__ import annotations

import pytest
from vitals_site import HTML, QUICK, TEXT, Site, opened, page, site

from golive import Unavailable
from golive_checks.subjects.visits import Visit
from golive_checks.systems.page.vitals import web_vitals
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.parts.certificates import write
from golive_lab.parts.ports import standing
from golive_lab.world.names import API, APP, SHOP
from golive_lab.world.tls import EdgeTls


async def test_an_error_is_told_by_its_status():
    failing = await opened(HttpAnswer(503, HTML, b"<h1>Bient\xc3\xb4t</h1>"))
    assert failing.status == 503
    assert (await opened(HttpAnswer(500, HTML, b""))).status == 500


async def test_a_host_that_asks_to_be_left_alone_is():
    async with site(HttpAnswer(429, HTML, b"<h1>Trop</h1>")) as here:
        given = here.asking()
        seen = await web_vitals(Visit("app/", host="app", quiet_s=0.5), **given)
        assert [run.status for run in seen.runs] == [429]
        with pytest.raises(Unavailable, match="is left alone after it answered 429 to a browser"):
            await web_vitals(QUICK, **given)
        assert len(here.of(APP, "/")) == 1


async def test_another_host_is_told_of_and_not_measured_as_this_one():
    def app(path: str) -> HttpAnswer:
        return HttpAnswer(302, HTML, b"", (("location", f"{there[0]}/login?token=x"),)) if path == "/" else page(TEXT)

    there = [""]
    async with site(app) as here:
        there[0] = here.origin(SHOP)
        run = (await here.open()).runs[0]
    assert run.elsewhere == there[0]


async def test_a_redirect_on_the_host_itself_is_followed():
    run = await opened(lambda path: HttpAnswer(302, HTML, b"", (("location", "/in"),)) if path == "/" else page(TEXT))
    assert (run.status, run.elsewhere, run.moved_to) == (200, "", "")


async def test_a_script_that_goes_on_to_another_page_is_told_of():
    def app(path: str) -> HttpAnswer:
        return page(TEXT + "<script>location.href = '/login?next=secret'</script>" if path == "/" else TEXT)

    run = await opened(app)
    assert run.moved_to.endswith("/login")


async def test_an_empty_page_has_no_lcp():
    for body in ("", "<canvas width=300 height=300></canvas>"):
        run = await opened(body)
        assert (run.lcp_ms, run.cls, run.finished) == (None, 0, True)


async def test_data_is_no_page():
    assert (await opened(HttpAnswer(200, "application/json", b"{}"))).media_type == "application/json"


async def test_a_page_that_never_has_all_its_pictures_is_left():
    def app(path: str) -> HttpAnswer | None:
        return page(TEXT + "<img src=/never.png>") if path == "/" else None

    run = await opened(app, visit=Visit("app/", host="app", runs=1, quiet_s=0.5, timeout_s=3))
    assert (run.finished, run.lcp_of) == (False, "h1")


async def test_a_host_that_is_not_there_is_a_gap():
    with standing() as place:  # its ports are ours as long as this: nobody else listens there
        write(EdgeTls(), place)
        with pytest.raises(Unavailable, match=r"the browser does not open .*: net::ERR_CONNECTION_REFUSED"):
            await Site(place).open()


async def test_a_certificate_of_no_authority_that_is_trusted_is_a_gap():
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match="net::ERR_CERT_AUTHORITY_INVALID"):
            await here.open(trust=False)
        assert here.asked == []


async def test_a_host_that_the_profile_does_not_have_is_a_gap():
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match="no host ap, which web_vitals names"):
            await here.open(Visit("ap/", host="ap"))


async def test_what_the_page_did_not_get_is_told_of():
    async with site(lambda _: page(TEXT + f"<script>fetch('{there[0]}/list?token=x')</script>")) as here:
        there = [here.origin(API)]
        given = here.asking()
        for address in given["fronts"]:
            if address.host.key == "api":
                given["fronts"][address] = Unavailable("left alone")
        run = (await web_vitals(QUICK, **given)).runs[0]
    assert (run.failures, run.failed) == (1, (f"{there[0]}/list",))
    assert here.of(API) == []
