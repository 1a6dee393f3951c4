"""The words by which npm, pnpm, yarn and bun run scripts and install packages. Pure."""

import re

MANAGERS = {"npm", "pnpm", "yarn", "bun"}
SHORT = {"test", "t", "start", "stop", "restart"}
"""What npm runs without `run`."""
WITH_VALUE = {"-w", "--workspace", "--filter", "-F", "--prefix", "-C", "--dir", "--cwd"}
EVERYWHERE, ALL = {"--workspaces", "-ws", "-r", "--recursive", "--parallel"}, "*"
BEFORE_NAME = {"run": 1, "run-script": 1, "workspace": 2, "workspaces": 3, "recursive": 2, "multi": 2}
"""How many words come before a script's name; elsewhere it is the first."""
INSTALL = {
    "npm": {
        "ci",
        "install",
        "i",
        "add",
        "clean-install",
        "ic",
        "install-clean",
        "isntall",
        "install-test",
        "it",
        "cit",
    },
    "pnpm": {"install", "i", "add", "ci", "clean-install", "install-test", "it"},
    "yarn": {"", "install", "add"},
    "bun": {"install", "i", "add", "ci", "a"},
}
"""The commands that install a project's packages: https://docs.npmjs.com/cli/commands, https://pnpm.io/cli/install,
https://yarnpkg.com/cli/install, https://bun.com/docs/cli/install; yarn alone installs."""
GLOBAL = {"-g", "--global", "--location=global"}


def installs(words: tuple[str, ...]) -> bool:
    """Return whether a command installs the packages of the project, and not some for the machine."""
    manager = _manager(words)
    if words[:1] in {("ni",), ("nci",)}:  # @antfu/ni
        return not GLOBAL & set(words)
    if manager is None:
        return False
    rest = list(words[manager + 1 :])
    if GLOBAL & set(rest) or rest[:1] == ["global"] or {"-v", "--version", "--help"} & set(rest):
        return False
    plain = _parted(words[manager], list(rest))[1]
    plain = plain[2:] if plain[:1] == ["workspace"] else plain
    return "".join(plain[:1]) in INSTALL[words[manager]] or rest[:2] == ["workspaces", "focus"]


def _manager(words: tuple[str, ...]) -> int | None:
    return next((n for n, word in enumerate(words[:6]) if word in MANAGERS), None)


def called(words: tuple[str, ...]) -> tuple[str, tuple[str, ...], str] | None:
    """Return the script that a package manager runs, the packages it looks in, and what follows."""
    manager = _manager(words)
    if manager is None:
        return None
    where, plain, more = _parted(words[manager], list(words[manager + 1 :]))
    for everywhere in (["workspaces", "foreach"], ["workspaces"], ["recursive"], ["multi"]):  # yarn's and pnpm's
        if plain[: len(everywhere)] == everywhere and len(plain) > len(everywhere):
            where, plain = (*where, ALL), plain[len(everywhere) :]
    if plain[:1] == ["workspace"] and len(plain) > 2:  # noqa: PLR2004 - yarn workspace NAME SCRIPT
        where, plain = (plain[1],), plain[2:]
    run = plain[:1] in (["run"], ["run-script"])
    name = "".join(plain[1:2] if run else plain[:1])
    if not name or (words[manager] == "npm" and not run and name not in SHORT):
        return None
    return ("test" if name == "t" else name), where, " ".join(more)


def of_node(words: tuple[str, ...]) -> tuple[str, tuple[str, ...], str] | None:
    """Return the script that `node --run NAME` runs (Node 22), and what follows."""
    if words[:1] == ("node",) and "--run" in words[:-1]:
        at = words.index("--run") + 1
        return words[at], (), " ".join(words[at + 1 :]).removeprefix("-- ")
    return None


def _parted(manager: str, rest: list[str]) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Split a manager's words into the packages it looks in, words of its own, and those for the script."""
    where, plain, more = tuple[str, ...](), list[str](), list[str]()
    while rest:
        word = rest.pop(0)
        if word == "--":
            more += rest
            break
        named = plain and len(plain) > BEFORE_NAME.get(plain[0], 0)
        if named and (manager != "npm" or not word.startswith("-")):
            more.append(word)  # npm alone looks for options of its own behind the name
        elif word in EVERYWHERE:
            where = (*where, ALL)
        elif word in WITH_VALUE and rest:
            where = (*where, rest.pop(0))
        elif re.match(r"--(?:workspace|filter|prefix|dir|cwd)=", word):
            where = (*where, word.partition("=")[2])
        elif not word.startswith("-"):
            plain.append(word)
    return where, plain, more
