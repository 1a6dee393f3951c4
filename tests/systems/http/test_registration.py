"""Registries asked by RDAP: one on loopback, and IANA's list of them."""

import datetime as dt
import json
from collections.abc import Mapping

import pytest

from golive import Environment, RunInfo, Unavailable
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.http import registration as module
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import HttpSettings
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.http.registration import DomainRecord, Registration, registered
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, lifespan, serving
from golive_lab.parts.ports import standing

END = {"eventAction": "expiration", "eventDate": "2027-03-01T10:00:00Z"}
BEGIN = {"eventAction": "registration", "eventDate": "2020-03-01T10:00:00Z"}


async def asked(
    domain: str, answers: Mapping[str, object], monkeypatch: pytest.MonkeyPatch, *, named=True, absent=b""
) -> DomainRecord:
    """Ask a registry that answers with these at its paths; HERE in them is where it stands."""
    with standing() as place:
        here = f"http://127.0.0.1:{place.ports.registry}"

        async def rdap(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await lifespan(receive, send)
                return
            said = answers.get(scope["path"])
            body = said if isinstance(said, bytes) else json.dumps(said).replace("HERE", here).encode()
            body = absent if said is None else body
            status = 404 if said is None else 200
            await HttpAnswer(status, "application/rdap+json", body).send(send)

        monkeypatch.setattr(module, "IANA", f"{here}/dns.json")
        pace = Pace(RateLimit(), Environment("x"))
        http = Http(HttpSettings(timeout_s=5), pace, NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"))
        others = OtherHosts(Dns(pace), DnsSettings(), http, Trust())
        try:
            async with serving([(Listener("127.0.0.1", place.ports.registry), rdap)]):
                return await registered(Registration("x", domain=domain, rdap=here if named else ""), others)
        finally:
            await http.aclose()


async def test_what_a_registry_says(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"status": ["clientTransferProhibited", "client hold"], "events": [BEGIN, END], "entities": [{}]}
    got = await asked("shop.example", {"/domain/shop.example": said}, monkeypatch)
    assert got.statuses == ("client transfer prohibited", "client hold")
    assert got.expires == dt.datetime(2027, 3, 1, 10, tzinfo=dt.UTC)
    bare = await asked("shop.example", {"/domain/shop.example": {}}, monkeypatch)
    assert (bare.found, bare.statuses, bare.expires) == (True, (), None)
    assert not (await asked("shop.example", {}, monkeypatch)).found


async def test_the_registry_of_the_longest_suffix_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {"services": [[["example"], ["HERE/wide/"]], [["co.example", "net"], ["HERE/co/"]]]}
    answers = {"/dns.json": listed, "/co/domain/shop.co.example": {"events": [END]}}
    got = await asked("shop.co.example", answers, monkeypatch, named=False)
    assert (got.found, got.server.endswith("/co/")) == (True, True)
    with pytest.raises(Unavailable, match=r"IANA lists no RDAP server for \.test"):
        await asked("shop.test", answers, monkeypatch, named=False)


@pytest.mark.parametrize(
    "said",
    [
        b"<html>",
        b"[" * 100_000,
        b'{"status": "active"}',
        b'{"events": [{"eventAction": "expiration", "eventDate": "soon"}]}',
    ],
)
async def test_what_is_no_answer_is_a_gap(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="is not RDAP's JSON"):
        await asked("shop.example", {"/domain/shop.example": said}, monkeypatch)


async def test_a_404_that_no_registry_wrote_and_another_name_are_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="is not RDAP's JSON"):
        await asked("shop.example", {}, monkeypatch, absent=b"<html>not found</html>")
    assert not (await asked("shop.example", {}, monkeypatch, absent=b'{"errorCode": 404}')).found
    assert not (await asked("shop.example", {}, monkeypatch, absent=b"")).found
    said = {"ldhName": "OTHER.example", "events": [END]}
    with pytest.raises(Unavailable, match=r"answers for OTHER\.example, not for shop\.example"):
        await asked("shop.example", {"/domain/shop.example": said}, monkeypatch)


async def test_more_statuses_than_there_are_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"status": [f"status {n}" for n in range(99)]}
    with pytest.raises(Unavailable, match="more than 30 statuses"):
        await asked("shop.example", {"/domain/shop.example": said}, monkeypatch)
