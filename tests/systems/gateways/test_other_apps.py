"""Applications in other styles, which run: what golive says of them while they are right, and of what is wrong."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from golive import live, session
from golive.model import Outcome
from golive_lab.parts.certificates import CERTIFICATES, ca_file, chain_file, key_file
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.parts.process import running
from golive_lab.world import healthy
from golive_lab.world.names import API

APP = Path(__file__).parents[2] / "helpers" / "other_apps.js"
NODE = Path(sys.prefix, "node", "node_modules")
NAMES = ("graphql", "queue", "limited", "status", "redirect", "thanks", "prefix", "rebuilt", "tenants", "numbers")
SECRET = "whsec_" + "c1d2e3f4" * 4
REFERENCES = {"numbers": "48213"}
REACHES = "webhook.reaches-app"


@dataclass(frozen=True)
class Apps:
    """The applications that stand."""

    place: StackPlace
    ports: Mapping[str, int]

    def become(self, app: str, wrong: str) -> None:
        """Let one of them have this wrong, and its order wait."""
        settings = self.place.folder / "apps.json"
        settings.write_text(
            json.dumps({**json.loads(settings.read_text()), "wrong": {app: wrong}, "turn": secrets.token_hex(4)})
        )
        (self.place.folder / app).mkdir(exist_ok=True)
        (self.place.folder / app / reference(app)).write_text("pending")
        (self.place.folder / app / f"{reference(app)}.calls").write_text("")


@dataclass(frozen=True)
class Case:
    """What is asked of an application, and what comes of it."""

    app: str
    gateway: str
    path: str
    expected: Mapping[str, Outcome]
    wrong: str = ""
    says: str = ""
    """What one of the findings says."""
    forgery: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


def reference(app: str) -> str:
    return REFERENCES.get(app, "C-7Q2")


@pytest.fixture(scope="module")
def apps() -> Iterator[Apps]:
    with standing() as place, CERTIFICATES.start(healthy(), place):
        ports = dict(zip(NAMES, free(place), strict=True))
        address = place.addresses[0]
        said = {
            "modules": str(NODE),
            "chain": str(chain_file(place, API, address)),
            "key": str(key_file(place, API, address)),
            "address": address,
            "folder": str(place.folder),
            "secret": SECRET,
            "ports": ports,
            "wrong": {},
        }
        file = place.folder / "apps.json"
        file.write_text(json.dumps(said))
        ready = lambda: all(accepts(address, port) for port in ports.values())  # noqa: E731 - a word for a call
        with running(["node", str(APP), str(file)], log=place.folder / "node.log", ready=ready, stop_s=1):
            yield Apps(place, ports)


def free(place: StackPlace) -> list[int]:
    """Return ports of the place that no other part has here."""
    ours = place.ports
    return [
        ours.https, ours.http, ours.api, ours.node, ours.messaging,
        ours.errors, ours.ca, ours.registry, ours.prometheus, ours.alertmanager,
    ]  # fmt: skip


def accepts(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


KEYS = {"paypal": "webhook_path", "mtn": "callback_path", "orange": "notify_path", "stripe": "webhook_path"}
CURRENCY = {"paypal": "EUR", "mtn": "EUR", "orange": "OUV"}
GATEWAY: Mapping[str, dict[str, Any]] = {
    "paypal": {"mode": "sandbox"},
    # The sandbox calls over http, which these applications do not serve.
    "mtn": {"target_environment": "mtnguineaconakry"},
    "orange": {"country": "dev"},
    "stripe": {"webhook_secret": SECRET, "api_version": "2026-10-28.endive"},
}


def profile(there: Apps, case: Case) -> dict[str, Any]:
    folder = there.place.folder / case.app
    host = {"name": API, "role": "api", "port": there.ports[case.app], "reached_at": [there.place.addresses[0]]}
    order = {"reference": reference(case.app), "amount": "12.00", "currency": CURRENCY.get(case.gateway, "EUR")}
    forgery = {"orders": {case.gateway: order}, "watch_s": 0.6, **case.forgery}
    if "rows_request" not in forgery:
        forgery["rows_command"] = ["cat", f"{folder}/{{reference}}"]
    if forgery.pop("events", None):
        forgery["events_command"] = ["cat", f"{folder}/{{reference}}.calls"]
    return {
        "environment": "other",
        "allow": ["active", "write"],
        "hosts": {"shop": host},
        "trust": {"ca_file": str(ca_file(there.place))},
        "domains": {"addresses": {"allow": ["127.0.0.0/8", "::1/128"]}},
        case.gateway: {**GATEWAY[case.gateway], KEYS[case.gateway]: case.path},
        **({"payments": {"forgery": forgery}} if case.gateway != "stripe" else {}),
        **case.more,
    }


def look(there: Apps, case: Case) -> dict[str, tuple[Outcome, str]]:
    there.become(case.app, case.wrong)
    file = there.place.folder / "profile.yaml"
    file.write_text(yaml.safe_dump(profile(there, case)))
    only = tuple(case.expected)
    loaded = session.load(str(file), cwd=file.parent, environ=os.environ, only=only)
    report = live.check(loaded, session.Options(only=only, timeout_s=60)).report
    return {f.check.id: (f.outcome, f"{f.verdict.summary} {' '.join(f.verdict.evidence)}") for f in report.findings}


PASS, FAIL, WARN, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.UNKNOWN
PAYPAL, MTN, ORANGE = (f"{name}.forgery-refused" for name in ("paypal", "mtn", "orange"))
ENFORCED, RAW = "stripe.signature-enforced", "proxy.raw-body-kept"
GRAPHQL = ("graphql", "paypal", "/graphql?operation=paypalEvent")
STATUS = {"rows_request": {"path": "/pay/{reference}/status", "headers": {"x-api-key": SECRET}, "field": "status"}}
SHOP = {"tenancy": {"headers": {"x-shop": "sahel"}}}
NUMBER = {"requests": {"mtn": {"body": {"invoice": "{reference:number}", "paid": "{amount:number}"}}}}
CASES = {
    "GraphQL that refuses with 200": Case(*GRAPHQL, {PAYPAL: PASS, REACHES: PASS}),
    "GraphQL that believes": Case(*GRAPHQL, {PAYPAL: FAIL}, "believes"),
    "GraphQL that believes what is signed falsely": Case(*GRAPHQL, {PAYPAL: FAIL}, "unsigned passes"),
    "a queue, unseen": Case("queue", "mtn", "/in/mtn", {MTN: UNKNOWN}, says="answers 202 to any"),
    "a queue that keeps what was called": Case("queue", "mtn", "/in/mtn", {MTN: PASS}, forgery={"events": True}),
    "a queue that books": Case("queue", "mtn", "/in/mtn", {MTN: FAIL}, "believes"),
    "a limit": Case("limited", "orange", "/notify", {ORANGE: UNKNOWN}, says="429"),
    "a limit, after the first was booked": Case("limited", "orange", "/notify", {ORANGE: FAIL}, "believes"),
    "a status by request": Case("status", "mtn", "/pay/mtn", {MTN: PASS}, forgery=STATUS),
    "a status by request, of one that believes": Case("status", "mtn", "/pay/mtn", {MTN: FAIL}, "x", forgery=STATUS),
    "a redirect to what books": Case("redirect", "orange", "/callback/orange", {ORANGE: FAIL, REACHES: FAIL}),
    "thanks, without a look": Case("thanks", "orange", "/callback/orange", {ORANGE: UNKNOWN, REACHES: FAIL}),
    "thanks for a forgery": Case("thanks", "orange", "/callback/orange", {ORANGE: FAIL}, "believes"),
    "booked, and no answer": Case("thanks", "orange", "/callback/orange", {ORANGE: FAIL}, "hangs up"),
    "a prefix and a slash": Case(
        "prefix", "orange", "/boutique/api/v3/pay/orange/notify/", {ORANGE: PASS, REACHES: PASS}
    ),
    "a prefix, believing": Case("prefix", "orange", "/boutique/api/v3/pay/orange/notify/", {ORANGE: FAIL}, "x"),
    "without its slash": Case("prefix", "orange", "/boutique/api/v3/pay/orange/notify", {REACHES: FAIL}),
    "a body written anew": Case("rebuilt", "stripe", "/stripe", {RAW: FAIL}),
    "a body parsed": Case("rebuilt", "stripe", "/stripe", {ENFORCED: FAIL, REACHES: PASS}, "parsed"),
    "any body": Case("rebuilt", "stripe", "/stripe", {ENFORCED: FAIL}, "any"),
    "a tenant by its path": Case("tenants", "paypal", "/sahel/paypal", {PAYPAL: PASS}, forgery={"events": True}),
    "another tenant's path": Case("tenants", "paypal", "/dune/paypal", {PAYPAL: UNKNOWN}, forgery={"events": True}),
    "by its path, believing": Case("tenants", "paypal", "/sahel/paypal", {PAYPAL: FAIL}, "x"),
    "a tenant by a header": Case("tenants", "mtn", "/by-header", {MTN: PASS}, forgery={"events": True}, more=SHOP),
    "by a header that is not sent": Case("tenants", "mtn", "/by-header", {MTN: UNKNOWN}, "x"),
    "by a header, believing": Case("tenants", "mtn", "/by-header", {MTN: FAIL}, "x", more=SHOP),
    "a tenant by a query, believing": Case("tenants", "orange", "/by-query?shop=sahel", {ORANGE: FAIL}, "x"),
    "by the host, believing": Case("tenants", "mtn", "/by-host", {MTN: FAIL}, "x"),
    "numbers, not sent as such": Case("numbers", "mtn", "/mtn", {MTN: UNKNOWN}),
    "numbers": Case("numbers", "mtn", "/mtn", {MTN: PASS}, forgery=NUMBER),
    "numbers, believing": Case("numbers", "mtn", "/mtn", {MTN: FAIL}, "x", forgery=NUMBER),
}
SOON = (
    "GraphQL that refuses with 200",
    "a limit, after the first was booked",
    "a status by request",
    "numbers, believing",
)
"""Looked at in `make test`; the others are alike."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=() if name in SOON else pytest.mark.long) for name, case in CASES.items()],
)
def test_what_golive_says_of_it(apps: Apps, case: Case) -> None:
    found = look(apps, case)
    assert {check: outcome for check, (outcome, _) in found.items()} == dict(case.expected), found
    assert case.says in " ".join(text for _, text in found.values())
