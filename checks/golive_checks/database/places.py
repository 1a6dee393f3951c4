"""One verdict on a master and all of its tenants: how many are concerned, which, and how, the shortest story first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from golive import Unavailable, Verdict, failed, passed, unknown, warned
from golive.wording import counted, listed
from golive_checks.database.history import MigrationHistory, history
from golive_checks.systems.migrations.client.prisma_folder import MigrationFolder
from golive_checks.systems.migrations.facts import MasterRows, MigrationFiles, MigrationRows
from golive_checks.systems.migrations.tenants import Tenant

MASTER, ALONE = "the master", "it"
IN_SUMMARY, IN_EVIDENCE = 2, 20
"""How many stories are in the summary, and how many in the evidence; the rest is counted."""
NAMED = 3
"""How many names a message lists, of places with the same story and of migrations."""
PLURAL = {"lacks": "lack", "has": "have", "does": "do"}

Tell = Callable[["SchemaPlace"], str]
"""Tells what is wrong with a place: words that begin with a verb of PLURAL, or nothing."""


@dataclass(frozen=True)
class SchemaPlace:
    """The master or a tenant: what its schema has, and what that comes to."""

    name: str
    rows: MigrationRows
    history: MigrationHistory


@dataclass(frozen=True)
class SchemaGap:
    """A place that could not be looked at. Without a name: the tenants are not even known."""

    name: str
    why: Unavailable


@dataclass(frozen=True)
class Places:
    """The master and its tenants: those that were seen, and those that were not."""

    seen: tuple[SchemaPlace, ...]
    gaps: tuple[SchemaGap, ...] = ()
    tenants: int = 0

    @property
    def have_rows(self) -> bool:
        """Return whether Prisma has ever done anything in one of them."""
        return any(place.rows.rows for place in self.seen)

    def judge(
        self,
        fails: Tell,
        warns: Tell,
        *,
        ok: str,
        are: tuple[str, str] = ("", ""),
        evidence: Sequence[str] = (),
    ) -> Verdict:
        """Fail where a place has a story to tell, else warn likewise, else pass.

        What could not be seen is unknown, unless what was seen fails anyway. `are` says in a word or two what those
        that fail are, of one place and of several.
        """
        failing, warning = self.stories(fails), self.stories(warns)
        unseen = [
            why if names[0] in {"", ALONE} else f"{listed(names, NAMED)}: {why}"
            for why, names in self._unseen().items()
        ]
        if failing or (warning and not unseen):
            summary, lines = self._summary(failing, are) if failing else self._summary(warning, ("", ""))
            return (failed if failing else warned)(summary, *lines, *unseen[:IN_EVIDENCE], *evidence)
        if unseen:
            who = self._who([gap.name for gap in self.gaps])
            return unknown(
                f"{who} could not be looked at: {unseen[0]}",
                *unseen[1:IN_EVIDENCE],
                *evidence,
                fix=self.gaps[0].why.fix,
            )
        return passed(ok, *evidence)

    def stories(self, tell: Tell) -> dict[str, list[str]]:
        """Return each story with the places that share it, the shortest first."""
        return _grouped((words, place.name) for place in self.seen if (words := tell(place)))

    def _unseen(self) -> dict[str, list[str]]:
        return _grouped((gap.why.reason, gap.name) for gap in self.gaps)

    def _summary(self, stories: Mapping[str, Sequence[str]], are: tuple[str, str]) -> tuple[str, Sequence[str]]:
        """Return the summary, and the lines that go into the evidence because it has no room for them."""
        lines = story_lines(stories)
        more = len(lines) > IN_SUMMARY
        first = "; ".join(lines[:IN_SUMMARY]) + ("; ..." if more else "")
        names = [name for each in stories.values() for name in each]
        if ALONE in names:
            return first, ()
        who = f"{self._who(names)} {are[len(names) > 1]}".rstrip()
        return f"{who}: {first}", lines if more else ()

    def _who(self, names: Sequence[str]) -> str:
        """Count: `the master and 2 of 1,000 tenants`."""
        if "" in names:
            return "the tenants"
        tenants = sum(name not in {MASTER, ALONE} for name in names)
        master = [name for name in names if name in {MASTER, ALONE}]
        return " and ".join([*master, *[f"{tenants:,} of {counted(self.tenants, 'tenant')}"] * bool(tenants)])


def places(
    files: MigrationFiles,
    master: MasterRows | Unavailable,
    tenants: Mapping[Tenant, MigrationRows | Unavailable] | Unavailable,
) -> Places:
    """Bring together the master and the tenants, each where the profile names a folder of migrations for it."""
    seen: list[SchemaPlace] = []
    gaps: list[SchemaGap] = []
    known: dict[tuple[int, tuple[str, ...], int], MigrationHistory] = {}  # most tenants share their rows
    their: Mapping[Tenant, MigrationRows | Unavailable] = {}
    if files.tenants and isinstance(tenants, Unavailable):
        gaps.append(SchemaGap("", tenants))
    elif files.tenants and not isinstance(tenants, Unavailable):
        their = tenants
    asked: list[tuple[str, MigrationRows | Unavailable, MigrationFolder | None]] = [
        (MASTER if files.tenants else ALONE, master, files.master)
    ]
    asked += [(tenant.own_name, rows, files.tenants) for tenant, rows in their.items()]
    for name, rows, folder in asked:
        if folder and isinstance(rows, Unavailable):
            gaps.append(SchemaGap(name, rows))
        elif folder and not isinstance(rows, Unavailable):
            key = (id(rows.rows), rows.lacks, id(folder))
            if key not in known:
                known[key] = history(rows, folder)
            seen.append(SchemaPlace(name, rows, known[key]))
    return Places(tuple(seen), tuple(gaps), len(their))


def story_lines(stories: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a line for each story, bounded."""
    lines = [_sentence(names, words) for words, names in stories.items()]
    more = sum(len(names) for names in [*stories.values()][IN_EVIDENCE:])
    return [*lines[:IN_EVIDENCE], f"and {more:,} more, each in another way"] if more else lines


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for words, name in pairs:
        found.setdefault(words, []).append(name)
    return dict(sorted(found.items(), key=lambda each: (len(each[0]), each[0])))


def _sentence(names: Sequence[str], words: str) -> str:
    verb, _, rest = words.partition(" ")
    return f"{listed(names, NAMED)} {PLURAL[verb] if len(names) > 1 else verb} {rest}"
