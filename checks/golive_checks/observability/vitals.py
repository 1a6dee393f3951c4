"""Do people see the page soon, and does it stay where it is while they look at it?"""

import statistics
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import Settings, Severity, Verdict, check, failed, unknown, verdict
from golive.wording import duration
from golive_checks.subjects.visits import Visit
from golive_checks.systems.http.front import PAGES
from golive_checks.systems.page.vitals import Opened, WebVitals

ERROR = 400
"""From here on a status is an error (RFC 9110, section 15)."""
WALLS = frozenset({401, 403, 429})
"""What keeps golive out, although it may let people in."""
PHONE = "a phone of 412x823 with a processor four times slower, on Lighthouse's slow 4G (150 ms, 1.6 Mbit/s)"


class VitalLimits(Settings):
    """What a page may take, as the median of its runs."""

    home: ClassVar[str] = "observability.vital_limits"

    lcp_s: float = Field(default=2.5, gt=0)
    """Seconds until the largest picture or text of the first screen is there: web.dev's bound of "good"."""
    cls: float = Field(default=0.1, ge=0)
    """How far things move by themselves, as a share of the screen: web.dev's bound of "good"."""


@check("front.web-vitals", severity=Severity.MEDIUM, empty="the profile lists no web_vitals")
def web_vitals(visit: Visit, seen: WebVitals, ask: VitalLimits) -> Verdict:
    """On a phone and a slow network the page shows within 2.5 seconds, and does not shift afterwards.

    Why: People leave a page that stays empty for three seconds, and tap the wrong thing if a button moves under their
    finger. Both have causes that only a browser sees: fonts, pictures and lists that arrive late. So a Chromium opens
    the pages that `web_vitals` names, with Lighthouse's throttling. That is `active`: their scripts run, the API is
    called, and the visit is counted.

    Fix: LCP: see in the evidence what was painted last, and load that first: no script before it, its picture in the
    HTML with `fetchpriority="high"` and never lazy, small styles and fonts. CLS: reserve space for pictures, lists and
    banners that load late (`width` and `height`, `min-height`).

    Source: https://web.dev/articles/lcp, https://web.dev/articles/cls; Lighthouse's mobile throttling
    """
    trouble = _trouble(seen.runs)
    if trouble:
        return trouble
    lcps = [run.lcp_ms / 1000 for run in seen.runs if run.lcp_ms is not None]
    lcp, shift = statistics.median(lcps), statistics.median(run.cls for run in seen.runs)
    over = list[str]()
    if lcp > ask.lcp_s:
        of = next((run.lcp_of for run in seen.runs if run.lcp_of), "")
        over.append(f"LCP is {duration(lcp)}, more than {duration(ask.lcp_s)}{f': {of}' if of else ''}")
    if shift > ask.cls:
        of = next((run.shifted for run in seen.runs if run.shifted), "")
        over.append(f"CLS is {shift:.2f}, more than {ask.cls:g}{f': {of} moves' if of else ''}")
    # LCP and CLS only grow while a page loads, so that a limit already broken stays broken.
    if not over and (unfinished := sum(not run.finished for run in seen.runs)):
        return unknown(
            f"had not loaded in {unfinished} of {len(seen.runs)} runs when time was over",
            *_evidence(seen),
            fix="raise timeout_s under web_vitals, or see what the page waits for",
        )
    found = verdict(over, ok=f"LCP {duration(lcp)} of {duration(ask.lcp_s)}, CLS {shift:.2f} of {ask.cls:g}")
    return replace(found, evidence=_evidence(seen), unseen=_unseen(seen))


def _trouble(runs: tuple[Opened, ...]) -> Verdict | None:
    """Say why it was not the page that was measured, if it was not, in any of the runs."""
    for reason, fix in map(_another, runs):
        if reason:
            return unknown(reason, fix=fix)
    if error := next((run.status for run in runs if run.status >= ERROR), 0):
        return failed(f"answers {error}")
    empty = sum(run.lcp_ms is None for run in runs)
    if empty or not runs:
        return unknown(
            f"in {empty} of {len(runs)} runs it painted no text and no picture from which LCP could be measured",
            fix="open it by hand: it is empty, or draws on a canvas alone",
        )
    return None


def _another(run: Opened) -> tuple[str, str]:
    """Say why a run did not show the page that is meant, and how to name it; nothing where it did."""
    if run.elsewhere:
        return (
            f"redirects to another host, {run.elsewhere}",
            "name under web_vitals the host that shows the page",
        )
    if run.status in WALLS:
        return (
            f"answers {run.status} to the browser",
            "set under access what golive needs to get in, or name a page that is open to everyone",
        )
    if run.media_type not in PAGES and run.status < ERROR:
        return f"is no page: {run.media_type or 'of no type'}", "name a page under web_vitals"
    if run.moved_to:
        return f"a script navigates to {run.moved_to} before the measurement ends", "list that page under web_vitals"
    return "", ""


def _unseen(seen: WebVitals) -> tuple[str, ...]:
    """Tell what the page wanted and did not get, so that it may have looked otherwise than people see it."""
    worst = max(seen.runs, key=lambda run: run.failures)
    if not worst.failures:
        return ()
    return (f"what {worst.failures} requests of the page would have brought ({', '.join(worst.failed)})",)


def _evidence(seen: WebVitals) -> tuple[str, ...]:
    runs = (
        f"run {number}: LCP {duration((run.lcp_ms or 0) / 1000)}{f' ({run.lcp_of})' if run.lcp_of else ''}"
        f", CLS {run.cls:.3f}{f' ({run.shifted})' if run.shifted else ''}"
        for number, run in enumerate(seen.runs, 1)
    )
    open_door = "" if seen.sandboxed else ", without its sandbox as golive runs as root"
    return (*runs, f"{seen.browser}{open_door}, as {PHONE}")
