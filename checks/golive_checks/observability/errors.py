"""Are errors told to anyone: a DSN that is right, an ingest that takes what it is sent, a bundle that sends?"""

from collections.abc import Mapping

from golive import Severity, Unavailable, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive_checks.probes.env import EnvFile
from golive_checks.probes.sentry import Dsn, ErrorTracking, Ingest, Place, Wired
from golive_checks.subjects import Host

ELSEWHERE = "errors go to another service than Sentry: an attestation tells of it"
NO_FILES = "the profile names no env files"


@check("errors.dsn-valid", severity=Severity.MEDIUM, empty=NO_FILES)
def dsn_valid(file: EnvFile, seen: Dsn, ask: ErrorTracking) -> Verdict:
    """The API and the web app have a DSN by which errors are told to Sentry.

    Why: With a DSN that is missing or mistyped Sentry's libraries say nothing and send nothing: the first to tell of
    an error after the release is a customer.

    Fix: Copy the DSN from Sentry: Settings, Projects, the project, Client Keys. One project for each app.

    Source: https://docs.sentry.io/concepts/key-terms/dsn-explainer
    """
    if (no := _not_asked(file, ask)) is not None:
        return no
    if not seen.there:
        return failed(f"{seen.variable} is not set: errors are told to nobody")
    ok = f"{seen.variable} leads to {_told(seen.place)}" if seen.place else ""
    return verdict([f"{seen.variable} {defect}" for defect in seen.defects], ok=ok)


@check("errors.ingest-reachable", severity=Severity.MEDIUM, empty=NO_FILES)
def ingest_reachable(file: EnvFile, seen: Dsn, got: Ingest, ask: ErrorTracking) -> Verdict:
    """What the DSN leads to takes an envelope by its key.

    Why: A project that was removed, a key that was disabled, a quota or a firewall in between: the app sends, nobody
    keeps it, and nothing in the app shows it.

    Fix: Look at the project's Client Keys in Sentry, and at what stands between. golive sends an envelope without
    items, of which no event comes. Sentry's own cloud may take one with an unknown key at first and refuse it later.

    Source: https://develop.sentry.dev/sdk/data-model/envelopes
    """
    if (no := _not_asked(file, ask)) is not None:
        return no
    if seen.place is None:
        return not_applicable(f"{seen.variable} is no DSN: errors.dsn-valid tells of it")
    where, word = f"the ingest of {_told(seen.place)}", f": {got.detail}" if got.detail else ""
    if 200 <= got.status < 300:  # noqa: PLR2004 - the successful ones, RFC 9110, section 15.3
        return passed(f"{where} takes an envelope ({got.status})")
    if got.status >= 500:  # noqa: PLR2004 - the server's own errors, RFC 9110, section 15.6
        return unknown(f"{where} answers {got.status}{word}")
    return failed(f"{where} refuses an envelope: it answers {got.status}{word}")


@check("errors.front-wired", severity=Severity.MEDIUM)
def front_wired(host: Host, seen: Wired, dsns: Mapping[EnvFile, Dsn | Unavailable], ask: ErrorTracking) -> Verdict:
    """The bundle that is served sends its errors to the web app's project.

    Why: Vite bakes the DSN in as it builds: a bundle that was built without it tells nobody of its errors, and one
    that was built for staging tells them to staging's project, whatever the env file says now.

    Fix: Set VITE_SENTRY_DSN, call `Sentry.init({ dsn: import.meta.env.VITE_SENTRY_DSN })` where the app starts, then
    build and deploy again.
    """
    if not host.has_page:
        return not_applicable("it shows no page: its role is neither app nor shop")
    if ask.service != "sentry":
        return not_applicable(ELSEWHERE)
    return _wired(seen, dsns)


def _wired(seen: Wired, dsns: Mapping[EnvFile, Dsn | Unavailable]) -> Verdict:
    of_web = {file: dsn for file, dsn in dsns.items() if file.role == "web"}
    wanted = [dsn.place for dsn in of_web.values() if isinstance(dsn, Dsn) and dsn.place]
    unread = [(file, gap) for file, gap in of_web.items() if isinstance(gap, Unavailable)]
    if unread and not wanted and (seen.places or seen.loader_keys):
        file, gap = unread[0]
        return unknown(f"it sends errors, but whether to the right project {file.name} would say: {gap.reason}")
    if any(place.key in seen.loader_keys for place in wanted) or (seen.loader_keys and not wanted):
        return passed("its page loads Sentry's own loader")
    right = [path for path, place in seen.places.items() if place in wanted or not wanted]
    if right:
        return passed(f"{right[0]} sends errors to {_told(seen.places[right[0]])}")
    if seen.places:
        path, place = next(iter(seen.places.items()))
        return failed(f"{path} sends errors to {_told(place)}, the env file says {_told(wanted[0])}")
    if seen.missed:
        return unknown(f"what the page serves could not all be read: {seen.missed[0]}", *seen.missed)
    return failed("no DSN stands in what it serves: its errors are told to nobody")


def _not_asked(file: EnvFile, ask: ErrorTracking) -> Verdict | None:
    if ask.service != "sentry":
        return not_applicable(ELSEWHERE)
    return not_applicable("its role is neither api nor web") if file.role == "other" else None


def _told(place: Place | None) -> str:
    return f"project {place.project} at {place.base.partition('://')[2]}" if place else ""
