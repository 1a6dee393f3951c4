"""Which presets a draft extends: that of each framework seen, where its files meet what the preset demands."""

from collections.abc import Iterator
from dataclasses import dataclass

from golive.profile.presets import PREFIX, presets
from golive_checks.init.survey import Survey
from golive_checks.init.tree import SeenInFile
from golive_checks.systems.machine.client.yamlnodes import Node, documents, items, pairs, scalar

BY_FRAMEWORK = {
    "Next.js": "next",
    "NestJS": "nestjs",
    "Express": "express",
    "Django": "django",
    "FastAPI": "fastapi",
    "Rails": "rails",
    "Laravel": "laravel",
    "Spring Boot": "spring",
    "Gin": "go",
    "Echo": "go",
    "chi": "go",
    "Fiber": "go",
    "gorilla/mux": "go",
}


@dataclass(frozen=True)
class Fitting:
    """A preset, what it was chosen for, and what it demands that no file of this environment shows."""

    name: str
    seen: SeenInFile
    lacks: tuple[str, ...] = ()


def fitting(found: Survey) -> tuple[Fitting, ...]:
    """Return the preset of each framework that has one, each once."""
    chosen: dict[str, SeenInFile] = {}
    for seen in found.frameworks.values():
        if seen.what in BY_FRAMEWORK:
            chosen.setdefault(BY_FRAMEWORK[seen.what], seen)
    return tuple(Fitting(PREFIX + name, seen, tuple(_lacking(name, found))) for name, seen in chosen.items())


def _lacking(name: str, found: Survey) -> Iterator[str]:
    """Yield the variables and routes that a preset demands and no file shows: a draft demands nothing unseen."""
    (preset,) = documents(presets()[name].read_text("utf-8"), name)
    required = pairs(_below(preset, "env", "expected", "required")).values()
    demanded = [
        *items(_below(preset, "env", "running", "demanded")),
        *(each for those in required for each in items(those)),
    ]
    real = [each for each in found.envs if each.path and not each.developers]
    given = {variable for each in real for variable in each.values}
    if real:
        names = dict.fromkeys(scalar(each) or "" for each in demanded)
        yield from (each for each in names if not given & set(each.split("|")))
    routes = {"live": found.live, "ready": found.ready}
    if found.hosts and any(routes.values()):
        health = pairs(_below(preset, "rollout", "health"))
        yield from (f"{key}: {scalar(route)}" for key, route in health.items() if not routes.get(key))


def _below(node: Node, *keys: str) -> Node | None:
    """Return what stands under some keys of a mapping; None where one is missing."""
    for key in keys:
        node = pairs(node).get(key)
    return node
