"""The terminal report's small print: what was waived, what is new, what was not looked at, and what to do next."""

from __future__ import annotations

from golive.model import Attested, Finding, Fixed, Report, Standing
from golive.report import view
from golive.report.screen import DIM, STYLES, ScreenPage
from golive.wording import duration, listed

EXAMPLES = 3
"""What is named of each reason for not looking, without --verbose."""
COMMANDS = 3
"""The checks that one command names."""
LINES = 20
"""The lines of each part without --verbose."""
SLOWEST = 5


def write(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write what remains to be reported, each part only if there is something."""
    waivers(page, report, verbose=verbose)
    compared(page, report, verbose=verbose)
    attested(page, report, verbose=verbose)
    unseen(page, report, verbose=verbose)
    if verbose:
        slowest(page, report)
    circumstances(page, report, verbose=verbose)


def waivers(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write what is waived, who by, why and until when."""
    if not report.waived:
        return
    page.heading("Waived")
    text = page.screen.text

    def entry(finding: Finding) -> None:
        waiver = finding.waiver
        until = f"{waiver.approver}, until {view.day(waiver.expires)}: {waiver.reason}" if waiver else ""
        _named(page, finding, text(finding.verdict.summary))
        page.put((text(until), DIM), indent=4, hang=2)

    page.each(report.waived, entry, "waived finding", lines=None if verbose else LINES)


def _named(page: ScreenPage, finding: Finding, words: str) -> None:
    """Write a finding's names and a few words."""
    page.put(finding.check.id, (f"  {page.screen.text(finding.subject)}", "bold"), f"  {words}", hang=2)


def compared(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write what is new, what remains and what is fixed since the baseline."""
    if not report.baseline:
        return
    text = page.screen.text
    new, remaining = (view.standing(report, how) for how in (Standing.NEW, Standing.REMAINING))
    page.heading("Since the baseline", (f"  {text(report.baseline)}", DIM))
    page.flow([(f"{len(new)} new", ""), (f"{len(remaining)} remaining", ""), (f"{len(report.fixed)} fixed", "")])
    lines = None if verbose else LINES
    page.each(remaining, lambda finding: _remaining(page, finding), "remaining finding", lines=lines)
    page.each(report.fixed, lambda item: _fixed(page, item), "fixed finding", lines=lines)


def _remaining(page: ScreenPage, finding: Finding) -> None:
    text = page.screen.text
    page.put(
        (f"{page.glyphs.marks[finding.outcome]} ", f"bold {STYLES[finding.outcome]}"),
        finding.check.id,
        (f"  {text(finding.subject)}", "bold"),
        f"  {text(finding.verdict.summary)}",
        (f"  (since {view.day(finding.since)})", DIM),
        hang=2,
    )


def _fixed(page: ScreenPage, item: Fixed) -> None:
    text, since = page.screen.text, view.fixed_since(item)
    page.put(
        (f"{page.glyphs.fixed} ", "bold green"),
        text(item.id),
        f"  {text(item.summary)}",
        (f"  ({since})" if since else "", DIM),
        hang=2,
    )


def attested(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write the attestations."""
    if not report.attestations:
        return
    text = page.screen.text
    page.heading("Attested")

    def entry(item: Attested) -> None:
        summary = f"{text(item.who) or 'nobody'}, {view.day(item.when)}, until {view.day(item.expires)}"
        page.put(text(item.id), (f"  {summary}", DIM), hang=2)
        if verbose:
            page.put(text(item.statement), (f"  {text(item.evidence)}", DIM), indent=4, hang=2)

    page.each(report.attestations, entry, "attestation", lines=None if verbose else LINES)


def unseen(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write what was not looked at and why."""
    reasons = view.not_looked_at(report)
    if not reasons:
        return
    text = page.screen.text
    page.heading("Not looked at")

    def entry(gap: tuple[str, list[str]]) -> None:
        page.put(text(gap[0]), (f"  {text(_some(gap[1], everything=verbose))}", DIM), hang=2)

    page.each(reasons, entry, "reason", lines=None if verbose else LINES)


def _some(names: list[str], *, everything: bool) -> str:
    """Return the first of many names, and how many more there are."""
    return listed(names, len(names) if everything else EXAMPLES)


def slowest(page: ScreenPage, report: Report) -> None:
    """Write which probes took longest."""
    if not report.timings:
        return
    page.heading("Slowest probes")
    for timing in sorted(report.timings, key=lambda t: -t.seconds)[:SLOWEST]:
        page.put(timing.probe, (f"  {page.screen.text(timing.subject)}", "bold"), right=duration(timing.seconds))


def circumstances(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write by what, from where and how long it was looked at, and what to type next."""
    run, text = report.run, page.screen.text
    took = duration((run.ended - run.started).total_seconds())
    known = [f"golive {run.version}", f"profile {run.profile}", f"seen from {run.vantage}"]
    known += [f"{view.moment(run.started)}, {took}", _digests(report)]
    if run.oldest_table:
        title, _, checked = run.oldest_table.rpartition(", ")
        known[0] += f", oldest table {checked}" + (f" ({title})" if verbose else "")
    page.blank()
    page.flow([(text(part), DIM) for part in known])
    red = list(dict.fromkeys(f.check.id for f in report.blockers))
    if red:
        page.put(("Look again at what blocks:", DIM), f" {text(view.again(run, *red[:COMMANDS]))}", hang=2)
    if not verbose:
        page.put("--verbose", (" shows what was seen, ", DIM), "golive explain ID", (" what a check is about", DIM))


def _digests(report: Report) -> str:
    """Return the digests, short enough to compare by eye."""
    digests = {"profile": report.run.profile_digest, "facts": report.run.facts_digest}
    short = ", ".join(f"{name} {digest.rpartition(':')[2][:8]}" for name, digest in digests.items() if digest)
    return f"digests: {short}" if short else ""
