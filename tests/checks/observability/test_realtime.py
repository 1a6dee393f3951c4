from __future__ import annotations

from collections.abc import Mapping

import pytest

from golive import Outcome
from golive_checks.observability.realtime import STOPS, connects, stopped
from golive_checks.subjects import Host
from golive_checks.systems.http.engine_io import Stop, StopKind
from golive_checks.systems.http.realtime import Realtime, Way
from golive_checks.systems.http.realtime_route import RealtimePolicy

PASS, WARN, FAIL, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NA
POLLING, ALONE = "polling, then WebSocket", "WebSocket alone"
OFF = Stop(StopKind.TRANSPORT_OFF)


def well(name: str, connected_s: float = 0.2, ping_s: float = 0.03) -> Way:
    return Way(name, connected_s=connected_s, pings_s=(9.0, ping_s, ping_s))  # type: ignore[arg-type]


CASES: Mapping[str, tuple[Outcome, str, tuple[Way, ...]]] = {
    "both": (PASS, "by polling, then WebSocket and WebSocket alone", (well(POLLING), well(ALONE))),
    "no polling, by choice": (PASS, "by WebSocket alone", (Way(POLLING, OFF), well(ALONE))),
    "no WebSocket alone, by choice": (PASS, POLLING, (well(POLLING), Way(ALONE, OFF))),
    "neither": (FAIL, "does not offer this transport", (Way(POLLING, OFF), Way(ALONE, OFF))),
    "no upgrade": (FAIL, "answers 502", (Way(POLLING, Stop(StopKind.UPGRADE_STATUS, 502)), well(ALONE))),
    "slow": (FAIL, "connected after 3.5 s, more than 3 s", (well(POLLING), well(ALONE, 3.5))),
    "rather slow": (WARN, "more than 1 s", (well(POLLING), well(ALONE, 1.5))),
    "slow pings": (WARN, "a ping takes 600 ms, more than 500 ms", (well(POLLING), well(ALONE, ping_s=0.6))),
}


@pytest.mark.parametrize(("outcome", "summary", "ways"), CASES.values(), ids=CASES)
def test_ways(outcome: Outcome, summary: str, ways: tuple[Way, ...]) -> None:
    seen = Realtime("socket.io", "/socket.io/", ways, with_token=True)
    judged = connects(Host("api.test"), seen, RealtimePolicy())
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_a_time_that_was_not_measured_is_unknown() -> None:
    way = Way(ALONE, connected_s=2.0, unsure_s=2.5, pings_s=(0.03,))
    judged = connects(
        Host("api.test"), Realtime("socket.io", "/socket.io/", (well(POLLING), way), with_token=True), RealtimePolicy()
    )
    assert judged.outcome is Outcome.UNKNOWN
    assert "connected between 2 s and 4.5 s, at most 3 s" in judged.summary
    late = Way(ALONE, connected_s=3.5, unsure_s=2.5)
    seen = Realtime("socket.io", "/socket.io/", (well(POLLING), late), with_token=True)
    assert connects(Host("api.test"), seen, RealtimePolicy()).outcome is FAIL


def test_each_stop_has_a_sentence() -> None:
    assert set(STOPS) == set(StopKind)
    assert stopped(Stop(StopKind.REFUSED, said="no token")) == "it refuses the connection: no token"
    assert stopped(Stop(StopKind.STATUS, 502)) == "answers 502"


def test_where_no_path_is_named_nothing_is_asked() -> None:
    assert connects(Host("a.test"), Realtime("websocket", "", (), with_token=False), RealtimePolicy()).outcome is NA
