"""Asks resolvers and name servers, each question once a run."""

import asyncio
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from golive import Client, Settings, Unavailable
from golive_checks.systems.dns.client.exchange import SETTLED, UNSEEN, DnsReply, Question, exchange, parse_endpoint
from golive_checks.systems.machine.client.pace import Pace


def _endpoint(text: str) -> str:
    """Check that a server is named by address, with or without a port."""
    parse_endpoint(text)
    return text


Endpoint = Annotated[str, AfterValidator(_endpoint)]
"""A DNS server: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`."""


class DnsSettings(Settings):
    """Where and how to ask the DNS."""

    home: ClassVar[str] = "dns"

    resolvers: tuple[Endpoint, ...] = Field(default=(), max_length=8)
    """Resolvers to ask, by address; none: the system's."""
    name_servers: dict[str, Endpoint] = Field(default_factory=dict)
    """Where to ask a zone's name server instead of at its own address, by its name."""
    timeout_s: float = Field(default=3.0, gt=0, le=60)
    """How long one server may take over one question."""


class Dns(Client):
    """Asks resolvers and name servers, and remembers what they said for the rest of the run."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._asked: dict[Question, asyncio.Task[DnsReply]] = {}
        self._silent: set[str] = set()
        self._system: tuple[str, ...] = ()

    async def aclose(self) -> None:
        """Give up what is still being asked."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    def resolvers(self, ask: DnsSettings) -> tuple[str, ...]:
        """Name the resolvers to ask: the profile's, else the system's."""
        return ask.resolvers or self._system_resolvers()

    async def look_up(self, name: str, kind: str, ask: DnsSettings, *, validate: bool = True) -> DnsReply:
        """Ask the resolvers in turn until one knows; `validate=False` asks for what fails DNSSEC validation too."""
        replies = []
        # One that kept silent once is asked last from then on: waiting for it each time would be the whole run.
        for server in sorted(self.resolvers(ask), key=self._silent.__contains__):
            reply = await self.resolve(server, name, kind, ask, validate=validate)
            if reply.status in SETTLED:
                return reply
            replies.append(reply)
        heard = [reply for reply in replies if reply.status not in UNSEEN]
        if heard:
            return heard[0]
        text = ", ".join(f"{reply.server}: {reply.word}" for reply in replies)
        raise Unavailable(
            f"no resolver answers for {name} ({text})",
            transient=True,
            fix="Name resolvers that can be reached from here under dns.resolvers.",
        )

    async def resolve(self, server: str, name: str, kind: str, ask: DnsSettings, *, validate: bool = True) -> DnsReply:
        """Ask one resolver."""
        reply = await self._once(Question(server, name, kind, recurse=True, validate=validate), ask.timeout_s)
        if reply.status in UNSEEN:
            self._silent.add(server)
        return reply

    async def ask_server(
        self, server: str, name: str, kind: str, ask: DnsSettings, *, signatures: bool = False
    ) -> DnsReply:
        """Ask an authoritative server for what it holds itself, with the signatures over it or without."""
        return await self._once(Question(server, name, kind, signatures=signatures), ask.timeout_s)

    async def _once(self, question: Question, timeout_s: float) -> DnsReply:
        task = self._asked.get(question)
        if task is None:
            task = self._asked[question] = asyncio.create_task(self._exchange(question, timeout_s))
        reply = await asyncio.shield(task)
        if reply.status in UNSEEN and self._asked.get(question) is task:
            del self._asked[question]  # the engine tries a transport error once more: that is to be a real try
        return reply

    async def _exchange(self, question: Question, timeout_s: float) -> DnsReply:
        # The user's own resolver is no host under test.
        turn = self._pace.room() if question.recurse else self._pace.slot(question.server)
        async with turn:
            return await exchange(question, timeout_s)

    def _system_resolvers(self) -> tuple[str, ...]:
        if not self._system:
            import dns.resolver

            try:
                found = dns.resolver.Resolver().nameservers
            except dns.resolver.NoResolverConfiguration as error:
                raise Unavailable("this system names no resolver", fix="Name one under dns.resolvers.") from error
            self._system = tuple(str(server) for server in found[:3])  # resolv.conf(5) reads no more than three
        return self._system
