from urllib.parse import urlsplit

import pytest

from golive import Outcome
from golive_checks.security.integrity import scripts_pinned
from golive_checks.subjects import Host
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.page.document import Document, DocumentScript

SHOP, STATIC = Host("www.shop.example", role="app"), Host("static.other.example", role="app")
OWN = {
    SHOP: Origin("https://www.shop.example", "shop.example"),
    STATIC: Origin("https://assets.cdn-of-ours.test", "cdn-of-ours.test"),
}
HASH = ("'sha384-AbCd0123456789+/AbCd0123456789+/AbCd0123456789+/AbCd0123456789+/'",)
JQUERY = "https://code.jquery.com/jquery-3.7.1.min.js"
NA, PASS, WARN, FAIL = Outcome.NA, Outcome.PASS, Outcome.WARN, Outcome.FAIL


def script(url: str, hashes: tuple[str, ...] = (), *, crossorigin: bool = False, site: str = "") -> DocumentScript:
    """Return a script of a host whose name has a public suffix of one label, unless `site` says otherwise."""
    own = site or ".".join((urlsplit(url).hostname or "").split(".")[-2:])
    return DocumentScript(url, hashes, crossorigin=crossorigin, site=own)


CASES = {
    "of another owner below one suffix": (
        script("https://other.co.example/lib-1.2.3.js", site="other.co.example"),
        WARN,
        "has no integrity",
    ),
    "none": (None, NA, ""),
    "own": (script("https://www.shop.example/app.js"), PASS, ""),
    "of the same site": (script("https://static.shop.example/lib-1.2.3.js"), PASS, ""),
    "of another host of the profile": (script("https://assets.cdn-of-ours.test/a.js"), PASS, ""),
    "inline": (DocumentScript(hashes=HASH), PASS, ""),
    "bare": (script(JQUERY), WARN, f"{JQUERY} has no integrity"),
    "pinned": (script(JQUERY, HASH, crossorigin=True), PASS, "held to a hash"),
    "not by CORS": (script(JQUERY, HASH), FAIL, "has integrity without crossorigin: browsers refuse to run it"),
    "md5": (script(JQUERY, ("'md5-abcd'",)), WARN, "names no hash that browsers know"),
    "no version": (script("https://unpkg.com/react"), WARN, "names no exact version"),
    "a major one": (script("https://cdn.jsdelivr.net/npm/vue@3"), WARN, "names no exact version"),
    "elsewhere, with a version": (
        script("https://js.vendor.example/web/3.97.2/client.js"),
        WARN,
        "no integrity",
    ),
    "its owner's": (script("https://widget.vendor.example/loader.js"), PASS, ""),
    "Stripe": (script("https://js.stripe.com/v3/"), PASS, ""),
    "Stripe by name": (script("https://js.stripe.com/basil/stripe.js"), PASS, ""),
    "PayPal": (script("https://www.paypal.com/sdk/js?client-id=test"), PASS, ""),
    "Facebook": (script("https://connect.facebook.net/en_US/sdk.js#version=v19.0"), PASS, ""),
    "sold": (script("https://cdn.polyfill.io/v3/polyfill.min.js"), FAIL, "was sold to people who put malware"),
}


@pytest.mark.parametrize(("script", "outcome", "told"), CASES.values(), ids=CASES)
def test_scripts_pinned(script: DocumentScript | None, outcome: Outcome, told: str) -> None:
    found = scripts_pinned(SHOP, Document(scripts=(script,) if script else ()), OWN)
    assert (found.outcome, told in found.summary) == (outcome, True), found


def test_what_its_owner_changes_is_named() -> None:
    found = scripts_pinned(SHOP, Document(scripts=(script("https://js.stripe.com/v3/?x=1"),)), OWN)
    assert found.evidence == ("changes as its owner likes: https://js.stripe.com/v3/",)
