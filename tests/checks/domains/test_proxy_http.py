from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Outcome, Unavailable
from golive_checks.domains.proxy_http import hides_version, http2_offered, http_redirects
from golive_checks.subjects import Edge, Host, Role
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.front import Front, Hop, HttpReply, PlainFront

HTTP, HTTPS = "http://app.test", "https://app.test"
PASS, WARN, FAIL, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NA


def host(role: Role = "app", edge: Edge = "nginx") -> Host:
    return Host("app.test", role=role, edge=edge)


def addresses(of: Host, *ips: str) -> list[Address]:
    return [Address(f"{of.name}@{ip}", of, ip) for ip in ips or ("192.0.2.1",)]


def reply(status: int = 200, *, version: str = "HTTP/2", size: int = 0, **headers: str) -> HttpReply:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpReply("/", status, version, given, size)


def hop(url: str, status: int, to: str = "", **headers: str) -> Hop:
    return Hop(url, reply(status, version="HTTP/1.1", size=0 if to else 1234, **headers), to)


def to_https(status: int) -> tuple[Hop, ...]:
    return (hop(f"{HTTP}/", status, f"{HTTPS}/"), hop(f"{HTTPS}/", 200))


ENDLESS = tuple(hop(f"{HTTP}/{n}", 302, f"{HTTP}/{n + 1}") for n in range(5))
CHAINS: Mapping[str, tuple[Role, Outcome, str, tuple[Hop, ...]]] = {
    "301": ("app", PASS, "port 80 answers 301 to https", to_https(301)),
    "308": ("app", PASS, "port 80 answers 308 to https", to_https(308)),
    "302": ("app", WARN, "redirects with 302, which is temporary", to_https(302)),
    "307": ("app", WARN, "redirects with 307", to_https(307)),
    "then to a login page": (
        "app",
        PASS,
        "301",
        (hop(f"{HTTP}/", 301, f"{HTTPS}/"), hop(f"{HTTPS}/", 302, f"{HTTPS}/login"), hop(f"{HTTPS}/login", 200)),
    ),
    "content": ("app", FAIL, "serves content in clear (200, 1,234 bytes)", (hop(f"{HTTP}/", 200),)),
    "itself": ("app", FAIL, "redirects without end", (hop(f"{HTTP}/", 301, f"{HTTP}/"),)),
    "back from https": (
        "app",
        FAIL,
        "redirects without end",
        (hop(f"{HTTP}/", 301, f"{HTTPS}/"), hop(f"{HTTPS}/", 301, f"{HTTP}/")),
    ),
    "five steps": ("app", FAIL, "redirects without end", ENDLESS),
    "two steps in clear": (
        "app",
        FAIL,
        "redirects to clear http first, to http://app.test/en",
        (hop(f"{HTTP}/", 301, f"{HTTP}/en"), hop(f"{HTTP}/en", 301, f"{HTTPS}/en"), hop(f"{HTTPS}/en", 200)),
    ),
    "another host": ("app", FAIL, "another host, www.app.test", (hop(f"{HTTP}/", 301, "https://www.app.test/"),)),
    "another port": ("app", FAIL, "to port 8443, not 443", (hop(f"{HTTP}/", 301, f"{HTTPS}:8443/"),)),
    "nowhere": ("app", FAIL, "answers 301 without saying where to", (hop(f"{HTTP}/", 301),)),
    "asks for a password": (
        "app",
        FAIL,
        "asks for a password in clear",
        (hop(f"{HTTP}/", 401, www_authenticate='Basic realm="x"'),),
    ),
    "refuses": ("app", WARN, "answers 404 and does not redirect to https", (hop(f"{HTTP}/", 404),)),
    "an API refuses": ("api", PASS, "port 80 answers 403", (hop(f"{HTTP}/", 403),)),
}


@pytest.mark.parametrize(("role", "outcome", "summary", "hops"), CHAINS.values(), ids=CHAINS)
def test_what_port_80_answers(role: Role, outcome: Outcome, summary: str, hops: tuple[Hop, ...]) -> None:
    subject = host(role)
    judged = http_redirects(subject, {a: PlainFront(chains={"/": hops}) for a in addresses(subject)})
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_a_closed_port_80_passes() -> None:
    subject = host()
    judged = http_redirects(subject, {a: PlainFront(closed="refused") for a in addresses(subject)})
    assert (judged.outcome, judged.summary) == (PASS, "port 80 refuses connections")


def test_paths_that_may_answer_in_clear_are_not_judged() -> None:
    subject = host()
    assert http_redirects(subject, {a: PlainFront() for a in addresses(subject)}).outcome is NA


def test_a_fault_at_one_address_names_it_and_the_common_one_comes_first() -> None:
    subject = host()
    one, two = addresses(subject, "192.0.2.1", "192.0.2.2")
    content = {"/": (hop(f"{HTTP}/", 200),), "/api": (hop(f"{HTTP}/api", 200),)}
    judged = http_redirects(
        subject, {one: PlainFront(chains=content), two: PlainFront(chains={**content, "/": to_https(301)})}
    )
    assert judged.outcome is FAIL
    assert judged.summary == "/api over http serves content in clear (200, 1,234 bytes) (and 1 more)"
    assert "http port 80 serves content in clear (200, 1,234 bytes) (at 192.0.2.1)" in judged.evidence


@pytest.mark.parametrize(
    ("version", "edge", "outcome"),
    [("HTTP/2", "nginx", PASS), ("HTTP/1.1", "nginx", FAIL), ("HTTP/1.1", "alb", WARN), ("HTTP/1.0", "other", FAIL)],
)
def test_http2(version: str, edge: Edge, outcome: Outcome) -> None:
    subject = host(edge=edge)
    judged = http2_offered(subject, {a: Front(reply(version=version)) for a in addresses(subject)})
    assert judged.outcome is outcome


def test_what_was_seen_over_a_connection_that_cannot_be_trusted_says_so() -> None:
    subject = host()
    seen = replace(reply(), distrust="certificate has expired")
    judged = http2_offered(subject, {a: Front(seen) for a in addresses(subject)})
    assert judged.outcome is PASS
    assert judged.evidence == ("seen over a connection that cannot be trusted: certificate has expired",)


SERVERS: Mapping[str, tuple[Edge, Outcome, str, dict[str, str]]] = {
    "name alone": ("nginx", PASS, "Server: nginx", {"server": "nginx"}),
    "none": ("nginx", PASS, "no Server header", {}),
    "nginx": ("nginx", FAIL, "Server: nginx/1.22.1", {"server": "nginx/1.22.1"}),
    "major": ("nginx", FAIL, "Server: Apache/2", {"server": "Apache/2"}),
    "spaced": ("nginx", FAIL, "Server: Microsoft-IIS 10.0", {"server": "Microsoft-IIS 10.0"}),
    "name with a digit": ("nginx", PASS, "Server: h2o", {"server": "h2o"}),
    "express": ("nginx", FAIL, "X-Powered-By: Express", {"x_powered_by": "Express"}),
    "asp.net": ("nginx", FAIL, "X-Aspnet-Version: 4.0", {"x_aspnet_version": "4.0"}),
    "load balancer": ("alb", WARN, "Server: awselb/2.0", {"server": "awselb/2.0"}),
    "express behind one": (
        "alb",
        FAIL,
        "X-Powered-By: Express (and 1 more)",
        {"server": "awselb/2.0", "x_powered_by": "Express"},
    ),
}


@pytest.mark.parametrize(("edge", "outcome", "summary", "headers"), SERVERS.values(), ids=SERVERS)
def test_versions(edge: Edge, outcome: Outcome, summary: str, headers: dict[str, str]) -> None:
    subject = host(edge=edge)
    fronts = {a: Front(reply(**headers)) for a in addresses(subject)}
    judged = hides_version(subject, fronts, {a: PlainFront(closed="silent") for a in fronts})
    assert (judged.outcome, judged.summary) == (outcome, summary)


def test_the_version_that_only_port_80_tells_is_seen_and_a_gap_there_hides_nothing() -> None:
    subject = host()
    one, two = addresses(subject, "192.0.2.1", "192.0.2.2")
    fronts = {one: Front(reply(server="nginx")), two: Front(reply(server="nginx"))}
    told = PlainFront(chains={"/": (hop(f"{HTTP}/", 301, f"{HTTPS}/", server="nginx/1.22.1"),)})
    judged = hides_version(subject, fronts, {one: told, two: Unavailable("broke")})
    assert (judged.outcome, judged.summary) == (FAIL, "Server: nginx/1.22.1 (at 192.0.2.1)")
