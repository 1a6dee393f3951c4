"""golive init on repositories of several shapes: what it drafts is a profile that golive accepts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from init_trees import TREES
from typer.testing import CliRunner

from golive import live, session
from golive.cli.errors import CliError
from golive.model import Outcome
from golive_checks.init.command import add
from golive_checks.init.draft import Draft
from golive_checks.init.survey import survey
from golive_checks.init.text import FILL_IN

AFRIGEST = {
    "package.json": '{"workspaces": ["apps/*"]}',
    "apps/api/package.json": '{"dependencies": {"express": "4"}}',
    "apps/web/package.json": '{"devDependencies": {"vite": "5"}}',
    "apps/api/.env.example": "PORT=4000\nALLOWED_ORIGINS=https://app.afrigest.io,https://shop.afrigest.io\nJWT=hunter22\n",
    "apps/web/.env.example": "VITE_API_URL=https://api.afrigest.io\n",
    "apps/web/.env": "VITE_API_URL=http://localhost:4000\n",
    "apps/api/prisma/migrations/1_init/migration.sql": "",
    "apps/api/prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
    ".github/workflows/ci.yml": "on: push\n",
    "e2e/playwright.config.ts": "",
    "compose.yaml": "services:\n  api:\n    build: ./apps/api\n    environment: [PORT=4000]\n  db: {image: postgres}\n",
    "deploy/nginx.conf": (
        "events {}\nhttp { include /etc/nginx/mime.types; server { listen 443 ssl; server_name api.afrigest.io;"
        " location /ws { proxy_pass http://127.0.0.1:4000; proxy_set_header Upgrade $http_upgrade; } } }\n"
    ),
    "node_modules/x/package.json": '{"dependencies": {"express": "4"}}',
    "node_modules/x/.env": "API_URL=https://api.elsewhere.io\n",
}


def repository(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)
    return folder


def drafted(folder: Path, environment: str = "staging") -> session.Session:
    target = folder / "profiles" / f"{environment}.yaml"
    target.parent.mkdir(exist_ok=True)
    target.write_text(Draft(survey(folder), environment, target.parent).text())
    return session.load(str(target), cwd=folder, environ={})


@pytest.mark.parametrize(
    ("text", "bucket", "region", "endpoint"),
    [
        ("S3_BUCKET=afrigest-files\nAWS_REGION=eu-west-3\n", "afrigest-files", "eu-west-3", ""),
        (
            "AWS_S3_BUCKET='files'\nS3_ENDPOINT=https://fra1.example.io\nS3_REGION=auto\nAWS_SECRET_ACCESS_KEY=hunter22\n",
            "files",
            "auto",
            "https://fra1.example.io",
        ),
    ],
)
def test_a_bucket(text, bucket, region, endpoint, tmp_path):
    found = drafted(repository(tmp_path, {"apps/api/.env": text}))
    (entry,) = found.profile.data.buckets.values()
    assert (entry.bucket, entry.region, entry.endpoint_url) == (bucket, region, endpoint)
    written = (tmp_path / "profiles" / "staging.yaml").read_text()
    assert "hunter22" not in written
    assert "in apps/api/.env" in written


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".env", "S3_BUCKET=\n"),
        (".env", "S3_BUCKET=<your bucket>\nS3_REGION=${REGION}\nS3_ENDPOINT=http://me:hunter22@x/\n"),
        (".env.example", "S3_BUCKET=their-files\n"),
        (".env.test", "S3_BUCKET=test-files\n"),
        (".env", "S3_BUCKET=my-files\nNODE_ENV=development\n"),
    ],
)
def test_a_bucket_that_no_environment_names_is_left_out_with_the_reason(file, text, tmp_path):
    data = drafted(repository(tmp_path, {file: text})).profile.data
    assert not data.buckets
    assert data.checklist.off["storage"] == "no file names a bucket"


@pytest.mark.parametrize(
    ("engines", "reason"),
    [
        (
            ("sqlite3", "postgresql", "mysql"),
            "config/settings.py leaves open whether it is MySQL or Postgres or SQLite: ",
        ),
        (("mysql",), "golive looks at Postgres, and config/settings.py names MySQL"),
    ],
)
def test_settings_of_several_engines_are_not_taken_for_one_of_them(engines, reason, tmp_path):
    text = "".join(f'D = {{"ENGINE": "django.db.backends.{each}"}}\n' for each in engines)
    data = drafted(repository(tmp_path, {"config/settings.py": text, "manage.py": ""})).profile.data
    assert not data.databases
    assert data.checklist.off["database"].startswith(reason)


def test_a_whole_repository(tmp_path):
    data = drafted(repository(tmp_path, AFRIGEST)).profile.data
    assert {k: (h.name, h.role, h.edge) for k, h in data.hosts.items()} == {"api": ("api.afrigest.io", "api", "nginx")}
    text = (tmp_path / "profiles" / "staging.yaml").read_text()
    assert "seen in apps/api/.env.example, which this environment does not run: shop.afrigest.io" in text
    assert data.hosts["api"].proxy.websocket_path == "/ws"
    assert "apps/web/.env reads like a developer's: its VITE_API_URL is an address of one's own machine" in text
    assert data.nginx["edge"].main == str(tmp_path / "deploy/nginx.conf")
    assert data.repository is None


def test_caddy_and_traefik_are_drafted(tmp_path):
    router = "labels: ['traefik.http.routers.api.rule=Host(`api.afrigest.io`)'], expose: [4000]"
    files = {
        "Caddyfile": "www.afrigest.io {\n  respond ok\n}\n",
        "compose.yml": f"services:\n  edge: {{image: 'traefik:v3.5'}}\n  api: {{image: shop/api, {router}}}\n",
    }
    drafted(repository(tmp_path, files))
    text = (tmp_path / "profiles/staging.yaml").read_text()
    assert "caddy:\n  edge: {file: ../Caddyfile}\n" in text
    assert "traefik:\n  edge: {compose: [../compose.yml]}\n" in text
    (tmp_path / "compose.yml").write_text(f"services:\n  api: {{image: shop/api, {router}}}\n")
    drafted(tmp_path)
    assert "# traefik: {edge: {static: traefik.yml" in (tmp_path / "profiles/staging.yaml").read_text()


def test_a_repository_of_git_is_named(tmp_path):
    (tmp_path / ".git").mkdir()
    assert drafted(repository(tmp_path, AFRIGEST)).profile.data.repository.path == str(tmp_path)


MASTER_SCHEMA = 'datasource db {\n  provider = "postgresql"\n  url = env("MASTER_DATABASE_URL")\n}\n'


def test_databases_are_drafted_from_prismas_folders(tmp_path):
    made = {
        "apps/api/prisma/schema.prisma": MASTER_SCHEMA,
        "apps/api/prisma/tenants/migrations/1_init/migration.sql": "",
        "apps/api/.env.staging": "PORT=4000\nMASTER_DATABASE_URL=postgresql://u:hunter22@db:5432/master\n",
    }
    drawn = drafted(repository(tmp_path, AFRIGEST | made))
    (master,) = drawn.profile.data.databases.values()
    assert master.url.get_secret_value() == "postgresql://u:hunter22@db:5432/master"
    assert master.migrations == str(tmp_path / "apps/api/prisma/migrations")
    text = (tmp_path / "profiles/staging.yaml").read_text()
    assert "migrations: ../apps/api/prisma/tenants/migrations}" in text
    assert "hunter22" not in text
    told = text.replace("# tenants: {", "tenants: {").partition(f"  {FILL_IN} where its tenants")[0]
    (tmp_path / "profiles/tenants.yaml").write_text(told)
    found = session.load(str(tmp_path / "profiles/tenants.yaml"), cwd=tmp_path, environ={}).profile.data.databases
    assert found["main"].tenants.migrations == str(tmp_path / "apps/api/prisma/tenants/migrations")


def test_a_database_whose_variable_no_file_sets_is_left_to_fill_in(tmp_path):
    drawn = drafted(repository(tmp_path, AFRIGEST))
    assert drawn.profile.data.databases["main"].url.get_secret_value() == ""
    text = (tmp_path / "profiles/staging.yaml").read_text()
    assert 'url: "${DATABASE_URL:-}"  # FILL IN: no env file of this environment sets it' in text


def test_several_databases_each_have_an_entry(tmp_path):
    files = {f"apps/{app}/prisma/migrations/1_init/migration.sql": "" for app in ("api", "billing")}
    files["apps/billing/prisma/migrations/migration_lock.toml"] = 'provider = "postgresql"\n'
    found = drafted(repository(tmp_path, files)).profile.data.databases
    assert {key: entry.migrations.split("/")[-3] for key, entry in found.items()} == {
        "main": "api",
        "main-2": "billing",
    }


def test_what_was_found_is_named_and_no_value_is_taken(tmp_path):
    text = Draft(survey(repository(tmp_path, AFRIGEST)), "staging", tmp_path / "profiles").text()
    for found in (".github/workflows/ci.yml", "compose.yaml"):
        assert found in text
    assert "hunter22" not in text
    assert "elsewhere.io" not in text


def test_ci_and_runbooks_are_drafted_from_their_files(tmp_path):
    made = {
        "e2e/tests/ecommerce-momo-callbacks.spec.ts": "",
        "e2e/tests/chat.spec.ts": "",
        "package.json": '{"devDependencies": {"@playwright/test": "1.50.0"}}',
        "docs/Incident-Response.md": "# Incidents\n",
        "docs/rollback.md": "",
        "docs/astreinte.md": "# Astreinte\n",
        "CHANGELOG.md": "## 1.0\n",
    }
    data = drafted(repository(tmp_path, AFRIGEST | made)).profile.data
    assert data.ci.workflows.folder == str(tmp_path)
    assert "specs: e2e/tests/chat.spec.ts, e2e/tests/ecommerce" in (tmp_path / "profiles/staging.yaml").read_text()
    assert data.runbooks.incident.path == str(tmp_path / "docs/Incident-Response.md")
    assert data.runbooks.on_call.path == str(tmp_path / "docs/astreinte.md")
    assert data.runbooks.release_notes.path == str(tmp_path / "CHANGELOG.md")
    assert data.runbooks.rollback.path == ""


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_an_empty_repository_gives_a_profile_that_says_what_it_could_not_know(tmp_path, environment):
    made = drafted(tmp_path, environment)
    text = (tmp_path / "profiles" / f"{environment}.yaml").read_text()
    assert made.profile.data.production == (environment == "production")
    assert FILL_IN in text
    assert set(made.profile.data.checklist.off) >= {"domains", "env", "database", "storage", "backups", "ci"}
    assert not made.profile.data.hosts


HOSTILE = {
    "apps/a: [b\n#/package.json": '{"dependencies": {"express": "4"}}',
    "apps/a: [b\n#/.env.example": "API_URL=https://api.x.io\nALLOWED_ORIGINS=https://app.x.io,<domain>,null,javascript:1\n",
    "yes/.env": "VITE_API_URL=https://${HOST}/\n",
    "broken/package.json": "{" * 50_000,
    "list/package.json": "[1]",
    "compose.yaml": "services: [a, &a {b: *a}]\n",
    "nginx.conf": "http { server { server_name ~^(.*)$ _ *.x.io localhost 10.0.0.1; }\n",
    "bad.conf": "server {",
}


def test_hostile_names_and_files_still_give_a_valid_profile(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "binary.env").write_bytes(os.urandom(1000))
    text, data = written(repository(tmp_path, HOSTILE))
    assert not data.hosts
    assert "api.x.io" in text
    assert "app.x.io" in text


def written(folder: Path, environment: str = "staging"):
    data = drafted(folder, environment).profile.data
    return (folder / "profiles" / f"{environment}.yaml").read_text(), data


def test_links_that_lead_nowhere_and_empty_files_are_not_there(tmp_path):
    repository(
        tmp_path, {".env.example": "", "docs/runbook.md": "\n", "CHANGELOG.md": "", ".github/workflows/ci.yml": ""}
    )
    for name in ("nginx.conf", ".env", "docs/incident.md", "prisma.config.ts"):
        (tmp_path / name).symlink_to(tmp_path / "gone" / name)
    (tmp_path / ".env.staging").symlink_to("/etc/hostname")
    text, data = written(tmp_path)
    assert set(data.checklist.off) >= {"domains", "env", "runbooks.incident", "runbooks.change", "ci"}
    assert "  # FILL IN: only " not in text
    assert ": \n" not in text
    assert "None" not in text


def check(folder: Path, made: session.Session) -> list[str]:
    """Look at what a draft names, without a network: a resolver where there is none."""
    found = live.check(made, session.Options(timeout_s=20)).report.findings
    return [
        f"{f.check.id} {f.subject}: {f.verdict.summary}" for f in found if f.outcome in {Outcome.FAIL, Outcome.WARN}
    ]


HOSTS = {
    "strapi": {"cms-tisanerie-shop": "cms.tisanerie.shop"},
    "kamal": {"site": "crew.tisanerie.shop"},
    "workers": {"api": "api.tisanerie.shop", "www-tisanerie-shop": "www.tisanerie.shop"},
    "remix": {"site": "quiet-pine.fly.dev"},
    "next": {"site": "www.tisane.shop"},
    "fastapi": {"api": "api.colis.africa"},
    "rails": {"site": "verger.eu", "www-verger-eu": "www.verger.eu"},
    "go": {"api": "api.relais.dev"},
    "laravel": {},
    "django": {"site": "marche.sn", "stage-marche-sn": "stage.marche.sn"},
    "spring": {},
}
HEALTH = {
    "strapi": ("", ""),
    "kamal": ("/up", ""),
    "workers": ("", ""),
    "remix": ("/healthcheck", ""),
    "next": ("/api/health", ""),
    "fastapi": ("/healthz", ""),
    "rails": ("/up", ""),
    "go": ("/livez", "/readyz"),
    "laravel": ("/up", ""),
    "django": ("/health/", ""),
    "spring": ("/actuator/health/liveness", "/actuator/health/readiness"),
}
TOLD = {
    "strapi": ["path: ../.env, example: ../.env.example"],
    "kamal": ["seen in config/deploy.yml"],
    "workers": ["seen in wrangler.jsonc", "seen in astro.config.mjs"],
    "remix": [
        "golive looks at Postgres, and prisma/schema.prisma names SQLite",
        "Sentry: @sentry/remix, seen in package.json",
    ],
    "next": ["${TISANE_DB_URL:-}", "prisma/schema.prisma has no folder of migrations yet", "Stripe (package.json)"],
    "fastapi": ["alembic.ini has no folder of migrations yet", "minio/minio was seen in compose.yml", "Redis: redis:7"],
    "rails": [
        "db/migrate holds those of Rails, and no file names the variable",
        "config/database.yml names Postgres",
        "on_call: {path: ../docs/on-call.md}",
    ],
    "go": [
        "migrations holds those of golang-migrate, and no file",
        "prometheus.yml configures one",
        "release_notes: {path: ../CHANGELOG.md}",
    ],
    "laravel": ["names MySQL", "Stripe (composer.json)", "live: /up  # seen in bootstrap/app.php"],
    "django": [". holds those of Django, and no file", "bucket: marche-media", "example: ../.env.staging.example"],
    "spring": [
        "src/main/resources/db/migration holds those of Flyway",
        "incident: {path: ../docs/RUNBOOK.md}",
        "/actuator/health",
    ],
}


@pytest.mark.parametrize("stack", TREES)
def test_from_the_untouched_draft_of_any_stack_no_finding_is_false(stack, tmp_path):
    repository(tmp_path, TREES[stack])
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    text = Draft(survey(tmp_path), "staging", tmp_path / "profiles").text()
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/staging.yaml").write_text(text + 'dns: {resolvers: ["127.0.0.1:9"]}\n')
    made = session.load("staging", cwd=tmp_path, environ={})
    data = made.profile.data
    assert {key: entry.name for key, entry in data.hosts.items()} == HOSTS[stack]
    assert (data.rollout.health.live, data.rollout.health.ready) == HEALTH[stack]
    assert [word for word in TOLD[stack] if word not in text] == []
    assert check(tmp_path, made) == []


POSTGRES = {".env": "DATABASE_URL=postgresql://app:s@db.marche.sn/app\n"}


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({"alembic.ini": "[alembic]\n", "alembic/versions/1a_init.py": "revision = '1a'"}, "alembic/versions"),
        ({"manage.py": "", "shop/migrations/0001_initial.py": ""}, "."),
        ({"web/manage.py": "", "web/shop/migrations/0001_initial.py": ""}, "web"),
        ({"db/migrate/20260101000000_init.rb": "", "Gemfile": 'gem "rails"'}, "db/migrate"),
        ({"db/V1__init.sql": "select 1;"}, "db"),
        ({"knexfile.js": "", "migrations/20260101000000_init.js": ""}, "migrations"),
        ({".sequelizerc": "", "db/migrations/20260101000000-init.js": ""}, "db/migrations"),
        ({"drizzle.config.ts": "", "drizzle/meta/_journal.json": "{}", "drizzle/0000_a.sql": ""}, "drizzle"),
        ({"ormconfig.json": "{}", "src/migrations/1700000000000-Init.ts": ""}, "src/migrations"),
        ({"migrations/000001_init.up.sql": "select 1;"}, "migrations"),
        ({"db/migrations/20260101000000_init.sql": "-- migrate:up\n"}, "db/migrations"),
        ({"alembic.ini": "[alembic]\n"}, None),
        ({"artisan": "", "database/migrations/2026_01_01_000000_a.php": ""}, None),
    ],
)
def test_the_folder_of_any_tool_that_golive_reads_is_drafted(files, folder, tmp_path):
    made = drafted(repository(tmp_path, POSTGRES | files))
    (database,) = made.profile.data.databases.values()
    wanted = str(tmp_path / folder) if folder else ""
    assert os.path.normpath(database.migrations) == os.path.normpath(wanted)
    assert ("database.migrations" in made.profile.data.checklist.off) == (not folder)


@pytest.mark.parametrize(
    ("files", "extends", "comment"),
    [
        ({"package.json": '{"dependencies": {"next": "15"}}'}, "golive:next", ""),
        ({"package.json": '{"dependencies": {"express": "5"}}'}, "golive:express", ""),
        ({"package.json": '{"dependencies": {"express": "5"}}', ".env": "NODE_ENV=production\n"}, "golive:express", ""),
        ({"package.json": '{"dependencies": {"express": "5"}}', ".env": "PORT=1\n"}, "", "demands NODE_ENV"),
        ({"Gemfile": 'gem "rails"', ".env": "RAILS_MASTER_KEY=a\n"}, "", "demands RAILS_ENV|RACK_ENV"),
        ({"requirements.txt": "flask\n"}, "", ""),
    ],
)
def test_a_draft_extends_the_preset_of_its_framework_where_files_meet_its_demands(files, extends, comment, tmp_path):
    repository(tmp_path, files)
    text = Draft(survey(tmp_path), "staging", tmp_path).text()
    assert (f'extends: ["{extends}"]' in text) == bool(extends)
    assert comment in text
    assert comment or "# extends" not in text


def test_playwrights_specs_are_suites_and_unit_tests_of_such_names_are_none(tmp_path):
    spec = "import { test } from '@playwright/test'\n"
    files = {
        ".github/workflows/ci.yml": "on: push\njobs: {e2e: {runs-on: x, steps: [{run: npx playwright test}]}}\n",
        "package.json": '{"devDependencies": {"@playwright/test": "1", "vitest": "3"}}',
        "e2e/checkout.spec.ts": spec,
        "e2e/runs.spec.ts": spec,
        "apps/b/e2e/checkout.spec.ts": spec,
        "tests/money.test.ts": "import { test } from 'vitest'\n",
    }
    made = drafted(repository(tmp_path, files))
    suites = (tmp_path / "profiles/staging.yaml").read_text()
    assert "checkout: {spec: apps/b/e2e/checkout.spec.ts, gates: false}" in suites
    assert "e2e/checkout.spec.ts: {spec: e2e/checkout.spec.ts, gates: false}" in suites
    assert "e2e/runs.spec.ts: {spec: e2e/runs.spec.ts" in suites
    assert "money" not in suites
    assert "ci.other-suites" not in made.profile.data.checklist.off
    assert [line for line in check(tmp_path, made) if line.startswith("ci.suite")] == []


def run(*arguments: str):
    import typer  # noqa: PLC0415 - only here

    app = typer.Typer()
    app.callback()(lambda: None)
    add(app)
    return CliRunner().invoke(app, ["init", *arguments])


def test_the_command_writes_once_and_never_over(tmp_path):
    repository(tmp_path, AFRIGEST)
    done = run("qa", "-C", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "profiles/qa.yaml" in done.output
    assert json.loads((tmp_path / "profiles/golive.schema.json").read_text())["title"] == "golive profile"
    again = run("qa", "-C", str(tmp_path))
    assert isinstance(again.exception, CliError)
    assert "already there" in str(again.exception)
    assert json.dumps(run("qa", "-C", str(tmp_path), "--stdout").output)


def test_a_placeholder_for_a_url_is_refused_with_the_reason(tmp_path):
    refused = run("qa", "-C", str(tmp_path), "--url", "https://shop.example.com")
    assert isinstance(refused.exception, CliError)
    assert "example.com and the like are placeholders" in str(refused.exception)


@pytest.mark.parametrize("name", ["../x", "a/b", "", "-x", "a b"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    assert run("-C", str(tmp_path), "--", name).exit_code != 0
    assert not list(tmp_path.iterdir())


NEXT = {
    "package.json": '{"dependencies": {"next": "15"}}',
    "deploy/nginx.conf": (
        "events {}\nhttp { server { listen 443 ssl; server_name www.afrigest.io afrigest.io;"
        " location / { proxy_pass http://127.0.0.1:3000; } } }\n"
    ),
}


@pytest.mark.parametrize(
    ("files", "key", "entry"),
    [
        ({"public/robots.txt": ""}, "search_engines", {"site": {"url": "https://HOST"}}),
        ({"app/sitemap.ts": ""}, "search_engines", {"site": {"url": "https://HOST"}}),
        ({"next-sitemap.config.js": ""}, "search_engines", {"site": {"url": "https://HOST"}}),
        ({"app/not-found.tsx": ""}, "error_pages", {"site": {"url": "https://HOST"}}),
        ({"templates/404.html": ""}, "error_pages", {"site": {"url": "https://HOST"}}),
        ({"e2e/fixtures/robots.txt": "", "tests/404.html": ""}, "search_engines", None),
        ({"tests/404.html": ""}, "error_pages", None),
        ({"robots.txt.md": "", "404.css": ""}, "error_pages", None),
    ],
)
def test_a_sign_of_an_optional_line_is_written(
    files: dict[str, str], key: str, entry: dict[str, dict[str, str]] | None, tmp_path: Path
) -> None:
    made = drafted(repository(tmp_path, {**NEXT, **files}))
    found = getattr(made.profile.data, key)
    host = next(iter(made.profile.data.hosts.values())).name
    wanted = json.loads(json.dumps(entry).replace("HOST", host)) if entry else {}
    assert {name: {"url": each.url} for name, each in (found or {}).items()} == wanted


def test_two_names_of_one_site_are_looked_at_together(tmp_path: Path) -> None:
    made = drafted(repository(tmp_path, NEXT))
    assert {host.name for host in made.profile.data.hosts.values()} >= {"www.afrigest.io", "afrigest.io"}
    assert [(name, each.apex) for name, each in made.profile.data.www.items()] == [("site", "afrigest.io")]


def test_without_a_host_that_serves_pages_no_optional_line_is_written(tmp_path: Path) -> None:
    files = {"public/robots.txt": "", "package.json": '{"dependencies": {"express": "4"}}', ".env": "PORT=4000\n"}
    made = drafted(repository(tmp_path, files))
    assert not made.profile.data.search_engines
