"""Which commands install a project's packages, and whether its lock file alone decides which versions. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from golive_checks.systems.ci.words import installs

Held = Literal["locked", "loose", "by-version"]
LOCKS = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json"),
    "pnpm": ("pnpm-lock.yaml",),
    "yarn": ("yarn.lock",),
    "bun": ("bun.lock", "bun.lockb"),
    "uv": ("uv.lock",),
    "poetry": ("poetry.lock",),
    "pipenv": ("Pipfile.lock",),
    "bundle": ("Gemfile.lock", "gems.locked"),
    "composer": ("composer.lock",),
}
"""The lock files of each tool."""
VARIABLES = frozenset(
    {"UV_LOCKED", "UV_FROZEN", "BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT", "YARN_ENABLE_IMMUTABLE_INSTALLS", "CI"}
)
"""What does the same as an option where it is set."""
NPM_CI = frozenset({"ci", "clean-install", "ic", "install-clean", "isntall-clean", "cit", "install-ci-test"})
SPEAKS = frozenset({"echo", "printf", "grep"})
DRY = frozenset({"--dry-run", "--help", "-h", "--version", "-V"})
BEFORE = frozenset({"sudo", "corepack", "time", "command", "exec", "mise", "--"})


@dataclass(frozen=True)
class Install:
    """A command that installs a project's packages, by the tool's name, and whether its lock file is kept to."""

    tool: str
    held: Held


def install(words: tuple[str, ...], variables: Mapping[str, str]) -> Install | None:
    """Return what a command installs by a lock file, or past it; None where it installs nothing that has one.

    Sources: https://docs.npmjs.com/cli/commands/npm-ci, https://pnpm.io/cli/install#--frozen-lockfile,
    https://yarnpkg.com/cli/install, https://classic.yarnpkg.com/lang/en/docs/cli/install/,
    https://bun.com/docs/pm/cli/install, https://docs.astral.sh/uv/concepts/projects/sync/,
    https://python-poetry.org/docs/cli/#install, https://pipenv.pypa.io/en/latest/cli.html,
    https://bundler.io/man/bundle-install.1.html, https://getcomposer.org/doc/03-cli.md#install-i
    """
    words = tuple(_bare(words))
    if DRY & set(words):
        return None
    tool, rest = words[0].rpartition("/")[2] if words else "", words[1:]
    if tool in OTHERS:
        held = OTHERS[tool](rest, variables)
        return Install(tool, held) if held else None
    if tool in SPEAKS:
        return None
    manager = next((word for word in words[:3] if word in JAVASCRIPT), "")
    return Install(manager, JAVASCRIPT[manager](rest, variables)) if manager and installs(words) else None


def _bare(words: tuple[str, ...]) -> list[str]:
    """Take off what only starts the command: `sudo`, `env A=b`, `python -m`."""
    rest = list(words)
    while rest and (rest[0] in BEFORE or rest[0] == "env" or re.fullmatch(r"\w+=.*", rest[0], re.DOTALL)):
        rest.pop(0)
    return rest[2:] if re.fullmatch(r"python[\d.]*", rest[0] if rest else "") and rest[1:2] == ["-m"] else rest


def is_on(value: str) -> bool:
    """Return whether a variable switches something on."""
    return value.strip().lower() not in {"", "0", "false", "no", "off"}


def _npm(rest: tuple[str, ...], _: Mapping[str, str]) -> Held:
    return "locked" if NPM_CI & set(rest) else "loose"


def _pnpm(rest: tuple[str, ...], variables: Mapping[str, str]) -> Held:
    """Where CI is set, as GitHub and GitLab set it, a plain install keeps to the lock file."""
    loose = {"--no-frozen-lockfile", "--fix-lockfile", "--no-lockfile", "--lockfile=false", "--frozen-lockfile=false"}
    if loose & set(rest) or "add" in rest or not is_on(variables.get("CI", "true")):
        return "loose"
    return "locked"


def _yarn(rest: tuple[str, ...], variables: Mapping[str, str]) -> Held:
    if "add" in rest or "--no-immutable" in rest:
        return "loose"
    if {"--immutable", "--frozen-lockfile"} & set(rest) or is_on(variables.get("YARN_ENABLE_IMMUTABLE_INSTALLS", "")):
        return "locked"
    return "loose" if "YARN_ENABLE_IMMUTABLE_INSTALLS" in variables else "by-version"


def _bun(rest: tuple[str, ...], _: Mapping[str, str]) -> Held:
    return "locked" if rest[:1] == ("ci",) or "--frozen-lockfile" in rest else "loose"


def _uv(rest: tuple[str, ...], variables: Mapping[str, str]) -> Held | None:
    if rest[:1] == ("add",):
        return "loose"
    if rest[:1] != ("sync",):
        return None
    held = {"--locked", "--frozen"} & set(rest) or any(is_on(variables.get(n, "")) for n in ("UV_LOCKED", "UV_FROZEN"))
    return "locked" if held else "loose"


def _poetry(rest: tuple[str, ...], _: Mapping[str, str]) -> Held | None:
    """`install` refuses a lock file that the project has moved away from."""
    kinds: Mapping[str, Held] = {"install": "locked", "sync": "locked", "add": "loose", "update": "loose"}
    return kinds.get(next((word for word in rest if not word.startswith("-")), ""))


def _pipenv(rest: tuple[str, ...], _: Mapping[str, str]) -> Held | None:
    if rest[:1] == ("sync",):
        return "locked"
    if rest[:1] in {("install",), ("update",), ("upgrade",)}:
        return "locked" if {"--deploy", "--ignore-pipfile"} & set(rest) and rest[0] == "install" else "loose"
    return None


def _bundle(rest: tuple[str, ...], variables: Mapping[str, str]) -> Held | None:
    plain = [word for word in rest if not word.startswith("-")]
    if plain[:1] in (["update"], ["add"]):
        return "loose"
    if plain[:1] not in ([], ["install"]):
        return None
    frozen = any(is_on(variables.get(name, "")) for name in ("BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT"))
    return "locked" if frozen or {"--frozen", "--deployment"} & set(rest) else "loose"


def _composer(rest: tuple[str, ...], _: Mapping[str, str]) -> Held | None:
    """`install` takes what composer.lock says, and warns where composer.json has moved on."""
    plain = [word for word in rest if not word.startswith("-")]
    kinds: Mapping[str, Held] = {
        "install": "locked",
        "i": "locked",
        "update": "loose",
        "u": "loose",
        "require": "loose",
    }
    return kinds.get("".join(plain[:1]))


JAVASCRIPT = {"npm": _npm, "pnpm": _pnpm, "yarn": _yarn, "bun": _bun}
OTHERS = {"uv": _uv, "poetry": _poetry, "pipenv": _pipenv, "bundle": _bundle, "composer": _composer}
