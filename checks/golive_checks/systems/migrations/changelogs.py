"""Liquibase's changesets: of changelogs in XML, YAML, JSON and formatted SQL. Pure.

https://docs.liquibase.com/concepts/changelogs/home.html. One that a context, a label or another engine is named for may
be meant for this database or not: it is optional.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from xml.parsers import expat

from golive import Unavailable
from golive_checks.systems.machine.client import yamlnodes

ENDINGS = (".xml", ".yaml", ".yml", ".json", ".sql")
SQL_HEAD = re.compile(r"\s*--\s*liquibase\s+formatted\s+sql\b", re.IGNORECASE)
SQL_CHANGESET = re.compile(
    r"""^[ \t]*--[ \t]*changeset[ \t]+("[^"\n]+"|[^\s:"]+):("[^"\n]+"|\S+)([^\n]*)""", re.IGNORECASE | re.MULTILINE
)
SQL_ATTRIBUTE = re.compile(r"""\b(\w{1,40}):("[^"\n]*"|\S+)""")
CONDITIONS = ("context", "contextFilter", "contexts", "labels")


@dataclass(frozen=True)
class Changeset:
    """A changeset by what Liquibase's table knows it by, and whether it may be left out here."""

    file: str
    id: str
    author: str
    optional: bool = False

    @property
    def key(self) -> str:
        """Name it as Liquibase does, but for the folder of its file, which depends on the search path."""
        return key_of(self.file, self.id, self.author)


def key_of(file: str, id_: str, author: str) -> str:
    """Join what names a changeset."""
    return f"{PurePath(file.replace(':', '/')).name}::{id_}::{author}"


def is_changelog(text: str) -> bool:
    """Return whether a file is one of Liquibase's."""
    return "databaseChangeLog" in text or SQL_HEAD.match(text) is not None


def changesets(name: str, text: str) -> Iterator[Changeset]:
    """Read a changelog's own changesets, in their order.

    Raises:
        Unavailable: it cannot be read.
    """
    if name.endswith(".sql"):
        yield from _of_sql(name, text)
    elif name.endswith(".xml"):
        yield from _of_xml(name, text)
    else:
        yield from _of_yaml(name, text)


def _made(file: str, given: Mapping[str, str]) -> Changeset:
    engines = {part.strip().lower() for part in given.get("dbms", "").split(",") if part.strip()}
    elsewhere = bool(engines) and not ("postgresql" in engines or all(e.startswith("!") for e in engines))
    elsewhere = elsewhere or "!postgresql" in engines or given.get("ignore", "").lower() == "true"
    optional = elsewhere or any(given.get(name) for name in CONDITIONS)
    return Changeset(given.get("logicalFilePath") or file, given.get("id", ""), given.get("author", ""), optional)


def _of_sql(name: str, text: str) -> Iterator[Changeset]:
    if SQL_HEAD.match(text):
        for found in SQL_CHANGESET.finditer(text):
            more = {key: value.strip('"') for key, value in SQL_ATTRIBUTE.findall(found[3])}
            yield _made(name, {**more, "author": found[1].strip('"'), "id": found[2].strip('"')})


def _of_xml(name: str, text: str) -> list[Changeset]:
    found, path = list[Changeset](), [name]

    def start(tag: str, given: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "databaseChangeLog":
            path[0] = given.get("logicalFilePath", name)
        if tag.rpartition(":")[2] == "changeSet":
            found.append(_made(path[0], given))

    # Entities can grow beyond any bound, or name files of this machine.
    def refuse(*_: Any) -> None:
        raise Unavailable(f"{name} has a document type of its own, which golive does not read")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EntityDeclHandler = start, refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - it takes no name for it
    except expat.ExpatError:
        raise Unavailable(f"{name} is not XML") from None
    return found


def _of_yaml(name: str, text: str) -> Iterator[Changeset]:
    path = name
    for document in yamlnodes.documents(text, name):
        entries = yamlnodes.pairs(document).get("databaseChangeLog")
        for entry in entries.value if entries is not None and entries.id == "sequence" else ():
            found = yamlnodes.pairs(entry)
            if "logicalFilePath" in found:
                path = str(found["logicalFilePath"].value)
            if "changeSet" in found:
                given = yamlnodes.pairs(found["changeSet"])
                yield _made(path, {key: str(node.value) for key, node in given.items() if node.id == "scalar"})
