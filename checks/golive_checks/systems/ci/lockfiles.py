"""Which commands install a project's packages, and whether its lock file alone decides which versions. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from golive_checks.systems.ci.lockings import TOOLS, Held, Invocation

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
    {
        "UV_LOCKED",
        "UV_FROZEN",
        "BUNDLE_FROZEN",
        "BUNDLE_DEPLOYMENT",
        "BUNDLE_GEMFILE",
        "YARN_ENABLE_IMMUTABLE_INSTALLS",
        "CI",
    }
)
"""What does the same as an option where it is set."""
NAMES = {"composer.phar": "composer", "bundler": "bundle", "yarnpkg": "yarn"}
CONTAINERS = frozenset({"docker", "podman", "docker-compose", "nerdctl"})
BEFORE = frozenset({"sudo", "corepack", "time", "command", "exec", "env", "timeout", "nice", "nohup", "retry", "php"})
BEFORE |= {"xvfb-run", "npx", "bunx", "pnpx", "cross-env", "stdbuf", "chronic", "xargs", "mise", "devbox", "doppler"}
BEFORE |= {"op", "nix", "asdf", "direnv"}
STARTS = frozenset({"run", "exec", "x", "develop", "shell"})
"""How those programs start another one."""
TAKES_VALUE = frozenset({"-u", "-g", "-n", "-s", "-k", "--user", "--signal"})
"""Options of those programs whose value is the next word."""
VALUED = frozenset(
    {
        "--loglevel",
        "--cache",
        "--registry",
        "--userconfig",
        "--workspace",
        "--omit",
        "--include",
        "--filter",
        "-F",
        "--python",
        "--color",
        "--cache-dir",
        "--config-file",
        "--jobs",
        "-j",
        "--retry",
        "--path",
        "--without",
        "--with",
    }
)
"""Options of package managers whose value is the next word."""
OWN_VALUED = {"npm": {"-w"}, "uv": {"-p"}}
SWITCHES = {"uv": "UV_", "bundle": "BUNDLE_", "yarn": "YARN_", "pnpm": "CI"}
"""How the variables begin that each looks at."""
FOLDERS = {
    "npm": {"--prefix", "-C"},
    "pnpm": {"--dir", "-C", "--prefix"},
    "yarn": {"--cwd"},
    "bun": {"--cwd"},
    "uv": {"--directory", "--project"},
    "poetry": {"--directory", "-C", "--project", "-P"},
    "composer": {"--working-dir", "-d"},
    "bundle": {"--gemfile"},
}
"""The options that name the folder of the project; Bundler's names its Gemfile."""
DRY = frozenset({"--dry-run", "--help", "-h", "--version", "-V", "-v"})
GLOBAL = frozenset({"-g", "--global", "--location=global"})
OPEN = re.compile(r"\$|MATRIX\.|EXPRESSION")
ASSIGNED = re.compile(r"\w+=.*", re.DOTALL)


@dataclass(frozen=True)
class Install:
    """A command that installs a project's packages, by the tool's name, and whether its lock file is kept to."""

    tool: str
    held: Held
    folder: str = ""
    """Where the project is, as the command names it."""
    by_the_way: bool = False
    """Whether it installs only what has changed since an install before: `uv run`."""


def install(words: tuple[str, ...], variables: Mapping[str, str]) -> Install | None:
    """Return what a command installs by a lock file, or past it; None where it installs nothing that has one.

    Sources: https://docs.npmjs.com/cli/commands/npm-ci, https://pnpm.io/cli/install#--frozen-lockfile,
    https://yarnpkg.com/cli/install, https://classic.yarnpkg.com/lang/en/docs/cli/install/,
    https://bun.com/docs/pm/cli/install, https://docs.astral.sh/uv/concepts/projects/sync/,
    https://python-poetry.org/docs/cli/#install, https://pipenv.pypa.io/en/latest/cli.html,
    https://bundler.io/man/bundle-install.1.html, https://getcomposer.org/doc/03-cli.md#install-i
    """
    before, words = words[: len(words) - len(bare(words))], bare(words)
    variables = {**variables, **dict(word.split("=", 1) for word in before if ASSIGNED.fullmatch(word))}
    if words and words[0] in CONTAINERS and STARTS & set(words[1:3]):
        inside = (_of(words[at:], {**variables, "CI": ""}) for at in range(2, len(words)) if words[at + 1 : at + 2])
        found = next((each for each in inside if each), None)
        return replace(found, held="loose") if found and found.held == "by-version" else found
    return _of(words, variables)


def bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """Take off what only starts the command: `sudo -u app`, `env A=b`, `timeout 60`, `python -m`."""
    rest = list(words)
    while rest and (rest[0] in BEFORE or ASSIGNED.fullmatch(rest[0])):
        looks_up = rest.pop(0) == "command" and rest[:1] in (["-v"], ["-V"])
        if looks_up:
            return ()
        while rest and (rest[0].startswith("-") or rest[0] in STARTS or re.fullmatch(r"\d+[smh]?", rest[0])):
            del rest[: 2 if rest[0] in TAKES_VALUE else 1]
    if re.fullmatch(r"python[\d.]*", rest[0] if rest else "") and rest[1:2] == ["-m"]:
        del rest[:2]
    return tuple(rest)


def _of(words: tuple[str, ...], variables: Mapping[str, str]) -> Install | None:
    name = re.split(r"[@:]", words[0].rpartition("/")[2])[0] if words else ""
    tool = NAMES.get(name, name)
    if tool not in TOOLS:
        return None
    plain, options, folder = _parted(tool, words[1:])
    if DRY & options or GLOBAL & options:
        return None
    if OPEN.match("".join(plain[:1])):
        return Install(tool, "open", folder)
    if tool == "bundle" and (gemfile := folder or variables.get("BUNDLE_GEMFILE", "")):
        folder = str(PurePosixPath(gemfile).parent)
    given = Invocation(plain, options, variables)
    held = TOOLS[tool](given)
    unset = {n: "" for n, v in variables.items() if n.startswith(SWITCHES.get(tool, "-")) and OPEN.search(v)}
    if held != TOOLS[tool](replace(given, variables={**variables, **unset})):
        held = "open"
    if held == "loose" and tool != "npm" and any(OPEN.match(word) for word in words[1:]):
        held = "open"
    return Install(tool, held, folder, by_the_way=tool == "uv" and plain[:1] == ("run",)) if held else None


def _parted(tool: str, words: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str], str]:
    """Split what a tool is given into plain words, options, and the folder that one of these names."""
    plain, options, folder, rest = list[str](), set[str](), "", list(words)
    while rest:
        word = rest.pop(0)
        name, is_given, value = word.partition("=")
        if name in FOLDERS.get(tool, set()):
            folder = value if is_given else "".join(rest[:1])
            del rest[: 0 if is_given else 1]
        elif word in VALUED or word in OWN_VALUED.get(tool, set()):
            del rest[:1]
        elif word.startswith("-"):
            switched = rest[:1] in (["true"], ["false"])
            options.add(f"{word}={rest.pop(0)}" if switched else word)
        else:
            plain.append(word)
            if (tool, *plain) == ("uv", "run") and (at := next((n for n, w in enumerate(rest) if w[:1] != "-"), None)):
                del rest[at:]  # what is behind is for the program
            elif (tool, *plain) == ("uv", "run") and rest[:1] and rest[0][:1] != "-":
                rest.clear()
    return tuple(plain), frozenset(options), folder


def bundle_setting(words: tuple[str, ...]) -> tuple[str, str] | None:
    """Return what `bundle config` sets that an install looks at, by its variable's name; off where it is unset."""
    words = bare(words)
    if words[:2] != ("bundle", "config"):
        return None
    plain = [word for word in words[2:] if not word.startswith("-")]
    unset = plain[:1] == ["unset"] or "--delete" in words
    plain = plain[1:] if plain[:1] in (["set"], ["unset"]) else plain
    name = {"frozen": "BUNDLE_FROZEN", "deployment": "BUNDLE_DEPLOYMENT"}.get("".join(plain[:1]))
    if not name or not (unset or plain[1:]):
        return None
    return name, "" if unset else plain[1]
