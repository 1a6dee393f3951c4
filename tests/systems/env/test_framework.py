"""Which framework answers, by what can be seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.subjects import Host
from golive_checks.subjects.repository import Repository
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.env.dialects import read_text
from golive_checks.systems.env.files import EnvFile, Variables, sealed
from golive_checks.systems.env.framework import (
    AppFramework,
    AppFrameworks,
    DevelopmentMode,
    Manifests,
    app_framework,
    manifests,
)
from golive_checks.systems.env.sources import EnvSource
from golive_checks.systems.http.front import Front, HttpReply
from golive_checks.systems.machine.client.files import Files

HOST, TOP = Host("api.x.test", role="api"), Repository("shop")
FILE = EnvFile("api", role="api", source=EnvSource("file", "api.env"))


def variables(text: str) -> Mapping[EnvFile, Variables]:
    return {FILE: sealed(FILE, read_text(text, "api.env", "dotenv"))}


async def look(
    *headers: tuple[str, str],
    found: Manifests | Unavailable | None = None,
    env: str | None = None,
    ask: AppFrameworks | None = None,
) -> AppFramework:
    fronts = {Address("a", HOST, "192.0.2.1"): Front(HttpReply("/", 200, "HTTP/2", headers, 1))}
    repositories = Unavailable("the profile names none") if found is None else {TOP: found}
    of = Unavailable("no files") if env is None else variables(env)
    return await app_framework(HOST, fronts, repositories, of, ask or AppFrameworks())


HEADERS = {
    (("x-powered-by", "Express"),): ("express", "X-Powered-By: express"),
    (("x-powered-by", "Next.js"),): ("next", "X-Powered-By: next.js"),
    (("x-runtime", "0.01"),): ("rails", "X-Runtime"),
    (("server", "nginx/1.27.1"),): ("nginx", "Server: nginx"),
    (("server", "Caddy"),): ("caddy", "Server: caddy"),
    (("server", "nginx"), ("x-powered-by", "Express")): ("express", "X-Powered-By: express"),
    (("server", "gunicorn"),): (None, ""),
    (): (None, ""),
}


@pytest.mark.parametrize(("headers", "seen"), HEADERS.items())
async def test_by_headers(headers: tuple[tuple[str, str], ...], seen: tuple[str | None, str]) -> None:
    found = await look(*headers)
    assert (found.name, found.seen_by) == seen


async def test_the_profile_then_the_manifests_then_the_headers() -> None:
    express = ("x-powered-by", "Express")
    nest = Manifests("nestjs", "apps/api/package.json")
    assert (await look(express, found=nest)).seen_by == "apps/api/package.json"
    assert (await look(express, found=nest, ask=AppFrameworks(name="fastify"))).name == "fastify"
    assert (await look(express, found=Manifests())).name == "express"
    assert (await look(express, found=Unavailable("unread"))).name == "express"


MODES = {
    "unset": ("express", "PORT=1\n", DevelopmentMode("NODE_ENV", "", "api")),
    "production": ("express", "NODE_ENV=production\n", None),
    "development": ("nestjs", "NODE_ENV=development\n", DevelopmentMode("NODE_ENV", "development", "api")),
    "debug": ("django", "DEBUG=True\n", DevelopmentMode("DEBUG", "True", "api")),
    "no debug": ("django", "DEBUG=False\n", None),
    "no such mode": ("spring", "PORT=1\n", None),
    "no file": ("express", None, None),
}


@pytest.mark.parametrize(("name", "env", "mode"), MODES.values(), ids=MODES)
async def test_what_lets_it_run_in_development(name: str, env: str | None, mode: DevelopmentMode | None) -> None:
    assert (await look(env=env, ask=AppFrameworks.model_validate({"name": name}))).mode == mode


FILES = {
    "package.json": ('{"dependencies": {"express": "^5", "@nestjs/core": "^11"}}', "nestjs"),
    "api/package.json": ('{"dependencies": {"express": "5.3.0"}}', "express"),
    "requirements.txt": ("# web\nDjango==5.2\n", "django"),
    "Gemfile": ('source "https://rubygems.org"\ngem "rails", "~> 8.0"\n', "rails"),
    "composer.json": ('{"require": {"laravel/framework": "^12"}}', "laravel"),
    "backend/pom.xml": ("<artifactId>spring-boot-starter-web</artifactId>", "spring"),
    "apps/api/package.json": ('{"dependencies": {"fastify": "5"}}', "fastify"),
    "docs/package.json": ('{"dependencies": {"express": "5"}}', None),
    "pyproject.toml": ('[project]\ndependencies = ["djangorestframework-stubs"]\n', None),
}


@pytest.mark.parametrize(("file", "text", "name"), [(file, *rest) for file, rest in FILES.items()], ids=FILES)
async def test_by_manifests(tmp_path: Path, file: str, text: str, name: str | None) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    found = await manifests(Repository("shop", path=str(tmp_path)), Files())
    assert (found.name, found.file) == (name, file if name else "")
