"""Two names, one site."""

import pytest

from golive import Outcome
from golive_checks.domains.www import one_site
from golive_checks.hsts import HstsPolicy
from golive_checks.systems.http.front import Hop, HttpReply
from golive_checks.systems.http.www import NameLook, WwwLooks, WwwPair

PAIR = WwwPair("shop", apex="shop.example", www="www.shop.example")
APEX, WWW = "https://shop.example", "https://www.shop.example"
YEAR = "max-age=31536000"
PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL


def hop(url: str, status: int = 200, to: str = "", hsts: str = YEAR, path: str = "/", distrust: str = "") -> Hop:
    headers = (("strict-transport-security", hsts),) if hsts and url.startswith("https") else ()
    return Hop(url, HttpReply(path, status, "HTTP/2", headers, body_bytes=9, distrust=distrust), to)


def clear(name: str, to: str = "", status: int = 301) -> Hop:
    return hop(f"http://{name}/", status, to or f"https://{name}/", hsts="")


SITE = NameLook("www.shop.example", "192.0.2.2", hop(WWW), hop(WWW, 404, path="/x"), clear("www.shop.example"))


LEADS, LEADS_DEEP = hop(APEX, 301, f"{WWW}/"), hop(APEX, 301, f"{WWW}/x", path="/x")
IN_CLEAR = clear("shop.example")


def apex(
    front: Hop | None = LEADS,
    deep: Hop | None = LEADS_DEEP,
    http: Hop | None = IN_CLEAR,
    ip: str = "192.0.2.1",
) -> NameLook:
    return NameLook("shop.example", ip, front, deep, http)


CASES = {
    "sound": ((apex(), SITE), PASS, "shop.example leads to www.shop.example in one step, over https"),
    "http closed": ((apex(http=None), SITE), PASS, ""),
    "two sites": ((apex(hop(APEX)), SITE), FAIL, "shop.example and www.shop.example both show a site"),
    "dark": ((apex(None, None), SITE), FAIL, "shop.example does not answer on port 443"),
    "distrusted": (
        (apex(hop(APEX, 301, f"{WWW}/", distrust="it has expired")), SITE),
        FAIL,
        "https://shop.example cannot be trusted: it has expired",
    ),
    "no HSTS": ((apex(hop(APEX, 301, f"{WWW}/", hsts="")), SITE), FAIL, "https://shop.example: no Strict-Transport"),
    "HSTS off": ((apex(hop(APEX, 301, f"{WWW}/", hsts="max-age=0")), SITE), FAIL, "switches it off"),
    "in clear": ((apex(hop(APEX, 301, "http://www.shop.example/")), SITE), FAIL, "leads to clear http"),
    "elsewhere": ((apex(hop(APEX, 301, "https://parking.example/")), SITE), FAIL, "another host, parking.example"),
    "nowhere": ((apex(hop(APEX, 301)), SITE), FAIL, "answers 301 without saying where to"),
    "broken": ((apex(hop(APEX, 503)), SITE), FAIL, "https://shop.example answers 503"),
    "another port": ((apex(hop(APEX, 301, f"{WWW}:8443/")), SITE), FAIL, "leads to port 8443, not 443"),
    "temporary": ((apex(hop(APEX, 302, f"{WWW}/")), SITE), WARN, "redirects with 302, which is temporary"),
    "path forgotten": ((apex(deep=hop(APEX, 301, f"{WWW}/", path="/x")), SITE), WARN, "every link leads to /"),
    "path not led on": ((apex(deep=hop(APEX, 404, path="/x")), SITE), WARN, "from / alone (another path answers 404)"),
    "not https first": (
        (apex(http=clear("shop.example", f"{WWW}/")), SITE),
        FAIL,
        "http://shop.example leads to https://www.shop.example before https on its own name",
    ),
    "an error in clear": (
        (apex(http=hop("http://shop.example/", 503, hsts="")), SITE),
        FAIL,
        "http://shop.example answers 503 and does not lead to https",
    ),
    "content in clear": ((apex(http=hop("http://shop.example/", hsts="")), SITE), FAIL, "shows content in clear (200)"),
    "one of two addresses is old": (
        (apex(), apex(hop(APEX), ip="192.0.2.9"), SITE),
        FAIL,
        "shop.example shows the site at one address and leads to www.shop.example at another",
    ),
}


@pytest.mark.parametrize(("looks", "outcome", "summary"), CASES.values(), ids=CASES)
def test_two_names(looks: tuple[NameLook, ...], outcome: Outcome, summary: str) -> None:
    judged = one_site(PAIR, WwwLooks(looks), HstsPolicy())
    said = "\n".join((judged.summary, *judged.evidence))
    assert (judged.outcome, summary in said) == (outcome, True), judged


def test_both_leading_to_each_other_never_ends() -> None:
    back = NameLook("www.shop.example", "192.0.2.2", hop(WWW, 301, f"{APEX}/"), hop(WWW, 301, f"{APEX}/"), None)
    judged = one_site(PAIR, WwwLooks((apex(), back)), HstsPolicy())
    assert (judged.outcome, "lead to each other without end" in judged.summary) == (FAIL, True)


def test_a_name_without_an_address_and_the_wrong_way_round() -> None:
    gone = one_site(PAIR, WwwLooks((SITE,), ("shop.example",)), HstsPolicy())
    assert (gone.outcome, gone.summary) == (FAIL, "shop.example has no address")
    turned = WwwPair("shop", apex="shop.example", www="www.shop.example", serves="shop.example")
    judged = one_site(turned, WwwLooks((apex(), SITE)), HstsPolicy())
    assert (judged.outcome, "the profile has it the other way round" in judged.summary) == (FAIL, True)


def test_the_site_may_lead_on_to_a_language() -> None:
    front = hop(WWW, 302, f"{WWW}/fr/")
    spoken = NameLook("www.shop.example", "192.0.2.2", front, None, clear("www.shop.example"))
    assert one_site(PAIR, WwwLooks((apex(), spoken)), HstsPolicy()).outcome is PASS
