"""Servers that send without end what is no answer: each is unknown by itself, and takes no time from the others."""

from __future__ import annotations

import json
from contextlib import ExitStack

import hostile_servers as hostile
import pytest
import yaml

LIMITS = {"timeout_s": 5, "connect_timeout_s": 5}
HEALTHY = ("api", "app", "shop")
KINDS = (*hostile.FLOODS, *hostile.FLOODS_OF_HTTP2)


@pytest.fixture(scope="module")
def report(module_place) -> dict:
    """What one run says of all of them at once."""
    ports = {}
    with ExitStack() as held:
        for protocol, floods in (("http/1.1", hostile.FLOODS), ("h2", hostile.FLOODS_OF_HTTP2)):
            for kind, talk in floods.items():
                chain = hostile.certificate(f"{kind}.demo.test")
                ports[kind] = held.enter_context(hostile.serving(talk, chain, protocol))
        profile, named = held.enter_context(hostile.among_healthy(ports, LIMITS))
        module_place.write("profile.yaml", yaml.safe_dump(profile))
        done = module_place.golive("check", "profile.yaml", "--only", "domains", "-o", "json:-", env=named)
    assert done.code == 3, done.err  # something is unknown, and nothing fails
    return json.loads(done.out)


@pytest.mark.parametrize("host", HEALTHY)
def test_the_healthy_hosts_stay_green(report, host):
    found = hostile.outcomes(report, host)
    assert (found["fail"], found["unknown"]) == (set(), set()), hostile.gaps(report, host)
    assert len(found["pass"]) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_is_unknown_and_said_to_be_such(report, kind):
    assert hostile.outcomes(report, kind)["fail"] == set()
    told = [reason for reason in hostile.gaps(report, kind) if reason.startswith(f"https://{kind}.demo.test")]
    assert told
    assert all(t.endswith("sends more than 65.5 kB that are no answer") for t in told), told
