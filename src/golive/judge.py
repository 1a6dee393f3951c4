"""From findings to the report: those of a run, and those made again from its facts, offline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from golive import gate, plugins, vantages
from golive.engine import facts
from golive.engine.blueprint import Check
from golive.engine.declare import DatedTable
from golive.engine.facts import Store
from golive.engine.loop import in_loop
from golive.engine.provide import ProfileWorld
from golive.engine.resolve import resolve
from golive.engine.run import ChecksRun
from golive.model import Attested, Finding, Phase, Report, Run, Timing
from golive.profile import from_masked
from golive.scope import SECTION, LinesInScope
from golive.select import UsageError, chosen
from golive.session import Options, Session, allowed_effects, concerned, wanted
from golive.shards import Joined, by_vantage, circumstances, missing, worst
from golive.world import known_checks, profile_model

REPLAY_S = 120.0
"""A replay waits for nobody; twenty thousand judgements take three seconds."""


def judge(files: Sequence[tuple[str, str]], options: Options, session: Session | None = None) -> Report:
    """Judge fact files again, offline: with the profile recorded in them, or with that of `session`.

    `files` are texts with their names: one, those of a run's shards, or those of several vantages. Where shards saw
    different things of one subject, each is judged, and the worst verdict counts. Each check is judged by what the
    vantages saw that it is for; one vantage alone gives the report of its own run.

    Raises:
        FactFileError: not a fact file.
        UsageError: a check is asked that was not asked then: the profile's part on it need not be recorded.
        ProfileError: the recorded profile is not one that this golive understands.
    """
    parts = by_vantage(files)
    joined, name = next(iter(parts.values())), files[0][1]
    run_record, recorded = joined.run, joined.profile
    as_recorded = session is None
    if session is None:
        base = Path(str(recorded.get("base_dir")))
        loaded = plugins.load([str(base / p) for p in (recorded.get("document") or {}).get("plugins") or ()])
        blueprint = resolve(loaded.modules)
        profile = from_masked(recorded, profile_model(blueprint))
        session = Session(profile, blueprint, loaded.broken, known_checks(blueprint, profile))
    phase = Phase(run_record["phase"]) if run_record["phase"] else None
    only, skip = options.only or run_record["only"], options.skip or run_record["skip"]
    # With the recorded profile only what was asked then has facts; any other check would come out unknown.
    if as_recorded:
        asked = {info.id for info in chosen(session.known, run_record["only"], run_record["skip"])}
        others = sorted({i.id for i in chosen(session.known, only, skip)} - asked)
        if others:
            raise UsageError(f"{others[0]} was not asked when {name} was recorded: record the facts again with it")
    run = {**run_record, "only": only, "skip": skip}
    if len(parts) == 1:
        world, checks = concerned(session, only, skip, phase, run.get("seen_from", ""))
        found = _found(session, world, checks, joined)
        return report_of(session, checks, found, joined.stores[:1], run, options)
    return _from_everywhere(session, parts, phase, run, options)


def _from_everywhere(
    session: Session, parts: Mapping[str, Joined], phase: Phase | None, run: Mapping[str, Any], options: Options
) -> Report:
    """Judge what several vantages saw, each check by those that it is for."""
    world, checks = concerned(session, run["only"], run["skip"], phase)
    places = session.profile.data.vantages
    for place in parts:
        vantages.demand(place, places)
    lost = {place: missing(f"nothing was recorded from {place}") for place in places if place not in parts}
    each = {place: _found(session, world, checks, part) for place, part in {**parts, **lost}.items()}
    found = vantages.together(each, vantages.owners(session.known, places))
    rank = {check.info.id: n for n, check in enumerate(checks)}
    found.sort(key=lambda finding: rank[finding.check.declared])
    runs = circumstances([part.run for part in parts.values()])
    whole = {**runs, "only": run["only"], "skip": run["skip"], "seen_from": ""}
    return report_of(session, checks, found, [part.stores[0] for part in parts.values()], whole, options)


def _found(session: Session, world: ProfileWorld, checks: Sequence[Check], of: Joined) -> list[Finding]:
    """Judge what was recorded: each way to see it where shards saw different things, of which the worst counts."""
    allowed = allowed_effects(session.profile)
    runs = [ChecksRun(session.blueprint, checks, world, store, allowed=allowed) for store in of.stores]
    return worst([in_loop(run.findings(REPLAY_S)) for run in runs])


def report_of(
    session: Session,
    checks: Sequence[Check],
    found: Sequence[Finding],
    stores: Sequence[Store],
    run: Mapping[str, Any],
    options: Options,
) -> Report:
    """Apply the profile's gate to what was found; `run` holds the circumstances as a fact file keeps them.

    `stores` has what was seen, from each vantage where there are several.
    """
    data = session.profile.data
    in_report = {c.info.section for c in checks}
    selected = {info.id for info in wanted(session, run["only"], run["skip"], run.get("seen_from", ""))}
    scope = LinesInScope.of(data, session.known, selected)
    # A shard sees part of each line; whether a line is covered is decided where the shards are put together.
    every = [*(found if run.get("shard") else scope.covered(found)), *session.broken]
    report = gate.decide(
        replace(_record(session, run, stores), oldest_table=_oldest(session.blueprint.tables, in_report)),
        [
            *(s for s in session.blueprint.sections if s.id in in_report),
            *([plugins.SECTION] if session.broken else []),
            *([SECTION] if any(f.check.section == SECTION.id for f in every) else []),
        ],
        every,
        _rules(session, options),
        asked={i.id for i in session.known if i.declared in {c.info.id for c in checks}},
        known={info.id for info in session.known},
        baseline=options.baseline,
        timings=[Timing(r["fact"], r["subject"], r["seconds"], r.get("began")) for s in stores for r in s.in_order()],
        attestations=_attested(data),
    )
    red = {f.id for f in report.findings if f.id in report.red or f.standing}
    return replace(report, checklist=scope.rows(report.findings, red), scope=run.get("about") or scope.about())


def _record(session: Session, run: Mapping[str, Any], stores: Sequence[Store]) -> Run:
    """Return the circumstances of a run as the report shows them."""
    data = session.profile.data
    release = data.release
    return Run(
        environment=data.environment,
        production=data.production,
        profile=session.profile.name,
        profile_digest=session.profile.digest,
        facts_digest=facts.digest_of(stores),
        version=run["version"],
        started=dt.datetime.fromisoformat(run["started"]),
        ended=dt.datetime.fromisoformat(run["ended"]),
        vantage=run["vantage"],
        phase=(Phase(run["phase"]) if run["phase"] else Phase.AFTER) if release else None,
        release=(release.version or "") if release else "",
        commit=(release.commit or "") if release else "",
        interrupted=run["interrupted"],
        shard=run.get("shard") or "",
        selection=" ".join(
            [
                *(f"--only {p}" for p in run["only"]),
                *(f"--skip {p}" for p in run["skip"]),
                *([f"--shard {run['shard']}"] if run.get("shard") else []),
                *([f"--vantage {run['seen_from']}"] if run.get("seen_from") else []),
            ]
        ),
        left_behind=tuple(run["left_behind"]),
    )


def _rules(session: Session, options: Options) -> gate.GateRules:
    """Return the rules of the decision, from the profile and the command line."""
    data = session.profile.data
    return gate.GateRules(
        fail_on_warn=options.fail_on_warn or data.gate.fail_on == "warn",
        ignore_below=data.gate.severity,
        allow_unknown=tuple(data.gate.unknown.allow),
        waivers=tuple(w.to_model(session.profile.location_of(("waivers", n))) for n, w in enumerate(data.waivers)),
        owners=data.owners,
    )


def _oldest(tables: Mapping[str, tuple[DatedTable, ...]], sections: set[str]) -> str:
    """Name the table of these sections that was checked longest ago, and when."""
    used = [table for section in sections for table in tables.get(section, ())]
    first = min(used, key=lambda table: (table.as_of, table.title), default=None)
    return f"{first.title}, {first.as_of}" if first else ""


def _attested(data: Any) -> list[Attested]:
    """Return the profile's attestations, for the report."""
    return [
        Attested(key, a.statement, a.who, a.when, a.evidence, a.expires)
        for key, a in (getattr(data, "attestations", None) or {}).items()
    ]
