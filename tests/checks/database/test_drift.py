"""What a drift comes to: a failure that names it, or nothing where it may be so or is only worded differently."""

from __future__ import annotations

from golive import Outcome, Unavailable, Verdict
from golive_checks.database.drift import schema_drift
from golive_checks.subjects import Database
from golive_checks.systems.drill.drift import MasterDrift, SchemaDrift
from golive_checks.systems.drill.expected import DriftSettings
from golive_checks.systems.migrations.client.prisma_folder import LocalMigration, MigrationFolder
from golive_checks.systems.migrations.facts import MasterRows, MigrationFiles, MigrationRows
from golive_checks.systems.migrations.tenants import Tenant
from golive_checks.systems.postgres.client.catalogue import SchemaDifference, SchemaPart

MASTER = Database("master")
FOLDER = MigrationFolder("m", (LocalMigration("1_a", ("x",)),))
EXTRA = SchemaDifference(SchemaPart("column", "users", "nickname"), "text", None)
GONE = SchemaDifference(SchemaPart("index", "users", "users_name"), None, "CREATE INDEX ...")
TYPE = SchemaDifference(SchemaPart("column", "users", "age"), "bigint", "integer")
NULL = SchemaDifference(SchemaPart("not null", "users", "age"), "NULL", "NOT NULL")
DEFAULT = SchemaDifference(SchemaPart("default", "users", "age"), "none", "0")
BODY = SchemaDifference(SchemaPart("function", "", "plus(a integer)"), "integer a1", "integer b2")
LABEL = SchemaDifference(SchemaPart("label", "mood", "sad"), None, "")


def judged(
    *differences: SchemaDifference, made: int = 15, expected: tuple[str, ...] = (), gap: Unavailable | None = None
) -> Verdict:
    master = gap or MasterDrift(1, 15, made, differences)
    files = MigrationFiles(FOLDER, None)
    return schema_drift(MASTER, files, MasterRows("public"), {}, master, {}, DriftSettings(expected=expected))


def test_none() -> None:
    assert (judged().outcome, judged().summary) == (Outcome.PASS, "the schema: as the migrations make it")


def test_what_is_named() -> None:
    for difference, words in {
        EXTRA: "it has the column users.nickname, which no migration makes",
        GONE: "it lacks the index users_name on users",
        TYPE: "it has the column users.age as bigint, by the migrations integer",
        NULL: "it has the column users.age as NULL, by the migrations NOT NULL",
        DEFAULT: "it has the default of users.age as none, by the migrations 0",
        BODY: "it has the function plus(a integer) in another form than the migrations make",
        LABEL: "it lacks the value 'sad' of the enum mood",
    }.items():
        assert (judged(difference).outcome, judged(difference).summary) == (Outcome.FAIL, words)


def test_what_may_differ() -> None:
    assert judged(EXTRA, TYPE, expected=("users.*",)).outcome is Outcome.PASS
    assert judged(GONE, expected=("users_*",)).outcome is Outcome.PASS
    assert judged(EXTRA, expected=("orders.*",)).outcome is Outcome.FAIL


def test_two_versions_word_a_default_in_two_ways() -> None:
    seen = judged(DEFAULT, made=17)
    assert seen.outcome is Outcome.PASS
    assert seen.unseen == (
        "whether the default users.age differ: PostgreSQL 15 and the scratch server's 17 may word them differently",
    )
    assert judged(TYPE, made=17).outcome is Outcome.FAIL


def test_gaps() -> None:
    assert judged(gap=Unavailable("no way in")).outcome is Outcome.UNKNOWN
    nowhere = judged(gap=Unavailable("the profile names no scratch server (drill.url)", not_permitted=True))
    assert nowhere.outcome is Outcome.NA


def test_tenants() -> None:
    a, b, c = (Tenant(f"master/{name}", MASTER, name) for name in "abc")
    files = MigrationFiles(FOLDER, FOLDER)
    rows = {tenant: MigrationRows(tenant.own_name) for tenant in (a, b, c)}
    drifts = {a: SchemaDrift(1, 15, 15), b: SchemaDrift(1, 15, 15, (EXTRA,)), c: Unavailable("it has no table")}
    master = MasterDrift(1, 15, 15)
    seen = schema_drift(MASTER, files, MasterRows("public"), rows, master, drifts, DriftSettings())
    assert seen.outcome is Outcome.FAIL
    said = "1 of 3 tenants has drifted: b has the column users.nickname, which no migration makes"
    assert (seen.summary, *seen.evidence) == (said, "c: it has no table")
