"""The routes by which a product says that it lives, as far as files name them."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from golive_checks.init.compose import ComposeService, manifests
from golive_checks.init.packages import Packages
from golive_checks.init.tree import SeenInFile, Tree
from golive_checks.systems.machine.client.yamlnodes import items, pairs, scalar

WORDS = (
    r"(?:api/)?(?:v\d+/)?(?:_health|health(?:z|check|-check)?|livez?|readyz?)(?:/(?:live|liveness|ready|readiness))?"
)
PATH = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[\w${}:-]+)?(/[\w./-]+)")
CODE = re.compile(
    r"\b(?:app|server|fastify|http|mux|application|(?P<go>r|e|router))"
    r"\.(?:get|all|use|route|api_route|add_api_route|GET|Get|HandleFunc|Handle)"
    rf"\s*\(\s*[\"'`](?:GET )?/(?P<path>{WORDS})/?[\"'`]"
)
"""A route of the application itself: what a router serves stands below a prefix that another file tells."""
DJANGO = re.compile(rf"\b(?:re_)?path\(\s*r?[\"']\^?(?P<path>{WORDS})/?\$?[\"']\s*,\s*(?!include)")
RAILS = re.compile(r"""^[ \t]*get\s+["']/?([\w/-]+)["']\s*(?:=>|,\s*to:)\s*["']rails/health#show""", re.MULTILINE)
LARAVEL = re.compile(r"""\bhealth:\s*["'](/[\w/-]+)["']""")
HOSTERS = {
    r"(?:.+\.)?(?:dockerfile|containerfile)(?:\..+)?": re.compile(rf"^HEALTHCHECK\s.*?{PATH.pattern}", re.MULTILINE),
    r"fly(?:\.[\w-]+)?\.toml": re.compile(r"^[ \t]*path\s*=\s*[\"'](/[\w./-]+)[\"']", re.MULTILINE),
    r"render\.ya?ml": re.compile(r"^[ \t]*healthCheckPath:\s*[\"']?(/[\w./-]+)", re.MULTILINE),
}
"""Health checks that builds and hosters are configured with, by the name of their file."""
SOURCES = r".+\.(?:[cm]?[jt]sx?|py|rb|php|go|java|kt|rs|ex)"
READY = re.compile(r"read(?:y|iness)")
MAX_SOURCES = 5000


def health(
    tree: Tree, services: tuple[ComposeService, ...], packages: Packages
) -> tuple[SeenInFile | None, SeenInFile | None]:
    """Return the routes of liveness and of readiness; what runs the product knows better than its code."""
    live, ready = None, None
    for seen, is_ready in (*_asked(tree, services), *_served(tree, packages)):
        if is_ready:
            ready = ready or seen
        else:
            live = live or seen
        if live and ready:
            break
    return live, ready


def _asked(tree: Tree, services: tuple[ComposeService, ...]) -> Iterator[tuple[SeenInFile, bool]]:
    """Yield what orchestrators ask for."""
    yield from _kubernetes(tree)
    for service in services:
        if service.built and (found := PATH.search(service.health)):
            yield _route(found[1], service.file)
    for pattern, asked in HOSTERS.items():
        for file in (f for f in tree.called(pattern) if tree.in_product(f)):
            for command in asked.findall(re.sub(r"\\\r?\n", " ", tree.text(file))):
                yield _route(command, file)


def _kubernetes(tree: Tree) -> Iterator[tuple[SeenInFile, bool]]:
    for file, document in manifests(tree, "Deployment", "StatefulSet", "Rollout", "Pod"):
        spec = pairs(pairs(document).get("spec"))
        pod = pairs(pairs(spec.get("template")).get("spec")) or spec
        for container in items(pod.get("containers")):
            for probe in ("livenessProbe", "readinessProbe"):
                path = scalar(pairs(pairs(pairs(container).get(probe)).get("httpGet")).get("path"))
                if path and re.fullmatch(r"/[\w./-]*", path):
                    yield SeenInFile(path, file), probe == "readinessProbe"


def _served(tree: Tree, packages: Packages) -> Iterator[tuple[SeenInFile, bool]]:
    """Yield what the code answers."""
    for file in tree.called(r"routes\.rb"):
        if found := RAILS.search(tree.text(file)):
            yield _route(f"/{found[1]}", file)
    for file in tree.called(r"app\.php"):
        if found := LARAVEL.search(tree.text(file)):
            yield _route(found[1], file)
    if actuator := packages.first("spring-boot-starter-actuator"):
        yield SeenInFile("/actuator/health", actuator.where), False
    yield from _by_file(tree)
    for number, file in enumerate(tree.called(SOURCES)):
        if number > MAX_SOURCES:
            return
        if tree.may_run(file):
            yield from _in_code(tree, file)


def _in_code(tree: Tree, file: str) -> Iterator[tuple[SeenInFile, bool]]:
    text = tree.text(file)
    is_root = file.endswith("urls.py") and "admin.site.urls" in text
    route = DJANGO if is_root else CODE
    for line in text.splitlines() if route.search(text) else ():
        found = None if line.lstrip().startswith(("//", "#", "*")) else route.search(line)
        if found and (is_root or not found["go"] or file.endswith(".go")):
            yield _route(f"/{found['path']}" + "/" * is_root, file)


def _by_file(tree: Tree) -> Iterator[tuple[SeenInFile, bool]]:
    """Yield the routes that a framework makes of a file's place (Next.js, Remix, SvelteKit, Nuxt)."""
    for file in tree.files:
        path = PurePosixPath(file)
        inside = "/".join(path.with_suffix("").parts)
        for pattern in (
            rf"(?:.*/)?app/(?:\([\w-]+\)/)?({WORDS})/route",
            rf"(?:.*/)?pages/(api/{WORDS})(?:/index)?",
            rf"(?:.*/)?routes/({WORDS})/\+server",
            rf"(?:.*/)?app/routes/({WORDS.replace('/', '.')})",
        ):
            found = re.fullmatch(pattern, inside)
            if found and path.suffix in {".ts", ".tsx", ".js", ".jsx", ".mjs"} and tree.in_product(file):
                yield _route("/" + found[1].replace(".", "/"), file)


def _route(path: str, where: str) -> tuple[SeenInFile, bool]:
    return SeenInFile(path, where), bool(READY.search(path))
