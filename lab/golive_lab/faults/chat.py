"""What can keep messages from flowing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

CONNECTS = "messaging.connects"


def chat(**changes: Any) -> Callable[[World], World]:
    """Change how the chat server takes those who come, and nothing else."""

    def change(world: World) -> World:
        return replace(world, app=replace(world.app, chat=replace(world.app.chat, **changes)))

    return change


FAULTS = (
    Fault("messaging.no-upgrade", CONNECTS, "The chat's upgrade to a WebSocket answers 502", chat(upgrades=False)),
    Fault("messaging.token-refused", CONNECTS, "The chat refuses a user's token", chat(token="another")),  # noqa: S106 - made up
    Fault("messaging.engine-io-3", CONNECTS, "The chat speaks Engine.IO 3 alone", chat(engine=3)),
    Fault("messaging.slow-to-connect", CONNECTS, "The chat takes over two seconds to let a user in", chat(delay_s=2.1)),
)
