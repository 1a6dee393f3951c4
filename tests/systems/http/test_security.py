"""What the security probes ask, and what they keep of the answers."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr, ValidationError

from golive import Now, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import Routes, answers
from golive_checks.systems.http.client.jwks import PublicKey, rsa_keys
from golive_checks.systems.http.client.message import Access
from golive_checks.systems.http.cors import Cors
from golive_checks.systems.http.exposed import Exposure, Leak, first_leaks, leaks
from golive_checks.systems.http.exposed_signs import FIRST
from golive_checks.systems.http.forged_tokens import claims_of, confused, forgeries
from golive_checks.systems.http.front import plain_front
from golive_checks.systems.http.page import page
from golive_checks.systems.http.privacy import Privacy, privacy_routes
from golive_checks.systems.http.tokens import Jwt, token_answers
from golive_checks.systems.machine.client.files import Files
from golive_lab.parts.api.login import LoginRoutes, public_pem, token
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.leaks import FILES, ROUTES, TRACE
from golive_lab.world.login import SECRET, Login
from golive_lab.world.names import APP

Site = Callable[..., AbstractAsyncContextManager[Any]]
RUN = RunInfo("0123abcd", "9.9")
PAGE = '<!doctype html><title>App</title><script type="module" src="/assets/index-BxK3j2aP.js"></script>'


@pytest.fixture
def now() -> Now:
    return Now(dt.datetime.now(dt.UTC))


def spa(path: str, *_: Any) -> HttpAnswer:
    """A single-page app: its page for any path but those beside its assets."""
    if path.startswith("http:"):
        return HttpAnswer(301, "text/html", b"", (("location", f"https://{APP}/"), ("set-cookie", "clear=secret")))
    if path.startswith("/assets/"):
        found = path.endswith("aP.js")
        return HttpAnswer(200, "text/javascript", b"let a=1") if found else HttpAnswer(404, "text/html", b"no")
    return HttpAnswer(200, "text/html", PAGE.encode(), (("set-cookie", "sid=secret; HttpOnly"),))


async def look(there: Any, probe: Any, **given: Any) -> Any:
    fronts = await there.fronts()
    shown = await there.look(page, fronts=fronts)
    plain = {there.address: await there.look(plain_front, seen=None)}
    return await there.look(probe, fronts=fronts, page=shown, plain=plain, run=RUN, files=Files(), **given)


async def test_answers_of_a_single_page_app(site: Site, now: Now) -> None:
    async with site(spa) as there:
        seen = await look(there, answers, ask=Routes(redirect="/", others=("/legal",)), now=now)
    kinds = {route.kind: (route.reply.path, route.reply.status) for route in seen.routes}
    assert kinds == {
        "page": ("/", 200),
        "static": ("/assets/index-BxK3j2aP.js", 200),
        "other": ("/legal", 200),
        "error": ("/assets/golive-0123abcd.js", 404),
        "clear": ("/", 301),
    }
    assert seen.unseen == ("no redirect: / answers 200",)
    assert {c.name for route in seen.routes for c in route.cookies} == {"sid", "clear"}
    assert "secret" not in repr(seen)


async def test_no_error_to_be_found_is_said(site: Site, now: Now) -> None:
    async with site(lambda *_: HttpAnswer(200, "application/json", b"{}"), host=Host(APP, role="api")) as there:
        seen = await look(there, answers, ask=Routes(), now=now)
    assert any(text.startswith("no error: every path answers") for text in seen.unseen)


async def test_a_single_page_app_exposes_nothing_though_it_answers_200(site: Site) -> None:
    async with site(spa) as there:
        seen = await look(there, leaks, ask=Exposure(graphql_path="/graphql", others=("/old.zip",)))
    assert (seen.found, seen.missed) == ((), ())
    assert 20 <= seen.asked <= 35


@pytest.mark.parametrize("path", [*FILES, *(p for p in ROUTES if p != "/graphql")])
async def test_what_is_there_is_told_by_its_content(site: Site, path: str) -> None:
    def respond(asked: str, *rest: Any) -> HttpAnswer:
        if asked == path:
            media, text = ROUTES.get(path) or ("application/octet-stream", FILES[path])
            return HttpAnswer(200, media, text.encode())
        return spa(asked, *rest)

    async with site(respond) as there:
        seen = await look(there, leaks, ask=Exposure())
        assert [leak.path for leak in seen.found] == [path]
        assert "postgres://x" not in repr(seen)
    async with site(respond) as there:
        assert (await look(there, leaks, ask=Exposure(allow=(path,)))).found == ()


LEAKS: dict[str, tuple[str, HttpAnswer, Leak | None]] = {
    "packed": (
        "/dump.sql",
        HttpAnswer(200, "text/plain", gzip.compress(FILES["/dump.sql"].encode()), (("content-encoding", "gzip"),)),
        Leak("/dump.sql", "a database dump"),
    ),
    "an archive": (
        "/backup.zip",
        HttpAnswer(200, "application/zip", b"PK\x03\x04" + bytes(9)),
        Leak("/backup.zip", "a backup"),
    ),
    "an env file of a page": ("/.env", HttpAnswer(200, "text/html", b"<pre>\nKEY=value\n</pre>"), None),
    "refused": ("/.git/HEAD", HttpAnswer(403, "text/plain", b"ref: refs/heads/main\n"), None),
    "a map": (
        "/assets/index-BxK3j2aP.js.map",
        HttpAnswer(200, "application/json", b'{"version":3,"mappings":"AA"}'),
        Leak("/assets/index-BxK3j2aP.js.map", "a source map"),
    ),
    "a map elsewhere": (
        "/assets/index-BxK3j2aP.js",
        HttpAnswer(200, "text/javascript", b"let a=1\n//# sourceMappingURL=data:application/json;base64,e30=\n"),
        Leak("/assets/index-BxK3j2aP.js", "its source map, within it"),
    ),
    "a trace": (
        "/golive-0123abcd",
        HttpAnswer(500, "text/plain", TRACE.encode()),
        Leak("/golive-0123abcd", "a stack trace in its error"),
    ),
    "a trace in JSON": (
        "/golive-0123abcd",
        HttpAnswer(404, "application/json", json.dumps({"stack": TRACE}).encode()),
        Leak("/golive-0123abcd", "a stack trace in its error"),
    ),
    "GraphQL": (
        "/graphql?query=%7B__schema%7Btypes%7Bname%7D%7D%7D",
        HttpAnswer(200, "application/json", b'{"data":{"__schema":{"types":[]}}}'),
        Leak("/graphql", "GraphQL's description of itself"),
    ),
    "GraphQL that does not": (
        "/graphql?query=%7B__schema%7Btypes%7Bname%7D%7D%7D",
        HttpAnswer(200, "application/json", b'{"errors":[{"message":"introspection is off"}]}'),
        None,
    ),
}


@pytest.mark.parametrize(("path", "answer", "leak"), LEAKS.values(), ids=LEAKS)
async def test_leaks(site: Site, path: str, answer: HttpAnswer, leak: Leak | None) -> None:
    async with site(lambda asked, *rest: answer if asked == path else spa(asked, *rest)) as there:
        seen = await look(there, leaks, ask=Exposure(graphql_path="/graphql"))
    assert seen.found == ((leak,) if leak else ())


async def test_reading_alone_asks_for_few_paths_and_for_one_that_cannot_be_there(site: Site) -> None:
    asked = list[str]()

    def respond(path: str, *rest: Any) -> HttpAnswer:
        asked.append(path)
        return spa(path, *rest)

    async with site(respond) as there:
        fronts = await there.fronts()
        asked.clear()
        seen = await there.look(first_leaks, fronts=fronts, ask=Exposure(allow=("/metrics",)), run=RUN)
    assert (seen.asked, seen.found, seen.missed) == (5, (), ())
    assert sorted(asked) == sorted({*FIRST, "/golive-0123abcd"} - {"/metrics"})


@pytest.mark.parametrize("path", sorted(FIRST))
async def test_what_is_open_is_seen_by_reading_alone(site: Site, path: str) -> None:
    media, text = ROUTES.get(path) or ("text/plain", FILES.get(path, ""))
    there_it_is = HttpAnswer(200, media, text.encode())
    async with site(lambda asked, *rest: there_it_is if asked == path else spa(asked, *rest)) as there:
        seen = await there.look(first_leaks, fronts=await there.fronts(), ask=Exposure(), run=RUN)
    assert [leak.path for leak in seen.found] == [path]


async def test_a_host_that_shows_the_same_kind_of_thing_for_any_path_shows_nothing_by_it(site: Site) -> None:
    def anything(asked: str, *_: Any) -> HttpAnswer:
        return HttpAnswer(200, "text/plain", f"PATH={asked}\nCOPY users (id\n# HELP a\n".encode())

    async with site(anything) as there:
        fronts = await there.fronts()
        few = await there.look(first_leaks, fronts=fronts, ask=Exposure(), run=RUN)
        all_of_them = await look(there, leaks, ask=Exposure())
    assert (few.found, all_of_them.found) == ((), ())


def api(login: LoginRoutes) -> Callable[..., HttpAnswer]:
    """An API's protected routes. What a site answers depends on the path alone: every token is refused."""
    return lambda path, *_: (
        login.answer({"path": path, "method": "GET", "headers": []}) or HttpAnswer(404, "text/plain", b"")
    )


@pytest.mark.parametrize("given", ["secret", "tokens"])
async def test_tokens_go_out_and_none_is_kept(site: Site, now: Now, given: str) -> None:
    at = int(now.at.timestamp())
    good = token({"sub": "awa", "aud": "afrigest-api", "exp": at + 300})
    by_tokens = {
        "token": good,
        "expired_token": token({"sub": "awa", "exp": at - 9}),
        "foreign_token": token({"aud": "x", "exp": at + 300}),
    }
    ask = Jwt.model_validate(
        {"secret": SECRET, "claims": {"sub": "awa"}, "audience": "afrigest-api"} if given == "secret" else by_tokens
    )
    async with site(api(LoginRoutes(Login())), host=Host(APP, role="api")) as there:
        seen = await look(there, token_answers, routes=Routes(protected="/api/v1/me"), ask=ask, now=now)
        sent = [
            h["authorization"].removeprefix("Bearer ")
            for _, p, h in there.asked
            if p == "/api/v1/me" and "authorization" in h
        ]
        assert all(h[":method"] == "GET" for _, p, h in there.asked if p == "/api/v1/me")
    assert {"no token", "valid", "expired", "wrong audience", "alg none", "alg nOnE", "without its signature"} <= set(
        seen.statuses
    )
    assert len(sent) == len(seen.statuses) - 1
    assert not any(part in repr(seen) for one in sent for part in one.split(".") if part)
    verifier = LoginRoutes(Login())
    accepted = [one for one in sent if verifier.accepts(one, at)]
    assert len(accepted) == 1  # of all that is sent, a sound verifier takes the good one alone


def test_each_forgery_is_taken_by_the_verifier_that_lacks_one_thing(now: Now) -> None:
    at = int(now.at.timestamp())
    good = token({"sub": "awa", "aud": "afrigest-api", "exp": at + 300})
    forged = forgeries(claims_of(good) | {"exp": at + 300}, good)

    def taken(verifies: Any) -> set[str]:
        return {name for name, one in forged.items() if LoginRoutes(Login(verifies=verifies)).accepts(one, at)}

    assert taken("all") == set()
    assert taken("none") == {"alg none"}
    assert taken("any none") == {"alg None", "alg NONE", "alg nOnE"}
    assert taken("default") == {"signed with 'secret'"}
    assert taken("nothing") == set(forged)


async def test_a_password_before_the_host_takes_the_place_of_a_token(site: Site, now: Now) -> None:
    async with site(api(LoginRoutes(Login())), host=Host(APP, role="api")) as there:
        with pytest.raises(Unavailable, match="uses the Authorization header"):
            await there.look(
                token_answers,
                Access(basic=SecretStr("u:p")),
                fronts={},
                routes=Routes(protected="/api/v1/me"),
                ask=Jwt(),
                files=Files(),
                now=now,
            )


async def test_a_public_key_is_tried_as_a_secret(site: Site, now: Now) -> None:
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    jwks = {"keys": [{"kty": "RSA", "kid": "k1", "n": _number(numbers.n), "e": _number(numbers.e)}, {"kty": "EC"}]}
    (key,) = rsa_keys(json.dumps(jwks).encode())
    assert key.id == "k1"
    assert key.pem.startswith(b"-----BEGIN PUBLIC KEY-----")
    for odd in (b"", b"[]", b'{"keys": 1}', b'{"keys": [{"kty": "RSA", "n": "!", "e": ""}]}', b"[" * 100_000):
        assert rsa_keys(odd) == ()

    def respond(path: str, *_: Any) -> HttpAnswer:
        return (
            HttpAnswer(200, "application/json", json.dumps(jwks).encode())
            if path == "/jwks"
            else api(LoginRoutes(Login()))(path)
        )

    async with site(respond, host=Host(APP, role="api")) as there:
        ask = Jwt(jwks_path="/jwks")
        seen = await look(there, token_answers, routes=Routes(protected="/api/v1/me"), ask=ask, now=now)
    assert "HS256 with public key 1 as PEM" in seen.statuses


async def test_a_public_key_of_the_profiles_own(site: Site, now: Now, tmp_path: Path) -> None:
    (tmp_path / "public.pem").write_text(public_pem())
    (tmp_path / "private.pem").write_text("-----BEGIN PRIVATE KEY-----\nc4n4ry\n")

    def respond(path: str, *_: Any) -> HttpAnswer:
        return api(LoginRoutes(Login()))(path)

    async with site(respond, host=Host(APP, role="api")) as there:
        given = {"routes": Routes(protected="/api/v1/me"), "now": now}
        seen = await look(there, token_answers, ask=Jwt(public_key=str(tmp_path / "public.pem")), **given)
        assert "HS256 with public key 1 as PEM without its last line break" in seen.statuses
        with pytest.raises(Unavailable, match="holds no public key in PEM") as caught:
            await look(there, token_answers, ask=Jwt(public_key=str(tmp_path / "private.pem")), **given)
    assert "c4n4ry" not in caught.value.reason


def test_a_verifier_that_takes_the_key_as_a_secret_takes_just_that(now: Now) -> None:
    at = int(now.at.timestamp())
    claims = {"sub": "awa", "aud": "afrigest-api", "exp": at + 300}
    forged = confused([PublicKey("", public_pem().encode())], claims)
    assert [LoginRoutes(Login(verifies="key as secret")).accepts(one, at) for one in forged.values()] == [True, False]
    assert not any(LoginRoutes(Login()).accepts(one, at) for one in forged.values())


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


DOCUMENT = {
    "openapi": "3.1.0",
    "servers": [{"url": "/api/v1"}],
    "paths": {"/users/{id}": {"delete": {}}, "/me/export": {"get": {}}},
}


async def test_routes_for_peoples_data_are_found_and_nothing_is_deleted(site: Site) -> None:
    def respond(path: str, *_: Any) -> HttpAnswer:
        if path == "/docs-json":
            return HttpAnswer(200, "application/json", json.dumps(DOCUMENT).encode())
        return HttpAnswer(
            401 if path in {"/api/v1/users/0", "/api/v1/me/export"} else 404,
            "text/plain",
            b"",
            (("allow", "GET, DELETE"),),
        )

    ask = Privacy(export="GET /api/v1/me/export", delete="DELETE /api/v1/users/:userId")
    async with site(respond, host=Host(APP, role="api")) as there:
        seen = await look(there, privacy_routes, ask=ask)
        assert {h[":method"] for _, _, h in there.asked} == {"GET", "OPTIONS"}
    assert seen.document == "/docs-json"
    assert {what: (s.documented, s.get, s.beside_get) for what, s in seen.seen.items()} == {
        "export": (True, 401, 404),
        "delete": (True, 401, 404),
    }
    assert seen.seen["delete"].allowed == ("DELETE", "GET")


MEANT: dict[str, tuple[dict[str, list[str]], tuple[str, ...], tuple[str, ...]]] = {
    "one's own": (
        {"/api/me": ["get", "delete"], "/api/me/export": ["get"]},
        ("GET /api/me/export",),
        ("DELETE /api/me",),
    ),
    "an administrator's": ({"/users/{id}": ["delete"]}, (), ("DELETE /users/{id}",)),
    "by a verb": ({"/account/erase": ["post"]}, (), ("POST /account/erase",)),
    "of things": ({"/products/{id}": ["delete"], "/carts/:id/items/:item": ["delete"]}, (), ()),
    "nothing is deleted": ({"/users": ["get"], "/orders": ["get", "post"]}, (), ()),
}


@pytest.mark.parametrize(("routes", "gives", "deletes"), MEANT.values(), ids=MEANT)
async def test_where_the_profile_names_none_the_document_is_read(
    site: Site, routes: dict[str, list[str]], gives: tuple[str, ...], deletes: tuple[str, ...]
) -> None:
    document = {"openapi": "3.1.0", "paths": {path: {key: {} for key in of} for path, of in routes.items()}}
    body = json.dumps(document).encode()
    host = Host(APP, role="api")
    async with site(lambda *_: HttpAnswer(200, "application/json", body), host=host) as there:
        seen = await look(there, privacy_routes, ask=Privacy())
        named = await look(there, privacy_routes, ask=Privacy(export="none", delete="none"))
    assert seen.listed == {"export": gives, "delete": deletes}
    assert not (named.listed)
    assert not (named.seen)
    assert not (named.document)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"openapi": "3", "paths": []}', b"[" * 100_000])
async def test_what_is_no_document_is_none(site: Site, body: bytes) -> None:
    host = Host(APP, role="api")
    async with site(lambda *_: HttpAnswer(200, "application/json", body), host=host) as there:
        seen = await look(there, privacy_routes, ask=Privacy(export="GET /api/v1/me/export"))
    assert (seen.document, seen.seen["export"].documented) == ("", False)


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        (Cors, {"origins": ["https://app.test/"]}),
        (Cors, {"origins": ["app.test"]}),
        (Cors, {"origins": ["*"]}),
        (Cors, {"methods": ["get"]}),
        (Privacy, {"delete": "/api/v1/me"}),
        (Routes, {"error": "none"}),
        (Jwt, {"token": "a\nb"}),
    ],
)
def test_what_the_profile_may_not_say(settings: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings.model_validate(wrong)
