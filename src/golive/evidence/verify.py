"""Whether a report is what was signed, belongs to its facts and its profile, and allows what is about to be done."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from golive.engine import facts
from golive.engine.facts import FactFileError
from golive.evidence import EvidenceError, envelope, statement
from golive.evidence.keys import short_id
from golive.report import ReportError
from golive.wording import duration, listed

ABBREVIATED = 7
"""The hex digits that git itself abbreviates a commit to, at least."""
CLOCKS_S = 300
"""How far the clocks of two machines may be apart."""
SAME = {"started": "started", "ended": "ended", "version": "version", "vantage": "vantage"}


@dataclass(frozen=True)
class Demands:
    """What is asked of a report beside being the one that was signed; empty asks nothing. `profile` is a digest."""

    environment: str = ""
    commit: str = ""
    max_age_s: float | None = None
    profile: str = ""
    partial: bool = False
    """Also a report of which --only, --skip or --shard left something out."""


def verified(
    report: bytes,
    evidence: bytes,
    keys: Sequence[Ed25519PublicKey],
    recorded: bytes | None,
    demands: Demands,
    now: dt.datetime,
) -> str:
    """Return a line on a report that is proven and says GO; `recorded` is its fact file.

    Raises:
        EvidenceError: something is not as it was signed, or not as demanded; the first thing, in a line.
    """
    payload, key = envelope.opened(evidence, keys)
    covered, signed = statement.read(payload)
    if covered.get("report") != statement.digest(report):
        raise EvidenceError("the report is not the one that was signed, or was changed since")
    try:
        document = statement.parsed(report)
    except ReportError as problem:
        raise EvidenceError(str(problem)) from None
    again = statement.predicate(document)
    if differing := sorted(name for name in again if name in signed and signed[name] != again[name]):
        raise EvidenceError(f"the statement says something else than the report: {', '.join(differing)}")
    if recorded is not None:
        if covered.get("facts") != statement.digest(recorded):
            raise EvidenceError("the facts are not those that were signed, or were changed since")
        belong_together(document, recorded)
    _meets(document, demands, now)
    compared = ["report", *(["facts"] if recorded is not None else []), *(["profile"] if demands.profile else [])]
    return _line(document, short_id(key), compared, now)


def belong_together(document: Mapping[str, Any], recorded: bytes) -> None:
    """Make sure that a report was made from this fact file, with the profile that is recorded in it.

    Raises:
        EvidenceError: it was not.
    """
    try:
        run, profile, store = facts.read(recorded.decode("utf-8", "replace"), "the fact file")
    except FactFileError as problem:
        raise EvidenceError(str(problem)) from None
    reported = document["run"]
    if store.digest() != reported["facts_digest"]:
        raise EvidenceError("the facts are not those that the report was made from")
    masked = profile.get("document") if isinstance(profile, dict) else None
    content = json.dumps(masked, sort_keys=True, separators=(",", ":")).encode()
    if hashlib.sha256(content).hexdigest() != reported["profile_digest"]:
        raise EvidenceError("the profile in the fact file is not the one that the report was made with")
    other = [name for name, key in SAME.items() if _moment(run.get(key)) != _moment(reported[name])]
    if other:
        raise EvidenceError(f"the fact file is of another run: {listed(other)} differ")


def _moment(text: object) -> object:
    """Return a moment however it is written; any other text as it stands."""
    try:
        return dt.datetime.fromisoformat(str(text))
    except ValueError:
        return text


def _meets(document: Mapping[str, Any], demands: Demands, now: dt.datetime) -> None:
    run = document["run"]
    if demands.environment and run["environment"] != demands.environment:
        raise EvidenceError(f"the report is on {run['environment']}, not on {demands.environment}")
    if demands.profile and run["profile_digest"] != demands.profile:
        raise EvidenceError("the profile is another one now, or the variables that it reads have other values")
    if demands.commit and not _same_commit(str(run["commit"]), demands.commit):
        what = f"is on commit {run['commit']}" if run["commit"] else "names no commit (release.commit in the profile)"
        raise EvidenceError(f"the report {what}, not on {demands.commit}")
    age = _age_s(run, now)
    if age < -CLOCKS_S:
        raise EvidenceError(f"the report begins in the future, in {duration(-age)}: is a clock wrong?")
    if demands.max_age_s is not None and age > demands.max_age_s:
        raise EvidenceError(f"the report is too old: {duration(age)}, at most {duration(demands.max_age_s)}")
    if run["selection"] and not demands.partial:
        raise EvidenceError(f"the report is on a part alone ({run['selection']}): look at all, or accept --partial")
    if document["decision"] != "GO" or document["exit_code"] != 0:
        why = "; ".join(map(str, document["reasons"]))
        raise EvidenceError(f"the report is as it was signed, and says {document['decision']}: {why}")


def _age_s(run: Mapping[str, Any], now: dt.datetime) -> float:
    """Return how old the oldest of what was seen may be, in seconds."""
    try:
        return (now - dt.datetime.fromisoformat(str(run["started"]))).total_seconds()
    except (ValueError, TypeError):
        raise EvidenceError("the report does not say when it was made") from None


def _same_commit(there: str, asked: str) -> bool:
    """Compare commits of which one may be abbreviated."""
    short, long = sorted((there.lower(), asked.lower()), key=len)
    return short == long or (
        len(short) >= ABBREVIATED and set(long) <= set("0123456789abcdef") and long.startswith(short)
    )


def _line(document: Mapping[str, Any], signer: str, compared: Sequence[str], now: dt.datetime) -> str:
    run = document["run"]
    seen = [f"{duration(max(0, round(_age_s(run, now))))} old", *([f"commit {run['commit']}"] if run["commit"] else [])]
    missing = [f"--{each}" for each in ("facts", "profile") if each not in compared]
    rest = f" (not compared: {listed(missing)})" if missing else ""
    why = f" ({'; '.join(map(str, document['reasons']))})" if document["reasons"] else ""
    return (
        f"{document['decision_detail']}: {run['environment']}{why}, {', '.join(seen)}; "
        f"{listed(compared)} as signed by {signer}{rest}"
    )
