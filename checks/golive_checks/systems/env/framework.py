"""Which framework answers at a host, by what can be seen: the profile, dependencies, headers; and how it runs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar, Literal

from golive import Fact, Settings, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.subjects.repository import Repository
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.env.files import EnvFile, Variables
from golive_checks.systems.http.front import Front, HttpReply
from golive_checks.systems.machine.client.files import Files
from golive_checks.variable_names import development, truth

Framework = Literal["express", "fastify", "nestjs", "next", "django", "rails", "laravel", "spring", "nginx", "caddy"]
SPRING = re.compile(r"spring-?boot|org\.springframework")
IN_FILES: Mapping[str, tuple[tuple[re.Pattern[str], Framework], ...]] = {
    "package.json": (
        (re.compile(r'"@nestjs/core"\s{0,9}:'), "nestjs"),
        (re.compile(r'"next"\s{0,9}:'), "next"),
        (re.compile(r'"fastify"\s{0,9}:'), "fastify"),
        (re.compile(r'"express"\s{0,9}:'), "express"),
    ),
    "requirements.txt": ((re.compile(r"^django\b", re.IGNORECASE | re.MULTILINE), "django"),),
    "pyproject.toml": ((re.compile(r"\bdjango[\"'=<>~ ]", re.IGNORECASE), "django"),),
    "Gemfile": ((re.compile(r"gem\s{1,9}[\"']rails[\"']"), "rails"),),
    "composer.json": ((re.compile(r'"laravel/framework"\s{0,9}:'), "laravel"),),
    "pom.xml": ((SPRING, "spring"),),
    "build.gradle": ((SPRING, "spring"),),
    "build.gradle.kts": ((SPRING, "spring"),),
}
"""What a manifest names, the framework that brings another before that one: NestJS stands on Express."""
MODE: Mapping[Framework, str] = {
    **dict.fromkeys(("express", "fastify", "nestjs", "next"), "NODE_ENV"),
    "rails": "RAILS_ENV",
}
"""The variable without which it and its libraries run with their development defaults."""
SWITCHES: Mapping[Framework, tuple[str, ...]] = {
    "django": ("DEBUG", "DJANGO_DEBUG"),
    "laravel": ("APP_DEBUG",),
}
"""Those that switch its development defaults on."""


FOLDERS = ("", "apps/api", "api", "backend", "server")


class AppFrameworks(Settings):
    """Which framework answers, where it cannot be seen; fixes are written for it."""

    home: ClassVar[str] = "framework"

    name: Framework | None = None
    """Such as express; a preset names its own."""


@dataclass(frozen=True)
class Manifests(Fact):
    """The first framework that a manifest of the repository names, and which manifest; neither where none does."""

    name: Framework | None = None
    file: str = ""


@dataclass(frozen=True)
class DevelopmentMode:
    """A variable that lets the framework run with its development defaults. An empty `value`: it is not set."""

    variable: str
    value: str
    file: str


@dataclass(frozen=True)
class AppFramework(Fact):
    """The framework that answers, and by what it was seen; no name where nothing tells."""

    name: Framework | None = None
    seen_by: str = ""
    mode: DevelopmentMode | None = None


@probe("env.manifests")
async def manifests(repository: Repository, files: Files) -> Manifests:
    """Look for a framework in the manifests at the repository's top, and where an API usually lies."""
    for folder in FOLDERS:
        for name, signs in IN_FILES.items():
            path = str(PurePath(repository.path, folder, name))
            if not await files.exists(path):
                continue
            text = await files.text(path)
            if framework := next((each for sign, each in signs if sign.search(text)), None):
                return Manifests(framework, str(PurePath(folder, name)))
    return Manifests()


@probe("env.app-framework")
async def app_framework(
    host: Host,
    fronts: Mapping[Address, Front | Unavailable],
    repositories: Mapping[Repository, Manifests | Unavailable] | Unavailable,
    variables: Mapping[EnvFile, Variables | Unavailable] | Unavailable,
    ask: AppFrameworks,
) -> AppFramework:
    """See which framework it is: what the profile says, else the manifests, else what answers."""
    lines = [each for each in _all(repositories) if isinstance(each, Manifests)]
    replies = [each.reply for each in fronts.values() if isinstance(each, Front)]
    name, seen_by = ask.name, "the profile"
    if name is None:
        found = [(each.name, each.file) for each in lines if each.name]
        name, seen_by = next(iter([*found, *_by_headers(replies)]), (None, ""))
    files = variables.items() if not isinstance(variables, Unavailable) else ()
    of_api = {file: seen for file, seen in files if file.role == "api"}
    return AppFramework(name, seen_by, _mode(name, of_api) if name else None)


def _all(facts: Mapping[Repository, Manifests | Unavailable] | Unavailable) -> Iterable[Manifests | Unavailable]:
    return () if isinstance(facts, Unavailable) else facts.values()


def _by_headers(replies: Iterable[HttpReply]) -> list[tuple[Framework, str]]:
    """Return what the headers of answers name, the application before what stands in front of it."""
    found: list[tuple[Framework, str]] = []
    for reply in replies:
        powered, server = reply.header("x-powered-by"), reply.header("server")
        words: Mapping[str, Framework] = {"express": "express", "next.js": "next"}
        found += [(name, f"X-Powered-By: {word}") for word, name in words.items() if word in powered.lower()]
        found += [("rails", "X-Runtime")] if reply.header("x-runtime") else []
        fronts: Mapping[str, Framework] = {"nginx": "nginx", "caddy": "caddy"}
        found += [(name, f"Server: {word}") for word, name in fronts.items() if server.lower().startswith(word)]
    return found


def _mode(name: Framework, of_api: Mapping[EnvFile, Variables | Unavailable]) -> DevelopmentMode | None:
    """Return what lets it run with its development defaults; None where nothing does, or not all was seen."""
    seen = {file.name: each.values for file, each in of_api.items() if isinstance(each, Variables)}
    if not seen or len(seen) < len(of_api):
        return None
    for file, values in seen.items():
        for variable in SWITCHES.get(name, ()):
            value = values[variable].value if variable in values else None
            if isinstance(value, str) and truth(value):
                return DevelopmentMode(variable, value, file)
    if (mode := MODE.get(name)) is None:
        return None
    given = [(file, values[mode].value) for file, values in seen.items() if mode in values]
    if not given:
        return DevelopmentMode(mode, "", next(iter(seen)))
    chosen = [(file, value) for file, value in given if isinstance(value, str) and development(mode, value)]
    return DevelopmentMode(mode, chosen[0][1], chosen[0][0]) if chosen else None
