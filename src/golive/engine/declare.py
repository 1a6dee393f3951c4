"""What a check author writes: subjects, facts, settings, probes, checks, sections; as data on the function."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from golive.model import CheckInfo, Effect, Location, Phase, Severity, Verdict

F = TypeVar("F", bound=Callable[..., Any])

CHECK, PROBE, SUBJECTS = "__golive_check__", "__golive_probe__", "__golive_subjects__"


@dataclass(frozen=True)
class Subject:
    """Something a check is about: a host, an address, an env file. Subclasses are frozen dataclasses too.

    `name` is unique among the subjects of its kind and is what reports show. Fields that are subjects are links.
    `at` is where the profile (or the file itself) defines it; `own` its own settings, by settings key.
    """

    name: str
    at: Location | None = field(default=None, compare=False, repr=False, kw_only=True)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False, kw_only=True)

    @classmethod
    def kind(cls) -> str:
        """Return the word reports use for this kind: the class name in lower case."""
        return cls.__name__.lower()

    def as_check(self, info: CheckInfo) -> CheckInfo:
        """Return the check that findings on this subject are of: `info`, unless the subject is a check of its own."""
        return info

    def __str__(self) -> str:
        """Render as `host:api.example.com`."""
        return f"{self.kind()}:{self.name}"


@dataclass(frozen=True)
class Environment(Subject):
    """The root: every subject is below it. `phase` is None where no release is declared.

    `other_migrations` are those that the previous and the next release have and this one has not, by pattern.
    """

    production: bool = False
    phase: Phase | None = None
    release: str = ""
    commit: str = ""
    other_migrations: tuple[str, ...] = ()


class Fact:
    """What a probe saw, as a frozen dataclass of plain data that can be written to a file and read back.

    Fields are str, int, float, bool, bytes, datetime, None, enums, tuples, frozensets, mappings with str keys,
    and dataclasses of such fields.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class Unavailable(Exception):  # noqa: N818 - a gap is data as often as it is raised
    """Could not look. A probe raises it; a check that asks for `SomeFact | Unavailable` is handed it.

    `reason` is one line for the reader, without secrets. `not_permitted`: golive may not look (the finding is n/a).
    `transient`: a transport error, worth one more try. `no_route`: this machine has no route to that address family.
    `fix` says how to make looking possible; `lacks` names keys of the profile without which nothing can be seen.
    """

    def __init__(
        self,
        reason: str,
        *,
        not_permitted: bool = False,
        transient: bool = False,
        no_route: bool = False,
        defect: bool = False,
        fix: str = "",
        lacks: tuple[str, ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.not_permitted = not_permitted
        self.transient = transient
        self.no_route = no_route
        self.defect = defect
        self.fix = fix
        self.lacks = tuple(lacks)


class Settings(BaseModel):
    """Policy and limits from the profile. `home` is its place there: `domains.certificate`, or at the top `dns`.

    Every field has a default. A subject whose entry carries the last word of `home` overrides it field by field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    home: ClassVar[str]
    formerly: ClassVar[str] = ""
    """The last word of its home under an older name, whose error tells the new one."""

    @classmethod
    def key(cls) -> str:
        """Return the word under which a subject's own entry may override it."""
        return cls.home.rpartition(".")[2]

    @classmethod
    def defaults(cls) -> Self:
        """Return the defaults as they stand in the class: to validate them takes longer than all that uses them."""
        return cls.model_construct()

    def completed(self, given: Collection[str]) -> Self:  # noqa: ARG002 - for those that override it
        """Return the section's settings with what follows from the profile's other top-level keys, `given`."""
        return self


class Entry(BaseModel):
    """One entry of a shared profile key, such as a host. Subclasses add the fields, golive the settings to override."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def own(self) -> dict[str, dict[str, Any]]:
        """Return the entry's own settings, by settings key, only the fields that were given."""
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: {f: getattr(v, f) for f in v.model_fields_set} for name, v in found if isinstance(v, Settings)}


class Client:
    """A protocol client that lives as long as a run. A probe asks for it by type and shares it with every other probe.

    Its constructor may ask for Settings and other Clients by type. `aclose` is awaited when the run ends.
    """

    async def aclose(self) -> None:
        """Let go of what is held."""


class Provided:
    """Parameters that several probes share: a frozen dataclass whose fields are what a probe may ask for by type.

    A probe that asks for one is given it filled in, and counts as asking for each of its fields.
    """


@dataclass(frozen=True)
class RunInfo:
    """Which run this is: clients ask for it to sign their requests. `id` is 8 hex digits.

    `history` is the file that measurements are kept in from run to run; empty where the command line names none.
    """

    id: str
    version: str
    history: str = ""


@dataclass(frozen=True)
class CheckDecl:
    """A declared check."""

    id: str
    run: Callable[..., Verdict]
    title: str
    why: str
    fix: str
    severity: Severity
    phase: Phase | None
    tags: tuple[str, ...]
    empty: str
    when: Callable[..., bool] | None = None


@dataclass(frozen=True)
class ProbeDecl:
    """A declared probe: `effect` is the strongest thing it does, `empty` why finding no subject is n/a.

    `id` is the name under which fact files keep what it saw, `system.fact`: it outlives renames and moves of the code.
    `leaves` is what it stores and cannot remove again; `requests` how many it makes of its host, as given to `probe`.
    """

    id: str
    run: Callable[..., Awaitable[Any]]
    title: str
    effect: Effect
    empty: str
    leaves: str = ""
    requests: int | Callable[..., int] = 0


@dataclass(frozen=True)
class SubjectsDecl:
    """Subjects from the profile: `key` is the top-level profile key, `entry` the model of one entry."""

    run: Callable[..., tuple[Subject, ...]]
    key: str
    empty: str


@dataclass(frozen=True)
class DatedTable:
    """Facts that change with time. `as_of`: the day on which somebody last held them against their sources."""

    title: str
    as_of: dt.date


@dataclass(frozen=True)
class Section:
    """A section of the checklist: a module with a `section`, its checks in itself and in `modules`."""

    id: str
    title: str
    number: int = 0
    modules: tuple[ModuleType, ...] = ()
    tables: tuple[DatedTable, ...] = ()
    """What its checks judge by that changes with time; every report names the oldest."""


def paragraphs(function: Callable[..., Any]) -> dict[str, str]:
    """Split a docstring into its title and its labelled paragraphs (`Why:`, `Fix:`, `Source:`), each on one line."""
    blocks = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    found = {"title": " ".join(blocks[0].split()).rstrip(".")}
    for block in blocks[1:]:
        label, colon, text = block.partition(":")
        if colon and label.isalpha():
            found[label.lower()] = " ".join(text.split())
    return found


def check(
    id: str,  # noqa: A002 - it is what the checklist calls it
    *,
    severity: Severity = Severity.HIGH,
    phase: Phase | None = None,
    tags: tuple[str, ...] = (),
    empty: str = "",
    when: Callable[..., bool] | None = None,
) -> Callable[[F], F]:
    """Declare a check: a pure function from a subject and facts to a Verdict, one finding for each subject.

    Args:
        id: a claim that is true when the check passes, `area.claim`.
        severity: how much a red finding matters.
        phase: the only phase in which it is asked, where the profile declares a release.
        tags: more words for `--only` and `--skip`.
        empty: why having no subject is n/a; without it, having none is `unknown`.
        when: a function of settings that says whether the product has what the check is about. Where it has not, the
            check is not asked and there is no finding about it.
    """

    def declare(function: F) -> F:
        text = paragraphs(function)
        declared = CheckDecl(
            id, function, text["title"], text.get("why", ""), text.get("fix", ""), severity, phase, tags, empty, when
        )
        setattr(function, CHECK, declared)
        return function

    return declare


def probe(
    id: str,  # noqa: A002 - as a check's
    *,
    effect: Effect = Effect.READ,
    empty: str = "",
    leaves: str = "",
    requests: int | Callable[..., int] = 0,
) -> Callable[[F], F]:
    """Declare a probe: an async function from a subject to a Fact, or to a tuple of subjects it discovers.

    `id` names what it gives in fact files, `system.fact`, and never changes: `dns.resolution`.
    It may ask for other facts, settings and clients by type. It returns what it saw, expected refusals included,
    and raises `Unavailable` when it could not look. Its docstring's first line is what `golive plan` shows.
    `requests`: how many it makes of its subject's host where all is well, for `golive plan`. Where that depends on the
    profile it is a function: of the subject, of Settings, of all subjects of a kind (`tuple[Host, ...]`).
    A write that nothing undoes says in `leaves` what stays, and why: `golive plan` shows that before it is made.
    """
    if not isinstance(id, str):  # `@probe` without parentheses: left alone, the function would quietly not be a probe
        raise TypeError(f'{id.__module__}:{id.__qualname__}: name the fact: @probe("dns.resolution")')

    def declare(function: F) -> F:
        setattr(
            function, PROBE, ProbeDecl(id, function, paragraphs(function)["title"], effect, empty, leaves, requests)
        )
        return function

    return declare


def subjects(key: str, *, empty: str = "") -> Callable[[F], F]:
    """Declare subjects that the profile names: a pure function from an entry to a tuple of subjects.

    With two parameters `(name, entry)` the key holds a mapping of entries; with one, `(entry)`, a single entry.
    `empty` says why naming none is n/a; without it, naming none leaves their checks `unknown`.
    """

    def declare(function: F) -> F:
        setattr(function, SUBJECTS, SubjectsDecl(function, key, empty))
        return function

    return declare


@dataclass(frozen=True)
class Now(Fact):
    """The time of the run, recorded so that a replay judges by the same clock. Aware, UTC."""

    at: dt.datetime


@probe("clock.now")
async def now(env: Environment) -> Now:
    """Read the clock."""
    return Now(dt.datetime.now(dt.UTC))
