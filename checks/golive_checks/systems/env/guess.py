"""What a repository's files say of who reads an env file. Pure."""

import json
import re
from collections.abc import Iterator, Mapping

from golive_checks.systems.env.dialects import Dialect

NODE_OWN = re.compile(r"--env-file(?:-if-exists)?[= ]|process\.loadEnvFile|parseEnv\(")
NPM = re.compile(r"dotenv(?:-cli|-flow|-safe|-expand|x)?|@dotenvx/dotenvx|@nestjs/config")
PYTHON = re.compile(r"^[^#\n]*\b(?:python-dotenv|pydantic-settings|python_dotenv)\b", re.MULTILINE | re.IGNORECASE)
COMPOSE = re.compile(r"^[^#\n]*\benv_file:", re.MULTILINE)
SYSTEMD = re.compile(r"^[ \t]*EnvironmentFile=", re.MULTILINE)
DOCKER = re.compile(r"\bdocker\s+(?:container\s+)?(?:run|create)\b[^\n]*--env-file")
SOURCED = re.compile(r"(?:^|[;&\s])(?:\.|source)\s+\S*\.env\b", re.MULTILINE)
"""`. ./.env` or `source .env`."""


BY_CONTENT: tuple[tuple[re.Pattern[str], re.Pattern[str], Dialect], ...] = (
    (re.compile(r"pyproject\.toml|pipfile|setup\.(?:py|cfg)|requirements.*\.(?:txt|in)"), PYTHON, "python-dotenv"),
    (re.compile(r"(?:docker-)?compose.*\.ya?ml"), COMPOSE, "compose"),
    (re.compile(r".+\.service"), SYSTEMD, "systemd"),
    (re.compile(r"makefile|justfile|procfile|.+\.(?:sh|bash)"), DOCKER, "docker"),
    (re.compile(r"makefile|justfile|procfile|.+\.(?:sh|bash)"), SOURCED, "shell"),
)
"""A file's name, its content, and who reads env files then."""


def reader_of(files: Mapping[str, str]) -> tuple[Dialect, str] | None:
    """Return the reader that files suggest by their paths, and the first that does; None for none or several."""
    found: dict[Dialect, str] = {}
    for path, text in sorted(files.items()):
        for reader in _guesses(path.rpartition("/")[2].lower(), text):
            found.setdefault(reader, path)
    return next(iter(found.items())) if len(found) == 1 else None


def _guesses(name: str, text: str) -> Iterator[Dialect]:
    if name == "package.json":
        yield from _of_package(text)
    for names, content, reader in BY_CONTENT:
        if names.fullmatch(name) and content.search(text):
            yield reader


def _of_package(text: str) -> Iterator[Dialect]:
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(package, dict):
        return
    fields = [package.get(key) for key in ("dependencies", "devDependencies", "scripts")]
    needed, developing, scripts = (field if isinstance(field, dict) else {} for field in fields)
    if any(NPM.fullmatch(name) for name in (*needed, *developing)):
        yield "dotenv"
    if any(isinstance(line, str) and NODE_OWN.search(line) and "docker" not in line for line in scripts.values()):
        yield "node"
