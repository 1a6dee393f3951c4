"""Where make, shells, interpreters and containers lead: into Makefiles and scripts of the repository. Pure."""

import re
import shlex
from dataclasses import replace

from golive_checks.systems.ci.client.shell import SHELLS, ShellCommand
from golive_checks.systems.ci.makefiles import NAMES, recipe
from golive_checks.systems.ci.nested import Nested, Script, program, shown
from golive_checks.systems.ci.repository import RepositoryFiles, imported, joined

RUN_TASKS = {
    "act",
    "devbox",
    "invoke",
    "just",
    "mage",
    "moon",
    "nix",
    "nox",
    "rake",
    "rush",
    "task",
    "tox",
    "wireit",
    "zx",
}
BUILD = {"bazel", "bazelisk", "dagger", "earthly", "gradle", "gradlew", "mvn", "mvnw"}
RUN_ELSEWHERE = {"ansible-playbook", "buildkite-agent", "script", "ssh"}
NOT_FOLLOWED = frozenset(RUN_TASKS | BUILD | RUN_ELSEWHERE)
"""Programs that run what files of their own say, which golive does not read."""
RUNS_TESTS = re.compile(r"(?im)^RUN\b.*(?:playwright test|\be2e\b|\btest\b)")
CONTAINERS = frozenset({"docker", "docker-compose", "podman", "nerdctl"})
INTERPRETERS = frozenset(
    {"node", "tsx", "ts-node", "deno", "python", "python3", "bun", "zx", "jiti", "esno", "vite-node"}
)


def of_make(command: ShellCommand, repo: RepositoryFiles) -> Nested:
    """Follow make into its Makefile."""
    if program(command.words[0]) not in {"make", "gmake"}:
        return None
    words = list(command.words[1:])
    where, file, targets, spared = "", "", list[str](), ""
    while words:
        word = words.pop(0)
        if word in {"-C", "--directory"} and words:
            where = words.pop(0)
        elif word in {"-f", "--file"} and words:
            file = words.pop(0)
        elif word in {"-j", "-l"} and words and words[0].isdigit():
            words.pop(0)
        elif word in {"-n", "--dry-run", "--just-print", "--recon", "-q", "--question"}:
            return None  # it runs none of them
        elif word in {"-i", "--ignore-errors"}:
            spared = " || true"
        elif not word.startswith("-") and "=" not in word:
            targets.append(word)
    here = joined(command.folder, where)
    paths = [joined(here, name) for name in ([file] if file else NAMES)]
    text = next((t for path in paths if (t := repo.text(path)) is not None), None)
    lines = recipe(text, tuple(targets)) if text is not None else None
    if lines is None:
        return f"what {shown(command)} runs"
    return [Script(line + spared, f"of {shown(command)}", here) for line in lines]  # each a shell without -e


def of_script(command: ShellCommand, repo: RepositoryFiles) -> Nested:
    """Follow a shell script of the repository, and look into another for what it loads."""
    words = [w for w in command.words if not re.fullmatch(r"\w+=.*", w)]
    started = program(words[0]) if words else ""
    given = words[0]
    if started in {*SHELLS, "source", "."} | INTERPRETERS:
        given = next((w for w in words[1:] if not w.startswith("-") and w not in {"run", "test"}), "")
    here = command.folder
    path = joined(here, given) if "/" in given or "." in given else ""
    text = repo.text(path) if path else None
    if text is None:
        if path and path in repo.names and ("/" in words[0] or started in SHELLS):
            return f"the script {given[:100]}"
        return f"what {shown(command)} runs" if started in NOT_FOLLOWED and "playwright" not in command.words else None
    if re.search(r"\.(?:[cm]?[jt]s|py)$", path):
        loads = imported(text)
        inner = replace(command, words=(started, path, *loads), loads=loads)
        return f"the script {path}, which starts Playwright" if any("playwright" in each for each in loads) else [inner]
    first = text.partition("\n")[0]
    by_itself = started not in SHELLS  # `bash FILE` takes the first line for a comment
    errexit = (by_itself and bool(re.match(r"#!.*\s-[a-z]*e", first))) or "e" in "".join(
        w for w in words[1:2] if re.fullmatch(r"-[a-z]+", w)
    )
    return [Script(_with_arguments(text, command.words, given), path, here, errexit)]


def _with_arguments(text: str, words: tuple[str, ...], given: str) -> str:
    """Put what stands behind a script on the command line in the place of its `"$@"`."""
    behind = shlex.join(words[words.index(given) + 1 :])
    return re.sub(r'"\$[@*]"|\$[@*]', lambda _: behind, text)


def of_build(command: ShellCommand, repo: RepositoryFiles) -> Nested:
    """Say that an image that is built runs what its Dockerfile says, where any of the repository's runs tests."""
    if program(command.words[0]) not in CONTAINERS or not {"build", "bake"} & set(command.words[1:4]):
        return None
    tests = any("dockerfile" in path.lower() and RUNS_TESTS.search(text) for path, text in repo.texts.items())
    return f"what {shown(command)} builds" if tests else None
