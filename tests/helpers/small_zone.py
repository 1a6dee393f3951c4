"""A name server for one test: it answers what a dictionary holds, and NXDOMAIN to all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from golive_lab.parts.dns.demo import serving

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

    Records = Mapping[tuple[str, str], tuple[str, ...]]
    """The data of a name's records of a type, as in a zone file: `("a.test", "MX"): ("10 b.test.",)`."""


def small_zone(port: int, records: Records) -> AbstractAsyncContextManager[None]:
    """Answer on a port of 127.0.0.1 as a resolver would; `records` may change meanwhile."""

    def answer(query: dns.message.Message, response: dns.message.Message) -> None:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        response.flags |= dns.flags.RA
        if found := records.get((name, kind)):
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        elif not any(held == name or held.endswith(f".{name}") for held, _ in records):
            response.set_rcode(dns.rcode.NXDOMAIN)

    return serving(port, answer)
