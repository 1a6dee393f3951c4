"""What a repository's files say of the system they make: its apps, hosts, env files, proxy, databases and tests."""

import asyncio
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from golive import Unavailable
from golive_checks.systems.env.client.dotenv import bindings
from golive_checks.systems.machine.client.yamlnodes import documents, items, pairs, scalar
from golive_checks.systems.nginx.client.parser import BrokenError, NginxParser
from golive_checks.systems.nginx.effective import servers

SKIPPED = {"node_modules", "vendor", "dist", "build", "coverage", "target", "__pycache__", "venv"}
MAX_DEPTH = 6
MAX_FILES = 50_000
MAX_BYTES = 1_000_000
API_PACKAGES = {"express", "fastify", "koa", "@nestjs/core", "@hapi/hapi", "hono"}
WEB_PACKAGES = {"vite", "react-scripts", "next", "nuxt", "@angular/core", "vue", "svelte", "react"}
ADDRESSES = {"VITE_API_URL": "api", "API_URL": "api", "ALLOWED_ORIGINS": "", "APP_URL": "app", "SHOP_URL": "shop"}
"""Variables that hold addresses and no secrets, and the role of the host they name; empty: told by its first label."""
LABELS = {"api": "api", "app": "app", "www": "app", "shop": "shop", "store": "shop"}
BUCKET_NAMES = ("S3_BUCKET", "S3_BUCKET_NAME", "AWS_S3_BUCKET", "AWS_S3_BUCKET_NAME", "AWS_BUCKET", "AWS_BUCKET_NAME")
BUCKET_REGIONS = ("S3_REGION", "AWS_S3_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")
BUCKET_ENDPOINTS = ("S3_ENDPOINT", "S3_ENDPOINT_URL", "AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
DATASOURCE = re.compile(r"""^\s*url\s*=\s*env\(\s*["']([A-Za-z_][A-Za-z0-9_]*)["']\s*\)""", re.MULTILINE)
"""Where a Prisma schema takes its database's URL from."""
HOST = re.compile(r"[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)+")
NOT_A_HOST = re.compile(r"localhost$|\.local$|\.internal$|^[\d.]+$|(^|\.)example\.(com|org|net)$")

SUITES = {
    "momo": r"(?:.*/)?[^/]*(?:momo|mobile-money)[^/]*\.(?:spec|test)\.[cm]?[jt]sx?",
    "messaging": r"(?:.*/)?[^/]*(?:messag|chat)[^/]*\.(?:spec|test)\.[cm]?[jt]sx?",
}
RUNBOOKS = {
    "incident": r"(?:.*/)?[^/]*incident[^/]*\.(?:md|markdown)",
    "on_call": r"(?:.*/)?[^/]*(?:on-?_?call|astreinte|escalation)[^/]*\.(?:md|markdown)",
    "change": r"(?:.*/)?(?:change-?_?management|changes|gestion-des-changements|release-process)[^/]*\.(?:md|markdown)",
    "rollback": r"(?:.*/)?[^/]*(?:roll-?_?back|retour-arriere)[^/]*\.(?:md|markdown)",
    "release_notes": r"(?:docs/)?(?:CHANGELOG|RELEASE[-_]?NOTES|RELEASES|NOTES)\.(?:md|markdown)",
}
"""How such files are usually called, by the name of their setting."""


@dataclass(frozen=True)
class App:
    """A package of the repository: its folder, and what its dependencies make it (api, web, other)."""

    folder: str
    role: str
    because: str


@dataclass(frozen=True)
class Env:
    """An env file's path, or where only its example is there, the path that the real one would have."""

    path: str
    example: str
    role: str
    names: frozenset[str]


@dataclass(frozen=True)
class HostFound:
    """A host's name, its likely role, and the file that names it."""

    name: str
    role: str
    source: str


@dataclass(frozen=True)
class BucketFound:
    """A bucket that an env file names, or has a variable for; what no file says is empty."""

    name: str
    region: str
    endpoint_url: str
    source: str


@dataclass(frozen=True)
class Nginx:
    """A main file that nginx could read as it lies there, or the fragments that another machine's file includes."""

    main: str
    broken: str = ""


@dataclass(frozen=True)
class Migrations:
    """A folder of Prisma's migrations, the variable that holds its database's URL, and the env file that sets it."""

    folder: str
    variable: str
    set_in: str = ""


@dataclass(frozen=True)
class Survey:
    """All that was found, each with paths from the repository's root, in order of their names."""

    root: Path
    apps: tuple[App, ...] = ()
    envs: tuple[Env, ...] = ()
    hosts: tuple[HostFound, ...] = ()
    buckets: tuple[BucketFound, ...] = ()
    nginx: tuple[Nginx, ...] = ()
    websocket_path: str = ""
    migrations: tuple[Migrations, ...] = ()
    composes: tuple[tuple[str, str, str], ...] = ()
    """Services whose variables stand in a Compose file: file, service, role."""
    workflows: tuple[str, ...] = ()
    playwright: tuple[str, ...] = ()
    suites: Mapping[str, str] = field(default_factory=dict)
    """The specs that CI must run, by the name of their setting."""
    runbooks: Mapping[str, str] = field(default_factory=dict)
    """Documents by the name of their setting: incident, on_call, change, rollback, release_notes."""
    stopped: bool = False
    """True where the repository has more files than were looked at."""


def survey(root: Path) -> Survey:
    """Read the repository below `root`. Nothing is run, and no value but addresses is taken from an env file."""
    files = list(_files(root))
    apps = tuple(_apps(root, files))
    envs = tuple(_envs(root, files, apps))
    nginx, from_nginx, websocket = _nginx(root, files)
    return Survey(
        root=root,
        apps=apps,
        envs=envs,
        hosts=tuple(_once([*from_nginx, *_hosts(root, files)])),
        buckets=tuple(_buckets(root, files)),
        nginx=tuple(nginx),
        websocket_path=websocket,
        migrations=tuple(_migrations(root, files, envs)),
        composes=tuple(_composes(root, files, apps)),
        workflows=tuple(f for f in files if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml", f)),
        playwright=tuple(f for f in files if re.fullmatch(r"(.*/)?playwright\.config\.[cm]?[jt]s", f)),
        suites=_named(files, SUITES),
        runbooks=_named(files, RUNBOOKS),
        stopped=len(files) >= MAX_FILES,
    )


def _files(root: Path) -> Iterator[str]:
    """Yield the files' paths from the root, sorted, bounded, without what tools make."""
    count = 0
    for folder, below, names in os.walk(root):
        here = Path(folder).relative_to(root)
        hidden = [name for name in below if name.startswith(".") and name != ".github"]
        below[:] = sorted(set(below) - SKIPPED - set(hidden)) if len(here.parts) < MAX_DEPTH else []
        for name in sorted(names):
            count += 1
            if count > MAX_FILES:
                return
            yield str(here / name)


def _text(root: Path, file: str) -> str:
    """Return a file's text, or nothing where it is no readable text of a sensible size."""
    path = root / file
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return ""
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


def _migrations(root: Path, files: list[str], envs: tuple[Env, ...]) -> Iterator[Migrations]:
    """Find the folders of migrations, in the schemas beside each its URL's variable, and an env file that sets it."""
    for folder in sorted({str(Path(file).parent.parent) for file in files if file.endswith("/migration.sql")}):
        beside = str(Path(folder).parent)
        schemas = [file for file in files if file.endswith(".prisma") and file.startswith(f"{beside}/")]
        named = (DATASOURCE.search(_text(root, schema)) for schema in schemas)
        variable = next((found[1] for found in named if found), "DATABASE_URL")
        setting = (env.path for env in envs if variable in {each.name for each in bindings(_text(root, env.path))})
        yield Migrations(folder, variable, next(setting, ""))


def _named(files: list[str], patterns: Mapping[str, str]) -> dict[str, str]:
    """Return the first file that is called so, for each pattern."""
    found = {
        key: next((f for f in files if re.fullmatch(pattern, f, re.IGNORECASE)), "")
        for key, pattern in patterns.items()
    }
    return {key: file for key, file in found.items() if file}


def _apps(root: Path, files: list[str]) -> Iterator[App]:
    for file in files:
        if Path(file).name != "package.json":
            continue
        try:
            package = json.loads(_text(root, file))
            wanted = {name for key in ("dependencies", "devDependencies") for name in package.get(key) or {}}
        except (ValueError, AttributeError, TypeError, RecursionError):
            continue
        api, web = sorted(wanted & API_PACKAGES), sorted(wanted & WEB_PACKAGES)
        folder = str(Path(file).parent)
        if api:
            yield App(folder, "api", f"it depends on {api[0]}")
        elif web:
            yield App(folder, "web", f"it depends on {web[0]}")
        elif folder != ".":
            yield App(folder, "other", "its dependencies name no framework golive knows")


def _role_of(folder: str, apps: tuple[App, ...]) -> str:
    """Return the role of the app whose folder this is."""
    return next((app.role for app in apps if app.folder == folder), "other")


def _envs(root: Path, files: list[str], apps: tuple[App, ...]) -> Iterator[Env]:
    by_folder: dict[str, dict[str, str]] = {}
    for file in files:
        name = Path(file).name
        if re.fullmatch(r"\.env(\.[a-z]+)*|[a-z]+\.env(\.example)?", name):
            by_folder.setdefault(str(Path(file).parent), {})[name] = file
    for folder, found in sorted(by_folder.items()):
        example = next((f for n, f in found.items() if re.search(r"example|sample|template|dist$", n)), "")
        path = found.get(".env") or next((f for f in found.values() if f != example), "")
        path = path or str(Path(folder) / ".env")
        yield Env(
            path, example, _role_of(folder, apps), frozenset(b.name for b in bindings(_text(root, example or path)))
        )


def _hosts(root: Path, files: list[str]) -> Iterator[HostFound]:
    """Find hosts in the variables that hold addresses, those of env files and of examples."""
    for file in files:
        if not re.fullmatch(r"\.env(\..*)?|[a-z]+\.env(\..*)?", Path(file).name):
            continue
        for binding in bindings(_text(root, file)):
            if binding.name in ADDRESSES:
                for part in (binding.value or "").split(","):
                    host = urlsplit(part.strip()).hostname if "<" not in part and "$" not in part else None
                    if host and (found := _host(host, file, ADDRESSES[binding.name])):
                        yield found


def _buckets(root: Path, files: list[str]) -> Iterator[BucketFound]:
    """Find buckets in the variables that name one, its region and its server; keys are not looked at."""
    told: set[str] = set()
    for file in files:
        if not re.fullmatch(r"\.env(\..*)?|[a-z]+\.env(\..*)?", Path(file).name):
            continue
        given = {binding.name: (binding.value or "").strip() for binding in bindings(_text(root, file))}
        if not any(name in given for name in BUCKET_NAMES):
            continue
        name = _first(given, BUCKET_NAMES, r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
        if name not in told:
            told.add(name)
            region = _first(given, BUCKET_REGIONS, r"[a-z]{2,}(-[a-z]+)*-\d|auto")
            yield BucketFound(name, region, _first(given, BUCKET_ENDPOINTS, r"https?://[^\s/?#@]+/?"), file)


def _first(given: Mapping[str, str], names: tuple[str, ...], shape: str) -> str:
    """Return the first of some variables whose value has the shape of what is wanted."""
    return next((given[name] for name in names if re.fullmatch(shape, given.get(name, ""))), "")


def _host(name: str, source: str, role: str = "") -> HostFound | None:
    """Return a host, if it is one that the world could reach."""
    if not HOST.fullmatch(name) or NOT_A_HOST.search(name):
        return None
    return HostFound(name, role or LABELS.get(name.split(".", maxsplit=1)[0], "other"), source)


def _once(hosts: list[HostFound]) -> list[HostFound]:
    """Keep each host once; what is told by a role stands over what is not."""
    best: dict[str, HostFound] = {}
    for host in hosts:
        if host.name not in best or best[host.name].role == "other":
            best[host.name] = host
    order = ["api", "app", "shop", "other"]
    return sorted(best.values(), key=lambda h: (order.index(h.role), h.name))


def _nginx(root: Path, files: list[str]) -> tuple[list[Nginx], list[HostFound], str]:
    """Read what looks like nginx's configuration: files with a server block, the one with an http block first."""
    wanted = [f for f in files if f.endswith(".conf") or "nginx" in Path(f).parts]
    texts = {f: t for f in wanted if re.search(r"^\s*server\s*\{", t := _text(root, f), re.MULTILINE)}
    mains = {f: t for f in wanted if re.search(r"^\s*http\s*\{", t := _text(root, f), re.MULTILINE)}
    found, hosts, websocket = [], [], ""
    for file in mains or texts:
        try:
            parsed = asyncio.run(NginxParser().files(str(root / file), elsewhere=("*",), max_bytes=MAX_BYTES))
        except (BrokenError, Unavailable) as problem:
            found.append(Nginx(file, str(problem).splitlines()[0]))
            continue
        found.append(Nginx(file))
        for server in servers(parsed.main):
            hosts += [h for name in server.names if (h := _host(name.lower(), file))]
        upgraded = re.search(r"location\s+(?:=\s+|\^~\s+)?(/\S*)\s*\{[^}]*Upgrade", "\n".join(parsed.files.values()))
        websocket = websocket or (upgraded[1] if upgraded else "")
    return found, hosts, websocket


def _composes(root: Path, files: list[str], apps: tuple[App, ...]) -> Iterator[tuple[str, str, str]]:
    """Find services that are built from an app's folder and have variables in the Compose file."""
    for file in files:
        if not re.fullmatch(r"(docker-)?compose(\.[a-z]+)*\.ya?ml", Path(file).name):
            continue
        try:
            trees = documents(_text(root, file), file)
        except Unavailable:
            continue
        for name, service in pairs(pairs(trees[0]).get("services")).items() if trees else ():
            has = pairs(service)
            built = _built_from(has)
            role = _role_of(str(Path(os.path.normpath(Path(file).parent / built))), apps) if built else "other"
            if role != "other" and (pairs(has.get("environment")) or items(has.get("environment"))):
                yield file, name, role


def _built_from(service: Mapping[str, object]) -> str:
    """Return the folder that a service is built from."""
    build = service.get("build")
    return scalar(build) or scalar(pairs(build).get("context")) or ""
