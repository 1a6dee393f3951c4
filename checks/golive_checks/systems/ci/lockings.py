"""What the commands of each package manager do: keep to the lock file, go past it, or neither. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Held = Literal["locked", "loose", "by-version", "berry", "open"]
"""Plain yarn keeps to the lock file from version 2 on (by-version); so does an option that Yarn 1 does not know
(berry); open: only a run of CI says which command it is."""


@dataclass(frozen=True)
class Invocation:
    """What a tool is given: the words that are no options, the options, and the variables."""

    plain: tuple[str, ...]
    options: frozenset[str]
    variables: Mapping[str, str]

    def has(self, *names: str) -> bool:
        """Return whether one of these options is given, and not switched off."""
        return any(name in self.options or f"{name}=true" in self.options for name in names)

    def refuses(self, *names: str) -> bool:
        """Return whether one of these options is switched off."""
        return any(f"{name}=false" in self.options or f"--no-{name[2:]}" in self.options for name in names)


def is_on(value: str) -> bool:
    """Return whether a variable switches something on."""
    return value.strip().lower() not in {"", "0", "false", "no", "off"}


NPM_CI = frozenset({"ci", "clean-install", "ic", "install-clean", "isntall-clean", "cit", "install-ci-test"})
NPM_CI |= {"clean-install-test", "sit"}
NPM_MOVES = frozenset(
    {
        "install",
        "i",
        "in",
        "ins",
        "inst",
        "insta",
        "instal",
        "isnt",
        "isnta",
        "isntal",
        "isntall",
        "add",
        "it",
        "install-test",
    }
)
NPM_MOVES |= frozenset(
    {
        "update",
        "up",
        "upgrade",
        "udpate",
        "uninstall",
        "unlink",
        "remove",
        "rm",
        "r",
        "un",
        "link",
        "ln",
        "dedupe",
        "ddp",
    }
)
"""npm's names of what may move: https://docs.npmjs.com/cli/commands."""


def _npm(given: Invocation) -> Held | None:
    verb = "".join(given.plain[:1])
    if verb in NPM_CI:
        return "locked"
    return "loose" if verb in NPM_MOVES or given.plain[:2] == ("audit", "fix") else None


def _pnpm(given: Invocation) -> Held | None:
    """Where CI is set, as GitHub and GitLab set it, a plain install keeps to the lock file."""
    plain = given.plain[1:] if given.plain[:1] in {("recursive",), ("multi",), ("m",)} else given.plain
    verb = "".join(plain[:1])
    if verb in {"add", "update", "up", "upgrade", "remove", "rm", "uninstall", "un", "uni", "dedupe", "import"}:
        return "loose"
    if verb not in {"install", "i", "install-test", "it", "ci", "clean-install"}:
        return None
    frozen = ("--frozen-lockfile", "--prefer-frozen-lockfile", "--lockfile", "--config.frozen-lockfile")
    if plain[1:] or given.refuses(*frozen) or given.has("--fix-lockfile", "--lockfile-only"):
        return "loose"
    return "locked" if given.has("--frozen-lockfile") or is_on(given.variables.get("CI", "true")) else "loose"


def _yarn(given: Invocation) -> Held | None:
    plain = given.plain[2:] if given.plain[:1] == ("workspace",) else given.plain
    verb = "".join(plain[:1])
    if verb in {"add", "upgrade", "remove", "dedupe"} or (verb == "up" and plain[1:]):
        return "loose"
    if verb not in {"", "install"} and plain[:2] != ("workspaces", "focus"):
        return None
    if given.refuses("--immutable", "--frozen-lockfile", "--lockfile"):
        return "loose"
    if given.has("--frozen-lockfile"):
        return "locked"
    switch = given.variables.get("YARN_ENABLE_IMMUTABLE_INSTALLS")
    if given.has("--immutable") or is_on(switch or ""):
        return "berry"
    return "by-version" if switch is None and is_on(given.variables.get("CI", "true")) else "loose"


def _bun(given: Invocation) -> Held | None:
    verb = "".join(given.plain[:1])
    if verb in {"add", "a", "update", "remove", "rm"}:
        return "loose"
    if verb in {"install", "i"}:
        return "locked" if given.has("--frozen-lockfile") and not given.plain[1:] else "loose"
    return "locked" if verb == "ci" else None


def _uv(given: Invocation) -> Held | None:
    verb = "".join(given.plain[:1])
    if verb in {"add", "remove"}:
        return "loose"
    if verb == "lock":
        return None if given.has("--check", "--locked", "--frozen", "--check-exists") else "loose"
    if verb not in {"sync", "run"} or (verb == "run" and given.has("--no-sync", "--no-project", "--script")):
        return None
    by_variable = any(is_on(given.variables.get(name, "")) for name in ("UV_LOCKED", "UV_FROZEN"))
    return "locked" if given.has("--locked", "--frozen") or by_variable else "loose"


def _poetry(given: Invocation) -> Held | None:
    """`install` refuses a lock file that the project has moved away from."""
    verb = "".join(given.plain[:1])
    if verb in {"install", "sync"}:
        return "locked"
    moves = verb in {"add", "update", "remove"} or (verb == "lock" and not given.has("--check"))
    return "loose" if moves else None


def _pipenv(given: Invocation) -> Held | None:
    verb = "".join(given.plain[:1])
    if verb == "sync":
        return "locked"
    if verb in {"update", "upgrade", "lock", "uninstall"}:
        return "loose"
    if verb != "install":
        return None
    return "locked" if given.has("--deploy", "--ignore-pipfile") and not given.plain[1:] else "loose"


def _bundle(given: Invocation) -> Held | None:
    plain = [word for word in given.plain if not re.fullmatch(r"_[\d.]+_", word)]  # a version of Bundler
    if plain[:1] in (["update"], ["add"], ["remove"], ["lock"]):
        return "loose"
    if plain[:1] not in ([], ["install"]):
        return None
    if given.refuses("--frozen", "--deployment"):
        return "loose"
    by_variable = given.variables.get("BUNDLE_FROZEN") or given.variables.get("BUNDLE_DEPLOYMENT", "")
    return "locked" if is_on(by_variable) or given.has("--frozen", "--deployment") else "loose"


def _composer(given: Invocation) -> Held | None:
    """`install` takes what composer.lock says, and warns where composer.json has moved on."""
    verb = "".join(given.plain[:1])
    if verb in {"install", "i"}:
        return "locked"
    return "loose" if verb in {"update", "u", "upgrade", "require", "r", "remove", "rm"} else None


TOOLS: Mapping[str, Callable[[Invocation], Held | None]] = {
    "npm": _npm,
    "pnpm": _pnpm,
    "yarn": _yarn,
    "bun": _bun,
    "uv": _uv,
    "poetry": _poetry,
    "pipenv": _pipenv,
    "bundle": _bundle,
    "composer": _composer,
}
