"""The drill's queries, asked of whatever was restored."""

import time
from dataclasses import replace

from pydantic import SecretStr

from golive_checks.subjects import Query, Recovery
from golive_checks.systems.drill.record import CopyAnswer
from golive_checks.systems.drill.steps import tell
from golive_checks.systems.postgres.client.scratch import Scratch
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind


async def answers(to: Recovery, scratch: Scratch, url: SecretStr, database: str) -> tuple[CopyAnswer, ...]:
    """Ask a database every query, one after the other."""
    found = []
    for number, query in enumerate(to.queries, 1):
        tell(f"asking the copy, {number} of {len(to.queries)}")
        found.append(await _answer(to, scratch, url, database, query))
    return tuple(found)


async def _answer(to: Recovery, scratch: Scratch, url: SecretStr, database: str, query: Query) -> CopyAnswer:
    began = time.monotonic()
    try:
        got = await scratch.ask(url, database, query.sql, to.query_timeout_s, enough=query.min_rows or 0)
    except PostgresTrouble as problem:
        if problem.kind is TroubleKind.TIMED_OUT:
            answer = CopyAnswer(query.sql, given_up_s=to.query_timeout_s)
        elif problem.sqlstate:
            answer = CopyAnswer(query.sql, sqlstate=problem.sqlstate)
        else:
            raise
        return replace(answer, seconds=time.monotonic() - began)
    return CopyAnswer(query.sql, got.rows, got.value, seconds=time.monotonic() - began)
