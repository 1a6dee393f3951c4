"""Env files of many frameworks: what runs as production, what leads to a laptop, what is open to all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.checks.env.conftest import ORIGINS

from golive import Environment, Outcome, Unavailable
from golive_checks.env.expected import OriginsOf
from golive_checks.env.running import Local, Running, addresses_not_local, lists_closed, runs_as_production

if TYPE_CHECKING:
    from tests.checks.env.conftest import Seen

    from golive_checks.systems.env.files import EnvFile

NAMES = ("DEBUG", "APP_DEBUG", "DJANGO_DEBUG", "FLASK_DEBUG", "WP_DEBUG")
STAGING, PRODUCTION = Environment("staging"), Environment("production", production=True)
PASS, WARN, FAIL, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NA


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        *(
            (f"{name}={value}", FAIL)
            for name in ("DEBUG", "APP_DEBUG", "DJANGO_DEBUG", "FLASK_DEBUG", "WP_DEBUG")
            for value in ("True", "true", "1", "on", "yes")
        ),
        *((f"DEBUG={value}", PASS) for value in ("False", "false", "0", "off", "no", "n", "FALSE", "error")),
        *((f"DEBUG={value}", WARN) for value in ("express:*", "*", "app,worker", "knex:query,-http")),
        ("DEBUG=", NA),
        ("APP_DEBUG=(true)", FAIL),
        ("MYSHOP_DEBUG=true", FAIL),
        ("ENABLE_DEBUG=true", FAIL),
        ("DEBUG_MODE=on", FAIL),
        ("VITE_DEBUG=true", FAIL),
        ("SENTRY_DEBUG=true", WARN),
        ("NEXTAUTH_DEBUG=true", WARN),
        ("DEBUG_TOOLBAR=true", FAIL),
        ("DEBUG_SQL=1", WARN),
        ("WP_DEBUG_LOG=true", WARN),
        ("DISABLE_DEBUG=true", NA),
        ("DEBUG_PORT=9229", PASS),
        ("LOG_LEVEL=debug", NA),
        ("RUST_LOG=debug", NA),
        ("NODE_ENV=production", PASS),
        ("NODE_ENV=development", FAIL),
        ("NODE_ENV=prod", FAIL),
        ("NODE_ENV=Production", FAIL),
        ("NODE_ENV=test", FAIL),
        ("RAILS_ENV=production", PASS),
        ("RAILS_ENV=development", FAIL),
        ("RAILS_ENV=staging", PASS),
        ("APP_ENV=local", FAIL),
        ("APP_ENV=production", PASS),
        ("APP_ENV=prod", PASS),
        ("GIN_MODE=debug", FAIL),
        ("GIN_MODE=release", PASS),
        ("SPRING_PROFILES_ACTIVE=dev", FAIL),
        ("SPRING_PROFILES_ACTIVE=prod,eu", PASS),
        ("SPRING_PROFILES_ACTIVE=prod,dev", FAIL),
        ("DJANGO_SETTINGS_MODULE=shop.settings.dev", FAIL),
        ("DJANGO_SETTINGS_MODULE=shop.settings.production", PASS),
        ("DJANGO_SETTINGS_MODULE=local.settings", PASS),
        ("ASPNETCORE_ENVIRONMENT=Development", FAIL),
        ("SENTRY_ENVIRONMENT=development", WARN),
        ("PAYPAL_ENV=sandbox", NA),
        ("APP_NAME=debug", NA),
        ("THEME=dark", NA),
    ],
)
def test_modes_and_switches(text: str, outcome: Outcome, api: EnvFile, seen: Seen) -> None:
    v = seen(text + "\n")
    verdict = runs_as_production(api, v, {api: v}, PRODUCTION, Running())
    assert verdict.outcome is outcome, verdict.summary
    elsewhere = runs_as_production(api, v, {api: v}, STAGING, Running())
    assert elsewhere.outcome is (WARN if outcome is FAIL else outcome)


def test_a_mode_that_is_missing_where_the_framework_then_runs_in_development(
    api: EnvFile, web: EnvFile, seen: Seen
) -> None:
    express, rails, v = Running(demanded=("NODE_ENV",)), Running(demanded=("RAILS_ENV|RACK_ENV",)), seen("PORT=1\n")
    assert runs_as_production(api, v, {api: v}, PRODUCTION, Running()).outcome is NA
    verdict = runs_as_production(api, v, {api: v}, PRODUCTION, express)
    assert (verdict.outcome, verdict.summary) == (FAIL, "NODE_ENV is not set: the framework runs in development")
    assert runs_as_production(api, v, {api: v}, PRODUCTION, rails).outcome is FAIL
    rack = seen("RACK_ENV=production\n")
    assert runs_as_production(api, rack, {api: rack}, PRODUCTION, rails).outcome is PASS
    image = replace(api, optional=("NODE_ENV",))  # the image sets it
    assert runs_as_production(image, v, {image: v}, PRODUCTION, express).outcome is NA
    vault = replace(api, name="vault")
    set_there = {api: v, vault: seen("NODE_ENV=production\n", vault)}
    assert runs_as_production(api, v, set_there, PRODUCTION, express).outcome is NA
    assert runs_as_production(api, v, {api: v, vault: Unavailable("no answer")}, PRODUCTION, express).outcome is NA
    assert runs_as_production(web, v, {web: v}, PRODUCTION, express).outcome is NA


def test_what_is_meant_may_be_on(api: EnvFile, seen: Seen) -> None:
    v = seen("DEBUG=true\nNODE_ENV=production\n")
    assert runs_as_production(api, v, {api: v}, PRODUCTION, Running(allow=("DEBUG",))).outcome is PASS
    v = seen("TELESCOPE_ENABLED=true\n")
    assert runs_as_production(api, v, {api: v}, PRODUCTION, Running()).outcome is NA
    assert runs_as_production(api, v, {api: v}, PRODUCTION, Running(switches=("TELESCOPE_ENABLED",))).outcome is FAIL


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("API_URL=http://localhost:3000", FAIL),
        ("APP_URL=http://localhost", FAIL),
        ("DATABASE_URL=postgresql://app:w8Kq2VzT5mXe@127.0.0.1:5432/app", FAIL),
        ("DATABASE_URL=postgresql+asyncpg://app:w8Kq2VzT5mXe@localhost/app", FAIL),
        ("REDIS_URL=redis://127.0.0.1:6379/0", FAIL),
        ("SPRING_DATASOURCE_URL=jdbc:postgresql://localhost:5432/app", FAIL),
        ("MONGO_URI=mongodb://localhost:27017,db2:27017/app", FAIL),
        ("MONGO_URI=mongodb://db1:27017,localhost:27017/app", FAIL),
        ("DSN=app:w8Kq2VzT5mXe@tcp(localhost:3306)/app", FAIL),
        ("DB_DSN=host=localhost user=app dbname=app", FAIL),
        ("CONNECTION=Server=localhost;Database=app;User Id=sa", FAIL),
        ("CORS_ORIGINS=https://app.shop.io,http://localhost:5173", FAIL),
        ('CORS_ORIGINS=["https://app.shop.io", "http://localhost:5173"]', FAIL),
        ("WEB_URL=http://app.localhost:3000", FAIL),
        ("WEB_URL=http://[::1]:3000", FAIL),
        ("DB_HOST=127.0.0.1", WARN),
        ("REDIS_HOST=localhost", WARN),
        ("DATABASE_URL=postgresql://app:w8Kq2VzT5mXe@db:5432/app", PASS),
        ("DATABASE_URL=postgresql://app:w8Kq2VzT5mXe@localhost-db.shop.io/app", PASS),
        ("API_URL=https://localhost.shop.io", PASS),
        ("HOST=127.0.0.1", NA),
        ("HOST=0.0.0.0", NA),
        ("BIND=127.0.0.1:8000", NA),
        ("DB_HOST=db", NA),
        ("SESSION_DOMAIN=localhost", FAIL),
        ("ALLOWED_HOSTS=localhost,api.shop.io", NA),
    ],
)
def test_addresses(text: str, outcome: Outcome, api: EnvFile, seen: Seen) -> None:
    verdict = addresses_not_local(api, seen(text + "\n"), PRODUCTION, Local(), ORIGINS)
    assert verdict.outcome is outcome, verdict.summary
    assert "w8Kq2VzT5mXe" not in str(verdict)
    name = text.partition("=")[0]
    assert addresses_not_local(api, seen(text + "\n"), PRODUCTION, Local(allow=(name,)), ORIGINS).outcome is NA


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("ALLOWED_HOSTS=*", FAIL),
        ("DJANGO_ALLOWED_HOSTS=*", FAIL),
        ("DJANGO_ALLOWED_HOSTS=['*']", FAIL),
        ("ALLOWED_HOSTS=api.shop.io,*", FAIL),
        ("ALLOWED_HOSTS=.shop.io", PASS),
        ("ALLOWED_HOSTS=api.shop.io www.shop.io", PASS),
        ("CORS_ORIGIN=*", FAIL),
        ("CORS_ALLOWED_ORIGINS=*", FAIL),
        ("CORS_ORIGIN=https://app.shop.io", PASS),
        ("CORS_ALLOW_ALL_ORIGINS=True", FAIL),
        ("CORS_ALLOW_ALL_ORIGINS=False", PASS),
        ("TRUSTED_PROXIES=*", NA),
        ("EVENTS=*", NA),
        ("DB_HOST=*", NA),
    ],
)
def test_lists(text: str, outcome: Outcome, api: EnvFile, seen: Seen) -> None:
    verdict = lists_closed(api, seen(text + "\n"), PRODUCTION, OriginsOf())
    assert verdict.outcome is outcome, verdict.summary
    assert lists_closed(api, seen(text + "\n"), STAGING, OriginsOf()).outcome is (WARN if outcome is FAIL else outcome)
