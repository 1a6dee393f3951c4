"""Where does a client of Socket.IO get in: golive and socket.io's own clients, 2 and 4, at servers of both."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from golive import Environment, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, HttpSettings
from golive_checks.systems.http.client.websocket_talk import WebSocketTalks
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.front import HostDoor, front
from golive_checks.systems.http.realtime import Realtime, realtime
from golive_checks.systems.http.realtime_route import RealtimePolicy
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.proxy.policy import ProxyPolicy
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.certificates import ca_file, chain_file, key_file, write
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world.names import API as NAME
from golive_lab.world.tls import EdgeTls

SEED = 20261129
ALL = 200
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
AT_ONCE = 20
"""Cases of one seed, at one server."""
NODE = Path(sys.prefix, "node", "node_modules")
SERVERS = Path(__file__).parents[1] / "helpers" / "socket_io.js"


def generated(number: int, random: random.Random) -> dict[str, Any]:
    """Make a server, and a client that mostly gives what it wants: what differs is one thing, or nothing."""
    engine = random.choice([4, 4, 3])
    query = random.choice([{}, {}, {"tenant": "kigali"}, {"tenant": "a b&c=d", "v": "2"}])
    headers = random.choice([{}, {}, {"x-tenant": "kigali"}])
    namespaces = random.choice([["/"], ["/"], ["/", "/chat"], ["/chat/room"]])
    path = random.choice(["/socket.io/", "/live/", "/api/v1/ws/socket.io"]).rstrip("/") + f"-{number}"
    transports = random.choice([["polling", "websocket"]] * 5 + [["websocket"], ["polling"]])
    token = random.choice(["", "", "t0 k+n"])
    server = {
        "engine": engine,
        "both": random.random() < 0.3,
        "path": path,
        "transports": transports,
        "query": query,
        "headers": headers,
        "namespaces": namespaces,
        "token": token,
    }
    speaks = random.choice([engine, engine, engine, 3, 4])
    client = {
        "engine": speaks,
        "path": path + random.choice(["", "/"]),
        "query": query,
        "headers": headers,
        "namespace": random.choice(namespaces),
        "token": token,
        "token_in": random.choice(["query", "bearer", *(["auth"] if speaks == 4 else [])]) if token else "",
    }
    wrong = random.choice(["", "", "", "query", "headers", "namespace", "token", "path"])
    if wrong in {"query", "headers"}:
        client[wrong] = random.choice([{}, {"x-other": "kigali"}])
    elif wrong == "token":
        client["token"] = random.choice(["another", ""]) if token else ""
    elif wrong:
        client[wrong] = client[wrong].rstrip("/") + ("/no" if wrong == "namespace" else "-no")
    if not client["token"]:
        client["token_in"] = ""
    return {"server": server, "client": client}


def asked(client: dict[str, Any]) -> RealtimePolicy:
    """Put a client's options into a profile's words; some of its query into the path."""
    in_path = client["query"].get("tenant") == "kigali"
    return RealtimePolicy.model_validate(
        {
            "path": client["path"] + ("?tenant=kigali" if in_path else ""),
            "protocol": "socket.io",
            "engine_io": client["engine"],
            "namespace": client["namespace"],
            "query": {} if in_path else client["query"],
            "headers": client["headers"],
            "token": client["token"],
            "token_in": client["token_in"] or "auth",
            "pings": 1,
        }
    )


async def look(place: StackPlace, cases: list[dict[str, Any]]) -> list[Realtime | Unavailable]:
    host = Host(NAME, role="api", port=place.ports.https)
    address = Address(NAME, host, place.addresses[0])
    limits, pace = HttpSettings(timeout_s=5), Pace(RateLimit(), Environment("x"))
    routes, run, trust = NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"), Trust(ca_file=str(ca_file(place)))
    http = Http(limits, pace, routes, run)
    talks = WebSocketTalks(http, limits, pace, routes, run)
    try:
        fronts = {address: await front(address, AddressDoor(http, Access(), trust, address))}
        door = HostDoor(http, Access(), trust, fronts)
        asking = (realtime(host, asked(c["client"]), ProxyPolicy(), door, talks) for c in cases)
        return [seen_or_gap(each) for each in await asyncio.gather(*asking, return_exceptions=True)]
    finally:
        await http.aclose()


def seen_or_gap(found: Realtime | BaseException) -> Realtime | Unavailable:
    if isinstance(found, Realtime | Unavailable):
        return found
    raise found


def ways_in(found: Realtime | Unavailable) -> list[bool]:
    """Tell by which way golive gets in; a gap is red, as a way that is shut."""
    return [False, False] if isinstance(found, Unavailable) else [way.stop is None for way in found.ways]


@pytest.mark.parametrize("round_of", range(COUNT // AT_ONCE))
def test_golive_gets_in_where_the_clients_do(round_of: int, tmp_path: Path) -> None:
    print(f"seed {SEED + round_of}, {COUNT} of {ALL}")
    chance = random.Random(SEED + round_of)
    cases = [generated(number, chance) for number in range(AT_ONCE)]
    with standing() as place:
        write(EdgeTls(), place)
        settings = {
            "modules": str(NODE),
            "certificate": str(chain_file(place, NAME, place.addresses[0])),
            "key": str(key_file(place, NAME, place.addresses[0])),
            "address": place.addresses[0],
            "port": place.ports.https,
            "cases": cases,
        }
        file = tmp_path / "settings.json"
        file.write_text(json.dumps(settings))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(["node", str(SERVERS), str(file)], **pipes) as node:  # type: ignore[call-overload]
            seen = json.loads(node.stdout.readline())
            looked = asyncio.run(look(place, cases))
            node.stdin.close()
    wrong = [
        (case, by_client, by_golive)
        for case, by_client, by_golive in zip(cases, seen, looked, strict=True)
        if by_client != ways_in(by_golive)
    ]
    assert not wrong, f"{len(wrong)} of {AT_ONCE}: {wrong[:3]}"
    let_in = sum(any(by_client) for by_client in seen)
    assert AT_ONCE / 5 < let_in < AT_ONCE, f"{let_in} of {AT_ONCE} are let in: the inputs show nothing"
