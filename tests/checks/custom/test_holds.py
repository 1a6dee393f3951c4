"""Checks of a profile's own: what an answer lacks of its expectation, and what may stand in an entry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from golive import Outcome, Unavailable
from golive.model import CheckInfo, Severity
from golive_checks.custom.holds import holds
from golive_checks.systems.custom.answers import Came, of_text
from golive_checks.systems.custom.asking import Answered, Sent, _dns, _refuse_more
from golive_checks.systems.custom.requests import Custom, CustomEntry, Expectation, custom
from golive_checks.systems.dns.client.client import DnsSettings
from golive_checks.systems.dns.client.exchange import DnsReply, Status
from golive_checks.systems.http.other_hosts import OtherHosts

HTTP = {"http": {"host": "shop"}}


def own(request: dict[str, Any], expect: dict[str, Any], **more: Any) -> Custom:
    entry = CustomEntry.model_validate({"title": "It is so", "request": request, "expect": expect, **more})
    return custom("mine", entry)[0]


@pytest.mark.parametrize(
    ("request_", "expect", "came", "said"),
    [
        (HTTP, {}, Came(status=204), ""),
        (HTTP, {}, Came(status=302), "answers 302, not 200 to 299"),
        (HTTP, {"status": [301, 302]}, Came(status=302), ""),
        (HTTP, {"status": 404}, Came(status=200), "answers 200, not 404"),
        (HTTP, {"present": ["X-Frame"]}, Came(status=200), "the header X-Frame is missing"),
        (HTTP, {"absent": ["Server"]}, Came(status=200, present=frozenset({"Server"})), "the header Server is there"),
        (HTTP, {"headers": {"Via": "^1"}}, Came(status=200, headers={"Via": False}), "the header Via is missing"),
        (
            HTTP,
            {"headers": {"Via": "^1"}},
            Came(status=200, present=frozenset({"Via"}), headers={"Via": False}),
            "the header Via does not fit ^1",
        ),
        (HTTP, {"within_s": "200ms"}, Came(status=200, seconds=0.3), "takes 300 ms, at most 200 ms is allowed"),
        (HTTP, {"json": {"$.a": 1}}, Came(status=200, no_json=True), "what came is no JSON"),
        (HTTP, {"json": {"$.a": [1, None]}}, Came(status=200, values={"$.a": ("1", "null")}), ""),
        (HTTP, {"json": {"$.a": "1"}}, Came(status=200, values={"$.a": ("1",)}), '$.a is 1, not "1"'),
        ({"dns": {"name": "a.io"}}, {"records": ["b.io."]}, Came(records=("B.io",), rows=1), ""),
        ({"dns": {"name": "a.io"}}, {}, Came(), "0 came, at least 1 expected"),
        ({"dns": {"name": "a.io"}}, {"max_rows": 0}, Came(), ""),
        ({"tcp": {"host": "a.io", "port": 22}}, {}, Came(there=False, said="is closed"), "is closed"),
        ({"tcp": {"host": "a.io", "port": 22}}, {"connects": False}, Came(), "accepts connections, and must not"),
        ({"sql": {"database": "m", "query": "q"}}, {"at_most": 3}, Came(rows=1, numbers=(4.0,)), "4 is more than 3"),
        ({"sql": {"database": "m", "query": "q"}}, {"max_rows": 0}, Came(rows=2), "2 came, at most 0 expected"),
        ({"promql": "up"}, {"at_least": 1}, Came(rows=2, numbers=(1.0, 0.0)), "0 is less than 1"),
        ({"promql": "up"}, {"at_least": 1}, Came(rows=1, numbers=(float("nan"),)), "nan is less than 1"),
        ({"file": "/x"}, {}, Came(there=False, said="is not there, or is empty"), "is not there"),
        ({"file": "/x"}, {"exists": False}, Came(), "is there, and must not be"),
        ({"file": "/x"}, {"at_least": 1}, Came(not_a_number='"x"'), '"x" instead of a number'),
        ({"command": ["x"]}, {"code": 2}, Came(status=1, said="no"), "ends with 1, not 2: no"),
        ({"command": ["x"]}, {"matches_not": ["ERROR"]}, Came(found={"ERROR": True}), "ERROR is found"),
    ],
)
def test_expectations(request_: dict[str, Any], expect: dict[str, Any], came: Came, said: str) -> None:
    judged = holds(own(request_, expect), Answered(came), Sent())
    assert judged.outcome is (Outcome.FAIL if said else Outcome.PASS), judged.summary
    assert said in judged.summary


def test_a_time_that_could_not_be_measured_is_unknown() -> None:
    came = Came(status=200, seconds=0.15, unsure_s=0.1)
    judged = holds(own(HTTP, {"within_s": "200ms"}), Answered(came), Sent())
    assert judged.outcome is Outcome.UNKNOWN
    assert "takes between 150 ms and 250 ms, at most 200 ms" in judged.summary
    assert holds(own(HTTP, {"within_s": "250ms"}), Answered(came), Sent()).outcome is Outcome.PASS


def test_what_writes_is_judged_by_what_was_sent() -> None:
    post = own({"http": {"host": "shop", "method": "POST"}}, {})
    assert holds(post, Answered(), Sent(Came(status=200))).outcome is Outcome.PASS
    with pytest.raises(Unavailable):
        holds(post, Answered(), Unavailable("needs write", not_permitted=True))


def test_it_is_a_check_of_its_own() -> None:
    info = own(HTTP, {}, severity="low", why="because", fix="do").as_check(CheckInfo("custom.holds", "custom", "x"))
    assert (info.id, info.title, info.declared) == ("custom.mine", "It is so", "custom.holds")
    assert (info.severity, info.why, info.fix) == (Severity.LOW, "because", "do")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"request": {}}, "needs exactly one of http, dns"),
        ({"request": {"file": "/x", "promql": "up"}}, "has promql and file"),
        ({"request": {"file": "/x"}, "expect": {"status": 200}}, "expect.status cannot be asked of file: of http"),
        ({"request": {"promql": "up"}, "expect": {"json": {"$.a": 1}}}, "expect.json cannot be asked of promql"),
        ({"expect": {"json": {"$.[": 1}}}, "is no JSONPath"),
        ({"expect": {"matches": ["("]}}, "is not a regular expression"),
        ({"request": {"http": {"host": "a", "url": "https://a.io"}}}, "needs one of host and url"),
        ({"request": {"http": {"url": "http://a.io"}}}, "url"),
        ({"expect": {"statuses": 1}}, "statuses"),
    ],
)
def test_slips_are_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("$", r"\$")):
        CustomEntry.model_validate({"title": "t", "request": HTTP, **changed})


def test_texts_are_measured() -> None:
    ask = Expectation.model_validate({"json": {"$..b": 1, "$.none": 1}, "matches": ["a", "z"], "at_least": 1})
    found = of_text('{"a": [{"b": 1}, {"b": "x"}]}', ask)
    assert found["values"] == {"$..b": ("1", '"x"'), "$.none": ()}
    assert found["found"] == {"a": True, "z": False}
    assert found["not_a_number"]
    assert of_text(" 7\n", ask)["numbers"] == (7.0,)
    assert of_text("{", ask)["no_json"]


def test_more_values_than_are_kept_are_a_gap_and_not_judged_in_part() -> None:
    ask = Expectation.model_validate({"json": {"$[*]": 1}})
    assert len(of_text(str([1] * 100), ask)["values"]["$[*]"]) == 100
    with pytest.raises(Unavailable, match="finds more than 100 values"):
        of_text(str([1] * 100 + [2]), ask)


def test_long_values_that_begin_the_same_differ() -> None:
    ask = Expectation.model_validate({"json": {"$.a": "x"}})
    one, other = (of_text(json.dumps({"a": "y" * 200 + end}), ask)["values"]["$.a"] for end in "12")
    assert one != other


def test_more_records_or_series_than_are_kept_are_a_gap() -> None:
    _refuse_more(100, "series", "aggregate")
    with pytest.raises(Unavailable, match="101 series; golive judges at most 100"):
        _refuse_more(101, "series", "aggregate")


@pytest.mark.parametrize("status", [Status.SERVFAIL, Status.REFUSED, Status.GARBAGE])
async def test_a_resolver_that_does_not_know_is_no_proof_that_there_is_no_record(status: Status) -> None:
    class Broken:
        """A resolver that answers, and has no answer."""

        async def look_up(self, name: str, kind: str, _: DnsSettings) -> DnsReply:
            return DnsReply("192.0.2.53", name, kind, status)

    none = own({"dns": {"name": "old.example.com", "type": "A"}}, {"max_rows": 0})
    with pytest.raises(Unavailable, match=r"to the A records of old\.example\.com"):
        await _dns(none.request, none, OtherHosts(Broken(), DnsSettings(), None, None))  # type: ignore[arg-type]  # stubs
