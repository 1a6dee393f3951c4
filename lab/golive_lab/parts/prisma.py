"""The real Prisma CLI, from npm, to be compared with: installed once, and run on projects of a few files."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive_lab.parts import npm
from golive_lab.parts.process import program

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES = {"prisma": "6.19.3", "@prisma/adapter-pg": "7.10.1"}
"""These two run together from npm alone, without the engines that npm fetches from elsewhere."""

SCHEMA = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""
CONFIG = """\
import { defineConfig } from 'prisma/config'
import { PrismaPg } from '@prisma/adapter-pg'
const pool = { connectionString: process.env.DATABASE_URL, allowExitOnIdle: true }
const schema = process.env.GOLIVE_LAB_SCHEMA
export default defineConfig({
  experimental: { adapter: true },
  engine: 'js',
  schema: 'prisma/schema.prisma',
  adapter: async () => new PrismaPg(pool, schema ? { schema } : undefined),
})
"""
NO_WAITING = """\
const set = global.setTimeout
global.setTimeout = (call, ms, ...rest) => {
  const timer = set(call, ms, ...rest)
  if (ms >= 9000) timer.unref()
  return timer
}
"""
"""Its limit of 10 s for a lock leaves a timer behind, for which the CLI would wait when all is done."""

TIMEOUT_S = 120


@dataclass(frozen=True)
class CliResult:
    """What the CLI ended with and printed."""

    code: int
    text: str


@dataclass(frozen=True)
class Prisma:
    """A project: `folder` holds prisma/migrations, `url` is its database, `schema` another than public."""

    folder: Path
    url: str
    schema: str = ""

    @property
    def migrations(self) -> Path:
        """The folder of migrations."""
        return self.folder / "prisma" / "migrations"

    def write(self, scripts: Mapping[str, str]) -> None:
        """Let the folder of migrations hold these and no other."""
        shutil.rmtree(self.migrations, ignore_errors=True)
        for name, script in scripts.items():
            (self.migrations / name).mkdir(parents=True)
            (self.migrations / name / "migration.sql").write_bytes(script.encode())
        self.migrations.mkdir(parents=True, exist_ok=True)
        (self.migrations / "migration_lock.toml").write_text('provider = "postgresql"\n')
        (self.folder / "prisma" / "schema.prisma").write_text(SCHEMA)
        (self.folder / "prisma.config.ts").write_text(CONFIG)
        modules = self.folder / "node_modules"
        if not modules.exists():
            modules.symlink_to(installed() / "node_modules")

    def run(self, *arguments: str) -> CliResult:
        """Run `prisma migrate` with these arguments."""
        ran = subprocess.run(  # noqa: S603 - Prisma's own
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        return CliResult(ran.returncode, ran.stdout + ran.stderr)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of `prisma migrate`."""
        there = installed()
        cli = there / "node_modules" / "prisma" / "build" / "index.js"
        return [program("node"), "-r", str(there / "no-waiting.js"), str(cli), "migrate", *arguments]

    def environment(self) -> dict[str, str]:
        """Return the environment that it runs in."""
        stub, url = str(installed() / "engine"), self.url
        if self.schema:
            url += f"?options=-c%20search_path%3D{self.schema}"
        own = {"DATABASE_URL": url, "GOLIVE_LAB_SCHEMA": self.schema, "CHECKPOINT_DISABLE": "1"}
        engines = {"PRISMA_QUERY_ENGINE_LIBRARY": stub, "PRISMA_SCHEMA_ENGINE_BINARY": stub}
        return {**os.environ, **own, **engines, "PRISMA_HIDE_UPDATE_MESSAGE": "1", "NO_COLOR": "1"}


def installed() -> Path:
    """Return the folder that the CLI is installed in; see `npm.installed`."""
    # Of the engine nothing is asked but whether it can connect.
    return npm.installed(PACKAGES, {"no-waiting.js": NO_WAITING, "engine": "#!/bin/sh\nexit 0\n"})
