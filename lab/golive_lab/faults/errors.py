"""What can keep errors from being reported."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world import env_texts as texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

VALID, REACHABLE, WIRED = "errors.dsn-valid", "errors.ingest-reachable", "errors.front-wired"
ARRIVES = "errors.event-arrives"


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


def sentry(**changes: Any) -> Callable[[World], World]:
    """Change how Sentry takes errors."""
    return lambda world: replace(world, errors=replace(world.errors, **changes))


OTHER = f"http://{texts.API_DSN_KEY}@127.0.0.1:{{errors}}/1"
NO_PROJECT, IN_CLEAR = OTHER.removesuffix("/1"), OTHER.replace("127.0.0.1", "errors.demo.test")

FAULTS = (
    Fault("errors.no-project", VALID, "The API's DSN names no project", api_dsn(NO_PROJECT), (REACHABLE, ARRIVES)),
    Fault("errors.in-clear", VALID, "The API's DSN is http", api_dsn(IN_CLEAR), (REACHABLE, ARRIVES)),
    Fault(
        "errors.key-disabled",
        REACHABLE,
        "Sentry answers 403: the API's key was disabled",
        sentry(disabled=("1",)),
        (ARRIVES,),
    ),
    Fault(
        "errors.event-dropped",
        ARRIVES,
        "Sentry takes the API's errors, and a filter drops them all",
        sentry(dropped=("1",)),
    ),
    Fault("errors.rate-limited", ARRIVES, "The web app's quota of errors is used up", sentry(limited=("2",))),
    Fault(
        "errors.answered-by-a-proxy",
        ARRIVES,
        "A proxy answers 200 in Sentry's place and keeps nothing",
        sentry(replaced=("1", "2")),
    ),
    Fault(
        "errors.token-refused",
        ARRIVES,
        "Sentry's API refuses the token that a test event is looked for with",
        sentry(token="sntryu_another"),  # noqa: S106 - nobody's
        outcome="unknown",
    ),
    Fault("errors.front-not-wired", WIRED, "The web app was built without a DSN", built_with("")),
    Fault("errors.front-of-another", WIRED, "The web app was built with the API's DSN", built_with(OTHER)),
)
