"""The till as it stands: Express before a Postgres of its own, with the gateways' APIs beside it; right or wrong."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.parts.bench import PART as BENCH
from golive_lab.parts.certificates import CERTIFICATES, ca_file, chain_file, key_file
from golive_lab.parts.env import PART as ENV
from golive_lab.parts.errors import PART as ERRORS
from golive_lab.parts.gateways.part import GATEWAYS, PROFILE_VALUES
from golive_lab.parts.monitoring.recorded import WATCHERS
from golive_lab.parts.ports import standing
from golive_lab.parts.postgres.cluster import Cluster, cluster
from golive_lab.parts.postgres.programs import debian
from golive_lab.parts.process import NotInstalledError, running
from golive_lab.stack import Stack, variables
from golive_lab.till.faults import TillFault
from golive_lab.world import healthy
from golive_lab.world.app import WEBHOOK_SECRET
from golive_lab.world.env_texts import made_up
from golive_lab.world.gateways import Payments, ProfileValues, paypal, stripe
from golive_lab.world.names import API
from golive_lab.world.postgres import ClusterSetup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

BESIDE = ((CERTIFICATES, ENV, BENCH, PROFILE_VALUES), (GATEWAYS, WATCHERS, ERRORS))
"""The parts beside it, in the stages in which they start."""
NODE = Path(sys.prefix, "node", "node_modules")
APP = Path(__file__).with_name("app.js")
TENANT = "kaolack"
ORIGIN = "https://comptoir.demo.test"
PASSWORD, JWT_KEY, BUS_TOKEN = (made_up(f"till {what}", 48) for what in ("database", "jwt", "bus"))
KEY_OF_WORDS = "change_me"
"""What app.js verifies with where its key is wrong."""
TABLES = """
CREATE TABLE ventes (numero text PRIMARY KEY, total numeric NOT NULL, devise text NOT NULL,
                     etat text NOT NULL DEFAULT 'en_attente');
CREATE TABLE encaissements (id serial PRIMARY KEY, vente text, psp text, psp_ref text, montant numeric, devise text,
                            statut text, jeton text, maj timestamptz DEFAULT now());
CREATE TABLE appels (id serial PRIMARY KEY, vente text, recu timestamptz DEFAULT now());
CREATE TABLE journal (id serial PRIMARY KEY, qui text, le timestamptz DEFAULT now());
"""
SALES = {"paypal": ("V-2026-000101", "12.00", "EUR"), "mtn": ("V-2026-000102", "500", "EUR")}
SALES |= {"orange": ("V-2026-000103", "5000", "OUV")}
"""The sales that wait for their payment, by the gateway that a success is forged of."""


@dataclass(frozen=True)
class Till:
    """The till that stands."""

    place: StackPlace
    cluster: Cluster
    stack: Stack

    def become(self, *faults: TillFault | Fault) -> None:
        """Let these things be wrong with it and with what is there besides, and no others."""
        world = _world()
        own = [each for each in faults if isinstance(each, TillFault)]
        for each in faults:
            world = each.change(world) if isinstance(each, Fault) else world
        for history in filter(None, (each.history for each in own)):
            world = replace(world, history=history)
        self.stack.become(world)
        settings = _settings(self.place)
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "wrong": _together(own)}))
        (self.place.folder / "till.log").write_bytes(b"")
        with self.cluster.connect("till") as connection:
            connection.execute("TRUNCATE ventes, encaissements, appels, journal")
            connection.execute("DROP INDEX IF EXISTS une_fois")
            for number, total, currency in SALES.values():
                connection.execute("INSERT INTO ventes VALUES (%s, %s, %s)", [number, total, currency])
            rows = world.payments.ledger.rows
            for row in rows:
                connection.execute(
                    "INSERT INTO encaissements (psp, psp_ref, montant, devise, statut, jeton, maj)"
                    " VALUES (%s, %s, %s, %s, %s, %s, now() - %s * interval '1 second')",
                    [row.gateway, row.reference, row.amount, row.currency, row.status, row.token, row.age_s],
                )
            if len({(row.gateway, row.reference) for row in rows}) == len(rows):
                connection.execute("CREATE UNIQUE INDEX une_fois ON encaissements (psp, psp_ref)")
            connection.execute("INSERT INTO journal (qui) VALUES ('ndeye'), ('moussa')")
            for statement in (statement for fault in own for statement in fault.rows):
                connection.execute(statement.encode())

    def variables(self, *faults: TillFault | Fault) -> dict[str, str]:
        """Give the profile where it stands."""
        own = [each for each in faults if isinstance(each, TillFault)]
        key = KEY_OF_WORDS if any("key" in fault.wrong for fault in own) else JWT_KEY
        ports = self.place.ports
        return {
            **variables(self.place),
            "TILL_DIR": str(self.place.folder),
            "TILL_ADDRESS": self.place.addresses[0],
            "TILL_HTTPS": str(ports.https),
            "TILL_HTTP": str(ports.http),
            "TILL_GATEWAYS": str(ports.gateways),
            "TILL_DATABASE": f"postgresql://till:{PASSWORD}@127.0.0.1:{ports.postgres}/till?sslmode=disable",
            "TILL_JWT": _token(key),
            "TILL_BUS": BUS_TOKEN,
            "TILL_CA": str(ca_file(self.place)),
            **{name: value for fault in own for name, value in fault.variables.items()},
        }


def _together(faults: list[TillFault]) -> dict[str, Any]:
    """Return what app.js is given of several faults at once."""
    wrong: dict[str, Any] = {}
    for fault in faults:
        wrong |= {
            **fault.wrong,
            "believes": wrong.get("believes", []) + fault.wrong.get("believes", []),
            "instead": {**wrong.get("instead", {}), **fault.wrong.get("instead", {})},
        }
    return wrong


def _token(key: str) -> str:
    """Issue a cashier's token, as jsonwebtoken does."""
    parts = ({"alg": "HS512", "typ": "JWT"}, {"sub": "ndeye", "aud": "caisse", "exp": int(time.time()) + 3600})
    text = ".".join(_base64(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_base64(hmac.digest(key.encode(), text.encode(), 'sha512'))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def till() -> Iterator[Till]:
    """Let the till stand, healthy, until the block ends."""
    if not (NODE / "express").exists():
        raise NotInstalledError("express is not installed; make servers brings it")
    with standing() as place, _beside(place) as stack:
        setup, folder = ClusterSetup(certificate=None, archive="off"), place.folder / "postgres"
        with cluster(setup, folder, place.ports.postgres, debian(), tls=False) as made:
            with made.connect() as connection:
                connection.execute(f"CREATE ROLE till LOGIN PASSWORD '{PASSWORD}'".encode())
                connection.execute("CREATE DATABASE till OWNER till")
            with made.connect("till") as connection:
                connection.execute(TABLES.encode())
                connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO till")
                connection.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO till")
            with _express(place):
                stands = Till(place, made, stack)
                stands.become()
                yield stands


def _world() -> World:
    """Describe what the till has besides: the same as the first application, but for its paths."""
    payments = Payments(
        paypal=paypal.PayPalSide(webhook_url=f"https://{API}:{{https}}/hooks/paypal"),
        in_profile=ProfileValues(orange_path="/hooks/orange"),
    )
    return replace(healthy(), payments=payments)


@contextmanager
def _beside(place: StackPlace) -> Iterator[Stack]:
    stack = Stack(BESIDE, place)
    try:
        stack.become(_world())
        yield stack
    finally:
        stack.close()


def _settings(place: StackPlace) -> Path:
    return place.folder / "till.json"


@contextmanager
def _express(place: StackPlace) -> Iterator[None]:
    address, ports = place.addresses[0], place.ports
    fields = {
        "modules": str(NODE),
        "address": address,
        "https": ports.https,
        "http": ports.http,
        "gateways": ports.gateways,
        "database": f"postgresql://till:{PASSWORD}@127.0.0.1:{ports.postgres}/till",
        "chain": str(chain_file(place, API, address)),
        "key": str(key_file(place, API, address)),
        "log": str(place.folder / "till.log"),
        "tenant": TENANT,
        "origins": [ORIGIN],
        "jwt_key": JWT_KEY,
        "bus_token": BUS_TOKEN,
        "stripe_key": stripe.KEY,
        "webhook_secret": WEBHOOK_SECRET,
        "wrong": {},
    }
    _settings(place).write_text(json.dumps(fields))
    argv = ["node", str(APP), str(_settings(place))]
    with running(argv, log=place.folder / "node.log", ready=lambda: _accepts(address, ports.http), stop_s=1):
        yield


def _accepts(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True
