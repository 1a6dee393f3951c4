"""Which of the names in a host's policies are public suffixes: a site below them can be had by anyone."""

import re
from dataclasses import dataclass

from golive import Fact, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import Answers
from golive_checks.systems.http.client.suffixes import is_public_suffix

WILDCARD = re.compile(r"\*\.([a-z0-9._-]{1,253})", re.IGNORECASE)
POLICY = "content-security-policy"


@dataclass(frozen=True)
class SharedSuffixes(Fact):
    """The public suffixes below which a policy of the host lets every site in, such as `vercel.app`."""

    names: frozenset[str] = frozenset()


@probe("http.shared-suffixes")
async def shared_suffixes(host: Host, seen: Answers) -> SharedSuffixes:
    """Look up the names below a wildcard in the Public Suffix List, which is a file of this machine."""
    values = [value for route in seen.routes for value in route.reply.values(POLICY)]
    named = {found[1].lower().rstrip(".") for value in values for found in WILDCARD.finditer(value)}
    return SharedSuffixes(frozenset(filter(is_public_suffix, named)))
