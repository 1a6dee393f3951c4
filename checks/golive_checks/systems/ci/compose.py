"""Where `docker compose run` and `up` lead: into the command of a service of the repository's compose files. Pure.

https://docs.docker.com/reference/cli/docker/compose/
"""

import shlex
from collections.abc import Mapping

from golive import Unavailable
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.nested import Nested, Script, program, shown
from golive_checks.systems.ci.programs import CONTAINERS
from golive_checks.systems.ci.repository import RepositoryFiles, joined
from golive_checks.systems.machine.client import yamlnodes as y

FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
BESIDE = (
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yaml",
    "docker-compose.override.yml",
)
WITH_VALUE = frozenset(
    {"-e", "--env", "-v", "--volume", "-u", "--user", "-w", "--workdir", "--name", "-p", "--publish"}
)
WITH_VALUE |= {"-f", "--file", "--project-name", "--profile", "--env-file", "--project-directory", "--entrypoint", "-l"}
WITH_VALUE |= {"--label", "--pull", "--exit-code-from", "--scale", "-t", "--timeout"}
DETACHED = frozenset({"-d", "--detach", "--wait"})

Service = Mapping[str, y.Node]


def of_container(command: ShellCommand, repo: RepositoryFiles) -> Nested:
    """Follow compose into a service's command; any other container runs what its image says."""
    words = command.words
    if program(words[0]) not in CONTAINERS or not {"run", "up", "exec", "wait"} & set(words):
        return None
    verb = next((n for n, w in enumerate(words) if w in {"run", "up", "wait"}), 0)
    if verb and (program(words[0]) == "docker-compose" or "compose" in words[1:verb]):
        return _of_compose(command, verb, repo)
    return None if "playwright" in words else f"what {shown(command)} runs"


def _of_compose(command: ShellCommand, verb: int, repo: RepositoryFiles) -> Nested:
    words, unseen = command.words, f"what {shown(command)} runs"
    plain = _plain(words[verb + 1 :], stops=words[verb] == "run")
    try:
        services = _services(words[:verb], command.folder, repo)
    except Unavailable:
        return unseen
    if words[verb] == "run":
        given = shlex.join(plain[1:])
        return _service(plain[0], services, command.folder, given) or unseen if plain else unseen
    if words[verb] == "wait":
        return (plain and _service(plain[0], services, command.folder)) or unseen
    named = _option(words, "--exit-code-from")
    if DETACHED & set(words):
        names = plain or list(services)
        found = [script for name in names for script in _service(name, services, command.folder, behind=" &") or []]
        return [each for each in found if not isinstance(each, str)] or unseen
    return (named and _service(named, services, command.folder)) or unseen


def _services(words: tuple[str, ...], folder: str, repo: RepositoryFiles) -> dict[str, Service]:
    """Return the services of the files that are named, or of those that compose finds by itself, one upon the other."""
    named = [words[n + 1] for n, word in enumerate(words[:-1]) if word in {"-f", "--file"}]
    named += [word.partition("=")[2] for word in words if word.startswith("--file=")]
    first = [name for name in FILES if repo.text(joined(folder, name)) is not None][:1]
    found: dict[str, Service] = {}
    for name in named or [*first, *BESIDE]:
        for document in y.documents(repo.text(joined(folder, name)) or "", name)[:1]:
            for key, node in y.pairs(y.pairs(document).get("services")).items():
                found[key] = {**found.get(key, {}), **y.pairs(node)}
    return found


def _service(name: str, services: Mapping[str, Service], folder: str, given: str = "", behind: str = "") -> Nested:
    """Return what a service runs, or is given to run; None where only its image says."""
    if name not in services:
        return None
    service = services[name]
    parts = [_text(service.get("entrypoint")), given or _text(service.get("command"))]
    text = " ".join(part for part in parts if part)
    build = service.get("build")
    context = y.scalar(build) or y.scalar(y.pairs(build).get("context")) or ""
    return [Script(text + behind, f"of the service {name}", joined(folder, context))] if text else None


def _text(node: y.Node) -> str:
    return y.scalar(node) or shlex.join(y.scalar(each) or "" for each in y.items(node))


def _plain(words: tuple[str, ...], *, stops: bool) -> list[str]:
    """Return what is no option; behind the service of `run`, all that follows is the command."""
    found: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if stops and found:
            found.append(word)
        elif word in WITH_VALUE and waiting:
            waiting.pop(0)
        elif not word.startswith("-"):
            found.append(word)
    return found


def _option(words: tuple[str, ...], name: str) -> str:
    inline = next((w.partition("=")[2] for w in words if w.startswith(f"{name}=")), "")
    return inline or next((words[n + 1] for n, w in enumerate(words[:-1]) if w == name), "")
