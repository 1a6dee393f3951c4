import datetime as dt

import pytest

from golive import Unavailable
from golive_checks.systems.machine.client.yamlnodes import documents
from golive_checks.systems.monitoring.intervals import HOURS, hours, spans, within

KINDS = {
    "night": '[{times: [{start_time: "22:00", end_time: "24:00"}, {start_time: "00:00", end_time: "06:00"}]}]',
    "office": "[{weekdays: ['monday:friday'], times: [{start_time: '8:00', end_time: '18:00'}], location: Asia/Tokyo}]",
    "month-end": '[{days_of_month: ["-2:-1"], months: ["january:march"], years: ["2026:2027"]}]',
    "sunday": "[{weekdays: [sunday]}]",
    "always": "[{}]",
    "never": "[]",
}


@pytest.mark.parametrize(
    ("kind", "at", "there"),
    [
        ("night", "2026-11-27T23:59", True),
        ("night", "2026-11-27T06:00", False),
        ("night", "2026-11-27T05:59", True),
        ("office", "2026-11-26T23:00", True),  # in Tokyo it is Friday, 8 in the morning
        ("office", "2026-11-27T23:00", False),
        ("month-end", "2026-02-27T12:00", True),
        ("month-end", "2026-02-26T12:00", False),
        ("month-end", "2026-04-30T12:00", False),
        ("month-end", "2028-02-29T12:00", False),
        ("sunday", "2026-11-29T12:00", True),
        ("sunday", "2026-11-28T12:00", False),
        ("always", "2026-11-28T12:00", True),
        ("never", "2026-11-28T12:00", False),
    ],
)
def test_when_an_interval_holds(kind: str, at: str, there: object) -> None:
    moment = dt.datetime.fromisoformat(f"{at}:00+00:00")
    assert any(within(span, moment) for span in spans(documents(KINDS[kind], "x")[0])) is there


def test_the_hours_of_a_year() -> None:
    now = dt.datetime(2026, 11, 27, 12, 30, tzinfo=dt.UTC)
    assert int(hours(spans(documents(KINDS["always"], "x")[0]), now), 16) == (1 << HOURS) - 1
    assert hours(spans(documents(KINDS["never"], "x")[0]), now) == "0"
    assert int(hours(spans(documents(KINDS["night"], "x")[0]), now), 16).bit_count() == 366 * 8


@pytest.mark.parametrize("text", ["[{weekdays: [friyay]}]", "[{times: [{start_time: x}]}]", "[{location: Atlantis}]"])
def test_what_is_no_interval_is_a_gap(text: str) -> None:
    with pytest.raises(Unavailable, match="golive does not"):
        hours(spans(documents(text, "x")[0]), dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
