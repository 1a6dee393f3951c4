"""Pages that lie, compute forever, and name things badly."""

from __future__ import annotations

import pytest
from vitals_site import TEXT, opened, page, site

from golive import Unavailable
from golive_checks.subjects.visits import Visit
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.parts.edge.front import _picture as picture
from golive_lab.world.names import APP

LIES = """
<script>
  window.PerformanceObserver = function () { throw 1 };
  PerformanceEntry.prototype.toJSON = () => ({startTime: 1});
  Object.defineProperty(PerformanceEntry.prototype, "startTime", {get: () => 1});
  window.counted = () => JSON.stringify({lcp: {ms: 1}, cls: 0});
  JSON.stringify = () => '{"lcp": {"ms": 1}}';
</script>
"""


async def test_a_page_cannot_tell_lies_about_itself():
    run = await opened(LIES + TEXT)
    assert (run.lcp_ms or 0) > 500
    assert run.lcp_of == "h1"


async def test_a_page_that_asks_and_prints_and_opens_windows_is_measured():
    run = await opened(
        f"{TEXT}<script>alert(1); confirm(2); print(); open('/x'); onbeforeunload = () => 'stay'</script>"
    )
    assert (run.finished, run.lcp_of) == (True, "h1")


async def test_a_page_that_names_things_badly_is_cut_short():
    run = await opened(f'<h1 id="{"x" * 5000}" class="\x1b[31m&#10;red">{TEXT}</h1>')
    assert len(run.lcp_of) <= 100
    assert run.lcp_of.isprintable()


async def test_a_page_that_computes_for_ever_is_ended():
    busy = f"{TEXT}<script>setTimeout(() => {{for (;;);}}, 50)</script>"
    with pytest.raises(Unavailable, match="the browser is kept busy by the page's scripts until time is over"):
        await opened(busy, visit=Visit("app/", host="app", runs=1, timeout_s=4))


async def test_a_picture_is_told_without_its_query():
    noise = picture(320, 160)

    def app(path: str) -> HttpAnswer:
        return page("<img id=hero src='/a.png?token=x'>") if path == "/" else HttpAnswer(200, "image/png", noise)

    async with site(app) as here:
        run = (await here.open()).runs[0]
    assert run.lcp_of == f"img#hero {here.origin(APP)}/a.png"
