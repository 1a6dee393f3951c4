"""The restore drill of the reference stack: where it restores, what it demands, and the evidence of the last one."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.part import Part
from golive_lab.parts.postgres import programs as postgres_programs
from golive_lab.parts.postgres.parts import drill_cluster
from golive_lab.world.postgres import DRILL, DRILL_PASSWORD, DRILL_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.part import Kind, Start
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

FOLDER = "drill"


def _files(kind: Kind) -> Start:
    @contextmanager
    def files(world: World, place: StackPlace) -> Iterator[None]:
        folder, drill = place.folder / FOLDER, world.drill
        folder.mkdir(parents=True)
        url = (
            f"postgresql://{DRILL}:{DRILL_PASSWORD}@127.0.0.1:{place.ports.spare[DRILL_PORT]}/postgres?sslmode=disable"
        )
        fields = {
            "GOLIVE_LAB_DRILL_URL": url if drill.drills else "",
            "GOLIVE_LAB_DRILL_TENANTS": drill.tenants,
            "GOLIVE_LAB_DRILL_QUERY_TIMEOUT": drill.query_timeout_s,
            "GOLIVE_LAB_DRILL_RTO": drill.max_rto_s,
            "GOLIVE_LAB_DRILL_RPO": drill.max_rpo_s,
            "GOLIVE_LAB_POSTGRES_BIN": postgres_programs.folder(kind),
            "GOLIVE_LAB_PYTHON": sys.executable,
        }
        try:
            (folder / "variables.env").write_text("".join(f"{name}='{value}'\n" for name, value in fields.items()))
            if drill.evidence_days is not None:
                (folder / "evidence.json").write_text(_evidence(drill.evidence_days))
            yield
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return files


def _evidence(days: float) -> str:
    """Return what a drill wrote so many days ago."""
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    content = {
        "golive_restore_evidence": 1,
        "passed": True,
        "environment": "demo",
        "source": "nightly",
        "backup": {"id": f"afrigest-{ended:%Y-%m-%d}T0215Z.dump"},
        "ended_at": ended.isoformat(),
        "operator": "Awa Diallo",
        "target": {"server_version": "15.18"},
        "queries": [{"sql": "SELECT 1", "met": True}],
        "rto_s": {"achieved": 2.5},
        "rpo_s": {"achieved": 36000.0},
        "sign_off": {"name": "Moussa Camara", "date": f"{ended:%Y-%m-%d}"},
    }
    return json.dumps(content)


def _role(kind: Kind) -> Start:
    @contextmanager
    def role(world: World, place: StackPlace) -> Iterator[None]:
        """Let the drill's role be on the second cluster, which is new in every run."""
        with drill_cluster(kind, place).connect() as connection:
            connection.execute(f"CREATE ROLE {DRILL} LOGIN CREATEDB PASSWORD '{DRILL_PASSWORD}'".encode())
        yield

    return role


def parts(kind: Kind) -> tuple[Part, Part]:
    """Return the parts of a kind of stack: the files, and the role on the scratch server."""
    return (
        Part("drill", _files(kind), reads=lambda world: world.drill),
        Part("drill role", _role(kind), reads=lambda world: world.postgres.drill),
    )
