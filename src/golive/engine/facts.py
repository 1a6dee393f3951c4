"""What was seen, kept under its type, its subject and the settings it was read with; written and read back."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from golive.engine.blueprint import Probe
from golive.engine.declare import Subject, Unavailable

FORMAT = 2
"""2: facts are named by their ids; 1 named them by module and class."""

GAP = frozenset(vars(Unavailable("")))
"""What is kept of a gap; a kind of its own may know more, which only the probe that catches it can use."""


TIMES = frozenset({"seconds", "began"})
"""What of a record says nothing of the world."""


class FactFileError(Exception):
    """A fact file that cannot be used; one line."""


@dataclass(frozen=True)
class Recorded:
    """What a probe brought: a fact, subjects it discovered, or a gap; how long it took, in seconds."""

    value: Any
    seconds: float = 0.0
    began: float | None = None
    """When, in seconds after the first look's begin; None where it was not called."""


@functools.cache
def adapter(of: type) -> TypeAdapter[Any]:
    """Return the adapter that writes and reads a fact type."""
    return TypeAdapter(of)


class Store:
    """The records of a run. Given those of an earlier run, it replays them and nothing is looked at."""

    def __init__(
        self, replay: list[dict[str, Any]] | None = None, clean: Callable[[str], str] = lambda text: text
    ) -> None:
        """Begin to keep records, each text in them as `clean` returns it: free of secrets."""
        self._clean = clean
        self._discovered: set[str] = set()
        self.records: dict[tuple[str, str], dict[str, Any]] = {(r["fact"], r["subject"]): r for r in replay or []}
        self.replaying = replay is not None
        self.lost = ""
        """Of a replay: the shards whose records are missing."""
        self.origin = 0.0
        """When the first look began, by the monotonic clock of whoever looks."""
        self._written: Written = {}

    def keep(self, probe: Probe, subject: Subject, settings: str, seen: Recorded) -> None:
        """Record what was seen."""
        name = str(subject)
        if name in self._discovered:  # the others are the profile's own words
            name = self._clean(name)
        record: dict[str, Any] = {
            "fact": probe.name,
            "subject": name,
            "settings": settings,
            "seconds": round(seen.seconds, 4),
            **({} if seen.began is None else {"began": round(seen.began, 4)}),
        }
        if isinstance(seen.value, Unavailable):
            record["gap"] = {k: plain(v, None, self._clean) for k, v in vars(seen.value).items() if v and k in GAP}
        elif isinstance(seen.value, tuple):
            self._discovered.update(map(str, seen.value))
            record["found"] = [plain(_dump_subject(s), None, self._clean) for s in seen.value]
        else:
            record["seen"] = plain(seen.value, self._written, self._clean)
        self.records[probe.name, name] = record

    def replay(self, probe: Probe, subject: Subject, settings: str) -> Recorded:
        """Return what was recorded, or a gap where nothing was, or other settings were in force."""
        record = self.records.get((probe.name, str(subject)))
        if record is None:
            lost = f": {self.lost}" if self.lost else ""
            return Recorded(Unavailable(f"was not recorded in the fact file{lost}"))
        if record["settings"] != settings:
            return Recorded(
                Unavailable("was recorded with other settings", fix="record the facts again with this profile")
            )
        try:
            return Recorded(self._read(probe, subject, record), record["seconds"])
        except (ValidationError, KeyError, TypeError, ValueError):
            return Recorded(
                Unavailable("was recorded by another version of golive and cannot be read", fix="record again")
            )

    def _read(self, probe: Probe, subject: Subject, record: Mapping[str, Any]) -> Any:
        if "gap" in record:
            return Unavailable(**record["gap"])
        if "found" in record:
            return tuple(_load_subject(probe.gives, raw, subject) for raw in record["found"])
        return adapter(probe.gives).validate_json(json.dumps(record["seen"]))

    def in_order(self) -> list[dict[str, Any]]:
        """Return the records sorted by what they are of, so that equal facts make equal files."""
        return [self.records[key] for key in sorted(self.records)]

    def digest(self) -> str:
        """Return the hex SHA-256 of all that was seen, gaps included, without the time it took."""
        seen = [{k: v for k, v in r.items() if k not in TIMES} for r in self.in_order()]
        return hashlib.sha256(canonical(seen)).hexdigest()


def digest_of(stores: Sequence[Store]) -> str:
    """Return the digest of what was seen from several places; of one store, its own."""
    digests = [store.digest() for store in stores]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


AS_IT_IS = frozenset({int, float, bool, type(None)})


@functools.cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    """Return a dataclass's fields: facts of a thousand tenants are some hundred thousand values of few types."""
    return tuple(f.name for f in fields(kind)) if is_dataclass(kind) else None


Written = dict[int, tuple[tuple[Any, ...], list[Any]]]
"""Tuples by their identity, which each keeps by being held, and what was written of them."""


def plain(value: Any, written: Written | None = None, clean: Callable[[str], str] | None = None) -> Any:  # noqa: C901, PLR0911, PLR0912 - a branch for each kind of value
    """Return a fact as JSON data that its type's adapter reads back. An adapter to write with takes longer to make.

    A tuple in `written` is not written again: a thousand tenants share the rows that they have in common.
    """
    kind: type = type(value)
    if kind is str:
        return clean(value) if clean else value
    if kind in AS_IT_IS:
        return value
    names = _field_names(kind)
    if names is not None:
        return {name: plain(getattr(value, name), written, clean) for name in names}
    if kind is tuple and written is not None:
        if id(value) not in written:
            written[id(value)] = (value, [plain(v, written, clean) for v in value])
        return written[id(value)][1]
    if isinstance(value, SecretStr):
        return str(value)  # a mask, whatever it holds
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name), written, clean) for name in type(value).model_fields}
    if isinstance(value, Enum):
        return value._value_  # documented; its property takes ten times as long on 3.11
    if isinstance(value, Mapping):
        return {plain(k, None, clean): plain(v, written, clean) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(v, written, clean) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(v, None, clean) for v in value), key=canonical)
    if isinstance(value, bytes):
        return base64.urlsafe_b64encode(value).decode()
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    return value


def canonical(data: Any) -> bytes:
    """Return the one way of writing `data` as JSON that digests are made of."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _dump_subject(subject: Subject) -> dict[str, Any]:
    values = {f.name: getattr(subject, f.name) for f in fields(subject) if f.compare}
    plain = {k: v for k, v in values.items() if not isinstance(v, Subject)}
    return {**plain, **{k: {"link": str(v)} for k, v in values.items() if isinstance(v, Subject)}}


def _load_subject(kind: type, raw: Mapping[str, Any], finder: Subject) -> Subject:
    known = {str(s): s for s in reachable(finder)}
    values = {k: known[v["link"]] if isinstance(v, dict) and "link" in v else v for k, v in raw.items()}
    found: Subject = adapter(kind).validate_python(values)
    return found


def reachable(subject: Subject) -> list[Subject]:
    """Return a subject and all it links to, nearest first."""
    found = [subject]
    for each in found:
        found.extend(v for f in fields(each) if isinstance(v := getattr(each, f.name), Subject))
    return found


def write(run: Mapping[str, Any], profile: Mapping[str, Any], store: Store) -> str:
    """Return the text of a fact file: the run's circumstances, the masked profile, and every record."""
    content = {"golive_facts": FORMAT, "run": run, "profile": profile, "facts": store.in_order()}
    return json.dumps(content, indent=1) + "\n"


def read(text: str, name: str) -> tuple[dict[str, Any], dict[str, Any], Store]:
    """Read a fact file: the run's circumstances, the masked profile, and a store that replays.

    Raises:
        FactFileError: not a fact file, or of a format this version does not know.
    """
    try:
        content = json.loads(text)
        if content["golive_facts"] != FORMAT:
            raise FactFileError(f"{name}: fact file format {content['golive_facts']}, this golive reads {FORMAT}")
        for record in content["facts"]:
            record["fact"], record["subject"], record["settings"], float(record["seconds"])
        return content["run"], content["profile"], Store(content["facts"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FactFileError(f"{name}: not a fact file; write one with golive check PROFILE --facts FILE") from None
