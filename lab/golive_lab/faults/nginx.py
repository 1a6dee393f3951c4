"""What can be wrong with nginx's configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from golive_lab.world import World

TIMEOUTS, KEEPALIVE, PORT = "proxy.timeouts-set", "proxy.keepalive-outlived", "proxy.upstream-matches-port"
FORWARDS, SOUND = "proxy.forwards-client", "proxy.config-sound"


def proxy(**changes: Any) -> Callable[[World], World]:
    """Change how nginx is configured for the API behind it, and nothing else."""
    return lambda world: replace(world, proxy=replace(world.proxy, **changes))


def _port_moved(world: World) -> World:
    return replace(world, env=replace(world.env, api=world.env.api.replace("PORT={api}", "PORT=4001")))


FAULTS = (
    Fault(
        "proxy.waits-an-hour",
        turns_red=TIMEOUTS,
        title="nginx waits an hour for the API's answer",
        change=proxy(read_timeout="1h"),
    ),
    Fault(
        "proxy.gives-up-early",
        turns_red=TIMEOUTS,
        title="nginx gives up on the API after two seconds",
        change=proxy(read_timeout="2s"),
    ),
    Fault(
        "proxy.body-too-small",
        turns_red=TIMEOUTS,
        title="The body size is left at nginx's 1 MiB, below the largest upload",
        change=proxy(body_limit=""),
    ),
    Fault(
        "proxy.body-unlimited",
        turns_red=TIMEOUTS,
        title="A request's body may be of any size",
        change=proxy(body_limit="0"),
        outcome="warn",
    ),
    Fault(
        "proxy.keepalive-default",
        turns_red=KEEPALIVE,
        title="nginx reuses connections for its default of 60 s, Node closes them after 5 s",
        change=proxy(upstream_idle=""),
    ),
    Fault(
        "proxy.stale-port",
        turns_red=PORT,
        title="The location for uploads still goes to the port that the API had before it moved",
        change=proxy(uploads_to="dead"),
    ),
    Fault(
        "proxy.port-moved",
        turns_red=PORT,
        title="The API's environment says PORT=4001, nginx's configuration does not",
        change=_port_moved,
    ),
    *(
        Fault(
            f"proxy.no-{header.lower()}",
            turns_red=FORWARDS,
            title=f"nginx does not pass {header} to the API",
            change=proxy(dropped_headers=frozenset({header})),
        )
        for header in ("Host", "X-Forwarded-For", "X-Forwarded-Proto")
    ),
    Fault(
        "proxy.no-upgrade",
        turns_red=FORWARDS,
        title="The WebSocket's location does not pass Upgrade",
        change=proxy(upgrades=False),
        also=("cors.foreign-origins-refused", "cors.known-origins-served"),
    ),
    Fault(
        "proxy.alias-traversal",
        turns_red=SOUND,
        title="The location of an alias has no closing slash: /guide../ leaves the folder",
        change=proxy(guide_alias_closed=False),
    ),
    Fault(
        "proxy.slashes-unmerged",
        turns_red=SOUND,
        title="Slashes are not merged: what is denied as /internal is let through as //internal",
        change=proxy(merges_slashes=False),
    ),
    Fault(
        "proxy.folder-left",
        turns_red=SOUND,
        title="A location without a closing slash passes to a folder of the API: /legacy../ leaves it",
        change=proxy(legacy_open=True),
    ),
    Fault(
        "proxy.headers-lost",
        turns_red="proxy.headers-kept",
        title="A location adds a header of its own, and so loses HSTS and the others",
        change=proxy(guide_repeats_headers=False),
    ),
    Fault(
        "proxy.cut-off",
        turns_red=SOUND,
        title="The main file was cut off: nginx would not start with it",
        change=proxy(complete=False),
        also=(TIMEOUTS, KEEPALIVE, PORT, FORWARDS, "proxy.headers-kept"),
        stacks=("demo",),
    ),
)
