"""The chat server: Socket.IO, in Python for the demo and in Node, the real one, behind nginx."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from golive_lab.parts.part import Part
from golive_lab.parts.process import NotInstalledError, running
from golive_lab.world.chat import Chat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.asgi import Application, Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

NODE = Path(sys.prefix, "node", "node_modules")
SERVER = Path(__file__).with_name("chat.js")


def application(chat: Chat) -> Application:
    """Make the server as an ASGI application."""
    if chat.engine == 3:  # noqa: PLR2004 - the version
        return _engine_io_3
    import socketio  # type: ignore[import-untyped] # noqa: PLC0415 - it has no types; only who starts a stack has it

    server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")

    @server.event  # type: ignore[untyped-decorator] # it has no types
    async def connect(_: str, __: dict[str, Any], auth: dict[str, str] | None = None) -> None:
        await asyncio.sleep(chat.delay_s)
        if (auth or {}).get("token") != chat.token:
            raise socketio.exceptions.ConnectionRefusedError("unauthorized")

    inner = cast("Application", socketio.ASGIApp(server))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not chat.upgrades:
            await receive()
            await send({"type": "websocket.http.response.start", "status": 502, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b""})
            return
        await inner(scope, receive, send)

    return serve


async def _engine_io_3(scope: Scope, receive: Receive, send: Send) -> None:
    """Open a session as Engine.IO 3 does: with lengths before packets, and accepted before anyone asks."""
    opened = "0" + json.dumps({"sid": "c2lk", "upgrades": ["websocket"], "pingInterval": 25000, "pingTimeout": 5000})
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        for text in (opened, "40"):
            await send({"type": "websocket.send", "text": text})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    body = f"{len(opened)}:{opened}2:40".encode()
    headers = [(b"content-type", b"text/plain; charset=UTF-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def node(world: World, place: StackPlace) -> Iterator[None]:
    """Run socket.io's own server until the block ends."""
    chat, folder = world.app.chat, place.folder / "chat"
    if not (NODE / "socket.io").exists():
        raise NotInstalledError("socket.io is not installed; make servers brings it")
    folder.mkdir(exist_ok=True)
    settings = folder / "settings.json"
    settings.write_text(json.dumps({**asdict(chat), "port": place.ports.messaging, "modules": str(NODE)}))
    argv = ["node", str(SERVER), str(settings)]
    with running(argv, log=folder / "node.log", ready=lambda: _accepts(place.ports.messaging), stop_s=1):
        yield


PART = Part("chat", node, reads=lambda world: world.app.chat)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
