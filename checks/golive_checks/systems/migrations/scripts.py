"""The scripts of a repository, as each tool orders and names them."""

import ast
import asyncio
import hashlib
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from golive import Client, Unavailable
from golive_checks.systems.machine.client.files import read_file
from golive_checks.systems.migrations.changelogs import ENDINGS, changesets, is_changelog

MAX_FILES = 20_000
MAX_SCRIPT_BYTES = 16_000_000
SNIFFED = 3
"""How many scripts are looked into to tell whose they are."""
NUMBER = re.compile(r"(\d+)[_.-].+")
SCRIPT_OF_NODE = re.compile(r".*\.(?:[cm]?js|(?<!\.d\.)[cm]?ts)")
JOURNAL = "meta/_journal.json"
FLYWAY = re.compile(r"(V|R)(\d[\d._]*)?__.+\.sql")
DJANGO = re.compile(r"(?:(.*)/)?(?:([^/]+)/)migrations/(\d{4}_\w+|\d{4}\w*)\.py")
CLASS = re.compile(r"class\s+(\w*?(\d{13}))\b")
REPLACED = re.compile(r"replaces\s*=\s*\[([^\[\]]*)\]")
PAIR = re.compile(r"""\(\s*["'](\w+)["']\s*,\s*["'](\w+)["']\s*\)""")


@dataclass(frozen=True)
class MigrationScript:
    """A migration of the repository. `key` is what the tool's table knows it by."""

    name: str
    key: str
    checksum: str = ""
    after: tuple[str, ...] = ()
    """Alembic: the keys of those that it follows. Django: the keys of those that it replaces."""
    optional: bool = False
    """It may be meant for other databases, or not: it is no fault where this one lacks it."""


@dataclass(frozen=True)
class Scripts:
    """The scripts of a folder, in the order in which their tool applies them."""

    tool: str
    scripts: tuple[MigrationScript, ...] = ()


class ScriptFolders(Client):
    """Reads folders of migrations, each once: a thousand tenants share one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], asyncio.Task[Scripts | None]] = {}

    async def scripts(self, path: str, tool: str) -> Scripts | None:
        """Read a folder as a tool does; None where it is Prisma's, or nobody's that golive knows.

        Raises:
            Unavailable: the folder, or a script in it, cannot be read.
        """
        if (path, tool) not in self._known:
            self._known[path, tool] = asyncio.create_task(asyncio.to_thread(_read, path, tool))
        return await asyncio.shield(self._known[path, tool])

    async def aclose(self) -> None:
        """Wait for what is still being read."""
        await asyncio.gather(*self._known.values(), return_exceptions=True)


def _read(path: str, tool: str) -> Scripts | None:
    files = sorted(_below(path, "", 0, deep=tool in {"", "django", "flyway", "liquibase", "rails"}))
    tool = tool or _tool_of(path, files)
    reader = READERS.get(tool)
    return Scripts(tool, tuple(reader(path, files))) if reader else None


def _below(path: str, below: str, depth: int, *, deep: bool) -> Iterator[str]:
    """Yield the files of a folder and of those below it."""
    try:
        with os.scandir(os.path.join(path, below)) as entries:  # noqa: PTH118 - a text
            for number, entry in enumerate(entries):
                if number > MAX_FILES:
                    raise Unavailable(f"{path} has more than {MAX_FILES:,} files", fix="Is it the one that was meant?")
                if entry.is_file():
                    yield below + entry.name
                elif depth < (4 if deep else 1) and entry.is_dir(follow_symlinks=False) and _own(entry.name):
                    yield from _below(path, f"{below}{entry.name}/", depth + 1, deep=deep)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        fix = "Name the folder of the database's migrations."
        raise Unavailable(f"the migrations in {path} could not be read: {reason}", fix=fix) from None


def _own(name: str) -> bool:
    return not name.startswith(".") and name not in {"node_modules", "__pycache__", "venv", "site-packages"}


def _text(path: str, name: str) -> str:
    return read_file(os.path.join(path, name), MAX_SCRIPT_BYTES).data.decode("utf-8", "replace")  # noqa: PTH118


def _tool_of(path: str, files: list[str]) -> str:
    """Tell whose folder it is by its names, and where those do not tell, by what its scripts say."""
    flat = [name for name in files if "/" not in name]
    reversible = any(name.endswith(".up.sql") for name in flat)
    by_name = {
        "prisma": "migration_lock.toml" in files or any(name.endswith("/migration.sql") for name in files),
        "drizzle": JOURNAL in files,
        "flyway": any(FLYWAY.fullmatch(PurePath(name).name) for name in files),
        "rails": any(name.endswith(".rb") for name in flat),
        # sqlx and golang-migrate name their files in the same way; only sqlx is Rust's.
        "sqlx": reversible and os.path.exists(os.path.join(path, "..", "Cargo.toml")),  # noqa: PTH110, PTH118 - a text
        "golang-migrate": reversible,
    }
    if found := next((tool for tool, is_its in by_name.items() if is_its), ""):
        return found
    node, sql = _named(files, SCRIPT_OF_NODE), [name for name in flat if name.endswith(".sql")]
    by_word = (
        ("alembic", r"^down_revision\b", [name for name in files if name.endswith(".py") and name.count("/") <= 1]),
        ("django", r"^\s*(?:from|import) django\b", [n for n in files if DJANGO.fullmatch(_in_app(path, n))]),
        ("typeorm", r"MigrationInterface|implements\s+Migration|class\s+\w+\d{13}\b", node),
        ("sequelize", r"queryInterface", node),
        ("knex", r"\bknex\b|\.schema\b", node),
        ("liquibase", r"databaseChangeLog|^--\s*liquibase\s+formatted\s+sql", _changelogs(files)),
        ("goose", r"^--\s*\+goose\s+Up", sql),
        ("dbmate", r"^--\s*migrate:up", sql),
        ("sqlx", r"", [name for name in sql if NUMBER.fullmatch(name)]),
    )
    for tool, word, names in by_word:
        if any(re.search(word, _text(path, name), re.MULTILINE | re.IGNORECASE) for name in names[:SNIFFED]):
            return tool
    return ""


def _in_app(path: str, name: str) -> str:
    """Return a name as seen from above the folder: `shop/migrations/0001_initial.py`."""
    return "/".join([*PurePath(path).parts[-2:], name]) if "/" not in name else name


def _named(files: list[str], pattern: re.Pattern[str]) -> list[str]:
    return [name for name in files if "/" not in name and pattern.fullmatch(name)]


def _changelogs(files: list[str]) -> list[str]:
    """Return what may be changelogs of Liquibase, those that are called so first."""
    return sorted((name for name in files if name.endswith(ENDINGS)), key=lambda name: "changelog" not in name.lower())


def _liquibase(path: str, files: list[str]) -> Iterator[MigrationScript]:
    """Liquibase: its changesets, known by file, id and author."""
    for name in sorted(_changelogs(files)):
        text = _text(path, name)
        if is_changelog(text):
            for each in changesets(name, text):
                yield MigrationScript(each.key, each.key, optional=each.optional)


def _by_name(path: str, files: list[str]) -> Iterator[MigrationScript]:
    """Knex and Sequelize: sorted by their names, which their tables hold."""
    yield from (MigrationScript(name, name) for name in _named(files, SCRIPT_OF_NODE))


def _typeorm(path: str, files: list[str]) -> Iterator[MigrationScript]:
    """TypeORM: sorted by the time in the class's name, or in its property `name`."""
    found = []
    for name in _named(files, SCRIPT_OF_NODE):
        text = _text(path, name)
        given = re.search(r"""\bname\s*=\s*["'](\w+?(\d{13}))["']""", text) or CLASS.search(text)
        if given:
            found.append((int(given[2]), MigrationScript(name, given[1])))
    yield from (script for _, script in sorted(found, key=lambda each: each[0]))


def _drizzle(path: str, files: list[str]) -> Iterator[MigrationScript]:
    """Drizzle: as its journal orders them, known by their time there."""
    try:
        entries = json.loads(_text(path, JOURNAL))["entries"]
        listed = [(int(entry["idx"]), str(entry["tag"]), int(entry["when"])) for entry in entries]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unavailable(f"{path}/{JOURNAL} is not what drizzle-kit writes") from None
    for _, tag, when in sorted(listed):
        data = read_file(os.path.join(path, f"{tag}.sql"), MAX_SCRIPT_BYTES).data  # noqa: PTH118
        yield MigrationScript(tag, str(when), hashlib.sha256(data).hexdigest())


def _alembic(path: str, files: list[str]) -> Iterator[MigrationScript]:
    """Alembic: each behind those that it names, known by its revision."""
    found: dict[str, MigrationScript] = {}
    for name in files:
        if not name.endswith(".py"):
            continue
        given = _assigned(_text(path, name))
        if "revision" in given and "down_revision" in given:
            before = given["down_revision"]
            after = (before,) if isinstance(before, str) else tuple(before or ())
            key = str(given["revision"])
            found[key] = MigrationScript(f"{PurePath(name).stem}", key, after=after)
    done: dict[str, MigrationScript] = {}
    while ready := [
        each for key, each in found.items() if key not in done and all(k in done for k in each.after if k in found)
    ]:
        done |= {each.key: each for each in ready}
    yield from done.values()


def _assigned(text: str) -> dict[str, str | tuple[str, ...] | None]:
    """Return the texts that a module assigns to names at its top; nothing of it is run."""
    found: dict[str, str | tuple[str, ...] | None] = {}
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    for each in body:
        target = (
            each.targets[0]
            if isinstance(each, ast.Assign)
            else each.target
            if isinstance(each, ast.AnnAssign)
            else None
        )
        if isinstance(target, ast.Name) and isinstance(each, ast.Assign | ast.AnnAssign) and each.value:
            try:
                found[target.id] = ast.literal_eval(each.value)
            except (ValueError, TypeError, RecursionError, MemoryError):  # a call; a list in a set; too deep
                continue
    return found


def _django(path: str, files: list[str]) -> Iterator[MigrationScript]:
    """Django: `app.name`, by app, in the order of their numbers."""
    for name in files:
        match = DJANGO.fullmatch(_in_app(path, name))
        if match and not match[3].startswith("__"):
            replaced = REPLACED.search(_text(path, name))
            pairs = PAIR.findall(replaced[1]) if replaced else []
            key = f"{match[2]}.{match[3]}"
            yield MigrationScript(key, key, after=tuple(f"{app}.{old}" for app, old in pairs))


def _flyway(path: str, files: list[str]) -> Iterator[MigrationScript]:
    """Flyway: by version, then what is repeated when it changes; known by the version, or the file's name."""
    found = []
    for name in files:
        match = FLYWAY.fullmatch(PurePath(name).name)
        if match and bool(match[2]) == (match[1] == "V"):
            key = match[2].replace("_", ".") if match[2] else PurePath(name).name
            order = tuple(int(part) for part in key.split(".") if part.isdigit()) if match[2] else ()
            text = _text(path, name)
            replaced = match[1] == "R" and "${" in text  # Flyway sums up what is in the placeholders' place
            checksum = "" if replaced else _crc32(text)
            found.append((not match[2], order, MigrationScript(PurePath(name).name, key, checksum)))
    yield from (script for _, _, script in sorted(found, key=lambda each: each[:2]))


def _crc32(text: str) -> str:
    """Compute Flyway's checksum: over the lines, without their ends and without a byte order mark."""
    total = 0
    for line in text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        total = zlib.crc32(line.encode(), total)
    return str(total - (1 << 32) if total >= 1 << 31 else total)


def _numbered(ends: str, *, hashed: bool = False) -> Callable[[str, list[str]], Iterator[MigrationScript]]:
    """Read files whose names begin with a number, by which the tool's table knows them; Rails' in folders, too."""

    def reader(path: str, files: list[str]) -> Iterator[MigrationScript]:
        found = []
        for name in files:
            match = NUMBER.fullmatch(PurePath(name).name if ends == ".rb" else name)
            if match and name.endswith(tuple(ends.split())) and not name.endswith((".down.sql", "_test.go")):
                data = read_file(os.path.join(path, name), MAX_SCRIPT_BYTES).data if hashed else b""  # noqa: PTH118
                checksum = hashlib.sha384(data).hexdigest() if hashed else ""
                found.append((int(match[1]), MigrationScript(name, str(int(match[1])), checksum)))
        yield from (script for _, script in sorted(found, key=lambda each: each[0]))

    return reader


READERS: Mapping[str, Callable[[str, list[str]], Iterator[MigrationScript]]] = {
    "alembic": _alembic,
    "django": _django,
    "knex": _by_name,
    "sequelize": _by_name,
    "typeorm": _typeorm,
    "drizzle": _drizzle,
    "flyway": _flyway,
    "liquibase": _liquibase,
    "golang-migrate": _numbered(".up.sql"),
    "goose": _numbered(".sql .go"),
    "dbmate": _numbered(".sql"),
    "sqlx": _numbered(".sql", hashed=True),
    "rails": _numbered(".rb"),
}
