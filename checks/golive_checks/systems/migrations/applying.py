"""The SQL that a migration of the repository runs, of the tools whose migrations are files of SQL. Pure."""

import re

from golive import Unavailable
from golive_checks.systems.migrations.client.prisma_folder import SCRIPT

PATHS = {"prisma": f"{{}}/{SCRIPT}", "drizzle": "{}.sql"}
"""Where the script of a migration is; of other tools its name is the file's."""
OF_SQL = ("prisma", "drizzle", "flyway", "golang-migrate", "goose", "dbmate", "sqlx")
UP = {"goose": re.compile(r"(?im)^--\s*\+goose\s+up\b.*$"), "dbmate": re.compile(r"(?im)^--\s*migrate:up\b.*$")}
MARKS = {"goose": "-- +goose Up", "dbmate": "-- migrate:up"}
DOWN = {"goose": re.compile(r"(?im)^--\s*\+goose\s+down\b"), "dbmate": re.compile(r"(?im)^--\s*migrate:down\b")}

APART = {
    "goose": re.compile(r"(?im)^--\s*\+goose\s+no\s+transaction\b"),
    "dbmate": re.compile(r"(?im)^--\s*migrate:up\b[^\n]*\btransaction:\s*false\b"),
    "sqlx": re.compile(r"(?i)\A--\s*no-transaction\b"),
    "flyway": re.compile(r"(?i)\b(?:create|drop|refresh|detach)\b[^;]*\bconcurrently\b|\bvacuum\b"),
}
"""By what a script says that its statements are to run one by one, in no transaction; Flyway sees it by itself."""


def is_apart(tool: str, text: str) -> bool:
    """Return whether the statements of a script run in no transaction."""
    return tool in APART and APART[tool].search(text) is not None


def file_of(tool: str, name: str) -> str:
    """Return the file of a migration below the folder.

    Raises:
        Unavailable: it is not SQL.
    """
    path = PATHS.get(tool, "{}").format(name)
    if tool not in OF_SQL or not path.endswith(".sql"):
        raise Unavailable(f"golive does not run migrations of {tool} itself: {name} is not SQL")
    return path


def up_of(tool: str, name: str, text: str) -> str:
    """Return what a script does, without what would undo it.

    Raises:
        Unavailable: the tool would put something else in the place of what stands there, or would not run it.
    """
    if (tool == "flyway" and "${" in text) or (tool == "goose" and "+goose ENVSUB ON" in text):
        raise Unavailable(f"{name} has placeholders, whose values golive does not know")
    if tool in UP:
        begins = UP[tool].search(text)
        if not begins:
            raise Unavailable(f"{name} has no part that {tool} runs", fix=f"Mark it as {tool} does: {MARKS[tool]}")
        text = text[begins.end() :]
        ends = DOWN[tool].search(text)
        text = text[: ends.start()] if ends else text
    return text
