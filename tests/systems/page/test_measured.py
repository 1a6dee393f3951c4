"""A real Chromium on pages that are slow and restless."""

from __future__ import annotations

import os

from vitals_site import PATIENT, TEXT, opened, page, site

from golive_checks.subjects.visits import Visit
from golive_lab.world.names import APP


async def test_a_page_is_measured_each_time_anew():
    async with site(page(TEXT)) as here:
        seen = await here.open(Visit("app/", host="app", runs=2, quiet_s=0.5, timeout_s=15))
    assert "Chrome/" in seen.browser
    assert seen.sandboxed is (os.geteuid() != 0)
    assert len(seen.runs) == 2
    assert len(here.of(APP, "/")) == 2
    for run in seen.runs:
        assert (run.status, run.media_type, run.lcp_of, run.cls, run.finished) == (200, "text/html", "h1", 0, True)
        assert 500 < (run.lcp_ms or 0) < 2400, "the throttle holds back a request for 562 ms"


async def test_the_largest_picture_or_text_counts_however_late_it_is():
    late = await opened(
        f"{TEXT}<script>setTimeout(() => {{const p = document.createElement('p'); p.id = 'offer';"
        "p.textContent = 'Une offre de bienvenue. '.repeat(40); document.body.append(p)}, 300)</script>",
        visit=PATIENT,
    )
    assert late.lcp_of == "p#offer"
    assert (late.lcp_ms or 0) > 850


async def test_what_moves_by_itself_counts():
    moved = await opened(
        f"{TEXT}<script>setTimeout(() => {{const div = document.createElement('div');"
        "div.style.height = '400px'; document.body.prepend(div)}, 700)</script>",
        visit=PATIENT,
    )
    assert moved.cls > 0.02
    assert moved.shifted in {"h1", "body"}
