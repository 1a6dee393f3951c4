"""What can be wrong with the database server and the application's way to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.env_texts import made_up
from golive_lab.fault import Fault
from golive_lab.postgres import APP, HOST
from golive_lab.tls import Chain

if TYPE_CHECKING:
    from golive_lab.world import World

REACHABLE, ENCRYPTED = "db.reachable", "db.encrypted"
ALL = ("db.*",)
"""Where nobody gets in, nothing else can be seen."""


def server(**changes: Any) -> Callable[[World], World]:
    """Change how the server is set up, and nothing else."""
    return lambda world: replace(
        world, postgres=replace(world.postgres, server=replace(world.postgres.server, **changes))
    )


def content(**changes: Any) -> Callable[[World], World]:
    """Change what lies in the server, and nothing else."""
    return lambda world: replace(
        world, postgres=replace(world.postgres, content=replace(world.postgres.content, **changes))
    )


def app_role(**changes: Any) -> Callable[[World], World]:
    """Change the application's role."""

    def change(world: World) -> World:
        roles = world.postgres.content.roles
        return content(roles={**roles, APP: replace(roles[APP], **changes)})(world)

    return change


def certificate(**chain: Any) -> Callable[[World], World]:
    """Give the server another certificate."""
    return server(certificate=Chain(**{"names": (HOST, "127.0.0.1"), **chain}))


FAULTS = (
    Fault("db.down", REACHABLE, "The database server is down", server(up=False), also=ALL),
    Fault(
        "db.password",
        REACHABLE,
        "The application has an old password",
        app_role(password=made_up("a new password", 32)),
        also=ALL,
    ),
    Fault("db.plain", ENCRYPTED, "The database server has no TLS", server(certificate=None), also=ALL),
    Fault("db.stranger", ENCRYPTED, "The server's certificate is nobody's", certificate(issuer="stranger"), also=ALL),
    Fault("db.other-name", ENCRYPTED, "The certificate is for another server", certificate(names=(HOST,)), also=ALL),
    Fault("db.expired", ENCRYPTED, "The server's certificate has expired", certificate(age_days=91), also=ALL),
)
