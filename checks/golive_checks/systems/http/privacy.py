"""Whether there is a way for people to be given their data, and to have it deleted. Nothing is deleted to find out."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import StringConstraints

from golive import Fact, RunInfo, Settings, probe, shortened
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.http.answers import nowhere
from golive_checks.systems.http.client.message import ACCEPT_JSON
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.front import HostDoor

USUAL = ("/openapi.json", "/api-json", "/api/openapi.json", "/docs-json", "/api/docs-json", "/swagger.json")
"""Where FastAPI, NestJS (for a document at /api, at /docs, at /api/docs) and older tools serve it."""
What = Literal["export", "delete"]
RouteText = Annotated[str, StringConstraints(pattern=r"^((GET|POST|PUT|PATCH|DELETE) /[!-~]*|none)?$", max_length=1000)]
"""A method and a path, such as `DELETE /api/v1/me`; or `none`, where there is no such route."""
PERSON = re.compile(
    r"(?:^|[-_])(?:me|my|self|accounts?|profiles?|users?|customers?|members?|people|persons?|gdpr|privacy)(?:$|[-_])"
)
MEANS: Mapping[What, re.Pattern[str]] = {
    "export": re.compile(r"export|download|takeout|portability|data[-_]?(?:request|copy)|gdpr|privacy"),
    "delete": re.compile(r"delet|eras|forget|anonymi[sz]|close[-_]account|gdpr|privacy"),
}
"""What a path's part has in it that may be meant for people's own data."""
METHODS: Mapping[What, frozenset[str]] = {
    "export": frozenset({"GET", "POST"}),
    "delete": frozenset({"DELETE", "POST", "PUT", "PATCH"}),
}
HTTP_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})
"""The keys of a path that are methods (OpenAPI 3.1, Path Item Object); others hold what they share."""
MOST = 5000
"""Paths of a document that are looked through; a longer one counts as one that may list anything."""
PARAMETER = re.compile(r"\{[^{}/]{1,100}\}|:[A-Za-z_][A-Za-z0-9_]{0,99}")


class Privacy(Settings):
    """Where the API gives people their data, and deletes it."""

    home: ClassVar[str] = "security.privacy"

    export: RouteText = ""
    """The route by which people are given their data, such as `GET /api/v1/me/export`; `none`: there is none."""
    delete: RouteText = ""
    """The route by which people have their data deleted, such as `DELETE /api/v1/me`. It is never asked to. `none`:
    there is none."""
    openapi_path: UrlPath = ""
    """Where the API serves its OpenAPI document; empty: the usual places are tried."""


@dataclass(frozen=True)
class RouteSeen:
    """The signs of a route: whether the document names it, and what GET and OPTIONS answer there and beside it."""

    method: str
    path: str
    documented: bool
    get: int
    options: int
    allowed: tuple[str, ...]
    """The methods that an answer's Allow header names."""
    beside_get: int
    beside_options: int
    others: tuple[str, ...] = ()
    """The methods of the same path that the document lists."""


@dataclass(frozen=True)
class PrivacyRoutes(Fact):
    """The routes that the profile names. `document` is where the OpenAPI document lies, empty where none was found."""

    document: str = ""
    seen: Mapping[str, RouteSeen] = field(default_factory=dict)
    listed: Mapping[What, tuple[str, ...]] = field(default_factory=dict)
    """Of what the profile does not name: the routes of the document that may be meant; nothing without a document."""


def _requests(host: Host, ask: Privacy) -> int:
    places = 1 if ask.openapi_path else len(USUAL)
    named = sum(" " in text for text in (ask.export, ask.delete))
    return places + 4 * named if host.serves_api and (named or not (ask.export and ask.delete)) else 0


@probe("http.privacy-routes", requests=_requests)
async def privacy_routes(
    host: Host,
    door: HostDoor,
    ask: Privacy,
    run: RunInfo,
) -> PrivacyRoutes:
    """Look for the routes for people's data in the API's document, and by what GET and OPTIONS answer."""
    given: Mapping[What, str] = {"export": ask.export, "delete": ask.delete}
    named = {what: text.split(" ", 1) for what, text in given.items() if " " in text}
    unnamed = [what for what, text in given.items() if not text]
    if not host.serves_api or not (named or unnamed):
        return PrivacyRoutes()
    place, document = await _document(door, ask)

    async def get(path: str) -> int:
        return (await door.get(path, accept=ACCEPT_JSON)).status

    async def seen(method: str, path: str) -> RouteSeen:
        asked = PARAMETER.sub("0", path)
        # An API may answer 401 to every path: only a difference from one that is surely not there shows the route.
        beside = asked.rstrip("/").rpartition("/")[0] + nowhere(run)
        options = await door.options(asked)
        other = await door.options(beside)
        return RouteSeen(
            method=method,
            path=path,
            documented=method in _methods(document, path),
            get=await get(asked),
            options=options.status,
            allowed=tuple(sorted({m.strip().upper() for m in options.header("allow").split(",")} - {""})),
            beside_get=await get(beside),
            beside_options=other.status,
            others=tuple(sorted(_methods(document, path) - {method})),
        )

    listed = {what: tuple(_meant(document, what)) for what in unnamed if document}
    return PrivacyRoutes(place, {what: await seen(*route) for what, route in named.items()}, listed)


async def _document(door: Door, ask: Privacy) -> tuple[str, Mapping[str, Any]]:
    """Return the OpenAPI document and where it lies; nothing where there is none."""
    for place in [ask.openapi_path] if ask.openapi_path else USUAL:
        got = await door.get(place, accept=ACCEPT_JSON)
        if got.status != 200 or got.truncated:  # noqa: PLR2004 - OK
            continue
        try:
            found = json.loads(got.content)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get("paths"), dict) and {"openapi", "swagger"} & set(found):
            return place, found
    return "", {}


def _meant(document: Mapping[str, Any], what: What) -> Iterator[str]:
    """Yield the routes of a document that may give or delete a person's data."""
    paths = document["paths"]
    if len(paths) > MOST:
        yield f"more than {MOST} routes"
        return
    for path, methods in paths.items():
        parts = [part.lower() for part in str(path).split("/") if not PARAMETER.fullmatch(part)]
        about_people = any(PERSON.search(part) for part in parts[-2:])
        for method in (m.upper() for m in methods) if isinstance(methods, dict) else ():
            says = any(MEANS[what].search(part) for part in parts) and method in METHODS[what]
            if says or (what == "delete" and method == "DELETE" and about_people):
                yield f"{method} {shortened(str(path), 100)}"


def _methods(document: Mapping[str, Any], path: str) -> frozenset[str]:
    """Return the methods of a path in a document, whatever its parameters are called and what it is served below."""
    found: set[str] = set()
    for base in _bases(document):
        for named, methods in document.get("paths", {}).items():
            if PARAMETER.sub("{}", base + str(named)) == PARAMETER.sub("{}", path) and isinstance(methods, dict):
                found |= {name.upper() for name in methods} & HTTP_METHODS
    return frozenset(found)


def _bases(document: Mapping[str, Any]) -> list[str]:
    """Return the paths below which it says that its own are served (OpenAPI 3: servers; Swagger 2: basePath)."""
    servers = document.get("servers")
    urls = [str(s.get("url", "")) for s in servers if isinstance(s, dict)] if isinstance(servers, list) else []
    found = ["", str(document.get("basePath", "")), *(re.sub(r"^https?://[^/]*", "", url) for url in urls)]
    return list(dict.fromkeys(base.rstrip("/") for base in found))
