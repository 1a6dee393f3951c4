"""Sequences and backends as check_postgres sees them: generated ones in a real database, its shares and golive's."""

from __future__ import annotations

import math
import os
import random
import re
import subprocess

import pytest
from drill_bench import CANARY, Cluster, scratch
from pydantic import SecretStr

from golive import RunInfo
from golive_checks.subjects import Database
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.server import database_state, server_state
from golive_checks.systems.tls.client.trust import Trust

__all__ = ["scratch"]

SEED = 20261129
COUNT = 120
SHOWN = re.compile(r"public\.(s\d+)=(\d+)%")
TYPES = {"smallint": 32_767, "integer": 2_147_483_647, "bigint": 9_223_372_036_854_775_807}


def made(chance: random.Random, number: int) -> str:
    """Return the SQL of one sequence that counts up from 1, and of the number that it has come to."""
    of = chance.choice([*TYPES])
    top = chance.choice([TYPES[of], chance.randint(50, TYPES[of])])
    step = chance.choice([1, 1, 1, chance.randint(2, 20)])
    last = 1 + step * chance.randint(0, (top - 1) // step)
    begins = f"create sequence s{number} as {of} increment {step} maxvalue {top};"
    return begins + (f"select setval('s{number}', {last});" if chance.random() < 0.9 else "")


def asked(server: Cluster, action: str, *more: str) -> str:
    """Return what check_postgres prints."""
    argv = ["check_postgres", f"--action={action}", "--host=127.0.0.1", f"--port={server.port}", "--dbname=numbers"]
    environ = {**os.environ, "PGPASSWORD": CANARY}
    ran = subprocess.run([*argv, "--dbuser=drill", *more], check=False, capture_output=True, text=True, env=environ)
    assert ran.stdout.startswith("POSTGRES_"), ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.long
async def test_sequences_and_backends_are_as_full_as_check_postgres_says(scratch: Cluster) -> None:
    chance = random.Random(SEED)
    scratch.sql("create database numbers owner drill")
    try:
        scratch.sql("set role drill; create schema if not exists public;", "numbers")
        scratch.sql("grant all on schema public to drill", "numbers")
        scratch.sql("set role drill; " + "".join(made(chance, number) for number in range(COUNT)), "numbers")
        url = SecretStr(scratch.url.get_secret_value().replace("/postgres?", "/numbers?"))
        at = Database("numbers", url=url, audit_url=url)
        postgres = Postgres(PostgresLimits(), NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))
        seen = await database_state(at, postgres)
        printed = asked(scratch, "sequence", "--warning=0%", "--critical=100%", f"--perflimit={COUNT}")
        theirs = {f"public.{name}": int(share) for name, share in SHOWN.findall(printed)}
        assert (len(theirs), seen.sequences_seen) == (COUNT, COUNT), f"seed {SEED}"
        for each in seen.sequences:
            assert math.isclose(each.share * 100, theirs.pop(each.name), abs_tol=1.0), f"seed {SEED}, {each}"
        # golive keeps the fullest: none of the others is fuller than the last of them
        assert max(theirs.values()) <= seen.sequences[-1].share * 100 + 1.0, f"seed {SEED}"
        state = await server_state(at, postgres)
        used, most = re.findall(r"(\d+) of (\d+) connections", asked(scratch, "backends"))[0]
        assert abs(int(used) - state.used) <= 2
        assert state.usable <= int(most)
    finally:
        scratch.sql("drop database numbers with (force)")
