import pytest

from golive import Outcome
from golive_checks.domains.proxy_webhook import raw_body_kept
from golive_checks.subjects import Host
from golive_checks.systems.gateways.webhook import WebhookAnswers

PASS, FAIL, NA, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.NA, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("plain", "spacing", "escapes", "accents", "forged", "outcome", "summary"),
    [
        (200, 200, 200, 200, 400, PASS, "accepts odd spacing, escapes, unicode like any other signed event (200)"),
        (204, 204, 204, 204, 401, PASS, "(204)"),
        (500, 500, 500, 500, 400, PASS, "(500)"),
        (200, 400, 400, 200, 400, FAIL, "has odd spacing, escapes (400 instead of 200)"),
        (200, 200, 200, 400, 400, FAIL, "has odd unicode"),
        (400, 400, 400, 400, 400, UNKNOWN, "rejects a well-signed event too (400): that says nothing about the body"),
        (404, 404, 404, 404, 404, UNKNOWN, "rejects a well-signed event too (404)"),
        (200, 200, 200, 200, 200, UNKNOWN, "accepts an event with a forged signature (200)"),
    ],
)
def test_what_the_webhook_takes(
    plain: int, spacing: int, escapes: int, accents: int, forged: int, outcome: Outcome, summary: str
) -> None:
    statuses = {"plain": plain, "spacing": spacing, "escapes": escapes, "unicode": accents, "forged": forged}
    judged = raw_body_kept(Host("api.test", role="api"), WebhookAnswers("/hook", statuses))
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_a_host_without_a_webhook() -> None:
    assert raw_body_kept(Host("app.test", role="app"), WebhookAnswers("")).outcome is NA
