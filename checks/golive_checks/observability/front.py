"""Does the web app start quickly on a slow network: how much script, which pictures, and what waits until wanted?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import Settings, Severity, Verdict, check, not_applicable, passed, unknown, verdict
from golive.wording import data_size
from golive_checks.subjects import Host
from golive_checks.systems.page.modules import LoadedScript, Modules
from golive_checks.systems.page.pictures import Picture, Pictures, Shown

NO_PAGE = "it shows no page: its role is neither app nor shop"
OLD_FORMATS = frozenset({"PNG", "JPEG", "GIF", "BMP"})
"""WebP and AVIF, which every browser has had since 2020 and 2024, are a quarter to a half smaller."""
DENSITY = 2
"""Device pixels to a CSS pixel: a phone has two or three, and nobody sees the third."""
SLACK = 1.5
"""How many times more pixels than shown, at that density, are no matter: one file serves several places."""
SMALL_BYTES = 10_000
"""A file of this size gains nothing by another format or size that anyone would notice."""


class FrontPolicy(Settings):
    """How much a page may load before it can be used. kB are 1,000 bytes, of scripts with gzip."""

    home: ClassVar[str] = "observability.front"

    scripts_kb: float = Field(default=170, gt=0)
    """Of the scripts that the page needs to start; more warns."""
    scripts_limit_kb: float = Field(default=250, gt=0)
    """More than this fails."""
    split_above_kb: float = Field(default=100, gt=0)
    """An app whose scripts are smaller in all need not be split."""
    picture_kb: float = Field(default=200, gt=0)
    """Of a single picture; more warns."""
    picture_limit_kb: float = Field(default=500, gt=0)
    """More than this fails."""
    eager_pictures: int = Field(default=4, ge=0)
    """How many pictures at the top of the page may load at once; those further down should wait until they come into
    view."""


@check("front.within-budget", severity=Severity.MEDIUM)
def within_budget(host: Host, seen: Modules, ask: FrontPolicy) -> Verdict:
    """The scripts that a page needs to start are within the budget, with gzip.

    Why: Nothing on the page works until its scripts are loaded, unpacked, compiled and run. On a cheap phone and a slow
    network 250 kB take several seconds, and people leave.

    Fix: Look at what is in the bundle (`npx vite-bundle-visualizer`), load what the first page does not need with
    `import()`, and use smaller libraries. Compress: brotli, else gzip.

    Source: https://web.dev/articles/performance-budgets-101 (170 kB); the checklist's budget of 250 kB
    """
    if not host.has_page:
        return not_applicable(NO_PAGE)
    total = _packed(seen.initial)
    least = "at least " if seen.missed or not all(s.whole for s in seen.initial) else ""
    text = f"{least}{data_size(total)} of scripts with gzip before the page works"
    largest = sorted(seen.initial, key=lambda s: -s.packed_bytes)[:5]
    evidence = [f"{s.path}: {'' if s.whole else 'at least '}{data_size(s.packed_bytes)}" for s in largest]
    limit, budget = ask.scripts_limit_kb * 1000, ask.scripts_kb * 1000
    over = [f"{text}, more than {data_size(ask.scripts_limit_kb * 1000)}"] if total > limit else []
    if not over and least:
        gaps = [*seen.missed, *(f"{s.path} is larger than golive reads" for s in seen.initial if not s.whole)]
        return unknown(f"the page's scripts could not all be read: {gaps[0]}", *gaps)
    if not seen.initial:
        return _no_script(seen)
    near = [f"{text}, more than {data_size(ask.scripts_kb * 1000)}"] if budget < total <= limit else []
    found = verdict(over, near, ok=f"{text}, of {data_size(ask.scripts_kb * 1000)}", evidence=evidence)
    return replace(found, unseen=_third_parties(seen))


@check("front.code-split", severity=Severity.MEDIUM)
def code_split(host: Host, seen: Modules, ask: FrontPolicy) -> Verdict:
    """What the first page does not need is split off and loaded on demand.

    Why: In one bundle everybody downloads every page's code, the back office's included, before seeing the first one;
    and each release makes everybody download all of it again.

    Fix: Load routes with `import()`: in React `const Cart = lazy(() => import('./Cart'))`, in Vue and Angular the
    router takes the same function. Vite and webpack then write a file for each.

    Source: https://web.dev/articles/reduce-javascript-payloads-with-code-splitting
    """
    if not host.has_page:
        return not_applicable(NO_PAGE)
    if seen.lazy or seen.webpack_lazy:
        files = f"{len(seen.lazy)} scripts" if seen.lazy else "scripts by number, as webpack does,"
        return replace(passed(f"loads {files} on demand"), unseen=_third_parties(seen))
    total = _packed(seen.initial)
    if unread := [*seen.missed, *(f"{s.path} is larger than golive reads" for s in seen.initial if not s.whole)]:
        return unknown(f"whether its scripts import others could not be read: {unread[0]}", *unread)
    if total <= ask.split_above_kb * 1000:
        return (
            passed(f"{data_size(total)} of scripts in all: too little to be split")
            if seen.initial
            else _no_script(seen)
        )
    return verdict(
        [f"{data_size(total)} of scripts with gzip in {len(seen.initial)} files, none of them loaded on demand"],
        ok="",
        evidence=[f"{s.path}: {data_size(s.packed_bytes)}" for s in seen.initial[:5]],
    )


@check("front.images-optimised", severity=Severity.MEDIUM)
def images_optimised(host: Host, seen: Pictures, ask: FrontPolicy) -> Verdict:
    """Pictures have a modern format and are no larger than what is shown.

    Why: Pictures are most of what a page weighs. An unscaled photograph takes longer to load over a phone's network
    than the whole app, and costs the user money.

    Fix: Write them as WebP or AVIF in the size that is shown, twice that for phones (`sharp`, `vite-imagetools`,
    `next/image`), and offer several with `srcset`. Drawings and logos are better as SVG.

    Source: https://web.dev/learn/images; Lighthouse's "Improve image delivery"
    """
    if not host.has_page:
        return not_applicable(NO_PAGE)
    fails, warns, unread = list[str](), list[str](), [*seen.missed]
    for picture in seen.files:
        _weigh(picture, [s for s in seen.shown if s.path == picture.path], ask, fails, warns, unread)
    unseen = (*unread, *([f"{seen.left_out} more pictures"] if seen.left_out else ()))
    if not fails and unread:
        return unknown(f"not all pictures could be looked at: {unread[0]}", *unread)
    if not seen.files:
        return not_applicable("its page, scripts and styles name no picture on the host itself")
    largest = max(seen.files, key=lambda p: p.size_bytes)
    text = f"{len(seen.files)} pictures, the largest {_described(largest)}" if len(seen.files) > 1 else ""
    return replace(verdict(fails, warns, ok=text or _described(largest)), unseen=unseen)


def _weigh(
    picture: Picture, places: list[Shown], ask: FrontPolicy, fails: list[str], warns: list[str], unread: list[str]
) -> None:
    size, what = picture.size_bytes, _described(picture)
    widest = max((s.wide * s.high for s in places), default=0)
    known = widest and all(s.wide and s.high and not s.responsive for s in places)
    if size > ask.picture_limit_kb * 1000:
        fails.append(f"{what}: more than {data_size(ask.picture_limit_kb * 1000)}")
    elif size > SMALL_BYTES and known and not picture.width:
        unread.append(f"how many pixels {picture.path} has")
    elif size > SMALL_BYTES and known and picture.width * picture.height > SLACK * DENSITY**2 * widest:
        place = max(places, key=lambda s: s.wide * s.high)
        fails.append(f"{what}: shown at {place.wide}x{place.high}")
    elif size > ask.picture_kb * 1000:
        warns.append(f"{what}: more than {data_size(ask.picture_kb * 1000)}")
    elif size > SMALL_BYTES and picture.format in OLD_FORMATS:
        warns.append(f"{what}: WebP or AVIF would be smaller")


@check("front.lazy", severity=Severity.LOW)
def lazy(host: Host, seen: Pictures, ask: FrontPolicy) -> Verdict:
    """Pictures and frames further down the page load when they come into view.

    Why: A list of a hundred products loads a hundred pictures before anyone scrolls; they compete with the scripts and
    with the one picture that people look at first.

    Fix: `<img loading="lazy" width="…" height="…">` for all but the first few, and `loading="lazy"` for frames.

    Source: HTML, section 2.5.7 (lazy loading attributes); https://web.dev/articles/browser-level-image-lazy-loading
    """
    if not host.has_page:
        return not_applicable(NO_PAGE)
    pictures = [s for s in seen.shown if not s.frame]
    eager = [s for s in pictures[ask.eager_pictures :] if not s.lazy]
    frames = [s for s in seen.shown if s.frame and not s.lazy]
    fails = list(_eager(eager, len(pictures), ask))
    if seen.scripts_draw and not seen.scripts_defer and not any(s.lazy for s in pictures):
        fails.append("its scripts make images, and none of them with loading=lazy")
    warns = [f"{len(frames)} frames load at once, without loading=lazy"] if frames else []
    if not fails and seen.missed:
        return unknown(f"not all of the page could be read: {seen.missed[0]}", *seen.missed)
    if not seen.shown and not seen.scripts_draw:
        return not_applicable("neither its page nor its scripts show a picture or a frame")
    waiting = sum(s.lazy for s in seen.shown)
    ok = f"{waiting} of {len(seen.shown)} pictures and frames wait until they come near" if waiting else ""
    return verdict(fails, warns, ok=ok or ("its scripts load images lazily" if seen.scripts_defer else "few pictures"))


def _eager(eager: list[Shown], count: int, ask: FrontPolicy) -> Iterator[str]:
    if eager:
        first = next((s.path for s in eager if s.path), "from elsewhere")
        yield f"{len(eager)} of {count} pictures, past the first {ask.eager_pictures}, load at once ({first})"


def _packed(scripts: tuple[LoadedScript, ...]) -> int:
    return sum(script.packed_bytes for script in scripts)


def _no_script(seen: Modules) -> Verdict:
    if seen.elsewhere:
        return unknown(
            f"its scripts come from elsewhere: {', '.join(seen.elsewhere[:3])}",
            fix="name the host that serves the page's scripts; golive looks at the profile's own hosts alone",
        )
    return not_applicable("its page has no script")


def _third_parties(seen: Modules) -> tuple[str, ...]:
    return (f"scripts from {', '.join(seen.elsewhere)}",) if seen.elsewhere else ()


def _described(picture: Picture) -> str:
    pixels = f" of {picture.width}x{picture.height}" if picture.width else ""
    least = "" if picture.whole else "at least "
    return f"{picture.path}, a {picture.format}{pixels}, {least}{data_size(picture.size_bytes)}"
