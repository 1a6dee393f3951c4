"""Have the master and every tenant the migrations of the repository: all of them, whole, unchanged, and no other?"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from golive import Environment, Phase, Severity, Unavailable, Verdict, check, failed, not_applicable, not_configured
from golive.wording import counted, listed
from golive_checks.database.places import NAMED, Places, SchemaPlace, Tell, places, story_lines
from golive_checks.subjects import Database
from golive_checks.systems.migrations.client.prisma_folder import MigrationFolder
from golive_checks.systems.migrations.facts import MasterRows, MigrationFiles, MigrationRows
from golive_checks.systems.migrations.tenants import Tenant

TenantRows = Mapping[Tenant, MigrationRows | Unavailable] | Unavailable
PROVIDERS = {None, "postgresql", "cockroachdb"}
"""What migration_lock.toml may say of migrations for Postgres; with another, `prisma migrate deploy` stops (P3019)."""

NO_FOLDER = not_configured("the profile names no folder of its migrations", "databases.*.migrations")
NOTHING_YET = not_applicable("no migration was ever applied to it; see db.migrations-applied")


@check("db.migrations-applied", severity=Severity.CRITICAL)
def migrations_applied(
    database: Database, files: MigrationFiles, master: MasterRows | Unavailable, tenants: TenantRows, env: Environment
) -> Verdict:
    """Every migration of the repository is applied, to the master and to every tenant.

    Why: The release reads columns and tables that its migrations create. A tenant without one of them serves errors to
    its own users alone, which is noticed last.

    Fix: `prisma migrate deploy` for each that is named, with its own DATABASE_URL; of another tool `alembic upgrade
    head`, `python manage.py migrate`, `knex migrate:latest`, `flyway migrate` and the like. One that is marked as
    rolled back must be deployed again: `prisma migrate status` does not show it. A database with tables but no history
    needs a baseline: `prisma migrate resolve --applied NAME` for each migration whose changes it has, then deploy. If
    only the order differs, make sure that the two do not depend on each other, and waive it.

    Source: Prisma's documentation, "Production troubleshooting"; the states are compared with its CLI in golive's tests
    """
    folders = [folder for folder in (files.master, files.tenants) if folder]
    if not folders:
        return NO_FOLDER
    unfit = [words for folder in dict.fromkeys(folders) for words in _unfit(folder)]
    if unfit:
        return failed(unfit[0], *unfit[1:], fix="Fix the folder of migrations in the repository.")
    them = places(files, master, tenants)
    count = counted(max(len(folder.migrations) for folder in folders), "migration")
    where = f"the master and {counted(them.tenants, 'tenant')}" if them.tenants else "it"
    ok = f"{count} applied to {where}"
    evidence = [*story_lines(them.stories(_by_hand)), *dict.fromkeys(_not_followed(folder) for folder in folders)]
    evidence = [line for line in evidence if line]
    if env.phase != Phase.BEFORE:
        return them.judge(_behind, _disordered, ok=ok, are=("is behind", "are behind"), evidence=evidence)
    pending = story_lines(them.stories(_behind))
    if pending:
        ok = f"the deploy is to apply what is pending: {pending[0]}"
        evidence = [*pending[1:], *evidence]
    return them.judge(_absent, _disordered, ok=ok, evidence=evidence)


def _unfit(folder: MigrationFolder) -> list[str]:
    """Tell why Prisma could not even begin with a folder."""
    found = []
    if folder.without_script:
        found.append(f"{listed(folder.without_script, NAMED)} in {folder.path}: no migration.sql that can be read")
    if folder.provider not in PROVIDERS:
        found.append(
            f"{folder.path}: Prisma reads {folder.provider!r} as the provider in migration_lock.toml and stops"
            ' (P3019); the line must be exactly `provider = "postgresql"`'
        )
    if not folder.migrations and not folder.without_script:
        found.append(f"{folder.path} holds no migration of {folder.tool}'s: a deploy would apply nothing")
    return found


def _not_followed(folder: MigrationFolder) -> str:
    links = listed(folder.passed_over, NAMED) if folder.passed_over else ""
    return links and f"links in {folder.path}, which Prisma does not follow: {links}"


def _absent(place: SchemaPlace) -> str:
    if place.rows.found == "no database":
        return "has no database on the server"
    if place.rows.found == "no table" and place.rows.peopled:
        return (
            f"has tables in the schema {place.rows.schema} and no {place.rows.table}, as after `prisma db push`: "
            "a deploy stops there (P3005)"
        )
    return f"has no schema {place.rows.schema}" if place.rows.found == "no schema" else ""


def _behind(place: SchemaPlace) -> str:
    past = place.history
    if place.rows.found == "no table" and not place.rows.peopled:
        where = f" in the schema {place.rows.schema}" if place.rows.schema else ""
        return f"has no table {place.rows.table}{where}: nothing was ever applied"
    if not past.lacking:
        return _absent(place)
    kinds = {"rolled back": past.rolled_back, "failed": past.failed, "not finished": past.unfinished}
    marked = [
        next((f"{name} ({kind})" for kind, names in kinds.items() if name in names), name) for name in past.lacking
    ]
    return _absent(place) or f"lacks {listed(marked, NAMED)}"


def _disordered(place: SchemaPlace) -> str:
    past = [f"{late} applied after {early}" for late, early in place.history.disordered]
    return f"has {listed(past, NAMED)}" if past else ""


def _by_hand(place: SchemaPlace) -> str:
    names = place.history.by_hand
    return f"has {listed(names, NAMED)} marked as applied by prisma migrate resolve, and not run" if names else ""


@check("db.migrations-succeeded", severity=Severity.CRITICAL)
def migrations_succeeded(
    database: Database, files: MigrationFiles, master: MasterRows | Unavailable, tenants: TenantRows
) -> Verdict:
    """No migration has failed or stopped halfway.

    Why: `prisma migrate deploy` refuses to continue after a failed migration (P3009), and the statements before the one
    that failed stay applied: no release was tested with that schema.

    Fix: Read the row's `logs` in _prisma_migrations. Undo by hand what it applied, then `prisma migrate resolve
    --rolled-back NAME` and deploy again; or finish it by hand, then `prisma migrate resolve --applied NAME`. One
    without a log may still be running: look into pg_stat_activity first.

    Source: Prisma's documentation, "Production troubleshooting", failed migrations
    """
    if not files.master and not files.tenants:
        return NO_FOLDER
    them = places(files, master, tenants)
    return _judged(them, _halted, ok="none failed, and none is unfinished", are=("is stuck", "are stuck"))


def _halted(place: SchemaPlace) -> str:
    past = place.history
    found = [f"failed: {listed(past.failed, NAMED)}"] * bool(past.failed)
    found += [f"unfinished migrations, running or interrupted: {listed(past.unfinished, NAMED)}"] * bool(
        past.unfinished
    )
    return f"has {'; '.join(found)}" if found else ""


@check("db.migrations-unedited")
def migrations_unedited(
    database: Database, files: MigrationFiles, master: MasterRows | Unavailable, tenants: TenantRows
) -> Verdict:
    """Every applied migration is, byte for byte, the one in the repository.

    Why: A migration that was edited after it was applied never runs again there: databases made before and after the
    edit differ, and testing one proves nothing about the other. `prisma migrate status` never compares them.

    Fix: Restore the file as it was applied (`git log -p` on it), and put the change into a new migration.

    Source: prisma-engines, schema-connector/src/checksum.rs
    """
    if not files.master and not files.tenants:
        return NO_FOLDER
    them = places(files, master, tenants)
    if them.have_rows and not them.gaps and all(place.history.uncompared for place in them.seen if place.rows.rows):
        return not_applicable("its table keeps no checksums that golive can compare")
    ok = "every applied migration has the checksum of its file"
    return _judged(them, _edited, ok=ok, are=("differs from the repository", "differ from the repository"))


def _edited(place: SchemaPlace) -> str:
    names = place.history.edited
    return f"has applied another text of {listed(names, NAMED)}" if names else ""


@check("db.migrations-known")
def migrations_known(
    database: Database, files: MigrationFiles, master: MasterRows | Unavailable, tenants: TenantRows, env: Environment
) -> Verdict:
    """The repository has every migration that was applied.

    Why: A migration that is not in the repository came from another branch or another release. The release was never
    tested on such a schema, and the next `prisma migrate dev` will want to reset the database.

    Fix: Add the migration to this release. If another release brought it, name it under `release.previous` or
    `release.next` (`next: {version: ..., migrations: [20260701*]}`). Migrations older than the folder's oldest were
    squashed into it: a warning, which can be waived.

    Source: Prisma's documentation, "Squashing migrations"
    """
    if not files.master and not files.tenants:
        return NO_FOLDER
    them = places(files, master, tenants)

    def unknown_to(place: SchemaPlace) -> str:
        names = [name for name in place.history.unknown if not _declared(name, env)]
        return f"has {listed(names, NAMED)}, which the repository lacks" if names else ""

    declared = {name for place in them.seen for name in place.history.unknown if _declared(name, env)}
    evidence = [f"of another release, as the profile says: {listed(sorted(declared), NAMED)}"] if declared else []
    ok = "the repository has every migration that was applied"
    return _judged(them, unknown_to, _squashed, ok=ok, evidence=evidence)


def _declared(name: str, env: Environment) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in env.other_migrations)


def _squashed(place: SchemaPlace) -> str:
    names = place.history.squashed
    return f"has {listed(names, NAMED)}, older than all that the repository has: squashed?" if names else ""


def _fine(place: SchemaPlace) -> str:
    return ""


def _judged(
    them: Places,
    fails: Tell,
    warns: Tell = _fine,
    *,
    ok: str,
    are: tuple[str, str] = ("", ""),
    evidence: Sequence[str] = (),
) -> Verdict:
    """Judge rows; where there is none at all, there is nothing to judge."""
    if not them.have_rows and not them.gaps:
        return NOTHING_YET
    return them.judge(fails, warns, ok=ok, are=are, evidence=evidence)
