"""Two environments beside one another, by what was recorded of each."""

from __future__ import annotations

import json
from typing import Any

from golive.model import Outcome
from golive.report.screen import Screen
from golive_checks.compare import page
from golive_checks.compare.sides import CheckOutcome, ComparedSide, compare, side_of
from golive_checks.compare.traits import traits


def record(fact: str, subject: str, **seen: Any) -> dict[str, Any]:
    return {"fact": fact, "subject": subject, "settings": "", "seconds": 0, "seen": seen}


def environment(zone: str, records: list[dict[str, Any]], **checks: str) -> ComparedSide:
    """What a fact file of an environment says, whose API is api.ZONE."""
    profile = {"document": {"hosts": {"api": {"name": f"api.{zone}"}}}}
    outcomes = {f"tls.{check}": CheckOutcome(Outcome(word), f"api.{zone}", "as seen") for check, word in checks.items()}
    return ComparedSide(zone.partition(".")[0], f"{zone}.json", outcomes, traits(records, profile))


def page_of(zone: str, **headers: str) -> dict[str, Any]:
    reply = {"path": "/", "headers": [[name.replace("_", "-"), value] for name, value in headers.items()]}
    return record("http.answers", f"host:api.{zone}", routes=[{"kind": "page", "reply": reply}])


def leaf(zone: str, issuer: str, end: str) -> dict[str, Any]:
    return record(
        "tls.served-chain",
        f"address:api.{zone}@192.0.2.1",
        certificates=[
            {
                "issuer_organisation": issuer,
                "key": "EC",
                "curve": "P-256",
                "not_before": "2027-01-01T00:00:00+00:00",
                "not_after": end,
            }
        ],
    )


def rows(subject: str, *names: str) -> dict[str, Any]:
    return record("prisma.migration-rows", subject, rows=[{"name": name, "step": "applied"} for name in names])


def differing(left: ComparedSide, right: ComparedSide) -> dict[str, list[tuple[str, str, str]]]:
    found = compare(left, right).differences
    return {kind: [(d.what, d.left, d.right) for d in each] for kind, each in found.items() if each}


def test_environments_that_are_alike_differ_in_nothing() -> None:
    def alike(zone: str) -> ComparedSide:
        return environment(
            zone,
            [
                page_of(zone, content_security_policy=f"connect-src https://api.{zone}:8443", date=zone, age=zone),
                leaf(zone, "Let's Encrypt", "2027-04-01T00:00:00+00:00"),
                record("env.variables", "envfile:api", values={"DATABASE_URL": {"value": zone}}),
                record("release.deployed", f"address:api.{zone}@192.0.2.1", says="2.4.0"),
                rows("tenant:master/demo", "1_init"),
            ],
            current="pass",
        )

    assert differing(alike("staging.test"), alike("production.example")) == {}


def test_what_differs_is_shown_by_kind() -> None:
    one, other = "staging.test", "production.test"
    left = environment(
        one,
        [
            page_of(one, server="nginx", x_frame_options="DENY"),
            leaf(one, "Let's Encrypt", "2027-04-01T00:00:00+00:00"),
            record("env.variables", "envfile:api", values={"A": {}, "NEW_KEY": {}}),
            record("release.deployed", f"address:api.{one}@192.0.2.1", says="2.5.0"),
            record("postgres.server-state", "database:master", version=180004),
            rows("tenant:master/demo", "1_init", "2_sales"),
        ],
        current="pass",
        hsts="fail",
        alone="pass",
    )
    right = environment(
        other,
        [
            page_of(other, server="nginx/1.24.0"),
            leaf(other, "DigiCert Inc", "2028-01-01T00:00:00+00:00"),
            record("env.variables", "envfile:api", values={"A": {}}),
            record("release.deployed", f"address:api.{other}@192.0.2.1", says="2.4.0"),
            record("release.deployed", f"address:api.{other}@192.0.2.2", says="2.3.0"),
            record("postgres.server-state", "database:master", version=160011),
            rows("tenant:master/demo", "1_init"),
        ],
        current="fail",
        hsts="pass",
    )
    assert differing(left, right) == {
        "verdicts": [
            ("tls.current", "pass", "fail"),
            ("tls.hsts", "fail", "pass"),
            ("tls.alone", "pass", "not asked"),
        ],
        "versions": [
            ("database master: PostgreSQL", "18.4", "16.11"),
            ("host api: release", "2.5.0", "2.3.0, 2.4.0"),
        ],
        "variables": [("envfile api: NEW_KEY", "set", "")],
        "headers": [
            ("host api: server", "nginx", "nginx/1.24.0"),
            ("host api: x-frame-options", "DENY", ""),
        ],
        "certificates": [
            ("host api: issuer", "Let's Encrypt", "DigiCert Inc"),
            ("host api: lasts", "90 days", "365 days"),
        ],
        "migrations": [("tenants of master: 2_sales", "applied", "")],
    }
    shown = page.page(compare(left, right), Screen())
    assert "staging beside production" in shown
    assert "production: not there" in shown
    assert "api.production.test: as seen" in shown


def test_what_could_not_be_looked_at_is_not_said_to_be_absent() -> None:
    gap = {"fact": "env.variables", "subject": "envfile:api", "gap": {"reason": "may not be read"}}
    left = environment("a.test", [record("env.variables", "envfile:api", values={"A": {}, "B": {}})])
    odd = record("tls.served-chain", "address:api.b.test@192.0.2.1", certificates=[{"key": "RSA"}])
    right = environment("b.test", [gap, odd])
    assert differing(left, right) == {
        "variables": [("envfile api", "A and B", "could not be looked at: may not be read")]
    }
    there = environment("a.test", [leaf("a.test", "CA", "2027-04-01T00:00:00+00:00")])
    ((_, shown, why),) = differing(there, environment("b.test", [odd]))["certificates"]
    assert (shown, why) == ("issuer, key and lasts", "could not be looked at: recorded by another version of golive")


def test_no_value_of_a_variable_is_compared_or_shown() -> None:
    def of(zone: str, value: str) -> ComparedSide:
        return environment(zone, [record("env.variables", "envfile:api", values={"KEY": {"value": value}, zone: {}})])

    shown = json.dumps(page.rows(compare(of("a.test", "c4n4ry-1"), of("b.test", "c4n4ry-2"))))
    assert "c4n4ry" not in shown


def test_two_reports_have_verdicts_alone() -> None:
    def report(environment: str, outcome: str) -> str:
        found = {"id": "dns.resolves[host:a.test]", "outcome": outcome, "red": outcome == "fail", "summary": "so it is"}
        run = {"environment": environment, "started": "2027-05-01T00:00:00Z"}
        return json.dumps({"schema": "golive-report", "schema_version": 1, "run": run, "findings": [found]})

    found = compare(side_of(report("staging", "pass"), "s"), side_of(report("production", "fail"), "p"))
    assert page.rows(found)["differences"] == {
        "verdicts": [{"what": "dns.resolves", "left": "pass", "right": "fail", "why": "a.test: so it is"}]
    }
    assert "in fact files alone" in " ".join(page.page(found, Screen()).split())
