"""The hosts that a repository's files name for an environment, and those that they name for something else."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from golive_checks.init.compose import ComposeService, manifests
from golive_checks.init.envs import Env
from golive_checks.init.proxies import CADDYFILE
from golive_checks.init.tree import Tree
from golive_checks.systems.machine.client.yamlnodes import items, pairs, scalar

LABELS = {"api": "api", "app": "app", "shop": "shop", "store": "shop"}
HOST = re.compile(r"(?=.{4,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*\.[a-z][a-z0-9-]+")
NOBODYS = re.compile(
    r"(^|\.)(localhost|local|internal|lan|home|test|example|invalid|svc|localdomain|docker)$"
    r"|(^|[.-])example\.(com|org|net|io|dev)$|(^|[.-])(your|my)[a-z-]*\.|^domain\.|\.domain\.(com|tld)$"
    r"|(^|\.)(yoursite|mysite|website|company|acme|changeme|placeholder)\.(com|org|net|io|tld)$"
)
"""Names that nobody reaches (RFC 2606, RFC 6761), and those that stand where a name is to be filled in."""
ADDRESSES = re.compile(
    r"(?:VITE_|NEXT_PUBLIC_|NUXT_PUBLIC_|PUBLIC_|REACT_APP_)?(?:APP|SITE|BASE|PUBLIC|WEB|FRONTEND|CLIENT|SHOP|ROOT|SERVER|HOST|API|"
    r"API_BASE|BACKEND|NEXTAUTH|AUTH|DOMAIN)_(?:URL|HOST|HOSTNAME|ORIGIN)|ALLOWED_ORIGINS|ALLOWED_HOSTS|"
    r"DJANGO_ALLOWED_HOSTS|PHX_HOST|ORIGIN|SERVER_NAME|CORS_ORIGINS?|CSRF_TRUSTED_ORIGINS|DOMAIN|APP_DOMAIN|SITE_DOMAIN|HOSTNAME|VIRTUAL_HOST"
)
"""Variables that hold the product's own addresses, and no secrets."""
TRAEFIK = re.compile(r"\.rule=(?:(?!\.rule=).)*?Host\(([^()]*)\)")
ROUTE = re.compile(r"""\bpattern["']?\s{0,4}[=:]\s{0,4}["']([\w.-]{4,253}(?:/\*)?)["']""")
SITE = re.compile(r"""\bsite["']?\s{0,4}:\s{0,4}["'](https://[\w.:-]{4,253}/?)["']""")
CADDY_SITE = re.compile(r"^([^\s#{(@](?:[^{#\s]|[^\S\n]++(?=[^{#\s]))*+)\s*+\{", re.MULTILINE)


@dataclass(frozen=True)
class FoundHost:
    """A host's name, what it serves as far as its name says, what stands in front of it, and the file that names it."""

    name: str
    where: str
    role: str = ""
    edge: str = "other"


def hosts(
    tree: Tree, envs: tuple[Env, ...], services: tuple[ComposeService, ...], nginx: list[FoundHost]
) -> tuple[tuple[FoundHost, ...], tuple[FoundHost, ...]]:
    """Return the hosts of this environment, and those that only an example or another environment's file names."""
    mine: dict[str, FoundHost] = {}
    others: dict[str, FoundHost] = {}
    found = [*nginx, *_caddy(tree), *_traefik(services), *_ingress(tree), *_render(tree), *_fly(tree), *_vercel(tree)]
    found += [*_kamal(tree), *_wrangler(tree), *_astro(tree)]
    for host in found:
        (mine if tree.may_run(host.where) else others).setdefault(host.name, host)
    for env in envs:
        real = env.path and not env.developers
        for host in _addresses(env):
            (mine if real else others).setdefault(host.name, host)
    rank = ["api", "app", "shop", ""]
    order = sorted(mine.values(), key=lambda h: (rank.index(h.role), h.name))
    return tuple(order), tuple(h for name, h in sorted(others.items()) if name not in mine)


def host(name: str, where: str, edge: str = "other") -> FoundHost | None:
    """Return a host, if its name is one that the world could reach."""
    name = name.strip().rstrip(".").lower()
    if not HOST.fullmatch(name) or NOBODYS.search(name):
        return None
    return FoundHost(name, where, LABELS.get(name.partition(".")[0], ""), edge)


def of_url(text: str, where: str) -> FoundHost | None:
    """Return the host of a URL, or of a name that stands alone, perhaps with a port."""
    if any(mark in text for mark in "<>${}*%~ "):
        return None
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        return host(parts.hostname or "", where) if parts.scheme in {"", "http", "https"} else None
    except ValueError:
        return None


def _addresses(env: Env) -> Iterator[FoundHost]:
    for name, value in env.values.items():
        if ADDRESSES.fullmatch(name):
            for part in re.split(r"[,;\s]+", value.strip("[]'\"")):
                if found := of_url(part.strip("'\""), env.path or env.example):
                    yield found


def _caddy(tree: Tree) -> Iterator[FoundHost]:
    for file in tree.called(CADDYFILE):
        for site in CADDY_SITE.findall(tree.text(file)):
            yield from filter(None, (of_url(part, file) for part in re.split(r"[,\s]+", site)))


def _traefik(services: tuple[ComposeService, ...]) -> Iterator[FoundHost]:
    for service in services:
        for label in service.labels:
            for names in TRAEFIK.findall(label):
                yield from filter(None, (of_url(n.strip(" `'\""), service.file) for n in names.split(",")))


def _ingress(tree: Tree) -> Iterator[FoundHost]:
    for file, document in manifests(tree, "Ingress", "HTTPRoute", "IngressRoute"):
        spec = pairs(pairs(document).get("spec"))
        names = [scalar(pairs(rule).get("host")) or "" for rule in items(spec.get("rules"))]
        names += [scalar(name) or "" for name in items(spec.get("hostnames"))]
        matches = (scalar(pairs(route).get("match")) or "" for route in items(spec.get("routes")))
        names += [
            n.strip(" `'\"")
            for match in matches
            for inside in re.findall(r"Host\(([^()]*)\)", match)
            for n in inside.split(",")
        ]
        yield from filter(None, (host(name, file) for name in names))


def _render(tree: Tree) -> Iterator[FoundHost]:
    for file in tree.called(r"render\.ya?ml"):
        for document in tree.yaml(file):
            for service in items(pairs(document).get("services")):
                for name in items(pairs(service).get("domains")):
                    if found := host(scalar(name) or "", file):
                        yield found


def _fly(tree: Tree) -> Iterator[FoundHost]:
    """Fly gives each app the name <app>.fly.dev (fly.io/docs/networking/custom-domain)."""
    for file in tree.called(r"fly(?:\.[\w-]+)?\.toml"):
        text = tree.text(file)
        app = re.search(r"^app\s*=\s*[\"']([a-z0-9-]+)[\"']", text, re.MULTILINE)
        serves = re.search(r"^[ \t]*\[(?:http_service|\[services\])", text, re.MULTILINE)
        if app and serves and (found := host(f"{app[1]}.fly.dev", file)):
            yield found


def _vercel(tree: Tree) -> Iterator[FoundHost]:
    for file in tree.called(r"vercel\.json"):
        try:
            alias = json.loads(tree.text(file)).get("alias") or []
        except (ValueError, AttributeError, RecursionError):
            continue
        for name in [alias] if isinstance(alias, str) else alias if isinstance(alias, list) else []:
            if found := host(str(name), file, "vercel"):
                yield found


def _kamal(tree: Tree) -> Iterator[FoundHost]:
    """Kamal's proxy has a host, or hosts (kamal-deploy.org/docs/configuration/proxy)."""
    for file in tree.called(r"deploy(?:\.[\w-]+)?\.ya?ml"):
        for document in tree.yaml(file):
            top = pairs(document)
            proxy = pairs(top.get("proxy")) if "service" in top else {}
            names = [scalar(proxy.get("host")) or "", *(scalar(each) or "" for each in items(proxy.get("hosts")))]
            yield from filter(None, (host(name, file) for part in names for name in part.split(",")))


def _wrangler(tree: Tree) -> Iterator[FoundHost]:
    """A Worker's routes name its hosts (developers.cloudflare.com/workers/wrangler/configuration/#types-of-routes)."""
    for file in tree.called(r"wrangler\.(?:jsonc?|toml)"):
        for pattern in ROUTE.findall(tree.text(file)):
            if found := of_url(pattern.partition("/")[0], file):
                yield replace(found, edge="cloudflare")


def _astro(tree: Tree) -> Iterator[FoundHost]:
    """The site that Astro builds its absolute links for (docs.astro.build/en/reference/configuration-reference)."""
    for file in tree.called(r"astro\.config\.[cm]?[jt]s"):
        for site in SITE.findall(tree.text(file)):
            if found := of_url(site, file):
                yield found
