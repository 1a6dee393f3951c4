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

from golive_lab.parts.certificates import CERTIFICATES, ca_file, chain_file, key_file
from golive_lab.parts.gateways.part import GATEWAYS
from golive_lab.parts.ports import standing
from golive_lab.parts.postgres.cluster import Cluster, cluster
from golive_lab.parts.postgres.programs import debian
from golive_lab.parts.process import NotInstalledError, running
from golive_lab.world import healthy
from golive_lab.world.app import WEBHOOK_SECRET
from golive_lab.world.env_texts import made_up
from golive_lab.world.gateways import Payments, mtn, orange, paypal, stripe
from golive_lab.world.ledger import LedgerSides, Payment
from golive_lab.world.names import API
from golive_lab.world.postgres import ClusterSetup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from golive_lab.parts.ports import StackPlace

NODE = Path(sys.prefix, "node", "node_modules")
APP = Path(__file__).with_name("app.js")
TENANT = "kaolack"
ORIGIN = "https://comptoir.demo.test"
PASSWORD, JWT_KEY, BUS_TOKEN = (made_up(f"till {what}", 48) for what in ("database", "jwt", "bus"))
KEY_OF_WORDS = "change_me"
"""What app.js verifies with where its key is wrong."""
BOOKED = (
    Payment("stripe", "pi_3GoliveTill01", "12500", "XOF"),
    Payment("stripe", "pi_3GoliveTill02", "800", "XOF", "refunded"),
    Payment("mtn", "6e0f2a3c-7c1d-4d5e-9a3b-0c1d2e3f4a5b", "300", "EUR"),
)
TABLES = """
CREATE TABLE ventes (numero text PRIMARY KEY, total numeric NOT NULL, devise text NOT NULL,
                     etat text NOT NULL DEFAULT 'en_attente');
CREATE TABLE encaissements (id serial PRIMARY KEY, vente text, psp text, psp_ref text, montant numeric, devise text,
                            statut text, jeton text, maj timestamptz DEFAULT now(), UNIQUE (psp, psp_ref));
CREATE TABLE appels (id serial PRIMARY KEY, vente text, recu timestamptz DEFAULT now());
"""
SALES = {"paypal": ("V-2026-000101", "12.00", "EUR"), "mtn": ("V-2026-000102", "500", "EUR")}
SALES |= {"orange": ("V-2026-000103", "5000", "OUV")}
"""The sales that wait for their payment, by the gateway that a success is forged of."""


@dataclass(frozen=True)
class TillFault:
    """Something that is wrong with the till: what app.js does about it, and the check that must turn red."""

    id: str
    turns_red: str
    wrong: Mapping[str, Any]
    also: tuple[str, ...] = ()
    """Other checks that change with it."""
    rows: tuple[str, ...] = ()
    """Statements that make it so in the database."""


REACHES, FORGED = "webhook.reaches-app", "forgery-refused"
FAULTS = (
    *(TillFault(f"believes-{name}", f"{name}.{FORGED}", {"believes": [name]}) for name in ("paypal", "mtn", "orange")),
    TillFault("believes-stripe", "stripe.signature-enforced", {"stripe": True}, (REACHES,)),
    TillFault("hundredfold", "stripe.amount-asked", {"hundredfold": True}),
    TillFault("booked-twice", "stripe.reconciles", {"twice": True}),
    TillFault(
        "wrong-amount",
        "payments.ledger-agrees",
        {},
        rows=("UPDATE encaissements SET montant = montant * 100 WHERE psp_ref = 'pi_3GoliveTill01'",),
    ),
    TillFault("any-origin", "cors.foreign-origins-refused", {"cors": True}),
    TillFault("no-helmet", "headers.nosniff", {"headers": True}, ("headers.hsts",)),
    TillFault("key-of-words", "jwt.forgery-refused", {"key": True}),
    TillFault("morgan-alone", "logs.structured", {"log": True}, ("logs.request-traceable",)),
    TillFault("https-alone", REACHES, {"https": True}),
    TillFault("folder-served", "web.nothing-exposed", {"folder": True}),
    TillFault("bus-shut", "messaging.connects", {"bus": True}),
)


@dataclass(frozen=True)
class Till:
    """The till that stands."""

    place: StackPlace
    cluster: Cluster

    def become(self, *faults: TillFault) -> None:
        """Let these things be wrong with it, and no others."""
        wrong: dict[str, Any] = {}
        for fault in faults:
            both = wrong.get("believes", []) + fault.wrong.get("believes", [])
            wrong |= {**fault.wrong, **({"believes": both} if both else {})}
        settings = _settings(self.place)
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "wrong": wrong}))
        (self.place.folder / "till.log").write_bytes(b"")
        with self.cluster.connect("till") as connection:
            connection.execute("TRUNCATE ventes, encaissements, appels")
            for number, total, currency in SALES.values():
                connection.execute("INSERT INTO ventes VALUES (%s, %s, %s)", [number, total, currency])
            for row in BOOKED:
                connection.execute(
                    "INSERT INTO encaissements (psp, psp_ref, montant, devise, statut, maj)"
                    " VALUES (%s, %s, %s, %s, %s, now() - interval '5 hours')",
                    [row.gateway, row.reference, row.amount, row.currency, row.status],
                )
            for statement in (statement for fault in faults for statement in fault.rows):
                connection.execute(statement.encode())

    def variables(self, *faults: TillFault) -> dict[str, str]:
        """Tell the profile where it stands."""
        key = KEY_OF_WORDS if any("key" in fault.wrong for fault in faults) else JWT_KEY
        ports = self.place.ports
        return {
            "TILL_DIR": str(self.place.folder),
            "TILL_ADDRESS": self.place.addresses[0],
            "TILL_HTTPS": str(ports.https),
            "TILL_HTTP": str(ports.http),
            "TILL_GATEWAYS": str(ports.gateways),
            "TILL_DATABASE": f"postgresql://till:{PASSWORD}@127.0.0.1:{ports.postgres}/till?sslmode=disable",
            "TILL_JWT": _token(key),
            "TILL_BUS": BUS_TOKEN,
            "TILL_CA": str(ca_file(self.place)),
            "STRIPE_KEY": stripe.KEY,
            "STRIPE_HOOK": WEBHOOK_SECRET,
            "PAYPAL_ID": paypal.CLIENT_ID,
            "PAYPAL_SECRET": paypal.CLIENT_SECRET,
            "PAYPAL_HOOK": paypal.WEBHOOK_ID,
            "MTN_USER": mtn.USER,
            "MTN_KEY": mtn.KEY,
            "MTN_SUBSCRIPTION": mtn.SUBSCRIPTION,
            "ORANGE_ID": orange.CLIENT_ID,
            "ORANGE_SECRET": orange.CLIENT_SECRET,
        }


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
    endpoint = replace(stripe.StripeEndpoint(), url=f"https://{API}:{{https}}/hooks/stripe")
    payments = Payments(
        stripe=stripe.StripeSide(endpoints=(endpoint,)),
        paypal=paypal.PayPalSide(webhook_url=f"https://{API}:{{https}}/hooks/paypal"),
        ledger=LedgerSides(taken=BOOKED, rows=BOOKED),
    )
    world = replace(healthy(), payments=payments)
    with standing() as place, CERTIFICATES.start(world, place), GATEWAYS.start(world, place):
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
                stands = Till(place, made)
                stands.become()
                yield stands


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
