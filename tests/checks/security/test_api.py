"""Tokens, people's data, and what is open."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from golive import Outcome, Unavailable
from golive_checks.security.exposed import nothing_exposed
from golive_checks.security.privacy import delete_exists, export_exists
from golive_checks.security.tokens import forgery_refused
from golive_checks.subjects import Host
from golive_checks.systems.env.example_tokens import ExampleTokenAnswers
from golive_checks.systems.http.exposed import FirstLeaks, Leak, Leaks
from golive_checks.systems.http.known_keys import KnownKey
from golive_checks.systems.http.privacy import Privacy, PrivacyRoutes, RouteSeen
from golive_checks.systems.http.tokens import Jwt, TokenAnswers

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
NONE = ExampleTokenAnswers()
API, APP = Host("api.test", role="api"), Host("app.test", role="app")
SOUND = {
    "no token": 401,
    "valid": 200,
    "alg none": 401,
    "signed with 'secret'": 403,
    "expired": 401,
    "wrong audience": 401,
}

TOKENS: Mapping[str, tuple[Outcome, str, dict[str, int]]] = {
    "sound": (PASS, "/me refuses 4 bad tokens and accepts a good one", {}),
    "none": (FAIL, "/me accepts a token with alg none and no signature", {"alg none": 200}),
    "default": (FAIL, "/me accepts a token signed with 'secret'", {"signed with 'secret'": 204}),
    "expired": (FAIL, "accepts a token that has expired", {"expired": 200}),
    "audience": (FAIL, "accepts a token for another audience", {"wrong audience": 200}),
    "open": (FAIL, "/me answers 200 without any token", {"no token": 200}),
    "elsewhere": (UNKNOWN, "answers 404 without a token", {"no token": 404}),
    "a login page": (UNKNOWN, "answers 302 without a token", {"no token": 302}),
    "a good one is refused": (UNKNOWN, "refuses a good token too (401)", {"valid": 401}),
    "forged though a good one is refused": (FAIL, "accepts", {"valid": 401, "alg none": 200}),
    "falls over": (
        FAIL,
        "answers 500 to a token with alg none and no signature: expected 401 or 403",
        {"alg none": 500},
    ),
}


@pytest.mark.parametrize(("outcome", "summary", "statuses"), TOKENS.values(), ids=TOKENS)
def test_tokens(outcome: Outcome, summary: str, statuses: dict[str, int]) -> None:
    judged = forgery_refused(API, TokenAnswers("/me", {**SOUND, **statuses}), NONE, Jwt())
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_without_a_good_token_nothing_is_told_and_what_could_not_be_tried_is_named() -> None:
    bare = {name: status for name, status in SOUND.items() if name != "valid"}
    assert forgery_refused(API, TokenAnswers("/me", bare), NONE, Jwt()).outcome is UNKNOWN
    some = {name: status for name, status in SOUND.items() if name not in {"expired", "wrong audience"}}
    judged = forgery_refused(API, TokenAnswers("/me", some), NONE, Jwt(audience="api"))
    assert (judged.outcome, len(judged.unseen)) == (PASS, 2)
    key = ExampleTokenAnswers({"signed with the example's JWT_SECRET": 200})
    judged = forgery_refused(API, TokenAnswers("/me", SOUND), key, Jwt())
    assert (judged.outcome, judged.summary) == (FAIL, "/me accepts a token signed with the example's JWT_SECRET")
    judged = forgery_refused(API, TokenAnswers("/me", SOUND), Unavailable("no such file"), Jwt())
    assert "keys of the example files: no such file" in judged.unseen
    assert forgery_refused(API, TokenAnswers(), NONE, Jwt()).outcome is NA


def test_a_key_that_is_found_offline_fails_and_stays_unsaid() -> None:
    keys = {
        "security.jwt.token": KnownKey("guessable", length=9),
        "security.jwt.expired_token": KnownKey("short", length=3),
        "security.jwt.foreign_token": KnownKey("published", "Symfony's published default", 30),
    }
    judged = forgery_refused(API, TokenAnswers("/me", SOUND, keys), NONE, Jwt())
    assert (judged.outcome, judged.summary.endswith("(and 2 more)")) == (FAIL, True), judged
    told = "\n".join([judged.summary, *judged.evidence])
    assert "the token of security.jwt.foreign_token is Symfony's published default" in told


def route(
    method: str = "GET",
    *,
    listed: bool = False,
    get: int = 401,
    options: int = 404,
    beside: tuple[int, int] = (404, 404),
    allowed: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
) -> RouteSeen:
    return RouteSeen(method, "/me/data", listed, get, options, allowed, *beside, others)


PRIVACY: Mapping[str, tuple[Outcome, str, str, RouteSeen]] = {
    "listed": (PASS, "/openapi.json", "listed by /openapi.json", route(listed=True)),
    "listed, and all ask for a login": (PASS, "/openapi.json", "listed", route(listed=True, beside=(401, 401))),
    "by its answer": (PASS, "", "GET answers 401, and beside it 404", route()),
    "another method": (PASS, "", "GET answers 405", route("POST", get=405)),
    "by OPTIONS": (PASS, "", "OPTIONS answers 204", route("DELETE", get=404, options=204, allowed=("DELETE",))),
    "open": (FAIL, "/openapi.json", "answers 200 to anyone", route(listed=True, get=200)),
    "missing": (FAIL, "", "answers 404", route(get=404)),
    "listed and missing": (
        FAIL,
        "/openapi.json",
        "answers 404, though /openapi.json lists it",
        route(listed=True, get=404),
    ),
    "not listed": (FAIL, "/openapi.json", "does not list it", route("DELETE", get=404, options=204, beside=(404, 204))),
    "listed, of another method": (PASS, "/openapi.json", "listed", route("DELETE", listed=True, get=404)),
    "all ask for a login": (UNKNOWN, "", "as what is not there does", route(beside=(401, 401))),
    "listed for another method alone": (
        UNKNOWN,
        "/openapi.json",
        "/openapi.json lists that path for GET alone",
        route("DELETE", others=("GET",)),
    ),
    "listed for another, and allowed": (
        PASS,
        "/openapi.json",
        "OPTIONS answers 204",
        route("DELETE", others=("GET",), options=204, allowed=("DELETE", "GET")),
    ),
    "all preflights are answered": (
        UNKNOWN,
        "",
        "it is not clear whether",
        route("DELETE", get=404, options=204, beside=(404, 204)),
    ),
    "a page for everything": (
        UNKNOWN,
        "",
        "it is not clear whether",
        route("DELETE", get=200, options=200, beside=(200, 200)),
    ),
}


@pytest.mark.parametrize(("outcome", "document", "summary", "seen"), PRIVACY.values(), ids=PRIVACY)
def test_privacy(outcome: Outcome, document: str, summary: str, seen: RouteSeen) -> None:
    judged = export_exists(API, PrivacyRoutes(document, {"export": seen}), Privacy())
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged
    assert delete_exists(API, PrivacyRoutes(document, {"delete": seen}), Privacy()).outcome is outcome


def test_privacy_of_what_is_not_named() -> None:
    assert export_exists(API, PrivacyRoutes(), Privacy()).lacks == ("security.privacy.export",)
    assert delete_exists(API, PrivacyRoutes("", {"export": route()}), Privacy()).lacks == ("security.privacy.delete",)
    assert export_exists(APP, PrivacyRoutes(), Privacy()).outcome is NA


def test_an_app_without_such_a_route_is_told_that_there_is_none() -> None:
    judged = delete_exists(API, PrivacyRoutes(), Privacy(delete="none"))
    assert (judged.outcome, judged.summary.startswith("there is no route by which")) == (FAIL, True), judged
    judged = delete_exists(API, PrivacyRoutes("/openapi.json", {}, {"delete": ()}), Privacy())
    assert (judged.outcome, judged.summary.endswith("/openapi.json lists none")) == (FAIL, True), judged
    there = PrivacyRoutes("/openapi.json", {}, {"delete": tuple(f"DELETE /users/{n}" for n in range(5))})
    judged = delete_exists(API, there, Privacy())
    assert judged.lacks == ("security.privacy.delete",)
    assert "/openapi.json lists DELETE /users/0, DELETE /users/1, DELETE /users/2 and 2 more" in judged.summary


NOTHING = FirstLeaks(6, ())


def test_exposed() -> None:
    assert nothing_exposed(APP, NOTHING, Leaks(20, ())).outcome is PASS
    found = Leaks(20, (Leak("/.env", "environment variables"), Leak("/metrics", "Prometheus metrics")))
    judged = nothing_exposed(APP, NOTHING, found)
    assert (judged.outcome, judged.summary) == (FAIL, "/.env shows environment variables (and 1 more)")
    assert nothing_exposed(APP, NOTHING, Leaks(2, (), ("/a: x", "/b: x"))).outcome is UNKNOWN
    assert nothing_exposed(APP, NOTHING, Leaks(2, (), ("/a: x",))).unseen == ("/a: x",)


def test_exposed_by_reading_alone() -> None:
    not_permitted = Unavailable("needs the effect active", not_permitted=True)
    judged = nothing_exposed(APP, NOTHING, not_permitted)
    assert (judged.outcome, judged.summary) == (PASS, "none of 6 paths shows what it should not")
    few = FirstLeaks(6, (Leak("/.git/HEAD", "the Git repository"),))
    assert nothing_exposed(APP, few, not_permitted).outcome is FAIL
    assert nothing_exposed(APP, few, Unavailable("no answer")).outcome is FAIL
    with pytest.raises(Unavailable):
        nothing_exposed(APP, NOTHING, Unavailable("no answer"))
    silent = FirstLeaks(1, (), ("/.env: no answer",))
    assert nothing_exposed(APP, silent, not_permitted).outcome is UNKNOWN
