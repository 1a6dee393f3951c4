"""Can a request be found in the logs, by a program, and do the logs end before the disk does?"""

from collections import Counter
from collections.abc import Mapping, Sequence

from golive import Unavailable, Verdict, check, failed, not_applicable, not_configured, passed, unknown, verdict
from golive.wording import duration
from golive_checks.security.log_keeping import judge_keeper
from golive_checks.subjects import Host
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.logs.lines import LogLine
from golive_checks.systems.logs.request_log import RequestLog
from golive_checks.systems.logs.rotation import LogRotation
from golive_checks.systems.logs.settings import Logs
from golive_checks.systems.logs.shapes import Looks


@check("logs.structured")
def structured(host: Host, seen: RequestLog) -> Verdict:
    """The API's log is JSON, each line with a time and a level.

    Why: At 2 a.m. someone asks for all errors of one tenant in ten minutes. Lines of text answer that by hand, if at
    all; a stack trace over forty lines is forty entries that belong to no request.

    Fix: Log through a library that writes JSON (pino, winston with format.json(), structlog), its own start and
    uncaught errors too, and leave pretty-printing to development.
    """
    if not seen.source:
        return _unnamed(host)
    own, recent = _of_service(seen.lines), _of_service(seen.recent)
    lines = own or recent
    if not lines:
        return unknown(f"{seen.source} holds no line", fix="is it the right one? see logs.request-traceable")
    which = "the request's line" if own else "the newest line"
    fails = _wrong(lines, f"{which} in {seen.source}")
    warns = list[str]()
    if not fails and (text := [line for line in recent if not line.json]):
        summary = f"{len(text)} of the newest {len(recent)} lines in {seen.source} are not JSON{_most_look_like(text)}"
        written = [line for line in text if line.looks is not Looks.BANNER]  # a start's few lines are no log
        (fails if 2 * len(written) >= len(recent) else warns).append(summary)
    shown = lines[-1]
    return verdict(fails, warns, ok=f"{seen.source}: JSON with {shown.time} and {shown.level}")


def _of_service(lines: Sequence[LogLine]) -> list[LogLine]:
    """Leave out what the platform writes between the service's own lines."""
    return [line for line in lines if line.looks is not Looks.PLATFORM]


def _wrong(lines: Sequence[LogLine], what: str) -> list[str]:
    """Return what is wrong with the last of some lines that is not as it should be."""
    if text := [line for line in lines if not line.json]:
        more = f", like {len(text) - 1} more" if len(text) > 1 else ""
        return [f"{what} is not JSON{more}{_most_look_like(text)}"]
    lacking = [name for name in ("time", "level") if any(not getattr(line, name) for line in lines)]
    return [f"{what} has no {name}" for name in lacking]


def _most_look_like(text: Sequence[LogLine]) -> str:
    """Name the commonest form of some lines of text, so that the reader finds the program that writes them."""
    forms = Counter(line.looks for line in text if line.looks)
    if not forms:
        return ""
    looks, count = forms.most_common(1)[0]
    return f": {'it looks' if len(text) == 1 else f'{count} look'} like {looks.value}"


@check("logs.request-traceable")
def request_traceable(host: Host, seen: RequestLog, ask: Logs) -> Verdict:
    """A request that carries an id appears in the log with that id.

    Why: One id through the web app, the API and its jobs turns a customer's complaint into one search. If the app makes
    up new ids, or the proxy drops the header, the logs cannot be joined.

    Fix: Take the id from the header, or create one (pino-http: `genReqId: req => req.headers['x-request-id'] ??
    randomUUID()`), log it with every line of the request, and pass it on to the services that the request calls.
    """
    if not seen.source:
        return _unnamed(host)
    sent = f"{seen.path} was requested with an id in {ask.header}, and answered {seen.status}"
    if not seen.lines:
        there = f"it does not appear in {seen.source} within {duration(ask.watch_s)}"
        return failed(f"{sent}: {there}" + ("" if seen.recent else ", which holds no line at all"))
    under = sorted({line.id for line in seen.lines if line.id})
    if under:
        return passed(
            f"{seen.path} was found in {seen.source} after {duration(seen.waited_s)}, by {' and '.join(under)}"
        )
    if any(line.json for line in seen.lines):
        fix = "log it in a field of its own, or name that field in security.logs.id_keys"
        return failed(f"the id appears in {seen.source}, but in no field for a request's id", fix=fix)
    return failed(f"the id appears in {seen.source} in the midst of text, which no program finds by its field")


@check("logs.rotated")
def rotated(
    host: Host, seen: LogRotation, attested: Mapping[Attestation, Evidence | Unavailable] | Unavailable
) -> Verdict:
    """The API's logs are rotated, or kept for a set time.

    Why: A log that grows forever fills the disk, and then the database on the same machine stops; in a cloud it costs
    more each month, and keeps personal data for longer than allowed.

    Fix: logrotate with `daily` and `rotate 14`; for Docker `max-size` and `max-file` of its json-file driver; a
    retention in CloudWatch (`aws logs put-retention-policy`) or Loki (`retention_period`). Then say which, in
    security.logs.rotation.
    """
    if seen.by:
        return judge_keeper(seen, seen.by)
    if seen.attested:
        there = () if isinstance(attested, Unavailable) else tuple(attested)
        word = next((each for each in there if each.name == seen.attested), None)
        if word is None:
            return failed(f"the profile has no attestation {seen.attested}, which security.logs.rotation names")
        # whether the word still counts is for the attestations' own checks
        return passed(f"{word.who or 'nobody'} attests it until {word.expires or 'no day'} ({word.name})")
    if not host.serves_api:
        return not_applicable("it is no API, and names no rotation of a log")
    return not_configured("nothing shows how the logs are kept from growing", "security.logs.rotation")


def _unnamed(host: Host) -> Verdict:
    if not host.serves_api:
        return not_applicable("it is no API, and names no log")
    return not_configured("the profile does not say where its log is", "security.logs")
