"""What else files say of a product: its vendors, what watches it, its tests, its documents, its files in buckets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from golive_checks.init.compose import ComposeService, of_image
from golive_checks.init.envs import Env, first
from golive_checks.init.packages import Packages
from golive_checks.init.tree import SeenInFile, Tree
from golive_checks.systems.ci import cypress

VENDORS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Sentry": (
        ("@sentry/", "sentry-", "sentry/sentry-laravel", "sentry/sentry", "github.com/getsentry/sentry-go",
         "io.sentry", "sentry", "sentry.aspnetcore"),
        ("SENTRY_DSN", "NEXT_PUBLIC_SENTRY_DSN", "VITE_SENTRY_DSN", "SENTRY_LARAVEL_DSN", "REACT_APP_SENTRY_DSN"),
    ),
    "Stripe": (
        ("stripe", "@stripe/", "stripe/stripe-php", "laravel/cashier", "github.com/stripe/stripe-go", "stripe-java",
         "dj-stripe", "stripity_stripe", "stripe.net"),
        ("STRIPE_", "NEXT_PUBLIC_STRIPE_", "VITE_STRIPE_"),
    ),
    "PayPal": (
        ("@paypal/", "paypal-", "paypalrestsdk", "srmklive/paypal", "paypal/rest-api-sdk-php"),
        ("PAYPAL_", "NEXT_PUBLIC_PAYPAL_", "VITE_PAYPAL_"),
    ),
    "S3": (
        ("@aws-sdk/client-s3", "aws-sdk-s3", "django-storages", "league/flysystem-aws-s3-v3", "minio", "multer-s3",
         "github.com/aws/aws-sdk-go-v2/service/s3", "github.com/minio/minio-go",
         "ex_aws_s3", "awssdk.s3"),
        (),
    ),
    "Redis": (
        ("redis", "ioredis", "bullmq", "sidekiq", "predis/predis", "spring-boot-starter-data-redis",
         "github.com/redis/go-redis", "redix", "stackexchange.redis"),
        ("REDIS_URL", "REDIS_HOST"),
    ),
}  # fmt: skip
"""Packages, then variables, by which each is known."""
IMAGES = {"S3": r"minio|seaweedfs|localstack", "Redis": r"redis|valkey|keydb", "Prometheus": r"prometheus"}
RUNBOOKS = {
    "incident": r"(?:.*/)?(?:incident[^/]*|[^/]*[-_]incidents?|operators?[^/]*|runbooks?|playbook)\.(?:md|markdown)",
    "on_call": r"(?:.*/)?[^/]*(?:on-?_?call|astreinte|escalation)[^/]*\.(?:md|markdown)",
    "change": (
        r"(?:.*/)?(?:change-?_?management|gestion-des-changements|release-?_?process|releasing|deployment-?_?process)"
        r"[^/]*\.(?:md|markdown)"
    ),
    "rollback": r"(?:.*/)?[^/]*(?:roll-?_?back|retour-arriere)[^/]*\.(?:md|markdown)",
    "release_notes": r"(?:docs/)?(?:CHANGELOG|RELEASE[-_]?NOTES|RELEASES)\.(?:md|markdown)",
    "recovery": r"(?:.*/)?[^/]*(?:restore|restoring|recovery|disaster|backup-?_?and)[^/]*\.(?:md|markdown)",
}
"""How such documents are usually called, by the name of their setting."""
BUCKETS = re.compile(
    r"(?:\w+_)?(?:S3|AWS|MINIO|STORAGE|R2|SPACES)_(?:S3_|STORAGE_)?BUCKET(?:_NAME)?|BUCKET_NAME|S3_UPLOADS?_BUCKET"
)
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
REGIONS = ("S3_REGION", "AWS_S3_REGION", "AWS_S3_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION", "MINIO_REGION")
ENDPOINTS = tuple(f"{a}ENDPOINT{b}" for a in ("S3_", "AWS_S3_", "AWS_", "MINIO_") for b in ("", "_URL", "_URL_S3"))
LOAD = r"k6(?:[-_.].+)?\.[cm]?[jt]s|.+\.k6\.[cm]?[jt]s|locustfile\.py|artillery\.ya?ml|.+\.jmx|.*simulation\.scala"
MAX_SUITES = 20
"""Of which a draft makes an entry: with more, people name what matters."""
RESERVED = {"runs", "results", "required_checks", "deploy_jobs", "preinstalled"}
"""The other keys of ci.suites."""
SMOKE = r".*smoke[^/]*\.(?:[cm]?[jt]sx?|py|sh|rb|php|go|java|kt)"


@dataclass(frozen=True)
class FoundBucket:
    """A bucket that an env file names, with its region and server where the file says them, and its variable."""

    name: str
    region: str
    endpoint_url: str
    variable: str
    where: str


@dataclass(frozen=True)
class Ci:
    """What runs at a push, and the end-to-end tests: the tool's configuration or its package, and their files."""

    workflows: tuple[str, ...] = ()
    playwright: SeenInFile | None = None
    cypress: SeenInFile | None = None
    specs: tuple[str, ...] = ()
    suites: Mapping[str, str] = field(default_factory=dict)
    """Playwright's and Cypress's specs, by a name for each."""


def vendor(
    name: str, packages: Packages, variables: Mapping[str, str], services: tuple[ComposeService, ...]
) -> SeenInFile | None:
    """Return by what a vendor is known: a package, a variable, or a service of the Compose file."""
    asked, named = VENDORS.get(name, ((), ()))
    by_image = of_image(services, IMAGES[name]) if name in IMAGES else None
    return packages.first(*asked) if asked and packages.first(*asked) else first(variables, *named) or by_image


def prometheus(tree: Tree, services: tuple[ComposeService, ...]) -> SeenInFile | None:
    """Return Prometheus's configuration, or the service that it runs as."""
    file = next((f for f in tree.called(r"prometheus[\w.-]*\.ya?ml") if "scrape_configs" in tree.text(f)), "")
    return (
        SeenInFile("scrape_configs", file)
        if file and tree.in_product(file)
        else of_image(services, IMAGES["Prometheus"])
    )


def one(tree: Tree, pattern: str) -> SeenInFile | None:
    """Return the first file so called that is not empty."""
    file = next((f for f in tree.called(pattern) if tree.text(f).strip()), "")
    return SeenInFile(PurePosixPath(file).name, file) if file else None


def documents(tree: Tree) -> dict[str, str]:
    """Return the documents of operations by the name of their setting; an empty file is none."""
    found: dict[str, str] = {}
    for key, pattern in RUNBOOKS.items():
        wanted = re.compile(pattern, re.IGNORECASE)
        file = next(
            (f for f in tree.files if wanted.fullmatch(f) and f not in found.values() and tree.text(f).strip()), ""
        )
        if file and not _of_code(file):
            found[key] = file
    return found


def _of_code(file: str) -> bool:
    return any(part in {"test", "tests", "fixtures", "examples", "locales"} for part in PurePosixPath(file).parts)


def buckets(envs: tuple[Env, ...]) -> tuple[FoundBucket, ...]:
    """Return the buckets that this environment's files name; keys are not looked at."""
    found: dict[str, FoundBucket] = {}
    for env in envs:
        for name, value in env.values.items():
            if env.path and not env.developers and BUCKETS.fullmatch(name) and BUCKET_NAME.fullmatch(value):
                region = _shaped(env, REGIONS, r"[a-z]{2,}(-[a-z]+)*-\d|auto")
                server = _shaped(env, ENDPOINTS, r"https?://[^\s/?#@]+/?")
                found.setdefault(value, FoundBucket(value, region, server, name, env.path))
    return tuple(found.values())


def _shaped(env: Env, names: tuple[str, ...], shape: str) -> str:
    """Return the first of some variables whose value has the shape of what is wanted."""
    return next((env.values[n] for n in names if re.fullmatch(shape, env.values.get(n, ""))), "")


def ci(tree: Tree, packages: Packages) -> Ci:
    """Return the workflows and the end-to-end tests."""
    flows = tuple(f for f in tree.files if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml", f))
    specs = re.compile(r"(?:.*/)?(?:e2e|playwright|cypress|tests?)/(?:.*/)?[^/]+\.(?:spec|test|cy|e2e)\.[cm]?[jt]sx?")
    found = tuple(f for f in tree.files if specs.fullmatch(f))
    return Ci(
        tuple(f for f in flows if tree.text(f).strip()),
        packages.first("@playwright/test", "playwright"),
        packages.first("cypress"),
        found,
        _suites(tree, found),
    )


def _suites(tree: Tree, specs: tuple[str, ...]) -> dict[str, str]:
    """Name the specs that are Playwright's, by what they import, or Cypress's: others of such a name are unit tests."""
    suites: dict[str, str] = {}
    for spec in specs:
        playwrights = re.search(r"""["']@playwright/test["']""", tree.text(spec))
        if playwrights or (cypress.is_spec(spec) and tree.text(spec).strip()):
            name = re.sub(r"[^a-z0-9]+", "-", PurePosixPath(spec).name.partition(".")[0].lower()).strip("-")
            if len(suites) < MAX_SUITES:
                suites.setdefault(name if name and name not in RESERVED and name not in suites else spec, spec)
    return suites
