from __future__ import annotations

from collections.abc import Mapping

import pytest

from golive import Outcome
from golive_checks.observability.front import FrontPolicy, code_split, images_optimised, lazy, within_budget
from golive_checks.subjects import Host
from golive_checks.systems.page.modules import LoadedScript, Modules
from golive_checks.systems.page.pictures import Picture, Pictures, Shown

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
APP, ASK = Host("app.test", role="app"), FrontPolicy()
CHECKS = (within_budget, code_split, images_optimised, lazy)


def scripts(
    *initial: float, lazy: int = 0, webpack: bool = False, whole: bool = True, away: str = "", missed: str = ""
) -> Modules:
    """Describe scripts by their kB."""
    return Modules(
        tuple(LoadedScript(f"/{n}.js", int(kb * 1000), whole) for n, kb in enumerate(initial)),
        tuple(LoadedScript(f"/lazy-{n}.js", 900) for n in range(lazy)),
        webpack_lazy=webpack,
        elsewhere=(away,) if away else (),
        missed=(missed,) if missed else (),
    )


BUDGET: Mapping[str, tuple[Outcome, str, Modules]] = {
    "small": (PASS, "120 kB of scripts with gzip before the page works, of 170 kB", scripts(100, 20)),
    "at the budget": (PASS, "170 kB", scripts(170)),
    "above it": (WARN, "171 kB of scripts with gzip before the page works, more than 170 kB", scripts(171)),
    "at the limit": (WARN, "250 kB", scripts(250)),
    "one bundle of 3 MB": (FAIL, "more than 250 kB", scripts(800)),
    "larger than is read": (FAIL, "at least 2 MB", scripts(2000, whole=False)),
    "one of them unread, too large already": (FAIL, "at least 300 kB", scripts(300, missed="/x.js broke")),
    "one of them unread": (UNKNOWN, "/x.js broke", scripts(20, missed="/x.js broke")),
    "from elsewhere": (UNKNOWN, "come from elsewhere: https://cdn.test", scripts(away="https://cdn.test")),
    "a third party beside": (PASS, "20 kB", scripts(20, away="https://js.stripe.com")),
    "none": (NA, "no script", scripts()),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), BUDGET.values(), ids=BUDGET)
def test_the_budget(outcome: Outcome, summary: str, seen: Modules) -> None:
    judged = within_budget(APP, seen, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_what_a_third_party_weighs_is_not_looked_at() -> None:
    assert within_budget(APP, scripts(20, away="https://js.stripe.com"), ASK).unseen


SPLIT: Mapping[str, tuple[Outcome, str, Modules]] = {
    "imports later": (PASS, "loads 2 scripts on demand", scripts(200, lazy=2)),
    "webpack": (PASS, "as webpack does", scripts(200, webpack=True)),
    "small": (PASS, "too little to be split", scripts(99)),
    "in one": (FAIL, "800 kB of scripts with gzip in 1 files", scripts(800)),
    "larger than is read": (UNKNOWN, "larger than golive reads", scripts(2000, whole=False)),
    "unread": (UNKNOWN, "broke", scripts(20, missed="broke")),
    "large and unread": (UNKNOWN, "broke", scripts(200, missed="broke")),
    "none": (NA, "no script", scripts()),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), SPLIT.values(), ids=SPLIT)
def test_splitting(outcome: Outcome, summary: str, seen: Modules) -> None:
    judged = code_split(APP, seen, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def pictures(
    *files: Picture, shown: tuple[Shown, ...] = (), draw: bool = False, defer: bool = False, missed: str = ""
) -> Pictures:
    return Pictures(
        shown, files, scripts_draw=draw, scripts_defer=defer, left_out=0, missed=(missed,) if missed else ()
    )


def picture(kb: float, kind: str = "WebP", wide: int = 800, high: int = 600, *, whole: bool = True) -> Picture:
    return Picture("/a", kind, wide, high, int(kb * 1000), whole)


HERE = Shown("/a", wide=400, high=300)
IMAGES: Mapping[str, tuple[Outcome, str, Pictures]] = {
    "webp": (PASS, "/a, a WebP of 800x600, 90 kB", pictures(picture(90))),
    "as it is shown, twice": (PASS, "90 kB", pictures(picture(90), shown=(HERE,))),
    "4 MB": (FAIL, "a PNG of 800x600, 4 MB: more than 500 kB", pictures(picture(4000, "PNG"))),
    "not read to its end": (FAIL, "at least 2 MB", pictures(picture(2000, whole=False))),
    "large": (WARN, "more than 200 kB", pictures(picture(300))),
    "an old format": (WARN, "WebP or AVIF would be smaller", pictures(picture(40, "JPEG"))),
    "an old format, small": (PASS, "9 kB", pictures(picture(9, "PNG"))),
    "many more pixels than shown": (FAIL, "shown at 400x300", pictures(picture(90, wide=4000), shown=(HERE,))),
    "shown larger elsewhere": (
        PASS,
        "90 kB",
        pictures(picture(90, wide=1600), shown=(HERE, Shown("/a", wide=1600, high=600))),
    ),
    "the browser chooses": (
        PASS,
        "90 kB",
        pictures(picture(90, wide=4000), shown=(Shown("/a", wide=400, high=300, responsive=True),)),
    ),
    "pixels that cannot be told": (
        UNKNOWN,
        "how many pixels /a has",
        pictures(picture(90, wide=0, high=0), shown=(HERE,)),
    ),
    "pixels that do not matter": (PASS, "a WebP, 90 kB", pictures(picture(90, wide=0, high=0))),
    "unread": (UNKNOWN, "broke", pictures(picture(90), missed="broke")),
    "unread beside a large one": (FAIL, "more than 500 kB", pictures(picture(900), missed="broke")),
    "none": (NA, "no picture", pictures()),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), IMAGES.values(), ids=IMAGES)
def test_pictures(outcome: Outcome, summary: str, seen: Pictures) -> None:
    judged = images_optimised(APP, seen, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


EAGER, LATER = Shown("/p"), Shown("/p", lazy=True)
LAZY: Mapping[str, tuple[Outcome, str, Pictures]] = {
    "few": (PASS, "few pictures", pictures(shown=(EAGER,) * 4)),
    "the rest waits": (PASS, "6 of 10 pictures and frames wait", pictures(shown=(EAGER,) * 4 + (LATER,) * 6)),
    "none waits": (FAIL, "6 of 10 pictures, past the first 4, load at once (/p)", pictures(shown=(EAGER,) * 10)),
    "a frame": (WARN, "1 frames load at once", pictures(shown=(Shown("/map", frame=True),))),
    "a lazy frame": (PASS, "1 of 1", pictures(shown=(Shown("/map", frame=True, lazy=True),))),
    "scripts make them lazily": (PASS, "its scripts load images lazily", pictures(draw=True, defer=True)),
    "scripts make them": (FAIL, "its scripts make images", pictures(draw=True)),
    "unread": (UNKNOWN, "broke", pictures(shown=(EAGER,), missed="broke")),
    "nothing to see": (NA, "show a picture", pictures()),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), LAZY.values(), ids=LAZY)
def test_what_waits(outcome: Outcome, summary: str, seen: Pictures) -> None:
    judged = lazy(APP, seen, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_a_host_without_pages_is_not_asked() -> None:
    api = Host("api.test", role="api")
    judged = [within_budget(api, scripts(), ASK), code_split(api, scripts(), ASK)]
    judged += [images_optimised(api, pictures(), ASK), lazy(api, pictures(), ASK)]
    assert {verdict.outcome for verdict in judged} == {NA}
