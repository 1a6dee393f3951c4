"""What can keep errors from being told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from golive_lab import env_texts as texts
from golive_lab.errors import Errors
from golive_lab.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

VALID, REACHABLE, WIRED = "errors.dsn-valid", "errors.ingest-reachable", "errors.front-wired"


def api_dsn(value: str) -> Callable[[World], World]:
    """Change the API's DSN."""

    def change(world: World) -> World:
        return replace(world, env=replace(world.env, api=texts.set_to(world.env.api, "SENTRY_DSN", value)))

    return change


def built_with(dsn: str) -> Callable[[World], World]:
    """Build the front end with another DSN, or with none."""

    def change(world: World) -> World:
        return replace(world, app=replace(world.app, front=replace(world.app.front, dsn=dsn)))

    return change


def disabled(world: World) -> World:
    """Disable the key of the API's project."""
    return replace(world, errors=Errors(disabled=("1",)))


OTHER = f"http://{texts.API_DSN_KEY}@127.0.0.1:{{errors}}/1"
NO_PROJECT, IN_CLEAR = OTHER.removesuffix("/1"), OTHER.replace("127.0.0.1", "errors.demo.test")

FAULTS = (
    Fault("errors.no-project", VALID, "The API's DSN names no project", api_dsn(NO_PROJECT), (REACHABLE,)),
    Fault("errors.in-clear", VALID, "The API's DSN is http", api_dsn(IN_CLEAR), (REACHABLE,)),
    Fault("errors.key-disabled", REACHABLE, "Sentry answers 403: the API's key was disabled", disabled),
    Fault("errors.front-not-wired", WIRED, "The web app was built without a DSN", built_with("")),
    Fault("errors.front-of-another", WIRED, "The web app was built with the API's DSN", built_with(OTHER)),
)
