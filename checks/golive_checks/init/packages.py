"""Which packages a repository's manifests ask for, and the frameworks among them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from golive_checks.init.tree import SeenInFile, Tree

REQUIREMENT = re.compile(
    r"^[ \t]*[\"']?([A-Za-z0-9][\w.-]*+)\s*+(?:\[[^\]\n]*\])?\s*+(?:[<>=!~;@,\"']|$)", re.MULTILINE
)
POETRY = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*=\s*[\"'{]", re.MULTILINE)
GEM = re.compile(r"^[ \t]*gem\s+[\"']([\w-]+)[\"']", re.MULTILINE)
GO_MODULE = re.compile(r"^[ \t]*(?:require\s+)?([\w.-]+\.[a-z]+/\S+)\s+v\d", re.MULTILINE)
MAVEN = re.compile(r"<artifactId>\s*([\w.-]+)\s*</artifactId>")
GRADLE = re.compile(r"[\"'(]([\w.-]+):([\w.-]+)(?::[^\"']*)?[\"')]")
MIX = re.compile(r"\{:(\w+),")
NUGET = re.compile(r"<Package(?:Reference|Version)\s[^>]{0,300}?Include=\"([\w.-]+)\"")
SDK = re.compile(r"<Project\s[^>]{0,300}?Sdk=\"(Microsoft\.NET\.Sdk\.Web)\"")
GRADLE_PLUGIN = re.compile(r"id\s*+(?:\(\s*+)?[\"']([\w.-]+)[\"']")

FRAMEWORKS: Mapping[str, tuple[str, str]] = {
    "@remix-run/node": ("Remix", "site"),
    "@remix-run/react": ("Remix", "site"),
    "@react-router/node": ("React Router", "site"),
    "next": ("Next.js", "site"),
    "nuxt": ("Nuxt", "site"),
    "@sveltejs/kit": ("SvelteKit", "site"),
    "astro": ("Astro", "site"),
    "@nestjs/core": ("NestJS", "api"),
    "express": ("Express", "api"),
    "fastify": ("Fastify", "api"),
    "koa": ("Koa", "api"),
    "hono": ("Hono", "api"),
    "@hapi/hapi": ("hapi", "api"),
    "vite": ("Vite", "app"),
    "react-scripts": ("Create React App", "app"),
    "@angular/core": ("Angular", "app"),
    "@vue/cli-service": ("Vue CLI", "app"),
    "django": ("Django", "site"),
    "fastapi": ("FastAPI", "api"),
    "flask": ("Flask", "site"),
    "rails": ("Rails", "site"),
    "laravel/framework": ("Laravel", "site"),
    "symfony/framework-bundle": ("Symfony", "site"),
    "spring-boot-starter-web": ("Spring Boot", "site"),
    "spring-boot-starter-webmvc": ("Spring Boot", "site"),
    "spring-boot-starter-webflux": ("Spring Boot", "site"),
    "org.springframework.boot": ("Spring Boot", "site"),
    "phoenix": ("Phoenix", "site"),
    "microsoft.net.sdk.web": ("ASP.NET Core", "site"),
    "github.com/gin-gonic/gin": ("Gin", "api"),
    "github.com/labstack/echo": ("Echo", "api"),
    "github.com/go-chi/chi": ("chi", "api"),
    "github.com/gofiber/fiber": ("Fiber", "api"),
    "github.com/gorilla/mux": ("gorilla/mux", "api"),
}
"""By package: the framework, and what a host of it serves."""


@dataclass(frozen=True)
class Packages:
    """Every package that a manifest names, in lower case, with the first manifest that does."""

    asked: Mapping[str, str]

    def first(self, *names: str) -> SeenInFile | None:
        """Return the first of some packages that is asked for; a name that ends in / or - is a beginning."""
        for name in names:
            for package, file in self.asked.items():
                if package == name or (name[-1] in "/-" and package.startswith(name)):
                    return SeenInFile(package, file)
        return None

    def frameworks(self) -> dict[str, SeenInFile]:
        """Return the frameworks, by what a host of each serves; one that serves pages stands for its API as well."""
        found: dict[str, SeenInFile] = {}
        for package, (name, serves) in FRAMEWORKS.items():
            if (seen := self.first(package)) and serves not in found:
                found[serves] = SeenInFile(name, seen.where)
        return found


def packages(tree: Tree) -> Packages:
    """Read the manifests of the product, not those of its examples and tests."""
    asked: dict[str, str] = {}
    for pattern, names in READERS.items():
        wanted = re.compile(rf"(?:.*/)?(?:{pattern})", re.IGNORECASE)
        for file in filter(wanted.fullmatch, tree.files):
            if tree.in_product(file):
                for name in names(tree.text(file)):
                    asked.setdefault(name.lower(), file)
    return Packages(asked)


def _npm(text: str) -> Iterator[str]:
    try:
        package = json.loads(text)
        for key in ("dependencies", "devDependencies"):
            yield from (str(name) for name in package.get(key) or {})
    except (ValueError, AttributeError, TypeError, RecursionError):
        return


def _composer(text: str) -> Iterator[str]:
    try:
        yield from (str(name) for name in json.loads(text).get("require") or {})
    except (ValueError, AttributeError, TypeError, RecursionError):
        return


def _python(text: str) -> Iterator[str]:
    for found in (*REQUIREMENT.finditer(text), *POETRY.finditer(text)):
        yield found[1].replace("_", "-")


def _ruby(text: str) -> Iterator[str]:
    yield from GEM.findall(text)


def _go(text: str) -> Iterator[str]:
    for module in GO_MODULE.findall(text):
        yield re.sub(r"/v\d+$", "", module)


def _java(text: str) -> Iterator[str]:
    yield from MAVEN.findall(text)
    for group, name in GRADLE.findall(text):
        yield group
        yield name
    yield from GRADLE_PLUGIN.findall(text)


def _elixir(text: str) -> Iterator[str]:
    yield from MIX.findall(text)


def _dotnet(text: str) -> Iterator[str]:
    yield from NUGET.findall(text)
    yield from SDK.findall(text)


READERS = {
    r"mix\.exs": _elixir,
    r"[^/]*\.(?:cs|fs|vb)proj|directory\.packages\.props": _dotnet,
    r"package\.json": _npm,
    r"composer\.json": _composer,
    r"requirements(?:/[\w.-]+|[\w.-]*)\.(?:txt|in)|pyproject\.toml|pipfile": _python,
    r"gemfile": _ruby,
    r"go\.mod": _go,
    r"pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml": _java,
}
