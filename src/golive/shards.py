"""The fact files of a run's shards, joined: what each saw, which are missing, and where two saw different things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from golive.engine import facts
from golive.engine.facts import FactFileError, Store
from golive.model import Finding, Outcome

Records = list[dict[str, Any]]
HARM = (Outcome.NA, Outcome.PASS, Outcome.WARN, Outcome.UNKNOWN, Outcome.FAIL)
"""Of two verdicts on one subject, the later one counts."""
SAME = ("phase", "only", "skip")
"""What the shards of one run have in common, of their circumstances."""


@dataclass(frozen=True)
class Joined:
    """What the shards of a run recorded."""

    run: dict[str, Any]
    """The circumstances of the whole."""
    profile: dict[str, Any]
    stores: tuple[Store, ...]
    """The first has each fact as the first shard that recorded it saw it; where others saw something else, there is a
    store for each further way to see it."""


Read = tuple[dict[str, Any], dict[str, Any], Store, str]
"""A fact file: the run's circumstances, the profile, the records, the file's name."""


def by_vantage(files: Sequence[tuple[str, str]]) -> dict[str, Joined]:
    """Join the fact files of each vantage; all of them under an empty name where they name none.

    Raises:
        FactFileError: as `join`; or they are of another profile or selection.
    """
    read = [(*facts.read(text, name), name) for text, name in files]
    first, profile, _, name = read[0]
    parts: dict[str, list[Read]] = {}
    for each in read:
        run, its_profile, _, other = each
        parts.setdefault(run.get("seen_from", ""), []).append(each)
        if len(parts) == 1:
            continue
        if "" in parts:
            raise FactFileError(f"{name} and {other}: one of them was recorded without --vantage")
        _demand_same(run, its_profile, other, first, profile, name)
    return {place: _joined(part) for place, part in parts.items()}


def missing(why: str) -> Joined:
    """Return what stands for records that there are not."""
    store = Store([])
    store.lost = why
    return Joined({}, {}, (store,))


def join(files: Sequence[tuple[str, str]]) -> Joined:
    """Join fact files, each a text and its name.

    Raises:
        FactFileError: not a fact file, or not of one run: of another profile or selection, twice the same shard.
    """
    return _joined([(*facts.read(text, name), name) for text, name in files])


def _joined(read: Sequence[Read]) -> Joined:
    first, profile, store, name = read[0]
    if len(read) == 1 and not first.get("shard"):
        return Joined(first, profile, (store,))
    for run, its_profile, _, other in read:
        if not run.get("shard"):
            raise FactFileError(f"{other}: not the facts of a shard; golive check --shard writes them")
        _demand_same(run, its_profile, other, first, profile, name)
    lost = _missing([(run["shard"], its_name) for run, _, _, its_name in read])
    stores = tuple(map(Store, _ways([each.in_order() for _, _, each, _ in read])))
    for each in stores:
        each.lost = lost
    return Joined(circumstances([run for run, *_ in read]), profile, stores)


def _demand_same(
    run: Mapping[str, Any], its_profile: object, other: str, first: Mapping[str, Any], profile: object, name: str
) -> None:
    if its_profile != profile:
        raise FactFileError(f"{other}: recorded with another profile than {name}")
    for key in SAME:
        if run[key] != first[key]:
            raise FactFileError(f"{other}: recorded with {key} {run[key]!r}, {name} with {first[key]!r}")


def _missing(shards: Sequence[tuple[str, str]]) -> str:
    """Say which shards are missing; empty where none is."""
    named: dict[str, str] = {}
    for shard, name in shards:
        if shard in named:
            raise FactFileError(f"{name}: shard {shard} is in {named[shard]} already")
        named[shard] = name
    counts = {shard.partition("/")[2] for shard in named}
    if len(counts) > 1:
        raise FactFileError(f"shards of different runs: {', '.join(named)}")
    count = counts.pop()
    lost = [f"{n}/{count}" for n in range(1, int(count) + 1) if f"{n}/{count}" not in named]
    return f"shard {', '.join(lost)} is missing" if lost else ""


def _ways(shards: Sequence[Records]) -> list[Records]:
    """Return the records by what was seen: more than one list where shards saw different things of one subject."""
    seen: dict[tuple[str, str], Records] = {}
    for record in (record for records in shards for record in records):
        ways = seen.setdefault((record["fact"], record["subject"]), [])
        if not any(_same(record, other) for other in ways):
            ways.append(record)
    most = max((len(ways) for ways in seen.values()), default=1)
    return [[ways[min(way, len(ways) - 1)] for ways in seen.values()] for way in range(most)]


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(key) == other.get(key) for key in {*one, *other} - facts.TIMES)


def circumstances(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the circumstances of several runs as those of one."""
    return {
        **runs[0],
        "started": min(run["started"] for run in runs),
        "ended": max(run["ended"] for run in runs),
        "vantage": "; ".join(dict.fromkeys(run["vantage"] for run in runs)),
        "about": "",
        "shard": "",
        "interrupted": any(run["interrupted"] for run in runs),
        "left_behind": [each for run in runs for each in run["left_behind"]],
    }


def worst(ways: Sequence[Sequence[Finding]]) -> list[Finding]:
    """Return each finding as the worst of the ways to see it has it; where they differ, with what the others say."""
    found: dict[str, list[Finding]] = {}
    for finding in (finding for way in ways for finding in way):
        found.setdefault(finding.id, []).append(finding)
    return [_worst(each) for each in found.values()]


def _worst(found: Sequence[Finding]) -> Finding:
    worst = max(found, key=lambda each: HARM.index(each.outcome))
    others = dict.fromkeys(
        f"another shard saw: {each.verdict.summary}" for each in found if each.outcome != worst.outcome
    )
    if not others:
        return found[0]
    return replace(worst, verdict=replace(worst.verdict, evidence=(*worst.verdict.evidence, *others)))
