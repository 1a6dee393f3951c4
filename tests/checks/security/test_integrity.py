import pytest

from golive import Outcome
from golive_checks.security.integrity import scripts_pinned
from golive_checks.subjects import Host
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.page.document import Document, DocumentScript

SHOP, STATIC = Host("www.shop.example", role="app"), Host("static.other.example", role="app")
OWN = {SHOP: Origin("https://www.shop.example"), STATIC: Origin("https://assets.cdn-of-ours.test")}
HASH = ("'sha384-AbCd0123456789+/AbCd0123456789+/AbCd0123456789+/AbCd0123456789+/'",)
JQUERY = "https://code.jquery.com/jquery-3.7.1.min.js"
NA, PASS, WARN, FAIL = Outcome.NA, Outcome.PASS, Outcome.WARN, Outcome.FAIL
CASES = {
    "none": (None, NA, ""),
    "own": (DocumentScript("https://www.shop.example/app.js"), PASS, ""),
    "of the same site": (DocumentScript("https://static.shop.example/lib-1.2.3.js"), PASS, ""),
    "of another host of the profile": (DocumentScript("https://assets.cdn-of-ours.test/a.js"), PASS, ""),
    "inline": (DocumentScript(hashes=HASH), PASS, ""),
    "bare": (DocumentScript(JQUERY), WARN, f"{JQUERY} has no integrity"),
    "pinned": (DocumentScript(JQUERY, HASH, crossorigin=True), PASS, "held to a hash"),
    "not by CORS": (DocumentScript(JQUERY, HASH), FAIL, "has integrity without crossorigin: browsers refuse to run it"),
    "md5": (DocumentScript(JQUERY, ("'md5-abcd'",)), WARN, "names no hash that browsers know"),
    "no version": (DocumentScript("https://unpkg.com/react"), WARN, "names no exact version"),
    "a major one": (DocumentScript("https://cdn.jsdelivr.net/npm/vue@3"), WARN, "names no exact version"),
    "elsewhere, with a version": (
        DocumentScript("https://js.vendor.example/web/3.97.2/client.js"),
        WARN,
        "no integrity",
    ),
    "its owner's": (DocumentScript("https://widget.vendor.example/loader.js"), PASS, ""),
    "Stripe": (DocumentScript("https://js.stripe.com/v3/"), PASS, ""),
    "Stripe by name": (DocumentScript("https://js.stripe.com/basil/stripe.js"), PASS, ""),
    "PayPal": (DocumentScript("https://www.paypal.com/sdk/js?client-id=test"), PASS, ""),
    "Facebook": (DocumentScript("https://connect.facebook.net/en_US/sdk.js#version=v19.0"), PASS, ""),
    "sold": (DocumentScript("https://cdn.polyfill.io/v3/polyfill.min.js"), FAIL, "was sold to people who put malware"),
}


@pytest.mark.parametrize(("script", "outcome", "told"), CASES.values(), ids=CASES)
def test_scripts_pinned(script: DocumentScript | None, outcome: Outcome, told: str) -> None:
    found = scripts_pinned(SHOP, Document(scripts=(script,) if script else ()), OWN)
    assert (found.outcome, told in found.summary) == (outcome, True), found


def test_what_its_owner_changes_is_named() -> None:
    found = scripts_pinned(SHOP, Document(scripts=(DocumentScript("https://js.stripe.com/v3/?x=1"),)), OWN)
    assert found.evidence == ("changes as its owner likes: https://js.stripe.com/v3/",)
