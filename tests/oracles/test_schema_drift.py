"""Is a schema the one that its migrations make? golive names what `prisma migrate diff` names, and nothing harmless."""

from __future__ import annotations

import os
import random
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from drift_bench import Drifting
from drill_bench import CANARY, Cluster, scratch

from golive_lab.parts.prisma import Prisma

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["scratch"]

SEED = 20261129
BATCH = 30
COUNT = 300 if os.environ.get("GOLIVE_ALL") else BATCH
MADE = """
CREATE TYPE "mood{n}" AS ENUM ('sad', 'happy');
CREATE TABLE "one{n}" (id SERIAL PRIMARY KEY, code INTEGER UNIQUE);
CREATE TABLE "two{n}" (
  id BIGINT NOT NULL, label VARCHAR(40) NOT NULL DEFAULT 'new', amount DECIMAL(10, 2), at TIMESTAMP(3) DEFAULT now(),
  feeling "mood{n}", words TEXT[], data JSONB, one_id INTEGER, CONSTRAINT "two{n}_key" PRIMARY KEY (id));
CREATE INDEX "two{n}_label" ON "two{n}" (label, at DESC);
ALTER TABLE "two{n}" ADD CONSTRAINT "two{n}_fk" FOREIGN KEY (one_id) REFERENCES "one{n}" (id) ON DELETE CASCADE;
"""
DRIFTS = [
    'ALTER TABLE "two{n}" ADD COLUMN extra {type}',
    'ALTER TABLE "two{n}" DROP COLUMN {column}',
    'ALTER TABLE "two{n}" RENAME COLUMN {column} TO other',
    'ALTER TABLE "two{n}" ALTER COLUMN amount TYPE {number}',
    'ALTER TABLE "two{n}" ALTER COLUMN label TYPE VARCHAR({size})',
    'ALTER TABLE "two{n}" ALTER COLUMN label TYPE TEXT',
    'ALTER TABLE "two{n}" ALTER COLUMN label DROP NOT NULL',
    'ALTER TABLE "two{n}" ALTER COLUMN {column} SET NOT NULL',
    'ALTER TABLE "two{n}" ALTER COLUMN label DROP DEFAULT',
    "ALTER TABLE \"two{n}\" ALTER COLUMN label SET DEFAULT '{size}'",
    'ALTER TABLE "two{n}" ALTER COLUMN one_id SET DEFAULT {size}',
    'DROP INDEX "two{n}_label"',
    'CREATE INDEX ON "two{n}" ({column})',
    'CREATE UNIQUE INDEX ON "two{n}" (id, {column})',
    'ALTER TABLE "two{n}" DROP CONSTRAINT "two{n}_fk"',
    'ALTER TABLE "two{n}" DROP CONSTRAINT "two{n}_key"',
    'ALTER TABLE "two{n}" DROP CONSTRAINT "two{n}_fk", ADD FOREIGN KEY (one_id) REFERENCES "one{n}"',
    'DROP TABLE "two{n}"',
    'CREATE TABLE "more_two{n}" (id {type})',
    "ALTER TYPE \"mood{n}\" ADD VALUE 'calm'",
    "ALTER TYPE \"mood{n}\" RENAME VALUE 'sad' TO 'low'",
    "CREATE TYPE \"more_mood{n}\" AS ENUM ('a')",
    'ALTER TABLE "one{n}" ALTER COLUMN id DROP DEFAULT',
    'ALTER TABLE "one{n}" ALTER COLUMN code TYPE BIGINT',
    'ALTER TABLE "two{n}" ALTER COLUMN at TYPE TIMESTAMP(6)',
    'ALTER TABLE "two{n}" ALTER COLUMN at TYPE TIMESTAMPTZ(3)',
    'ALTER TABLE "two{n}" ALTER COLUMN data TYPE JSON USING data::json',
    'ALTER TABLE "two{n}" RENAME TO "renamed_two{n}"',
    'ALTER INDEX "two{n}_label" RENAME TO "two{n}_other"',
    'ALTER TABLE "one{n}" DROP CONSTRAINT "one{n}_code_key"',
]
UNSEEN = [
    'ALTER TABLE "two{n}" ENABLE ROW LEVEL SECURITY',
    'CREATE POLICY fitting ON "two{n}" USING (id > {size})',
    'CREATE VIEW "few_two{n}" AS SELECT id FROM "two{n}"',
    "CREATE FUNCTION \"f_two{n}\"() RETURNS int LANGUAGE sql AS 'select {size}'",
    'CREATE SEQUENCE "more_two{n}"',
    'ALTER TABLE "two{n}" ALTER COLUMN label TYPE VARCHAR(40) COLLATE "C"',
]
"""What Prisma does not compare, as its documentation says, and golive does; a CHECK makes this build of it crash."""
HARMLESS = [
    "COMMENT ON TABLE \"two{n}\" IS '{size}'",
    'ALTER TABLE "two{n}" SET (fillfactor = 80)',
    'ALTER TABLE "two{n}" ALTER COLUMN label SET STATISTICS {size}',
    'INSERT INTO "one{n}" DEFAULT VALUES',
    'GRANT SELECT ON "two{n}" TO drill',
    'ANALYZE "two{n}"',
    'CLUSTER "two{n}" USING "two{n}_key"',
    'ALTER SEQUENCE "one{n}_id_seq" RESTART WITH 50',
    'ALTER TABLE "two{n}" ALTER COLUMN data SET STORAGE EXTERNAL',
]
GOLIVE_IS_RIGHT = {
    "words SET NOT NULL": "in Prisma's schema a list is never optional, so that NULL or not is not asked"
}
CONFIG = """\
import { defineConfig } from 'prisma/config'
import { PrismaPg } from '@prisma/adapter-pg'
const url = new URL(process.env.DATABASE_URL)
const { hostname: host, port, username: user, password } = url
const pool = (database) => ({ host, port: Number(port), user, password, database, allowExitOnIdle: true })
const NOT_KNOWN = [18, 19], TEXT = 25
const readable = (adapter) => {
  const query = adapter.client.query.bind(adapter.client)
  adapter.client.query = async (...asked) => {
    const found = await query(...asked)
    for (const field of found.fields ?? []) if (NOT_KNOWN.includes(field.dataTypeID)) field.dataTypeID = TEXT
    return found
  }
  return adapter
}
class WithShadow extends PrismaPg {
  async connect() { return readable(await super.connect()) }
  async connectToShadowDb() { return readable(await new PrismaPg(pool('shadow')).connect()) }
}
export default defineConfig({
  experimental: { adapter: true },
  engine: 'js',
  schema: 'prisma/schema.prisma',
  adapter: async () => new WithShadow(pool(url.pathname.slice(1))),
})
"""
"""The adapter does not know the types "char" and name of the catalogue, nor removes a shadow database of its own."""
KINDS = {"drift": DRIFTS, "unseen": UNSEEN, "harmless": HARMLESS}
NUMBERS = re.compile(r"(?:one|two|mood)(\d+)")


def generated() -> list[tuple[str, str]]:
    """Return what is done by hand to the tables of each number, and of which kind it is."""
    of = random.Random(SEED)
    every = [(kind, text) for kind, texts in KINDS.items() for text in texts]
    of.shuffle(every)
    made = []
    for n in range(COUNT):
        kind, text = every[n % len(every)]
        more = {
            "type": of.choice(["TEXT", "INTEGER", "UUID DEFAULT gen_random_uuid()", "TIMESTAMP(3) NOT NULL"]),
            "column": of.choice(["amount", "at", "feeling", "words", "data", "one_id"]),
            "number": of.choice(["DECIMAL(12, 2)", "DECIMAL(10, 3)", "BIGINT", "DOUBLE PRECISION"]),
            "size": of.randrange(41, 99),
        }
        made.append((kind, text.format(n=n, **more)))
    return made


def numbers(text: str) -> set[int]:
    return {int(found) for found in NUMBERS.findall(text)}


def named_by(project: Prisma) -> set[int]:
    """Return the numbers of the tables and enums that Prisma's CLI finds changed."""
    (project.folder / "prisma.config.ts").write_text(CONFIG)
    pull = [{"migrate": "db"}.get(word, word) for word in project.command("pull", "--force")]
    ran = subprocess.run(
        pull, cwd=project.folder, env=project.environment(), check=False, capture_output=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr.decode()
    sides = ["--from-migrations", "prisma/migrations", "--to-schema-datamodel", "prisma/schema.prisma"]
    answer = project.run("diff", "--exit-code", *sides)
    assert answer.code == 2, answer.text
    return numbers(answer.text)


@pytest.mark.parametrize("batch", range(COUNT // BATCH))
async def test_drift(scratch: Cluster, tmp_path: Path, batch: int) -> None:
    inputs = dict(enumerate(generated()[batch * BATCH : (batch + 1) * BATCH], batch * BATCH))
    drifting = Drifting(scratch, tmp_path, "oracle_of_drift")
    scripts = {"20260101000000_init": "".join(MADE.format(n=n) for n in inputs)}
    project = Prisma(tmp_path, f"postgresql://postgres:{CANARY}@127.0.0.1:{scratch.port}/{drifting.live}")
    project.write(scripts)
    try:
        scratch.sql("create database shadow")
        await drifting.migrate(scripts)
        scratch.sql(";\n".join(text for _, text in inputs.values()), drifting.live)
        theirs = named_by(project)
        seen = await drifting.master()
    finally:
        drifting.drop()
        scratch.sql("drop database shadow")
    mine = {number for each in seen.differences for number in numbers(f"{each.part.of} {each.part.name}")}
    print(f"seed {SEED}, {len(inputs)} drifts")
    named = {"drift": (True, True), "unseen": (False, True), "harmless": (False, False)}
    wrong = [
        (text, f"Prisma {n in theirs}, golive {n in mine}")
        for n, (kind, text) in inputs.items()
        if (n in theirs, n in mine) != named[kind] and not (n in mine and any(word in text for word in GOLIVE_IS_RIGHT))
    ]
    assert not wrong
    assert drifting.left == []
