"""What error pages show: those of Express, Django and Flask, with debugging and without."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import django
import flask
import pytest
from django.conf import settings
from django.test import Client
from django.urls import path
from env_readers import NODE, PACKAGES
from werkzeug.debug import DebuggedApplication
from werkzeug.test import Client as WerkzeugClient

from golive_checks.systems.http.error_signs import body_signs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse


def kinds(body: bytes) -> set[str]:
    return {sign.kind for sign in body_signs(body)}


@pytest.mark.parametrize(
    ("mode", "handled", "expected"),
    [
        ("development", "default", {"/nothing": {"framework"}, "/item/%zz": {"trace"}, "/broken": {"trace"}}),
        ("production", "default", {"/nothing": {"framework"}, "/item/%zz": set(), "/broken": set()}),
        ("development", "own", {"/nothing": set(), "/item/%zz": set(), "/broken": set()}),
    ],
)
def test_pages_of_express(mode: str, handled: str, expected: dict[str, set[str]]) -> None:
    script = Path(__file__).parents[1] / "helpers/express_errors.cjs"
    ran = subprocess.run(
        [NODE, script, PACKAGES, handled],
        capture_output=True,
        text=True,
        env={**os.environ, "NODE_ENV": mode},
        check=True,
    )
    assert {asked: kinds(body.encode()) for asked, _, body in json.loads(ran.stdout)} == expected


def broken(request: HttpRequest) -> HttpResponse:
    raise KeyError(request.path)


@pytest.fixture
def client() -> Iterator[Client]:
    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="made up")  # noqa: S106 - it is
        django.setup()
    debug, urls = settings.DEBUG, settings.ROOT_URLCONF
    settings.ROOT_URLCONF = __name__
    yield Client(raise_request_exception=False)
    settings.DEBUG, settings.ROOT_URLCONF = debug, urls


urlpatterns = [path("broken", broken)]


@pytest.mark.parametrize(("debug", "expected"), [(True, ({"debug"}, {"debug", "trace"})), (False, ({"plain"}, set()))])
def test_pages_of_django(client: Client, *, debug: bool, expected: tuple[set[str], set[str]]) -> None:
    settings.DEBUG = debug
    assert (kinds(client.get("/nothing").content), kinds(client.get("/broken").content)) == expected


def test_pages_of_flask() -> None:
    app = flask.Flask("shop")

    @app.get("/broken")
    def broken_page() -> str:
        raise KeyError("x")

    assert kinds(app.test_client().get("/nothing").data) == {"plain"}
    assert kinds(app.test_client().get("/broken").data) == set()
    debugged = WerkzeugClient(DebuggedApplication(app.wsgi_app))
    app.config["PROPAGATE_EXCEPTIONS"] = True
    assert {"debug", "trace"} <= kinds(debugged.get("/broken").data)
