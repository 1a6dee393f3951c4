"""The page's policies once more: what must be new with each answer is seen by asking twice."""

from dataclasses import dataclass

from golive import Fact, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.front import LONG_VALUES
from golive_checks.systems.http.page import Page, PageDoor
from golive_checks.systems.page.document import Document, parsed

POLICY = "content-security-policy"
NONCE = "'nonce-"


@dataclass(frozen=True)
class SecondLook(Fact):
    """The Content-Security-Policies of a second answer; empty where the first has no nonce, and was not asked again."""

    headers: tuple[str, ...] = ()
    metas: tuple[str, ...] = ()


@probe("page.second-look")
async def second_look(
    host: Host,
    page: Page,
    document: Document,
    door: PageDoor,
) -> SecondLook:
    """Fetch the page again where its policy has a nonce."""
    first = [*page.reply.values(POLICY), *document.policies]
    if not any(NONCE in policy.lower() for policy in first):
        return SecondLook()
    got = await door.get(page.reply.path, again=1)
    kept = tuple(value[: LONG_VALUES[POLICY]] for value in got.values(POLICY))
    return SecondLook(kept, parsed(got.url, got.text).policies if page.html else ())
