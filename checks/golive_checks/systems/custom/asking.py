"""Asks what a profile's own checks ask, each by golive's own clients."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from golive import Effect, Fact, Unavailable, probe
from golive_checks.shapes import split_url
from golive_checks.subjects import Database, Host
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.custom.answers import MOST, Came, fits, found_in, number, of_text
from golive_checks.systems.custom.client.tcp import Tcp
from golive_checks.systems.custom.requests import Custom, DnsRequest, HttpRequest, SqlRequest, TcpRequest
from golive_checks.systems.dns.client.exchange import SETTLED
from golive_checks.systems.http.client.message import ACCEPT_ANY, Access, Response
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.logs.audit_trails import LIMIT
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.monitoring.client.monitors import Monitors
from golive_checks.systems.monitoring.prometheus import query
from golive_checks.systems.postgres.client.client import Postgres


@dataclass(frozen=True)
class NamedDatabase(Fact):
    """That the profile names it, so that a check of one's own may ask it."""


@probe("custom.database")
async def named_database(database: Database) -> NamedDatabase:
    """Know the profile's databases by name."""
    return NamedDatabase()


@dataclass(frozen=True)
class NamedPrometheus(Fact):
    """The same of a Prometheus."""


@probe("custom.prometheus")
async def named_prometheus(at: Prometheus) -> NamedPrometheus:
    """Know the profile's Prometheus."""
    return NamedPrometheus()


@dataclass(frozen=True)
class Answered(Fact):
    """What came of a request that only reads; None where the request writes."""

    came: Came | None = None


@dataclass(frozen=True)
class Sent(Fact):
    """What came of a request that may write; None where it only reads."""

    came: Came | None = None


@probe("custom.answered")
async def answered(
    of: Custom,
    hosts: Mapping[Host, Origin] | Unavailable,
    databases: Mapping[Database, NamedDatabase] | Unavailable,
    monitoring: Mapping[Prometheus, NamedPrometheus] | Unavailable,
    others: OtherHosts,
    access: Access,
    tcp: Tcp,
    postgres: Postgres,
    monitors: Monitors,
    files: Files,
    command: CommandRunner,
) -> Answered:
    """Ask what a check of the profile's own asks, where that only reads."""
    match of.request:
        case HttpRequest() as request:
            if of.writes:
                return Answered()
            came = await _http(request, of, hosts, others, access)
        case DnsRequest() as request:
            came = await _dns(request, of, others)
        case TcpRequest() as request:
            ip = await others.address(request.host)
            knocked = await tcp.knock(request.host, ip, request.port)
            came = Came(there=knocked.taken, seconds=knocked.seconds, said=knocked.said)
        case SqlRequest() as request:
            came = await _sql(request, databases, postgres)
        case str() as text if of.way == "promql":
            came = await _promql(text, monitoring, monitors)
        case str() as path:
            came = await _file(path, of, files)
        case argv:
            ran = await command.run(argv)
            text = ran.stdout.decode("utf-8", "replace")
            came = Came(status=ran.code, said=ran.last_words(), **of_text(text, of.expect))
    return Answered(came)


@probe("custom.sent", effect=Effect.WRITE, leaves="what the request makes, which golive has no way to undo")
async def sent(
    of: Custom,
    hosts: Mapping[Host, Origin] | Unavailable,
    others: OtherHosts,
    access: Access,
) -> Sent:
    """Send what a check of the profile's own sends, where that may write."""
    if not isinstance(of.request, HttpRequest) or not of.writes:
        return Sent()
    return Sent(await _http(of.request, of, hosts, others, access))


async def _http(
    request: HttpRequest, of: Custom, hosts: Mapping[Host, Origin] | Unavailable, others: OtherHosts, access: Access
) -> Came:
    """Send a request over https, with the host's own access where the profile names it."""
    if request.host:
        host = _named(request.host, hosts)
        name, port, path = host.name, host.port, request.path
        access = access.model_copy(update=host.own.get("access", {}))
        others = replace(others, trust=others.trust.model_copy(update=host.own.get("trust", {})))
    else:
        url = split_url(request.url)
        if url is None or not url.hostname:
            raise Unavailable("its url is none")
        name, port, access = url.hostname, url.port or 443, Access()
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    access = access.model_copy(update={"headers": {**access.headers, **request.headers}})
    door = await others.door(name, port, access=access)
    if request.method == "GET":
        got = await door.get_anew(path, {"accept": ACCEPT_ANY})
    else:
        got = await door.knock(request.method, path, request.body.encode())
    if got.distrust:
        raise Unavailable(f"{name} cannot be trusted: {got.distrust}")
    return _of_response(got, of)


def _of_response(got: Response, of: Custom) -> Came:
    expect = of.expect
    wanted = {*expect.present, *expect.absent, *expect.headers}
    there = frozenset(name for name in wanted if got.values(name.lower()))
    fitting = {name: fits(pattern, got.header(name.lower())) for name, pattern in expect.headers.items()}
    reads_body = expect.json_values or expect.matches or expect.matches_not
    measured = of_text(got.text, expect) if reads_body else {}
    return Came(
        status=got.status, seconds=got.seconds, unsure_s=got.unsure_s, present=there, headers=fitting, **measured
    )


def _named(name: str, hosts: Mapping[Host, Origin] | Unavailable) -> Host:
    known = () if isinstance(hosts, Unavailable) else tuple(hosts)
    for host in known:
        if name in {host.key, host.name}:
            return host
    there = ", ".join(host.key or host.name for host in known) or "none"
    raise Unavailable(f"the profile names no host {name}: there is {there}", fix="correct its http.host")


async def _dns(request: DnsRequest, of: Custom, others: OtherHosts) -> Came:
    reply = await others.dns.look_up(request.name, request.type, others.resolvers)
    if reply.status not in SETTLED:  # SERVFAIL is no proof that there is none
        raise Unavailable(f"the resolver says {reply.word} to the {request.type} records of {request.name}")
    records = tuple(sorted(record.data for record in reply.of(request.type)))
    _refuse_more(len(records), "records", "ask for a narrower name")
    return Came(records=records, rows=len(records), said=reply.word, found=found_in("\n".join(records), of.expect))


async def _sql(
    request: SqlRequest, databases: Mapping[Database, NamedDatabase] | Unavailable, postgres: Postgres
) -> Came:
    known = {} if isinstance(databases, Unavailable) else {database.name: database for database in databases}
    if request.database not in known:
        there = ", ".join(known) or "none"
        raise Unavailable(f"the profile names no database {request.database}: there is {there}")
    async with postgres.reading(known[request.database].audit_url) as reading:
        await reading.rows(LIMIT)
        rows = await reading.rows(request.query)
    first: dict[str, Any] = number(rows[0][0]) if rows and rows[0] else {}
    return Came(rows=len(rows), **first)


async def _promql(
    text: str, monitoring: Mapping[Prometheus, NamedPrometheus] | Unavailable, monitors: Monitors
) -> Came:
    if isinstance(monitoring, Unavailable) or not monitoring:
        raise Unavailable("the profile names no Prometheus", fix="name prometheus: in the profile")
    series = await query(next(iter(monitoring)), monitors, text)
    _refuse_more(len(series), "series", "aggregate in the query, such as max(...) or count(...)")
    return Came(rows=len(series), numbers=tuple(each.value for each in series))


def _refuse_more(count: int, what: str, fix: str) -> None:
    """Refuse to judge a part of an answer: what was left out could be what fails."""
    if count > MOST:
        raise Unavailable(f"the answer has {count:,} {what}; golive judges at most {MOST}", fix=fix)


async def _file(path: str, of: Custom, files: Files) -> Came:
    if not await files.is_there(path):
        return Came(there=False, said="is not there")
    asked = {"json_values", "matches", "matches_not", "at_least", "at_most"} & of.expect.model_fields_set
    return Came(**of_text(await files.text(path), of.expect)) if asked else Came()
