"""Are the schemas those that the migrations make?"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from golive import Severity, Unavailable, Verdict, check, not_applicable, shortened
from golive.wording import counted, listed
from golive_checks.database.migrations import NO_FOLDER
from golive_checks.database.places import ALONE, MASTER, Places, SchemaGap, SchemaPlace, places
from golive_checks.subjects import Database
from golive_checks.systems.drill.drift import MasterDrift, SchemaDrift
from golive_checks.systems.drill.expected import DriftSettings
from golive_checks.systems.migrations.facts import MasterRows, MigrationFiles, MigrationRows
from golive_checks.systems.migrations.tenants import Tenant
from golive_checks.systems.postgres.client.catalogue import SchemaDifference

SHOWN, NAMED = 80, 4
WORDED = {"default", "constraint", "index", "view", "materialized view", "trigger", "policy", "domain", "table"}
"""What the versions of Postgres may write in different words."""
UNREADABLE = {"view", "materialized view", "function", "trigger", "policy"}
"""Kinds whose definition is too long to be shown."""


@check("db.schema-drift", severity=Severity.HIGH)
def schema_drift(
    database: Database,
    files: MigrationFiles,
    rows: MasterRows | Unavailable,
    tenant_rows: Mapping[Tenant, MigrationRows | Unavailable] | Unavailable,
    master: MasterDrift | Unavailable,
    tenants: Mapping[Tenant, SchemaDrift | Unavailable] | Unavailable,
    ask: DriftSettings,
) -> Verdict:
    """The schemas of the master and of every tenant are those that their migrations make on an empty database.

    Why: What was changed by hand is in no repository: the next migration fails on it, no other environment has it, and
    a database that is made again lacks it. A column or an index that was dropped by hand breaks or slows down the
    release that relies on it.

    Fix: Put what is meant to stay into a migration and mark it as applied where it is there already (`prisma migrate
    diff` writes it, `prisma migrate resolve --applied NAME`); undo the rest by hand. What may differ is listed under
    `database.drift.expected`. golive runs the migrations in a database of its own on `drill.url`; for tools whose
    migrations are no SQL, `database.drift.deploy` names the command.

    Source: Prisma's documentation, "Schema drift"; compared with `prisma migrate diff` in golive's tests
    """
    if not files.master and not files.tenants:
        return NO_FOLDER
    seen: dict[str, SchemaDrift | Unavailable] = {MASTER if files.tenants else ALONE: master} if files.master else {}
    seen |= {} if isinstance(tenants, Unavailable) else {tenant.own_name: drift for tenant, drift in tenants.items()}
    barred = [gap for gap in seen.values() if isinstance(gap, Unavailable) and gap.not_permitted]
    if barred and len(barred) == len(seen):
        return not_applicable(f"not compared: {barred[0].reason}")
    drifts = {name: drift for name, drift in seen.items() if not isinstance(drift, Unavailable)}
    them = _with_gaps(places(files, rows, tenant_rows), seen)
    where = f"the master and {counted(them.tenants, 'tenant')}" if them.tenants else "the schema"
    judged = them.judge(
        lambda place: _drifted(drifts[place.name], ask),
        lambda _: "",
        ok=f"{where}: as the migrations make {'them' if them.tenants else 'it'}",
        are=("has drifted", "have drifted"),
    )
    return replace(judged, unseen=_not_compared(drifts.values()))


def _with_gaps(them: Places, seen: Mapping[str, SchemaDrift | Unavailable]) -> Places:
    """Leave the places that were compared, and add the gaps of those that could not be."""
    known = {gap.name for gap in them.gaps}
    gaps = [SchemaGap(name, gap) for name, gap in seen.items() if isinstance(gap, Unavailable) and name not in known]
    compared: list[SchemaPlace] = [
        place for place in them.seen if not isinstance(seen.get(place.name, Unavailable("")), Unavailable)
    ]
    return replace(them, seen=tuple(compared), gaps=(*them.gaps, *gaps))


def _drifted(drift: SchemaDrift, ask: DriftSettings) -> str:
    """Say in what a schema differs; empty where it does not."""
    counted_here = [each for each in drift.differences if not _expected(each, ask) and not _reworded(each, drift)]
    more = [_named(each) for each in counted_here if each.wanted is None]
    gone = [_named(each) for each in counted_here if each.live is None]
    other = [_changed(each) for each in counted_here if each.live is not None and each.wanted is not None]
    lines = [f"has {listed(more, NAMED)}, which no migration makes"] if more else []
    lines += [f"lacks {listed(gone, NAMED)}"] if gone else []
    lines += [f"has {listed(other, NAMED)}"] if other else []
    return "; ".join(lines)


def _expected(each: SchemaDifference, ask: DriftSettings) -> bool:
    names = {each.part.path, each.part.of, each.part.name}
    return any(fnmatchcase(name, pattern) for name in names if name for pattern in ask.expected)


def _reworded(each: SchemaDifference, drift: SchemaDrift) -> bool:
    """Return whether two versions of Postgres may only word it differently."""
    both = each.live is not None and each.wanted is not None
    return both and drift.live_major != drift.made_major and each.part.kind in WORDED


def _not_compared(drifts: Iterable[SchemaDrift]) -> tuple[str, ...]:
    """Say what two versions of Postgres may only word differently."""
    found = [(each, drift) for drift in drifts for each in drift.differences if _reworded(each, drift)]
    if not found:
        return ()
    majors = f"PostgreSQL {found[0][1].live_major} and the scratch server's {found[0][1].made_major}"
    words = listed(list(dict.fromkeys(_named(each) for each, _ in found)), NAMED)
    return (f"whether {words} differ: {majors} may word them differently",)


def _named(each: SchemaDifference) -> str:
    part = each.part
    if part.kind == "label":
        return f"the value {part.name!r} of the enum {part.of}"
    if part.kind in {"constraint", "trigger", "policy", "index"}:
        return f"the {part.kind} {part.name} on {part.of}"
    if part.kind == "row security":
        return f"row security on {part.of}"
    return f"the {part.kind} {part.path}"


def _changed(each: SchemaDifference) -> str:
    """Say how a part is, and how the migrations make it."""
    if each.part.kind in UNREADABLE or (each.part.kind == "table" and not each.live):
        return f"{_named(each)} in another form than the migrations make"
    live, wanted = (shortened(text or "", SHOWN) for text in (each.live, each.wanted))
    if each.part.kind == "not null":
        return f"the column {each.part.path} as {live}, by the migrations {wanted}"
    of = "the default of " if each.part.kind == "default" else ""
    name = each.part.path if of else _named(each)
    return f"{of}{name} as {live}, by the migrations {wanted}"
