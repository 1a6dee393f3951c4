"""One question to one DNS server: UDP, then TCP where the answer is cut short; EDNS, then none where it is refused."""

import asyncio
import contextlib
import ipaddress
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from golive import Unavailable

if TYPE_CHECKING:
    import dns.message
    import dns.rrset

PAYLOAD = 1232
"""Bytes a UDP answer may have without being fragmented on any usual path (DNS flag day 2020)."""
MAX_RECORDS = 1000
"""More records in one answer than any host or zone has; one with more is not read at all."""
HEADER_BYTES = 12
RECORD_BYTES = 11
"""The least that a record takes (RFC 1035, section 3.2.1)."""
FEW = 20
"""So many records are written out on the loop; more, in a thread."""
MAX_HOPS = 16
"""Longer CNAME chains are given up by common resolvers (unbound: 11, BIND: 16)."""


class Status(StrEnum):
    """What came back for a question."""

    ANSWER = "answer"
    NODATA = "nodata"
    """The name exists and has no record of the type asked for."""
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    ERROR = "error"
    """Another error code; `Reply.detail` names it."""
    GARBAGE = "garbage"
    """Something that is no answer to the question."""
    CLOSED = "closed"
    """Nothing listens there."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    """The network had no way there."""


UNSEEN = frozenset({Status.CLOSED, Status.TIMEOUT, Status.UNREACHABLE})
"""Nothing was heard from a server."""
SETTLED = frozenset({Status.ANSWER, Status.NODATA, Status.NXDOMAIN})
"""A resolver knows: no other one need be asked."""


@dataclass(frozen=True, order=True)
class Record:
    """One record, its data as in a zone file."""

    name: str
    kind: str
    ttl: int
    data: str


@dataclass(frozen=True)
class DnsReply:
    """What a server said to a question. `aliases` are the CNAME targets on the way, in order.

    `authority` and `additional` are what an authoritative server adds: a referral's NS records, or the proof that what
    was asked for does not exist; and addresses of name servers. Of a resolver they are not kept.
    """

    server: str
    name: str
    kind: str
    status: Status
    records: tuple[Record, ...] = ()
    aliases: tuple[str, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    authoritative: bool = False
    authenticated: bool = False
    detail: str = ""

    def of(self, kind: str) -> tuple[Record, ...]:
        """Pick the records of a type."""
        return tuple(record for record in self.records if record.kind == kind)

    @property
    def word(self) -> str:
        """Say it as a reader knows it."""
        fields = {
            Status.ANSWER: "an answer",
            Status.NODATA: "no such record (NODATA)",
            Status.NXDOMAIN: "no such name (NXDOMAIN)",
            Status.SERVFAIL: "SERVFAIL",
            Status.REFUSED: "REFUSED",
            Status.TIMEOUT: "no answer in time",
            Status.CLOSED: "nothing listens there",
        }
        return fields.get(self.status) or self.detail or self.status.value


@dataclass(frozen=True)
class Question:
    """A question to one server."""

    server: str
    name: str
    kind: str
    recurse: bool = False
    validate: bool = True
    signatures: bool = False


ENDPOINT = re.compile(r"\[(?P<bracketed>[^]]+)\](:(?P<its_port>\d+))?|(?P<host>[^:]+)(:(?P<port>\d+))?|(?P<bare>.+)")


def parse_endpoint(text: str) -> tuple[str, int]:
    """Split a server's address from its port, 53 by default."""
    if part := ENDPOINT.fullmatch(text):
        host = part["bracketed"] or part["host"] or part["bare"]
        port = int(part["its_port"] or part["port"] or 53)
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(host)
            if 0 < port < 65536:  # noqa: PLR2004 - the range of ports
                return host, port
    raise ValueError(f"{text!r} is not an IP address with an optional port, such as 192.0.2.1:53")


async def exchange(question: Question, timeout_s: float) -> DnsReply:
    """Put a question to its server and say what came back, whatever it was.

    Raises:
        Unavailable: more came back than golive reads.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await _converse(question, timeout_s)
    except TimeoutError:
        return _nothing(question, Status.TIMEOUT)
    except ConnectionRefusedError:
        return _nothing(question, Status.CLOSED)
    except (ConnectionError, EOFError):
        return _nothing(question, Status.GARBAGE, detail="the connection is cut before the answer ends")
    except OSError as error:
        return _nothing(question, Status.UNREACHABLE, detail=error.strerror or "unreachable")
    except _GarbageError as error:
        return _nothing(question, Status.GARBAGE, detail=str(error))


def _nothing(question: Question, status: Status, detail: str = "") -> DnsReply:
    return DnsReply(question.server, question.name, question.kind, status, detail=detail)


class _GarbageError(Exception):
    """What came is no answer to the question."""


async def _converse(question: Question, timeout_s: float) -> DnsReply:
    import dns.rcode

    unversed = {dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS}
    query = _query(question, edns=True)
    answer = await _ask(question, query, timeout_s)
    if answer.rcode() in unversed:  # servers older than EDNS say so in these ways (RFC 6891, section 7)
        query = _query(question, edns=False)
        answer = await _ask(question, query, timeout_s)
    return await asyncio.to_thread(_read, question, answer) if len(answer.answer) > FEW else _read(question, answer)


def _query(question: Question, *, edns: bool) -> "dns.message.Message":
    import dns.flags
    import dns.message

    flags = dns.flags.Flag(0)
    if question.recurse:
        # AD in a query asks for the resolver's own word on validation (RFC 6840, section 5.7).
        flags = dns.flags.RD | (dns.flags.AD if question.validate else dns.flags.CD)
    return dns.message.make_query(
        question.name,
        question.kind,
        use_edns=0 if edns else False,
        want_dnssec=question.signatures and edns,
        payload=PAYLOAD,
        flags=flags,
    )


async def _ask(question: Question, query: "dns.message.Message", timeout_s: float) -> "dns.message.Message":
    import dns.exception
    import dns.flags
    import dns.message

    host, port = parse_endpoint(question.server)
    wire = await _by_udp(host, port, query.to_wire(), resend_after_s=timeout_s / 3)
    if wire[2] & 0x02:  # TC, the answer is cut short (RFC 1035, section 4.1.1): what is there may not even parse
        wire = await _by_tcp(host, port, query.to_wire())
    _demand_few(question.server, wire)
    try:
        if len(wire) > PAYLOAD:
            answer = await asyncio.to_thread(dns.message.from_wire, wire)
        else:
            answer = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError, IndexError, OverflowError) as error:
        raise _GarbageError("the answer is malformed") from error
    if not query.is_response(answer):
        raise _GarbageError("the answer is to another question")
    if answer.flags & dns.flags.TC:
        raise _GarbageError("the answer is cut short even over TCP")
    return answer


def _demand_few(server: str, wire: bytes) -> None:
    """Refuse more records than golive reads before anything is parsed: each may be two names of 127 labels."""
    count = sum(struct.unpack_from(">3H", wire, 6)) if len(wire) >= HEADER_BYTES else 0
    if count > MAX_RECORDS:
        if count * RECORD_BYTES > len(wire):
            raise _GarbageError("the answer is malformed")
        raise Unavailable(f"{server} answers with {count:,} records, and golive reads {MAX_RECORDS:,}")


class _Datagrams(asyncio.DatagramProtocol):
    """Waits for the datagram that bears the query's id. The socket is connected, so no other host is heard."""

    def __init__(self, query: bytes) -> None:
        self._id = query[:2]
        self.strays = 0
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - asyncio's signature
        if len(data) >= HEADER_BYTES and data[:2] == self._id:
            if not self.answer.done():
                self.answer.set_result(data)
        else:
            self.strays += 1

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def _by_udp(host: str, port: int, query: bytes, resend_after_s: float) -> bytes:
    loop = asyncio.get_running_loop()
    transport, heard = await loop.create_datagram_endpoint(lambda: _Datagrams(query), remote_addr=(host, port))
    try:
        transport.sendto(query)
        with contextlib.suppress(TimeoutError):
            # A lost datagram is not a lost server: UDP leaves sending again to the client (RFC 1035, section 4.2.1).
            return await asyncio.wait_for(asyncio.shield(heard.answer), resend_after_s)
        transport.sendto(query)
        return await asyncio.wait_for(asyncio.shield(heard.answer), resend_after_s * 1.5)
    except TimeoutError:
        if heard.strays:
            raise _GarbageError("only datagrams that answer no question of ours") from None
        raise
    finally:
        heard.answer.cancel()
        transport.close()


async def _by_tcp(host: str, port: int, query: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(len(query).to_bytes(2) + query)
        return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
    finally:
        writer.close()


def _read(question: Question, answer: "dns.message.Message") -> DnsReply:
    import dns.flags
    import dns.rcode

    records = _records(answer.answer)
    aliases = () if question.kind == "CNAME" else _aliases(question.name, records)
    chain = (question.name.rstrip(".").lower(), *aliases)
    found = any(record.name == chain[-1] and record.kind == question.kind for record in records)
    code = answer.rcode()
    known = {
        dns.rcode.NOERROR: Status.ANSWER if found else Status.NODATA,
        dns.rcode.NXDOMAIN: Status.NXDOMAIN,
        dns.rcode.SERVFAIL: Status.SERVFAIL,
        dns.rcode.REFUSED: Status.REFUSED,
    }
    return DnsReply(
        question.server,
        question.name,
        question.kind,
        known.get(code, Status.ERROR),
        tuple(record for record in records if record.name in chain),  # what else a server puts in was not asked for
        aliases,
        () if question.recurse else _records(answer.authority),
        () if question.recurse else _records(answer.additional),
        authoritative=bool(answer.flags & dns.flags.AA),
        authenticated=bool(answer.flags & dns.flags.AD),
        detail=dns.rcode.to_text(code),
    )


def _records(section: Iterable["dns.rrset.RRset"]) -> tuple[Record, ...]:
    import dns.rdatatype

    found = (
        Record(
            rrset.name.to_text(omit_final_dot=True).lower(),
            dns.rdatatype.to_text(rrset.rdtype),
            rrset.ttl,
            rdata.to_text(),
        )
        for rrset in section
        for rdata in rrset
    )
    # Servers rotate what they answer: sorted, the same records are the same fact.
    return tuple(sorted(found))


def _aliases(name: str, records: tuple[Record, ...]) -> tuple[str, ...]:
    """Follow the CNAMEs from the name asked for; a loop ends where it closes."""
    targets = {record.name: record.data.rstrip(".").lower() for record in records if record.kind == "CNAME"}
    followed = [name.rstrip(".").lower()]
    while (target := targets.get(followed[-1])) and len(followed) <= MAX_HOPS:
        followed.append(target)
        if target in followed[:-1]:
            break
    return tuple(followed[1:])
