"""The TLS client on a real nginx, against what sslscan says of the same one."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from golive import Environment
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.answer import HelloOutcome
from golive_checks.systems.tls.client.client import Tls, TlsLimits, TlsTarget
from golive_checks.systems.tls.client.offers import WIDE, of_suites, old
from golive_checks.systems.tls.client.suites import BROKEN, DATED, of_families
from golive_checks.systems.tls.facts import MODERN, OLD
from golive_lab.parts.certificates import CERTIFICATES
from golive_lab.parts.edge.nginx_real import NGINX
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.parts.process import program
from golive_lab.world import healthy
from golive_lab.world import tls as lab
from golive_lab.world.names import API

SCANNED = {"SSLv2": "SSLv2", "SSLv3": "SSLv3", "TLSv1.0": "TLS 1.0", "TLSv1.1": "TLS 1.1"}
SCANNED |= {"TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}
WEAKEST = "AES128-SHA:ECDHE-RSA-AES256-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"


@pytest.fixture
def nginx() -> Iterator[Callable[[lab.EdgeTls], StackPlace]]:
    with ExitStack() as held:

        def serve(tls: lab.EdgeTls) -> StackPlace:
            place = held.enter_context(standing())
            world = replace(healthy(), tls=tls)
            for part in (CERTIFICATES, NGINX):
                held.enter_context(part.start(world, place))
            return place

        yield serve


def client() -> Tls:
    return Tls(Pace(RateLimit(), Environment("test")), NetworkRoutes(Vantage()), TlsLimits())


def target(place: StackPlace) -> TlsTarget:
    return TlsTarget(API, place.addresses[0], place.ports.https)


def scan(place: StackPlace) -> tuple[set[str], set[str]]:
    """Ask sslscan which versions are on, and which suites they take, in OpenSSL's words."""
    argv = [program("sslscan"), "--no-colour", "--no-check-certificate", f"--sni-name={API}"]
    where = f"{place.addresses[0]}:{place.ports.https}"
    done = subprocess.run([*argv, where], capture_output=True, text=True, timeout=60, check=True)
    versions = {
        SCANNED[name] for name in re.findall(r"^(\S+)\s+enabled$", done.stdout, re.MULTILINE) if name in SCANNED
    }
    suites = set(re.findall(r"^(?:Accepted|Preferred)\s+\S+\s+\d+ bits\s+(\S+)", done.stdout, re.MULTILINE))
    assert suites, done.stdout
    return versions, suites


PROTOCOLS: tuple[tuple[lab.Protocol, ...], ...] = (
    ("TLSv1.2", "TLSv1.3"),
    ("TLSv1.2",),
    ("TLSv1.3",),
    ("TLSv1", "TLSv1.1", "TLSv1.2"),
)


@pytest.mark.parametrize("protocols", PROTOCOLS, ids=" ".join)
async def test_versions_are_those_that_sslscan_sees(
    protocols: tuple[lab.Protocol, ...], nginx: Callable[[lab.EdgeTls], StackPlace]
) -> None:
    place = nginx(lab.EdgeTls(protocols=protocols))
    answers = {v: (await client().hello(target(place), WIDE.get(v) or old(v))).answer for v in (*OLD, *MODERN)}
    accepted = {version for version, answer in answers.items() if answer.seen is HelloOutcome.ACCEPTED}
    assert accepted == scan(place)[0]
    assert not {version for version, answer in answers.items() if answer.seen is HelloOutcome.BROKEN}


async def test_suites_are_those_that_sslscan_sees(nginx: Callable[[lab.EdgeTls], StackPlace]) -> None:
    from golive_checks.systems.tls.facts import _families  # noqa: PLC0415 - the probe's own way of asking

    place = nginx(lab.EdgeTls(ciphers=WEAKEST))
    taken = await _families(target(place), client(), DATED)
    assert taken == {"static RSA": taken["static RSA"], "CBC": 0xC014}
    left, seen = list(of_families((*BROKEN, *DATED))), set[int]()
    while (answer := (await client().hello(target(place), of_suites(left))).answer).suite:
        seen.add(answer.suite)
        left.remove(answer.suite)
    _, scanned = scan(place)
    assert seen == {0x002F, 0xC014, 0x009D}
    assert {s for s in scanned if not s.startswith("TLS_")} - {"ECDHE-RSA-AES128-GCM-SHA256"} == {
        "AES128-SHA",
        "ECDHE-RSA-AES256-SHA",
        "AES256-GCM-SHA384",
    }


async def test_a_sound_nginx_takes_no_old_suite(nginx: Callable[[lab.EdgeTls], StackPlace]) -> None:
    place = nginx(lab.EdgeTls())
    for families in (BROKEN, DATED):
        answer = (await client().hello(target(place), of_suites(of_families(families)))).answer
        assert (answer.seen, answer.how) == (HelloOutcome.REFUSED, "alert handshake_failure")


async def test_old_tls_that_is_switched_on_and_breaks_is_told_apart(nginx: Callable[[lab.EdgeTls], StackPlace]) -> None:
    place = nginx(lab.EdgeTls(protocols=("TLSv1", "TLSv1.2"), lowers_security=False))
    assert (
        await client().hello(target(place), WIDE.get("TLS 1.0") or old("TLS 1.0"))
    ).answer.seen is HelloOutcome.BROKEN
    assert (
        await client().hello(target(place), WIDE.get("TLS 1.2") or old("TLS 1.2"))
    ).answer.seen is HelloOutcome.ACCEPTED
