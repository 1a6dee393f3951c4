"""Forged notices: the forms that they have, and what is known of where they came."""

import datetime as dt
import json
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, cast

import pytest

from golive import Now, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.gateways.forgeries import forged
from golive_checks.systems.gateways.forging import absent_of
from golive_checks.systems.gateways.marks import filled
from golive_checks.systems.gateways.notices import Paid, notices
from golive_checks.systems.gateways.order_rows import Forgery, OrderRows, PendingOrder, RequestForm
from golive_checks.systems.gateways.payment_rows import PaymentRows
from golive_checks.systems.gateways.webhooks import Webhook
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.world.names import APP

Site = Callable[..., AbstractAsyncContextManager[Any]]

NOW, RUN = Now(dt.datetime.fromtimestamp(1_795_000_000, dt.UTC)), RunInfo("0123abcd", "9.9")
API = Host(APP, role="api")
ORDER = PendingOrder(reference="T-1", gateway_reference="GW-9", amount="500", currency="GNF")
PAID = Paid("T-1", "GW-9", "500", "GNF")


def forms(gateway: Any) -> dict[str, Any]:
    return {notice.form: json.loads(notice.body) for notice in notices(gateway, PAID, NOW, RUN)}


def test_paypal_s_captures_orders_and_sales_name_the_order_where_handlers_read_it() -> None:
    made = forms("paypal")
    assert len(made) == 8
    capture = made["PAYMENT.CAPTURE.COMPLETED, unsigned"]["resource"]
    assert (capture["custom_id"], capture["supplementary_data"]["related_ids"]["order_id"]) == ("T-1", "GW-9")
    order = made["CHECKOUT.ORDER.APPROVED, unsigned"]["resource"]
    assert (order["id"], order["purchase_units"][0]["reference_id"]) == ("GW-9", "T-1")
    sale = made["PAYMENT.SALE.COMPLETED, unsigned"]["resource"]
    assert (sale["custom"], sale["parent_payment"], sale["state"]) == ("T-1", "GW-9", "completed")
    ids = {each["id"] for each in made.values()}
    assert len(ids) == 8, "a handler that drops what it has seen would drop the rest"


def test_mtn_s_and_orange_s_notices_name_both_references() -> None:
    [mtn] = forms("mtn").values()
    assert (mtn["externalId"], mtn["referenceId"], mtn["status"]) == ("T-1", "GW-9", "SUCCESSFUL")
    orange = forms("orange")
    assert (orange["WebPay"]["order_id"], orange["WebPay"]["pay_token"]) == ("T-1", "GW-9")
    assert (orange["Cameroon"]["orderId"], orange["Cameroon"]["payToken"]) == ("T-1", "GW-9")
    assert orange["Sonatel"]["metadata"]["order_id"] == "T-1"
    assert (orange["B2B"]["partnerTransactionId"], orange["B2B"]["transactionStatus"]) == ("T-1", "SUCCESS")


REFERENCES = {
    "1042": (False, r"2\d{9}"),
    "2000001042": (True, r"2\d{9}"),
    "1234567890123": (True, r"9\d{12}"),
    "3f0e9a52-7b1c-4d6e-9f00-1122aabbccdd": (True, r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f-]{16}"),
    "65f1c0ffee65f1c0ffee65f1": (True, r"[0-9a-f]{24}"),
    "order_8fK2mQ9xTz4LpW1c": (True, r"order_[0-9][a-z][A-Z].{13}"),
    "ORD-2026-00042": (False, r"ORD-2026-00042-[0-9a-f]{16}"),
}


@pytest.mark.parametrize(("reference", "expected"), REFERENCES.items(), ids=REFERENCES)
def test_an_order_that_does_not_exist_looks_like_one(reference: str, expected: tuple[bool, str]) -> None:
    both = absent_of(Paid(reference, reference, "5", "EUR"))
    for absent in both:
        assert absent.in_form is expected[0]
        assert re.fullmatch(expected[1], absent.paid.reference)
        assert absent.paid.reference == absent.paid.gateway_reference != reference
    assert both == absent_of(Paid(reference, reference, "5", "EUR"))
    assert both[0] != both[1]


async def forge(
    site: Site, ask: Forgery, respond: Callable[..., HttpAnswer], gateway: Any = "mtn", path: str = "/hook"
) -> tuple[Any, list[Any]]:
    command = CommandRunner(CommandLimits())
    async with site(respond, host=API) as there:
        given = {"webhook": Webhook("x", there.host, gateway, path), "fronts": await there.fronts(), "ask": ask}
        try:
            rows = OrderRows(command, cast("PaymentRows", None))
            seen = await there.look(forged, rows=rows, places={}, now=NOW, run=RUN, **given)
        finally:
            await command.aclose()
        return seen, [each for _, each, _ in there.asked if each.startswith("/hook")]


def watching(path: Path, **changes: Any) -> Forgery:
    return Forgery(
        **{"orders": {"mtn": ORDER}, "rows_command": ("cat", f"{path}/{{reference}}"), "watch_s": 0.2, **changes}
    )


@pytest.mark.parametrize(("paid", "status"), [(True, 200), (True, 401), (False, 200), (False, 401)])
async def test_the_rows_decide_and_not_the_status(site: Site, tmp_path: Path, *, paid: bool, status: int) -> None:
    rows = tmp_path / "T-1"
    rows.write_text("pending")

    def respond(path: str, _: object) -> HttpAnswer:
        if path == "/hook" and paid:
            rows.write_text("paid")
        return as_json(status if path == "/hook" else 200, {})

    seen, asked = await forge(site, watching(tmp_path), respond)
    assert (seen.changed, {(each.method, each.status) for each in seen.attempts}) == (
        paid,
        {("POST", status), ("PUT", status)},
    )
    assert "/hook" in asked


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rows_command": ()}, "does not say how the order's rows are read"),
        ({"orders": {}}, "names no pending test order for mtn"),
        ({"rows_command": ("cat", "/nowhere")}, "the command ended with 1"),
        ({"rows_command": ("true",)}, "could not be read"),
        ({"rows_command": ("echo", "T-1 paid")}, "the test order T-1 waits for no payment"),
        ({"rows_command": ("echo", "T-1 impending")}, "none of its rows says pending"),
        ({"pending": ("en_attente",)}, "none of its rows says en_attente"),
    ],
)
async def test_without_rows_nothing_is_forged(site: Site, tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    sent: list[str] = []

    def respond(path: str, _: object) -> HttpAnswer:
        sent.append(path)
        return as_json(200, {})

    (tmp_path / "T-1").write_text("pending")
    with pytest.raises(Unavailable, match=reason):
        await forge(site, watching(tmp_path, **changes), respond)
    assert "/hook" not in sent


@pytest.mark.parametrize(
    "front",
    [
        HttpAnswer(401, "text/html", b"", (("www-authenticate", "Basic"),)),
        HttpAnswer(200, "text/html; charset=utf-8", b"<!doctype html>"),
    ],
    ids=["wall", "page"],
)
async def test_a_forgery_that_met_what_stands_in_front_tells_nothing(
    site: Site, tmp_path: Path, front: HttpAnswer
) -> None:
    (tmp_path / "T-1").write_text("pending")
    with pytest.raises(Unavailable, match="no forgery reached the app"):
        await forge(site, watching(tmp_path), lambda path, _: front if path == "/hook" else as_json(200, {}))


def by_path(known: HttpAnswer, unknown: HttpAnswer) -> Callable[..., HttpAnswer]:
    """Answer as an app that finds the order by the callback's path."""

    def respond(path: str, _: object) -> HttpAnswer:
        if path.startswith("/hook/"):
            return known if path.startswith("/hook/T-1?") else unknown
        return as_json(404, {"error": "no route"})

    return respond


WERKZEUG = HttpAnswer(
    401, "text/html", b"<!doctype html>\n<html lang=en>\n<title>401 Unauthorized</title>\n<h1>No</h1>"
)
PAGE = HttpAnswer(403, "text/html", b"<html><body><h1>Closed</h1></body></html>")
OK, GONE = as_json(200, {"ok": True}), as_json(404, {"error": "no such order"})
REACHES = {
    "the same to any": (OK, OK, {"same"}),
    "another status": (OK, GONE, {"differs"}),
    "another body": (as_json(200, {"order": "pending"}), as_json(200, {"error": "order not found"}), {"differs"}),
    "another body, of another form": (as_json(200, {"order": "pending"}), as_json(200, {"ignored": True}), {"form"}),
    "a crash over another form": (OK, as_json(500, {"error": "internal"}), {"form"}),
    "an unknown order that is refused": (OK, as_json(400, {"error": "unknown order"}), {"differs"}),
    "an API that wants a token": (
        (wall := HttpAnswer(401, "application/json", b"{}", (("www-authenticate", "Bearer"),))),
        wall,
        {"same"},
    ),
    "a form that wants a token": ((csrf := as_json(403, {"error": "invalid csrf token"})), csrf, {"same"}),
    "Flask's abort": (WERKZEUG, WERKZEUG, {"refused"}),
    "a page of nobody known": (PAGE, PAGE, {"same"}),
    "never found": (GONE, GONE, {"missed"}),
    "refused": (as_json(401, {"error": "signature"}), GONE, {"refused"}),
    "a bad signature": (as_json(400, {"error": "bad signature"}), GONE, {"refused"}),
    "what is not verified": (as_json(400, {"error": "Webhook could not be verified"}), GONE, {"refused"}),
    "an amount that is not verified": ((bad := as_json(400, {"error": "cannot verify the amount"})), bad, {"same"}),
    "certain fields": ((uncertain := as_json(400, {"error": "certain fields lack"})), uncertain, {"same"}),
    "for want of a tenant": (as_json(401, {"error": "no tenant"}), as_json(401, {"error": "no tenant"}), {"same"}),
    "a form that is refused": (OK, as_json(400, {"error": "reference"}), {"form"}),
    "down at times": (OK, as_json(502, {}), {"same"}),
}


@pytest.mark.parametrize(("known", "unknown", "reach"), REACHES.values(), ids=REACHES)
async def test_what_is_known_of_where_a_forgery_came(
    site: Site, tmp_path: Path, known: HttpAnswer, unknown: HttpAnswer, reach: set[str]
) -> None:
    (tmp_path / "T-1").write_text("pending")
    ask = watching(tmp_path, requests={"mtn": RequestForm.model_validate({"query": {"tenant": "demo"}})})
    seen, asked = await forge(site, ask, by_path(known, unknown), path="/hook/{reference}")
    assert {each.reach for each in seen.attempts} == reach
    assert "/hook/T-1?tenant=demo" in asked


async def test_a_reference_that_is_repeated_in_the_answer_is_no_difference(site: Site, tmp_path: Path) -> None:
    (tmp_path / "T-1").write_text("pending")

    def echo(path: str, _: object) -> HttpAnswer:
        return as_json(200, {"got": path.partition("?")[0]})

    seen, _ = await forge(site, watching(tmp_path), echo, path="/hook/{reference}")
    assert {each.reach for each in seen.attempts} == {"same"}


async def test_answers_that_differ_by_themselves_say_nothing(site: Site, tmp_path: Path) -> None:
    (tmp_path / "T-1").write_text("pending")
    numbers = iter(range(1000))
    seen, _ = await forge(site, watching(tmp_path), lambda *_: as_json(200, {"request": next(numbers)}))
    assert {each.reach for each in seen.attempts} == {"same"}


async def test_a_form_of_the_profile_s_own_is_sent_too(site: Site, tmp_path: Path) -> None:
    (tmp_path / "T-1").write_text("pending")
    own = RequestForm.model_validate(
        {"headers": {"x-tenant": "demo-{reference}"}, "body": {"ref": "{reference}", "sum": ["{amount}"]}}
    )
    seen, _ = await forge(site, watching(tmp_path, requests={"mtn": own}), lambda *_: as_json(200, {}))
    assert {each.form for each in seen.attempts} == {"requesttopay", "the profile's"}


ECHOES = {
    "FastAPI": ({"detail": [{"type": "missing", "loc": ["body", "shop"], "input": "%"}]}, 422),
    "class-validator": ({"message": ["property notif_token should not exist"]}, 400),
    "pydantic": ({"detail": [{"loc": ["body", "notif_token"], "msg": "Extra inputs are not permitted"}]}, 422),
}


@pytest.mark.parametrize(("said", "status"), ECHOES.values(), ids=ECHOES)
async def test_a_validator_that_names_what_it_was_sent_refuses_no_forgery(
    site: Site, tmp_path: Path, said: Any, status: int
) -> None:
    def respond(path: str, _: object, body: bytes = b"{}") -> HttpAnswer:
        text = json.dumps(said, separators=(",", ":")).encode().replace(b'"%"', body)
        return HttpAnswer(status if path == "/hook" else 404, "application/json", text)

    assert {each.reach for each in await orange(site, tmp_path, respond)} == {"same"}


async def test_a_token_that_is_refused_is_evidence_and_one_that_lacks_is_not(site: Site, tmp_path: Path) -> None:
    def respond(path: str, _: object, body: bytes = b"{}") -> HttpAnswer:
        status = 200 if b"notif_token" in body or path != "/hook" else 400
        return as_json(status, {} if status == 200 else {"error": "no notif_token"})

    found = await orange(site, tmp_path, respond)
    assert {(each.reach, each.marked) for each in found} == {("same", True), ("refused", False)}


async def orange(site: Site, tmp_path: Path, respond: Any) -> list[Any]:
    (tmp_path / "T-1").write_text("pending")
    seen, _ = await forge(site, watching(tmp_path, orders={"orange": ORDER}), respond, "orange")
    return list(seen.attempts)


async def test_what_an_app_remembers_of_earlier_notices_is_no_difference(site: Site, tmp_path: Path) -> None:
    (tmp_path / "T-1").write_text("pending")
    taken: set[str] = set()

    def once_each(path: str, _: object) -> HttpAnswer:
        reference = path.rpartition("/")[2]
        seen_before = reference in taken
        taken.add(reference)
        return as_json(200, {"duplicate": seen_before})

    seen, _ = await forge(site, watching(tmp_path), once_each, path="/hook/{reference}")
    assert {each.reach for each in seen.attempts} == {"same"}


async def test_a_refusal_by_the_reference_s_own_path_is_told_from_one_of_all_paths(site: Site, tmp_path: Path) -> None:
    (tmp_path / "T-1").write_text("pending")

    def of_the_handler(path: str, _: object) -> HttpAnswer:
        return as_json(401, {"error": "who?"}) if path.startswith("/hook/") else as_json(404, {})

    seen, _ = await forge(site, watching(tmp_path), of_the_handler, path="/hook/{reference}")
    assert {each.reach for each in seen.attempts} == {"refused"}


TOUCHED = {
    "a time alone": (["pending 2026-11-29 10:00:00.25+00"], ["pending 2026-11-29 10:00:07+00:00"], (False, False)),
    "another column": (["pending 0"], ["pending 1"], (True, True)),
    "a payment": (["pending"], ["pending", "paid 5"], (True, False)),
    "the status": (["pending"], ["paid"], (True, False)),
    "attempts that were rejected": (["pending -"], ["pending rejected 1", "pending rejected 2"], (True, True)),
    "payments of an order that waits": (["pending -"], ["pending paid 1", "pending paid 2"], (True, False)),
    "rows that do not say that it waits": (["pending -"], ["pending", "rejected"], (True, False)),
}


@pytest.mark.parametrize(("before", "after", "expected"), TOUCHED.values(), ids=TOUCHED)
async def test_rows_that_are_others_and_still_wait(
    site: Site, tmp_path: Path, before: list[str], after: list[str], expected: tuple[bool, bool]
) -> None:
    rows = tmp_path / "T-1"
    rows.write_text("\n".join(before))

    def respond(path: str, _: object) -> HttpAnswer:
        if path == "/hook":
            rows.write_text("\n".join(after))
        return as_json(200, {})

    seen, _ = await forge(site, watching(tmp_path), respond)
    assert (seen.changed, seen.waits) == expected


MARKS = {
    "a text": ("{reference}-{amount}", "48-12.50"),
    "a number": ("{reference:number}", 48),
    "a fraction": ("{amount:number}", 12.5),
    "no number": ("{currency:number}", "EUR"),
    "a number within a text": ("no. {reference:number}", "no. {reference:number}"),
}


@pytest.mark.parametrize(("asked", "sent"), MARKS.values(), ids=MARKS)
def test_a_mark_can_be_a_number_where_the_app_reads_nothing_else(asked: str, sent: object) -> None:
    assert filled({"a": [asked]}, Paid("48", "GW", "12.50", "EUR").filled) == {"a": [sent]}


REFUSED_IN_SUCCESS = {
    "GraphQL": ({"errors": [{"message": "signature mismatch"}], "data": None}, {"refused"}),
    "a word of JSend's": ({"status": "fail", "message": "Webhook not verified"}, {"refused"}),
    "no error": ({"errors": [], "message": "signature ok"}, {"same"}),
    "an error of another kind": ({"error": "amount"}, {"same"}),
    "a list": (["signature"], {"same"}),
}


@pytest.mark.parametrize(("answer", "reach"), REFUSED_IN_SUCCESS.values(), ids=REFUSED_IN_SUCCESS)
async def test_an_app_that_knows_200_alone_refuses_in_its_json(
    site: Site, tmp_path: Path, answer: Any, reach: set[str]
) -> None:
    (tmp_path / "T-1").write_text("pending")
    seen, _ = await forge(
        site, watching(tmp_path), lambda *_: HttpAnswer(200, "application/json", json.dumps(answer).encode())
    )
    assert {each.reach for each in seen.attempts} == reach


async def test_a_limit_after_the_forgery_was_booked_does_not_hide_it(site: Site, tmp_path: Path) -> None:
    rows, left = tmp_path / "T-1", [3]
    rows.write_text("pending")

    def respond(path: str, _: object, body: bytes = b"") -> HttpAnswer:
        left[0] -= 1
        if b'"T-1"' in body:
            rows.write_text("paid")
        return as_json(200 if left[0] > 0 else 429, {})

    seen, _ = await forge(site, watching(tmp_path), respond)
    assert seen.changed
    left[0] = 0
    rows.write_text("pending")
    with pytest.raises(Unavailable, match="429"):
        await forge(site, watching(tmp_path), lambda *_: as_json(429, {}))


STATUSES = {
    "the whole answer": ("", b'{"a": {"state": "pending"}}', ""),
    "a field of it": ("a.state", b'{"a": {"state": "pending"}}', ""),
    "one of a list": ("0.state", b'[{"state": "pending"}]', ""),
    "no such field": ("b", b'{"a": 1}', "has no b"),
    "no JSON": ("b", b"pending", "has no b"),
    "not in a word": ("a.b.c", b'{"a": "b"}', "has no a.b.c"),
}


@pytest.mark.parametrize(("where", "body", "reason"), STATUSES.values(), ids=STATUSES)
async def test_how_an_order_stands_can_be_asked_of_the_app(
    site: Site, tmp_path: Path, where: str, body: bytes, reason: str
) -> None:
    def respond(path: str, _: object) -> HttpAnswer:
        return HttpAnswer(200, "application/json", body if path == "/orders/T-1" else b"{}")

    request = {"path": "/orders/{reference}", "headers": {"X-Key": "k"}, "field": where}
    ask = watching(tmp_path, rows_command=(), rows_request=request)
    if reason:
        with pytest.raises(Unavailable, match=reason):
            await forge(site, ask, respond)
    else:
        seen, asked = await forge(site, ask, respond)
        assert not seen.changed
        assert "/hook" in asked


async def test_an_app_that_does_not_say_how_the_order_stands_is_a_gap(site: Site, tmp_path: Path) -> None:
    ask = watching(tmp_path, rows_command=(), rows_request={"path": "/orders/{reference}"})
    with pytest.raises(Unavailable, match="is answered 401") as gap:
        await forge(site, ask, lambda path, _: as_json(401 if path.startswith("/orders") else 200, {}))
    assert "rows_request.headers" in gap.value.fix
