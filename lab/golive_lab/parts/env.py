"""The env files of the reference stack, as a description and as files in a small git repository."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part
from golive_lab.world import env_texts as texts
from golive_lab.world import project as paths
from golive_lab.world.env import EnvFiles
from golive_lab.world.project import REVIEWED_DAYS_AGO, Project
from golive_lab.world.project_texts import ROOT_PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.postgres import MigrationFolders

REPOSITORY, ELSEWHERE, VAULT = "repository", "staging", "vault"
API_FILE, WEB_FILE = "apps/api/.env", "apps/web/.env"
CODE_FILE = "apps/api/src/stripe.ts"
OTHER_FILE = "api.env"
"""In a folder of its own: another environment's env file is never in this one's repository."""

MIGRATIONS, TENANT_MIGRATIONS = "apps/api/prisma/migrations", "apps/api/prisma/tenants/migrations"

WHEN = "2026-01-01T12:00:00+00:00"


@contextmanager
def files(world: World, place: StackPlace) -> Iterator[None]:
    """Write the files, and remove them afterwards."""
    top = place.folder / REPOSITORY
    known = {
        "{https}": str(place.ports.https),
        "{api}": str(place.ports.api),
        "{errors}": str(place.ports.errors),
        "{postgres}": str(place.ports.postgres),
        "{folder}": str(place.folder),
        "{webhook_secret}": world.app.webhook_secret,
    }
    try:
        write(world.env, place.folder, known, world.postgres.repository, _committed(world.project))
        yield
    finally:
        shutil.rmtree(top, ignore_errors=True)
        shutil.rmtree(place.folder / ELSEWHERE, ignore_errors=True)
        shutil.rmtree(place.folder / VAULT, ignore_errors=True)


def write(
    env: EnvFiles,
    folder: Path,
    known: Mapping[str, str],
    migrations: MigrationFolders | None = None,
    project: Mapping[str, str] | None = None,
) -> None:
    """Write the env files, the migrations and the project's own files, in a repository where this machine has git."""
    top = folder / REPOSITORY
    committed = {
        ".gitignore": ".env\n",
        "package.json": ROOT_PACKAGE,
        f"{API_FILE}.example": env.api_example,
        f"{WEB_FILE}.example": env.web_example,
    }
    committed |= project or {}
    if migrations:
        for where, those in ((MIGRATIONS, migrations.master), (TENANT_MIGRATIONS, migrations.tenants)):
            committed |= {f"{where}/{each.name}/migration.sql": each.sql for each in those}
    for name, text in committed.items():
        _put(top / name, text, 0o644)
    with_git = _repository(top)
    if with_git:
        _history(top, env)
    _put(top / API_FILE, _filled(env.api, known), env.api_mode)
    _put(top / WEB_FILE, _filled(env.web, known), 0o600)
    _put(folder / ELSEWHERE / OTHER_FILE, _filled(env.other, known), 0o600)
    _put(folder / VAULT / "jwt.json", _metadata(env.jwt_age_days), 0o600)


def _metadata(days: int) -> str:
    """Write what Vault knows of a secret: its second version was made so many days ago."""
    made = [f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=age):%Y-%m-%dT%H:%M:%S}.123456789Z" for age in (900, days)]
    versions = {
        str(number): {"created_time": at, "deletion_time": "", "destroyed": False} for number, at in enumerate(made, 1)
    }
    return json.dumps({"data": {"created_time": made[0], "current_version": len(made), "versions": versions}})


def _filled(text: str, known: Mapping[str, str]) -> str:
    for mark, value in known.items():
        text = text.replace(mark, value)
    return text


def _put(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    path.chmod(mode)


def _repository(top: Path) -> bool:
    """Make a repository; False where this machine has no git, and the files are then in a plain folder."""
    return shutil.which("git") is not None and not _git(top, "init", "-q", "-b", "main", "--template=", check=False)


def _history(top: Path, env: EnvFiles) -> None:
    """Commit what belongs into the repository, and the API's env file as the description says."""
    if env.committed != "never":
        _put(top / API_FILE, env.api, 0o600)
        _commit(top, "Add the API's environment", "--force", API_FILE)
    if env.committed == "once":
        _git(top, "rm", "-q", "--cached", API_FILE)
    if env.leaked != "never":
        _put(top / CODE_FILE, texts.CODE.replace("process.env.STRIPE_SECRET_KEY", f"'{texts.LEAKED}'"), 0o644)
        _commit(top, "Try the payments", CODE_FILE)
    if env.leaked != "now":
        _put(top / CODE_FILE, texts.CODE, 0o644)
    _commit(top, "Add the apps", ".")
    if env.shallow:
        (top / ".git").rename(whole := top.parent / "whole.git")
        _git(top.parent, "clone", "-q", "--bare", "--depth", "1", whole.as_uri(), "shallow.git")
        (top.parent / "shallow.git").rename(top / ".git")
        _git(top, "config", "core.bare", "false")
        _git(top, "reset", "-q", "--mixed")
        shutil.rmtree(whole)


def _commit(top: Path, message: str, *what: str) -> None:
    _git(top, "add", *what)
    _git(top, "commit", "-q", "--allow-empty", "-m", message)


def _git(folder: Path, *arguments: str, check: bool = True) -> int:
    """Run git as nobody in particular, whatever this machine's own settings say."""
    settings = ("user.name=Lab", "user.email=lab@demo.test", "commit.gpgSign=false", "core.hooksPath=/dev/null")
    options = [part for setting in settings for part in ("-c", setting)]
    command = ["git", f"--git-dir={folder}/.git", f"--work-tree={folder}", *options, *arguments]
    if arguments[0] == "clone":
        command = ["git", *options, *arguments]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    dates = {"GIT_AUTHOR_DATE": WHEN, "GIT_COMMITTER_DATE": WHEN}  # so that the commits are the same in every run
    ran = subprocess.run(command, cwd=folder, env=environ | dates, check=check, capture_output=True)  # noqa: S603 - git
    return ran.returncode


def _committed(project: Project) -> dict[str, str]:
    """Return the project's own files by their paths."""
    reviewed = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=REVIEWED_DAYS_AGO)
    found = {
        paths.WORKFLOW: project.workflow,
        paths.GITLAB: project.gitlab,
        paths.E2E_PACKAGE: project.e2e_package,
        paths.LOCK: project.lock,
        paths.MOMO_SPEC: project.momo_spec,
        paths.MESSAGING_SPEC: project.messaging_spec,
        paths.INCIDENT: project.incident,
        paths.ON_CALL: project.on_call,
        paths.CHANGE: project.change,
        paths.ROLLBACK: project.rollback,
        paths.NOTES: project.notes,
    }
    return {path: text.replace("{reviewed}", f"{reviewed}") for path, text in found.items() if text}


PART = Part(
    "env",
    files,
    lambda world: (world.env, world.app.webhook_secret, world.postgres.repository, _committed(world.project)),
)
