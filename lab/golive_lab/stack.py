"""A stack: the parts of a world that stand at a place, and become another world by restarting only what differs."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from golive_lab.parts.env import REPOSITORY
from golive_lab.parts.part import Kind
from golive_lab.parts.ports import standing
from golive_lab.parts.process import NotInstalledError
from golive_lab.world.app import WEBHOOK_SECRET
from golive_lab.world.chat import TOKEN as CHAT_TOKEN
from golive_lab.world.errors import API_TOKEN as SENTRY_TOKEN
from golive_lab.world.login import SECRET as JWT_SECRET
from golive_lab.world.monitoring import PASSWORD as PROMETHEUS_PASSWORD
from golive_lab.world.monitoring import SCRAPE_TOKEN
from golive_lab.world.postgres import APP_PASSWORD, AUDIT_PASSWORD, DRILL_PASSWORD, DRILL_PORT
from golive_lab.world.storage import APPLICATION, AUDITOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from golive_lab.parts.part import Part
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World


@dataclass(frozen=True)
class _Standing:
    part: Part
    made_from: Any
    context: AbstractContextManager[None]


class Stack:
    """Parts in stages: those of a stage start side by side, once the stages before stand. Files come before servers."""

    def __init__(self, stages: Sequence[Sequence[Part]], place: StackPlace) -> None:
        self.stages = stages
        self.place = place
        self._standing: dict[str, _Standing] = {}

    def become(self, world: World) -> None:
        """Stop what is made from something else than `world` says, and start what is missing."""
        stale = [s for s in self._standing.values() if s.made_from != s.part.reads(world)]
        self._stop(stale)
        try:
            for stage in self.stages:
                missing = [part for part in stage if part.name not in self._standing]
                _side_by_side(lambda part: self._start(part, world), missing)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop everything."""
        self._stop(list(self._standing.values()))

    def _start(self, part: Part, world: World) -> None:
        context = part.start(world, self.place)
        context.__enter__()
        self._standing[part.name] = _Standing(part, part.reads(world), context)

    def _stop(self, them: Sequence[_Standing]) -> None:
        for each in them:
            del self._standing[each.part.name]
        _side_by_side(lambda each: each.context.__exit__(None, None, None), them)


def _side_by_side(do: Callable[[Any], object], items: Iterable[Any]) -> None:
    """Do it for all at once; the first that raises is reported when all are through."""
    items = list(items)
    if not items:
        return
    with ThreadPoolExecutor(len(items)) as threads:
        doing = [threads.submit(do, item) for item in items]
    for each in doing:
        each.result()


@contextmanager
def up(kind: Kind, world: World, folder: Path | None = None) -> Iterator[Stack]:
    """Run a stack of a kind for a world."""
    with standing(folder) as place:
        stack = Stack(stages(kind), place)
        try:
            stack.become(world)
            yield stack
        finally:
            stack.close()


def stages(kind: Kind) -> Sequence[Sequence[Part]]:
    """Name the parts of a kind of stack, without importing those of the other.

    Raises:
        NotInstalledError: golive was installed without what the stack is made of.
    """
    try:
        if kind == "real":
            from golive_lab import stack_real  # noqa: PLC0415 - only tests have what it needs

            return stack_real.STAGES
        from golive_lab import stack_demo  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        raise NotInstalledError(f"{error.name} is not installed; pip install 'golive[lab]' brings it") from error
    return stack_demo.STAGES


def variables(place: StackPlace) -> dict[str, str]:
    """Give a profile the stack's addresses."""
    ports = place.ports
    return {
        "GOLIVE_LAB_DIR": str(place.folder),
        "GOLIVE_LAB_HTTPS_PORT": str(ports.https),
        "GOLIVE_LAB_HTTP_PORT": str(ports.http),
        "GOLIVE_LAB_API_PORT": str(ports.api),
        "GOLIVE_LAB_NS1_PORT": str(ports.ns1),
        "GOLIVE_LAB_NS2_PORT": str(ports.ns2),
        "GOLIVE_LAB_PARENT_NS_PORT": str(ports.parent_ns),
        "GOLIVE_LAB_RESOLVER_PORT": str(ports.resolver),
        "GOLIVE_LAB_REGISTRY_PORT": str(ports.registry),
        "GOLIVE_LAB_SITE_PORT": str(ports.site),
        "GOLIVE_LAB_DEBUGGER_PORT": str(ports.debugger),
        "GOLIVE_LAB_SITE_PLAIN_PORT": str(ports.site_plain),
        "GOLIVE_LAB_GATEWAYS_PORT": str(ports.gateways),
        "GOLIVE_LAB_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "GOLIVE_LAB_POSTGRES_PORT": str(ports.postgres),
        "GOLIVE_LAB_POOLER_PORT": str(ports.pooler),
        "GOLIVE_LAB_DRILL_PORT": str(ports.spare[DRILL_PORT]),
        "GOLIVE_LAB_DATABASE_PASSWORD": APP_PASSWORD,
        "GOLIVE_LAB_AUDIT_PASSWORD": AUDIT_PASSWORD,
        "GOLIVE_LAB_DRILL_PASSWORD": DRILL_PASSWORD,
        "GOLIVE_LAB_S3_PORT": str(ports.s3),
        "GOLIVE_LAB_S3_KEY_ID": APPLICATION.access_key_id,
        "GOLIVE_LAB_S3_SECRET": APPLICATION.secret_access_key,
        "GOLIVE_LAB_S3_AUDIT_KEY_ID": AUDITOR.access_key_id,
        "GOLIVE_LAB_S3_AUDIT_SECRET": AUDITOR.secret_access_key,
        "GOLIVE_LAB_JWT_SECRET": JWT_SECRET,
        "GOLIVE_LAB_REPOSITORY": str(place.folder / REPOSITORY) if shutil.which("git") else "",
        "GOLIVE_LAB_PROMETHEUS_PORT": str(ports.prometheus),
        "GOLIVE_LAB_ALERTMANAGER_PORT": str(ports.alertmanager),
        "GOLIVE_LAB_METRICS_PORT": str(ports.node),
        "GOLIVE_LAB_PROMETHEUS_PASSWORD": PROMETHEUS_PASSWORD,
        "GOLIVE_LAB_SCRAPE_TOKEN": SCRAPE_TOKEN,
        "GOLIVE_LAB_MESSAGING_PORT": str(ports.messaging),
        "GOLIVE_LAB_CHAT_TOKEN": CHAT_TOKEN,
        "GOLIVE_LAB_SENTRY_TOKEN": SENTRY_TOKEN,
    }
