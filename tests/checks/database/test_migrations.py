"""The checks of migrations: one verdict on the master and all of its tenants."""

import datetime as dt
from dataclasses import replace

import pytest

from golive import Environment, Outcome, Phase, Unavailable
from golive_checks.database.migrations import (
    migrations_applied,
    migrations_known,
    migrations_succeeded,
    migrations_unedited,
)
from golive_checks.subjects import Database
from golive_checks.systems.migrations.client.prisma_folder import LocalMigration, MigrationFolder, checksums
from golive_checks.systems.migrations.client.prisma_table import MigrationRow, MigrationStep
from golive_checks.systems.migrations.facts import MasterRows, MigrationFiles, MigrationRows
from golive_checks.systems.migrations.tenants import Tenant

A, B, C = "20260101_a", "20260102_b", "20260103_c"
SUM = {name: checksums(name.encode()) for name in (A, B, C)}
FOLDER = MigrationFolder("prisma/migrations", tuple(LocalMigration(name, SUM[name]) for name in (A, B, C)))
ALONE, WITH_TENANTS, NO_FOLDER = (
    MigrationFiles(FOLDER, None),
    MigrationFiles(FOLDER, FOLDER),
    MigrationFiles(None, None),
)
AT = dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC)
MASTER = Database("master")
ENV = Environment("staging")
BEFORE, AFTER = Environment("staging", phase=Phase.BEFORE), Environment("staging", phase=Phase.AFTER)
GONE = Unavailable("db:5432 refuses connections", fix="Start it.")


def row(name: str, step: MigrationStep = MigrationStep.APPLIED, **but: object) -> MigrationRow:
    return replace(MigrationRow(name, SUM.get(name, ("0" * 64,))[0], step), **but)


ALL = (row(A), row(B), row(C))
FAILED, CUT_OFF, BACK = (
    row(C, MigrationStep.FAILED, began=AT),
    row(C, MigrationStep.UNFINISHED, began=AT),
    row(C, MigrationStep.ROLLED_BACK),
)
LATE = (row(B), row(C), row(A))
EDITED = row(C, checksum="f" * 64)
NEWER, OLDER = row("20260201_x"), row("20250101_x")
NO_TABLE = MigrationRows("tenant", "no table")
NO_SCHEMA = MigrationRows("tenant", "no schema")


def look(check, files, rows=ALL, tenants=None, env=ENV):
    """Ask a check; `rows` are the master's, `tenants` those of each tenant by name."""
    seen = {
        Tenant(f"master/{name}", MASTER, name): MigrationRows(name, rows=each) if isinstance(each, tuple) else each
        for name, each in (tenants if isinstance(tenants, dict) else {}).items()
    }
    master = MasterRows("public", rows=rows) if isinstance(rows, tuple) else rows
    given = {"database": MASTER, "files": files, "master": master, "env": env}
    given["tenants"] = tenants if isinstance(tenants, Unavailable) else seen or Unavailable("there is no tenant")
    if check not in {migrations_applied, migrations_known}:
        del given["env"]
    return check(**given)


applied, succeeded, unedited, known = migrations_applied, migrations_succeeded, migrations_unedited, migrations_known

CASES = [
    (applied, ALL, "pass", "3 migrations applied to it"),
    (applied, ALL[:2], "fail", f"it lacks {C}"),
    (applied, (), "fail", f"it lacks {A}, {B} and {C}"),
    (applied, MasterRows("app", "no table"), "fail", "it has no table _prisma_migrations in the schema app: nothing"),
    (applied, MasterRows("app", "no table", peopled=True), "fail", "a deploy stops there (P3005)"),
    (applied, MasterRows("app", "no schema"), "fail", "it has no schema app"),
    (applied, (*ALL[:2], FAILED), "fail", f"it lacks {C} (failed)"),
    (applied, (*ALL[:2], CUT_OFF), "fail", f"it lacks {C} (not finished)"),
    (applied, (*ALL[:2], BACK), "fail", f"it lacks {C} (rolled back)"),
    (applied, (*ALL[:2], BACK, row(C)), "pass", "3 migrations"),
    (applied, LATE, "warn", f"it has {A} applied after {B}"),
    (applied, (row(B), row(A)), "fail", f"it lacks {C}"),
    (applied, (*ALL, NEWER), "pass", "3 migrations"),
    (applied, (*ALL[:2], EDITED), "pass", "3 migrations"),
    (applied, GONE, "unknown", "it could not be looked at: db:5432 refuses connections"),
    (succeeded, ALL, "pass", "none failed"),
    (succeeded, (*ALL[:2], FAILED), "fail", f"it has failed: {C}"),
    (succeeded, (*ALL[:2], CUT_OFF), "fail", f"it has unfinished migrations, running or interrupted: {C}"),
    (succeeded, (*ALL[:2], FAILED, row(B, MigrationStep.UNFINISHED)), "fail", f"{C}; unfinished migrations"),
    (succeeded, (*ALL[:2], BACK), "pass", "none failed"),
    (succeeded, (), "n/a", "no migration was ever applied"),
    (succeeded, GONE, "unknown", "refuses"),
    (unedited, ALL, "pass", "has the checksum of its file"),
    (unedited, (*ALL[:2], EDITED), "fail", f"it has applied another text of {C}"),
    (unedited, MasterRows("app", rows=ALL, lacks=("checksum",)), "n/a", "keeps no checksums"),
    (unedited, (*ALL[:2], BACK), "pass", "every"),
    (unedited, (), "n/a", "no migration"),
    (known, ALL, "pass", "the repository has every migration"),
    (known, (*ALL, NEWER), "fail", "it has 20260201_x, which the repository lacks"),
    (known, (OLDER, *ALL), "warn", "it has 20250101_x, older than all that the repository has: squashed?"),
    (known, (OLDER, *ALL, NEWER), "fail", "it has 20260201_x"),
    (known, (), "n/a", "no migration"),
]


@pytest.mark.parametrize(("check", "rows", "outcome", "words"), CASES)
def test_a_database_without_tenants(check, rows, outcome, words):
    said = look(check, ALONE, rows)
    assert (said.outcome, words in said.summary) == (Outcome(outcome), True), said


@pytest.mark.parametrize("check", [applied, succeeded, unedited, known])
def test_without_a_folder_there_is_nothing_to_compare_with(check):
    assert look(check, NO_FOLDER, GONE, {"a": GONE}).outcome == Outcome.NA


TENANTS = [
    (applied, {"a": ALL, "b": ALL}, "pass", "3 migrations applied to the master and 2 tenants"),
    (applied, {"a": ALL, "b": ALL[:2]}, "fail", f"1 of 2 tenants is behind: b lacks {C}"),
    (applied, {"a": ALL[:1], "b": ALL[:2]}, "fail", f"2 of 2 tenants are behind: b lacks {C}; a lacks {B} and {C}"),
    (applied, {"a": ALL[:2], "b": ALL[:2]}, "fail", f"2 of 2 tenants are behind: a and b lack {C}"),
    (applied, {"a": ALL, "b": NO_TABLE}, "fail", "b has no table _prisma_migrations"),
    (applied, {"a": ALL, "b": NO_SCHEMA}, "fail", "b has no schema tenant"),
    (applied, {"a": ALL, "b": GONE}, "unknown", "1 of 2 tenants could not be looked at: b: db:5432 refuses"),
    (applied, {"a": ALL[:2], "b": GONE}, "fail", f"1 of 2 tenants is behind: a lacks {C}"),
    (applied, GONE, "unknown", "the tenants could not be looked at: db:5432 refuses connections"),
    (applied, {"a": LATE, "b": GONE}, "unknown", "1 of 2 tenants could not be looked at"),
    (succeeded, {"a": ALL, "b": (*ALL[:2], FAILED)}, "fail", f"1 of 2 tenants is stuck: b has failed: {C}"),
    (unedited, {"a": ALL, "b": (*ALL[:2], EDITED)}, "fail", "1 of 2 tenants differs from the repository: b has"),
    (known, {"a": ALL, "b": (OLDER, *ALL)}, "warn", "1 of 2 tenants: b has 20250101_x, older than all"),
    (known, {"a": NO_TABLE, "b": (*ALL, NEWER)}, "fail", "1 of 2 tenants: b has 20260201_x, which"),
]


@pytest.mark.parametrize(("check", "tenants", "outcome", "words"), TENANTS)
def test_tenants(check, tenants, outcome, words):
    said = look(check, WITH_TENANTS, ALL, tenants)
    assert (said.outcome, words in said.summary) == (Outcome(outcome), True), said


def test_the_master_is_told_beside_its_tenants():
    said = look(applied, WITH_TENANTS, ALL[:1], {"a": ALL[:2], "b": ALL})
    assert said.summary == f"the master and 1 of 2 tenants are behind: a lacks {C}; the master lacks {B} and {C}"


def test_what_could_not_be_seen_stands_beside_what_failed():
    said = look(applied, WITH_TENANTS, ALL, {"a": ALL[:2], "b": GONE, "c": GONE})
    assert said.evidence == ("b and c: db:5432 refuses connections",)


def test_tenants_that_cannot_be_named_do_not_hide_what_the_master_lacks():
    said = look(applied, WITH_TENANTS, ALL[:2], GONE)
    assert (said.outcome, said.evidence) == (Outcome.FAIL, ("db:5432 refuses connections",))


def test_a_thousand_tenants_are_one_bounded_finding():
    late = {f"tenant_{n:04}": ALL[: n % 2] for n in range(900)}
    odd = {f"odd_{n:02}": (*ALL[:2], row(C, MigrationStep.FAILED), row(f"2027_{n}")) for n in range(99)}
    said = look(succeeded, WITH_TENANTS, ALL, late | odd | {"ok": ALL})
    assert said.summary.startswith("99 of 1,000 tenants are stuck: odd_00, odd_01, odd_02 and 96 more have failed: ")
    said = look(applied, WITH_TENANTS, ALL, late | odd | {"ok": ALL})
    shortest, longer, longest = said.evidence
    assert said.summary == f"999 of 1,000 tenants are behind: {shortest}; {longer}; ..."
    assert shortest == f"odd_00, odd_01, odd_02 and 96 more lack {C} (failed)"
    assert longer == f"tenant_0001, tenant_0003, tenant_0005 and 447 more lack {B} and {C}"
    assert longest == f"tenant_0000, tenant_0002, tenant_0004 and 447 more lack {A}, {B} and {C}"
    each_its_own = {f"tenant_{n:04}": (*ALL, row(f"2027_{n:04}")) for n in range(1000)}
    said = look(known, WITH_TENANTS, ALL, each_its_own)
    assert len(said.summary) < 300
    assert (len(said.evidence), said.evidence[-1]) == (21, "and 980 more, each in another way")


PENDING = [
    (ALL[:2], f"the deploy is to apply what is pending: it lacks {C}", "pass"),
    (MasterRows("public", "no table"), "the deploy is to apply what is pending: it has no table", "pass"),
    (MasterRows("public", "no table", peopled=True), "it has tables in the schema public", "fail"),
    (MasterRows("public", "no schema"), "it has no schema public", "fail"),
    ((*ALL[:2], BACK), f"the deploy is to apply what is pending: it lacks {C} (rolled back)", "pass"),
    (ALL, "3 migrations applied to it", "pass"),
    ((row(B), row(A)), f"it has {A} applied after {B}", "warn"),
    (GONE, "it could not be looked at", "unknown"),
]


@pytest.mark.parametrize(("rows", "words", "outcome"), PENDING)
def test_before_the_deploy_what_is_pending_is_listed_and_not_red(rows, words, outcome):
    said = look(applied, ALONE, rows, env=BEFORE)
    assert (said.outcome, words in said.summary) == (Outcome(outcome), True), said


def test_before_the_deploy_every_tenant_that_waits_is_listed():
    said = look(applied, WITH_TENANTS, ALL[:2], {"a": ALL[:2], "b": ALL[:1], "c": ALL}, env=BEFORE)
    assert said.summary == f"the deploy is to apply what is pending: the master and a lack {C}"
    assert said.evidence == (f"b lacks {B} and {C}",)
    assert look(applied, WITH_TENANTS, ALL[:2], {"a": ALL[:2]}, env=AFTER).outcome == Outcome.FAIL


@pytest.mark.parametrize("check", [succeeded, unedited])
def test_before_the_deploy_what_is_broken_is_red_all_the_same(check):
    broken = FAILED if check is succeeded else EDITED
    assert look(check, ALONE, (*ALL[:2], broken), env=BEFORE).outcome == Outcome.FAIL


UNFIT = [
    (replace(FOLDER, without_script=("2026_x",)), "2026_x in prisma/migrations: no migration.sql that can be read"),
    (
        replace(FOLDER, provider="mysql"),
        "prisma/migrations: Prisma reads 'mysql' as the provider in migration_lock.toml",
    ),
    (MigrationFolder("prisma/migrations"), "prisma/migrations holds no migration"),
]


@pytest.mark.parametrize(("folder", "words"), UNFIT)
@pytest.mark.parametrize("env", [BEFORE, AFTER])
def test_a_folder_that_prisma_cannot_use_fails_in_either_phase(folder, words, env):
    said = look(applied, MigrationFiles(folder, folder), env=env)
    assert (said.outcome, words in said.summary) == (Outcome.FAIL, True), said


def test_links_and_what_was_marked_by_hand_are_told_of():
    folder = replace(FOLDER, passed_over=("20260104_link",), provider="postgresql")
    said = look(applied, MigrationFiles(folder, None), (row(A, MigrationStep.MARKED), *ALL[1:]))
    assert said.outcome == Outcome.PASS
    assert said.evidence == (
        f"it has {A} marked as applied by prisma migrate resolve, and not run",
        "links in prisma/migrations, which Prisma does not follow: 20260104_link",
    )


DECLARED = [
    (("20260201_*",), "pass"),
    (("20260201_x",), "pass"),
    (("20260201_y",), "fail"),
    ((), "fail"),
]


@pytest.mark.parametrize(("patterns", "outcome"), DECLARED)
def test_a_migration_of_another_release_is_known_where_the_profile_says_so(patterns, outcome):
    said = look(known, ALONE, (*ALL, NEWER), env=Environment("staging", other_migrations=patterns))
    assert said.outcome == Outcome(outcome)
    assert (said.evidence == ("of another release, as the profile says: 20260201_x",)) == (outcome == "pass")


def test_tenants_may_have_migrations_of_their_own():
    theirs = MigrationFolder("tenant/migrations", FOLDER.migrations[:1])
    said = look(applied, MigrationFiles(FOLDER, theirs), ALL, {"a": ALL[:1]})
    assert said.outcome == Outcome.PASS
    only_tenants = look(applied, MigrationFiles(None, theirs), GONE, {"a": ALL[:1], "b": ()})
    assert only_tenants.summary == f"1 of 2 tenants is behind: b lacks {A}"
