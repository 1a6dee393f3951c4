"""Is what a profile's own checks expect so?"""

from collections.abc import Iterator

from golive import Severity, Unavailable, Verdict, check, unknown, verdict
from golive.wording import duration
from golive_checks.measured import QUIET, unsure
from golive_checks.systems.custom.answers import Came, as_json
from golive_checks.systems.custom.asking import Answered, Sent
from golive_checks.systems.custom.requests import Custom, Expectation

OK = range(200, 300)


@check("custom.holds", severity=Severity.HIGH)
def holds(of: Custom, seen: Answered | Unavailable, sent: Sent | Unavailable) -> Verdict:
    """What a check of the profile's own expects holds.

    Why: A team knows things about its product that no tool can: the price that must show, the table that must have
    rows.

    Fix: See the check's own fix in the profile, under `custom:`.
    """
    got = sent if of.writes else seen
    if isinstance(got, Unavailable):
        raise got
    came = got.came or Came()
    wrong = list(_WRONG[of.way](came, of.expect))
    if of.expect.within_s is not None and came.seconds > of.expect.within_s:
        wrong.append(f"takes {duration(came.seconds)}, at most {duration(of.expect.within_s)} is allowed")
    unmeasured = unsure(came.seconds, came.unsure_s, of.expect.within_s) if of.expect.within_s is not None else ""
    if unmeasured and not wrong:
        return unknown(f"takes {unmeasured}", fix=QUIET)
    return verdict(wrong, ok=_seen(of.way, came))


def _of_http(came: Came, ask: Expectation) -> Iterator[str]:
    wanted = (ask.status,) if isinstance(ask.status, int) else ask.status
    if came.status not in (wanted or OK):
        yield f"answers {came.status}, not {' or '.join(map(str, wanted)) or '200 to 299'}"
    yield from (f"the header {name} is missing" for name in ask.present if name not in came.present)
    yield from (f"the header {name} is there" for name in ask.absent if name in came.present)
    for name, pattern in ask.headers.items():
        if not came.headers.get(name):
            how = "does not fit" if name in came.present else "is missing; expected"
            yield f"the header {name} {how} {pattern}"
    yield from _of_text(came, ask)


def _of_text(came: Came, ask: Expectation) -> Iterator[str]:
    if came.no_json:
        yield "what came is no JSON"
    for path, wanted in ask.json_values.items() if not came.no_json else ():
        allowed = [as_json(each) for each in (wanted if isinstance(wanted, tuple) else (wanted,))]
        there = came.values.get(path, ())
        other = next((value for value in there if value not in allowed), None)
        if not there:
            yield f"{path} finds nothing"
        elif other is not None:
            yield f"{path} is {other}, not {' or '.join(allowed)}"
    yield from (f"{pattern} is not found" for pattern in ask.matches if not came.found.get(pattern))
    yield from (f"{pattern} is found" for pattern in ask.matches_not if came.found.get(pattern))
    yield from _of_numbers(came, ask)


def _of_numbers(came: Came, ask: Expectation) -> Iterator[str]:
    if ask.at_least is None and ask.at_most is None:
        return
    if came.not_a_number or not came.numbers:
        yield f"{came.not_a_number or 'nothing'} instead of a number"
    for value in came.numbers:
        if ask.at_least is not None and not value >= ask.at_least:
            yield f"{value:g} is less than {ask.at_least:g}"
        if ask.at_most is not None and not value <= ask.at_most:
            yield f"{value:g} is more than {ask.at_most:g}"


def _of_rows(came: Came, ask: Expectation) -> Iterator[str]:
    least = ask.min_rows if ask.min_rows is not None else 0 if ask.max_rows is not None else 1
    if came.rows < least:
        yield f"{came.rows} came, at least {least} expected"
    if ask.max_rows is not None and came.rows > ask.max_rows:
        yield f"{came.rows} came, at most {ask.max_rows} expected"
    if came.rows:
        yield from _of_numbers(came, ask)


def _of_dns(came: Came, ask: Expectation) -> Iterator[str]:
    if ask.records is not None:
        if sorted(map(_bare, ask.records)) != sorted(map(_bare, came.records)):
            yield f"is {', '.join(came.records) or came.said}, not {', '.join(ask.records) or 'nothing'}"
    else:
        yield from _of_rows(came, ask)
    yield from _of_text(came, ask)


def _bare(record: str) -> str:
    return record.strip('"').rstrip(".").lower()


def _of_tcp(came: Came, ask: Expectation) -> Iterator[str]:
    if came.there != ask.connects:
        yield "accepts connections, and must not" if came.there else came.said


def _of_file(came: Came, ask: Expectation) -> Iterator[str]:
    if came.there != ask.exists:
        yield "is there, and must not be" if came.there else came.said
    elif came.there:
        yield from _of_text(came, ask)


def _of_command(came: Came, ask: Expectation) -> Iterator[str]:
    if came.status != ask.code:
        yield f"ends with {came.status}, not {ask.code}" + (f": {came.said}" if came.said else "")
    yield from _of_text(came, ask)


_WRONG = {
    "http": _of_http,
    "dns": _of_dns,
    "tcp": _of_tcp,
    "sql": _of_rows,
    "promql": _of_rows,
    "file": _of_file,
    "command": _of_command,
}


def _seen(way: str, came: Came) -> str:
    """Say what was seen where all is as expected."""
    if way == "http":
        return f"answers {came.status} in {duration(came.seconds)}"
    if way in {"sql", "promql", "dns"}:
        values = ", ".join([f"{value:g}" for value in came.numbers[:3]] or came.records[:3])
        return f"{came.rows} came" + (f": {values}" if values else "")
    if way == "command":
        return f"ends with {came.status}"
    return "is as expected"
