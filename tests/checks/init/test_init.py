"""golive init on repositories of several shapes: what it drafts is a profile that golive accepts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from golive import session
from golive.cli.errors import CliError
from golive_checks.init.command import add
from golive_checks.init.draft import FILL_IN, Draft
from golive_checks.init.survey import survey

AFRIGEST = {
    "package.json": '{"workspaces": ["apps/*"]}',
    "apps/api/package.json": '{"dependencies": {"express": "4"}}',
    "apps/web/package.json": '{"devDependencies": {"vite": "5"}}',
    "apps/api/.env.example": "PORT=4000\nALLOWED_ORIGINS=https://app.afrigest.io,https://shop.afrigest.io\nJWT=hunter22\n",
    "apps/web/.env.example": "VITE_API_URL=https://api.afrigest.io\n",
    "apps/web/.env": "VITE_API_URL=http://localhost:4000\n",
    "apps/api/prisma/migrations/1_init/migration.sql": "",
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
        ("S3_BUCKET_NAME=\n", "example-files", "", ""),
        ("S3_BUCKET=<your bucket>\nS3_REGION=${REGION}\nS3_ENDPOINT=http://me:hunter22@x/\n", "example-files", "", ""),
    ],
)
def test_a_bucket(text, bucket, region, endpoint, tmp_path):
    found = drafted(repository(tmp_path, {"apps/api/.env.example": text}))
    (entry,) = found.profile.data.buckets.values()
    assert (entry.bucket, entry.region, entry.endpoint_url) == (bucket, region, endpoint)
    written = (tmp_path / "profiles" / "staging.yaml").read_text()
    assert "hunter22" not in written
    assert "found in apps/api/.env.example" in written
    assert ("no file says its name" in written) is (bucket == "example-files")


def test_a_whole_repository(tmp_path):
    data = drafted(repository(tmp_path, AFRIGEST)).profile.data
    assert {k: (h.name, h.role) for k, h in data.hosts.items()} == {
        "api": ("api.afrigest.io", "api"),
        "app": ("app.afrigest.io", "app"),
        "shop": ("shop.afrigest.io", "shop"),
    }
    assert data.hosts["api"].proxy.websocket_path == "/ws"
    assert {k: (e.path, e.role) for k, e in data.env_files.items()} == {
        "api": (str(tmp_path / "apps/api/.env"), "api"),
        "web": (str(tmp_path / "apps/web/.env"), "web"),
    }
    assert data.nginx["edge"].main == str(tmp_path / "deploy/nginx.conf")
    assert data.repository is None


def test_a_repository_of_git_is_named(tmp_path):
    (tmp_path / ".git").mkdir()
    assert drafted(repository(tmp_path, AFRIGEST)).profile.data.repository.path == str(tmp_path)


MASTER_SCHEMA = 'datasource db {\n  provider = "postgresql"\n  url = env("MASTER_DATABASE_URL")\n}\n'


def test_databases_are_drafted_from_prismas_folders(tmp_path):
    made = {
        "apps/api/prisma/schema.prisma": MASTER_SCHEMA,
        "apps/api/prisma/tenants/migrations/1_init/migration.sql": "",
        "apps/api/.env": "PORT=4000\nMASTER_DATABASE_URL=postgresql://u:hunter22@db:5432/master\n",
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
    assert found["master"].tenants.migrations == str(tmp_path / "apps/api/prisma/tenants/migrations")


def test_a_database_whose_variable_no_file_sets_is_left_to_fill_in(tmp_path):
    drawn = drafted(repository(tmp_path, AFRIGEST))
    assert drawn.profile.data.databases["master"].url.get_secret_value() == ""
    text = (tmp_path / "profiles/staging.yaml").read_text()
    assert 'url: "${DATABASE_URL:-}"  # FILL IN: no env file here sets it' in text


def test_several_databases_each_have_an_entry(tmp_path):
    files = {f"apps/{app}/prisma/migrations/1_init/migration.sql": "" for app in ("api", "billing")}
    found = drafted(repository(tmp_path, files)).profile.data.databases
    assert {key: entry.migrations.split("/")[-3] for key, entry in found.items()} == {
        "master": "api",
        "database-2": "billing",
    }


def test_what_was_found_is_named_and_no_value_is_taken(tmp_path):
    text = Draft(survey(repository(tmp_path, AFRIGEST)), "staging", tmp_path / "profiles").text()
    for found in (".github/workflows/ci.yml", "e2e/playwright.config.ts", "compose.yaml"):
        assert found in text
    assert "hunter22" not in text
    assert "elsewhere.io" not in text


def test_ci_and_runbooks_are_drafted_from_their_files(tmp_path):
    made = {
        "e2e/tests/ecommerce-momo-callbacks.spec.ts": "",
        "e2e/tests/chat.spec.ts": "",
        "docs/Incident-Response.md": "",
        "docs/astreinte.md": "",
        "CHANGELOG.md": "",
    }
    data = drafted(repository(tmp_path, AFRIGEST | made)).profile.data
    assert data.ci.workflows.folder == str(tmp_path)
    assert (data.ci.suites.momo, data.ci.suites.messaging) == (
        "e2e/tests/ecommerce-momo-callbacks.spec.ts",
        "e2e/tests/chat.spec.ts",
    )
    assert data.runbooks.incident.path == str(tmp_path / "docs/Incident-Response.md")
    assert data.runbooks.on_call.path == str(tmp_path / "docs/astreinte.md")
    assert data.runbooks.release_notes.path == str(tmp_path / "CHANGELOG.md")
    assert data.runbooks.rollback.path == ""


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_an_empty_repository_gives_a_profile_that_says_what_it_could_not_know(tmp_path, environment):
    made = drafted(tmp_path, environment)
    text = (tmp_path / "profiles" / f"{environment}.yaml").read_text()
    assert made.profile.data.production == (environment == "production")
    assert text.count(FILL_IN) >= 3


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
    data = drafted(repository(tmp_path, HOSTILE)).profile.data
    assert {h.name for h in data.hosts.values()} == {"api.x.io", "app.x.io"}


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
    again = run("qa", "-C", str(tmp_path))
    assert isinstance(again.exception, CliError)
    assert "already there" in str(again.exception)
    assert json.dumps(run("qa", "-C", str(tmp_path), "--stdout").output)


@pytest.mark.parametrize("name", ["../x", "a/b", "", "-x", "a b"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    assert run("-C", str(tmp_path), "--", name).exit_code != 0
    assert not list(tmp_path.iterdir())
