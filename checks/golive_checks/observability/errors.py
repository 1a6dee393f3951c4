"""Are errors reported: a valid DSN, an ingest that accepts and keeps them, a bundle that sends them?"""

from collections.abc import Mapping

from golive import Severity, Unavailable, Verdict, check, failed, not_applicable, passed, unknown, verdict, warned
from golive.wording import duration
from golive_checks.subjects import Host
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.sentry.event import STAYS, Arrival, TrialEvent
from golive_checks.systems.sentry.sentry import Dsn, DsnOddity, DsnTarget, ErrorTracking, Ingest, Wired

ELSEWHERE = "errors go to another service than Sentry, as an attestation says"
NO_FILES = "the profile names no env files"
ODD = {
    DsnOddity.OTHER_FORM: "is no DSN: https://KEY@HOST/PROJECT",
    DsnOddity.SECRET_KEY: "holds a secret key beside the public one, which Sentry dropped in 2018",
    DsnOddity.OTHER_KEY: "has no public key of 32 hex digits",
    DsnOddity.NO_PROJECT: "names no project: a number at its end",
    DsnOddity.CLEAR_TEXT: "sends errors in clear: http",
}
TOO_MANY = 429
KEYS = "Copy the DSN again from the project's Client Keys in Sentry, and check that the key is enabled."
QUOTA = "Look at the project's Stats in Sentry: what sends so much, and is the quota, or the key's own limit, enough?"
NOT_SENTRY = "Look at what answers in Sentry's place: a proxy, a tunnel, another application on the DSN's host."
LOOKUP = "Look for it in Sentry; give observability.errors.lookup the slugs and a token with project:read."


@check("errors.dsn-valid", severity=Severity.MEDIUM, empty=NO_FILES)
def dsn_valid(file: EnvFile, seen: Dsn, ask: ErrorTracking) -> Verdict:
    """The API and the web app have a DSN for reporting errors to Sentry.

    Why: With a missing or mistyped DSN Sentry's libraries silently send nothing: the first to report an error after the
    release is a customer.

    Fix: Copy the DSN from Sentry: Settings, Projects, the project, Client Keys. One project for each app.

    Source: https://docs.sentry.io/concepts/key-terms/dsn-explainer
    """
    if (no := _not_asked(file, ask)) is not None:
        return no
    if not seen.there:
        return failed(f"{seen.variable} is not set: no errors are reported")
    ok = f"{seen.variable} leads to {_described(seen.place)}" if seen.place else ""
    what = {DsnOddity.PLACEHOLDER: f"is a placeholder ({seen.placeholder})", **ODD}
    return verdict([f"{seen.variable} {what[oddity]}" for oddity in seen.oddities], ok=ok)


@check("errors.ingest-reachable", severity=Severity.MEDIUM, empty=NO_FILES)
def ingest_reachable(file: EnvFile, seen: Dsn, got: Ingest, ask: ErrorTracking) -> Verdict:
    """The DSN's endpoint accepts an envelope with its key.

    Why: A project that was removed, a disabled key, a quota or a firewall in between: the app's reports are lost, and
    nothing in the app shows it.

    Fix: Check the project's Client Keys in Sentry, and any proxy or firewall in between. golive sends an envelope
    without items, which creates no event. Sentry's own cloud may accept an unknown key at first and refuse it later.

    Source: https://develop.sentry.dev/sdk/data-model/envelopes
    """
    if (no := _not_asked(file, ask)) is not None:
        return no
    if seen.place is None:
        return not_applicable(f"{seen.variable} is not a DSN: see errors.dsn-valid")
    where, word = f"the ingest of {_described(seen.place)}", f": {got.detail}" if got.detail else ""
    if 200 <= got.status < 300:  # noqa: PLR2004 - the successful ones, RFC 9110, section 15.3
        return passed(f"{where} accepts an envelope ({got.status})")
    if got.status >= 500:  # noqa: PLR2004 - the server's own errors, RFC 9110, section 15.6
        return unknown(f"{where} answers {got.status}{word}")
    return failed(f"{where} refuses an envelope: it answers {got.status}{word}")


@check("errors.event-arrives", severity=Severity.MEDIUM, empty=NO_FILES)
def event_arrives(file: EnvFile, seen: Dsn, got: TrialEvent, ask: ErrorTracking) -> Verdict:
    """A test event sent to the DSN arrives in its Sentry project.

    Why: An ingest that answers 200 has put the event in a queue. A filter, a quota, spike protection or a stuck worker
    may drop it after that, and neither the app nor its logs show that.

    Fix: Look at the project's Stats in Sentry (filtered, rate limited, invalid), at its inbound filters and quota; on a
    Sentry of your own at the workers and their queues. If golive could not check whether it arrived: set `lookup` in
    observability.errors, with a token of scope project:read.

    Source: https://docs.sentry.io/api/events/retrieve-an-event-for-a-project
    """
    if (no := _not_asked(file, ask)) is not None:
        return no
    if not ask.test_event:
        return not_applicable("no test event is configured (observability.errors.test_event)")
    if seen.place is None:
        return not_applicable(f"{seen.variable} is not a DSN: see errors.dsn-valid")
    place = _described(seen.place)
    return _refused(f"the ingest of {place}", got) or _arrived(got, got.arrival, f"{place} took event {got.event_id}")


def _refused(where: str, got: TrialEvent) -> Verdict | None:
    word = f": {got.detail}" if got.detail else ""
    if got.garbled:
        return failed(f"{where} answers the test event with what is no JSON object", fix=NOT_SENTRY)
    if got.status == TOO_MANY:
        limit = f" and refuses errors {got.limited}" if got.limited else ""
        return failed(f"{where} answers 429, too many requests, to the test event{limit}{word}", fix=QUOTA)
    if got.status >= 500:  # noqa: PLR2004 - the server's own errors, RFC 9110, section 15.6
        return unknown(f"{where} answers {got.status} to the test event{word}")
    if not 200 <= got.status < 300:  # noqa: PLR2004 - the successful ones, section 15.3
        return failed(f"{where} refuses the test event: it answers {got.status}{word}", fix=KEYS)
    if got.answered_id != got.event_id:
        other = "the id of another event" if got.answered_id else "no id of an event"
        return failed(f"{where} answers the test event with {got.status} and {other}", fix=NOT_SENTRY)
    return None


def _arrived(got: TrialEvent, arrival: Arrival | None, took: str) -> Verdict:
    stays = f"what stays in Sentry: {STAYS}"
    if arrival is None:
        # Accepted is not arrived: a pass would claim what nobody saw, and a failure what nobody saw either.
        return warned(f"{took}; golive did not check whether it arrived", stays, fix=LOOKUP)
    if arrival.trouble:
        return unknown(f"{took}; whether it arrived is not known: {arrival.trouble}", stays, fix=LOOKUP)
    if not arrival.found:
        return failed(f"{took} and dropped it: Sentry's API has not had it for {duration(arrival.waited_s)}")
    if got.limited:
        return warned(f"{took} and has it, but refuses further errors {got.limited}", stays, fix=QUOTA)
    return passed(f"{took}, and its API has it after {duration(arrival.waited_s)}; it stays there", stays)


@check("errors.front-wired", severity=Severity.MEDIUM)
def front_wired(host: Host, seen: Wired, dsns: Mapping[EnvFile, Dsn | Unavailable], ask: ErrorTracking) -> Verdict:
    """The deployed bundle reports its errors to the web app's project.

    Why: Vite bakes the DSN in as it builds: a bundle that was built without it reports no errors, and one that was
    built for staging reports them to staging's project, whatever the env file says now.

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
        text = f"it sends errors, but whether to the right project {file.name} would say: {gap.reason}"
        return unknown(text, fix=gap.fix)
    if any(place.key in seen.loader_keys for place in wanted) or (seen.loader_keys and not wanted):
        return passed("its page loads Sentry's own loader")
    served = [(path, place) for path, places in seen.places.items() for place in places]
    if right := next(((path, place) for path, place in served if place in wanted or not wanted), None):
        return passed(f"{right[0]} sends errors to {_described(right[1])}")
    if seen.missed:
        return unknown(f"what the page serves could not all be read: {seen.missed[0]}", *seen.missed)
    if served:
        path, place = served[0]
        return failed(f"{path} sends errors to {_described(place)}, the env file says {_described(wanted[0])}")
    return failed("nothing it serves contains a DSN: its errors are not reported")


def _not_asked(file: EnvFile, ask: ErrorTracking) -> Verdict | None:
    if ask.service != "sentry":
        return not_applicable(ELSEWHERE)
    return not_applicable("its role is neither api nor web") if file.role == "other" else None


def _described(place: DsnTarget | None) -> str:
    return f"project {place.project} at {place.base.partition('://')[2]}" if place else ""
