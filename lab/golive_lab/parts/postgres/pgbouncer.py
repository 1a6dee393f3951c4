"""pgBouncer of the real stack: transaction mode, with TLS on its side, before the real server."""

from __future__ import annotations

import shutil
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part
from golive_lab.parts.postgres.cluster import certify
from golive_lab.parts.postgres.programs import give, runs_as
from golive_lab.parts.process import running
from golive_lab.world.postgres import MASTER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

HOST = "127.0.0.1"

CONFIG = """\
[databases]
{database} = host={host} port={server} dbname={database}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
max_client_conn = {max_client_conn}
default_pool_size = {pool_size}
server_tls_sslmode = prefer
"""
TLS = """\
client_tls_sslmode = require
client_tls_cert_file = {folder}/server.pem
client_tls_key_file = {folder}/server.key
"""


@contextmanager
def pooler(world: World, place: StackPlace) -> Iterator[None]:
    """Run it until the block ends."""
    described, server = world.postgres.pooler, world.postgres.server
    if not described.up or not server.up:
        yield
        return
    folder = place.folder / "pgbouncer"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    config = CONFIG.format(
        host=HOST,
        database=MASTER,
        server=place.ports.postgres,
        port=place.ports.pooler,
        folder=folder,
        max_client_conn=described.max_client_conn,
        pool_size=described.pool_size,
    )
    if server.certificate:
        certify(server, folder)
        config += TLS.format(folder=folder)
    (folder / "pgbouncer.ini").write_text(config)
    users = world.postgres.content.roles.items()
    (folder / "users").write_text("".join(f'"{name}" "{role.password}"\n' for name, role in users))
    give(folder)
    folder.chmod(0o700)
    argv = ["pgbouncer", str(folder / "pgbouncer.ini")]
    log = place.folder / "pgbouncer.log"
    with running(argv, log=log, ready=lambda: _accepts(place.ports.pooler), stop_s=1, user=runs_as()):
        yield


POOLER = Part(
    "pgbouncer",
    pooler,
    reads=lambda world: (world.postgres.pooler, world.postgres.server, world.postgres.content.roles),
)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
