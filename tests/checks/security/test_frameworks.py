"""Fixes that are written for the framework that answers."""

from typing import get_args

import pytest

from golive import Outcome, Unavailable, failed, passed
from golive_checks.security.frameworks import NOBODY, for_cookies, for_cors, for_header
from golive_checks.systems.env.framework import AppFramework, DevelopmentMode, Framework

RED = failed("it is open", "seen")
SHOP = "https://shop.test"


@pytest.mark.parametrize("name", get_args(Framework))
def test_each_framework_has_its_own_words(name: Framework) -> None:
    app = AppFramework(name, "the profile")
    cors = for_cors(RED, app, [SHOP], credentials=True)
    header = for_header(RED, app, "Referrer-Policy", "no-referrer")
    cookies = for_cookies(RED, app)
    for judged in (cors, header, cookies):
        assert judged.fix.startswith(f"{name}: ")
        assert judged.evidence == ("seen", f"{name} answers, by the profile")
        assert not any(f"{{{word}}}" in judged.fix for word in ("quoted", "name", "value", "credentials", "nginx"))
    assert SHOP in cors.fix
    assert name in {"django", "rails"} or "Referrer-Policy" in header.fix
    assert len({cors.fix, header.fix, cookies.fix}) == 3


def test_the_reason_is_named_where_it_can_be_seen() -> None:
    unset = AppFramework("express", "package.json", DevelopmentMode("NODE_ENV", "", "api"))
    judged = for_cors(RED, unset, [], credentials=False)
    assert judged.fix.startswith(
        "NODE_ENV is not set in api: set it to production first. Then, with express: `app.use(cors("
    )
    assert "https://app.example.com" in judged.fix
    assert "NODE_ENV is not set in api, so that it and its libraries may run" in judged.evidence[-1]
    debug = AppFramework("django", "the profile", DevelopmentMode("DEBUG", "True", "api"))
    assert for_cookies(RED, debug).fix.startswith("DEBUG is True in api: set it to false first. Then, with django: ")


@pytest.mark.parametrize("app", [NOBODY, Unavailable("not seen")])
def test_where_nothing_tells_the_checks_own_fix_stays(app: AppFramework | Unavailable) -> None:
    assert for_cors(RED, app, [SHOP], credentials=True) is RED


def test_what_is_green_wants_no_fix() -> None:
    green = passed("fine")
    assert green.outcome is Outcome.PASS
    assert for_header(green, AppFramework("caddy", "Server: caddy"), "X", "y") is green
