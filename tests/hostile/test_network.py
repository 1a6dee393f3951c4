"""The network itself in the way: no DNS, a dead host, a proxy in the environment, a narrow or absent terminal."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack

import pytest
import yaml

from golive_lab import PROFILE
from golive_lab.run import served


@pytest.fixture(scope="module")
def lab():
    with served("demo") as stack:
        yield stack.variables


def profile_with(change) -> str:
    profile = yaml.safe_load(PROFILE.read_text())
    kept = {k: profile[k] for k in ("environment", "hosts", "dns", "domains", "trust")}
    change(kept)
    return yaml.safe_dump(kept)


def outcomes(place, host: str = "") -> dict[str, str]:
    found = json.loads((place.folder / "r.json").read_text())["findings"]
    return {f["id"]: f["outcome"] for f in found if host in f["subject"]}


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_without_dns_all_that_needs_it_is_unknown(place, lab):
    port = unused_port()
    servers = {f"ns{n}.demo.test": f"127.0.0.1:{port}" for n in (1, 2)}
    dns = {"resolvers": [f"127.0.0.1:{port}"], "name_servers": servers, "timeout_s": 1}
    place.write("p.yaml", profile_with(lambda p: p.update(dns=dns)))
    done = place.golive("check", "p.yaml", "--only", "domains", "-o", "r.json", env=lab)
    assert done.code == 3, done.out
    assert set(outcomes(place).values()) <= {"unknown", "n/a"}


def test_dns_that_takes_every_query_and_answers_none(place, lab):
    with ExitStack() as held:
        silent = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        silent.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{silent.getsockname()[1]}"
        dns = {"resolvers": [at], "name_servers": {"ns1.demo.test": at, "ns2.demo.test": at}, "timeout_s": 1}
        place.write("p.yaml", profile_with(lambda p: p.update(dns=dns)))
        done = place.golive("check", "p.yaml", "--only", "domains", "-o", "r.json", env=lab)
    assert done.code == 3, done.out
    assert set(outcomes(place).values()) <= {"unknown", "n/a"}


def test_a_dead_host_fits_one_screen_and_leaves_the_others_green(place, lab):
    port = unused_port()
    place.write("p.yaml", profile_with(lambda p: p["hosts"]["api"].update(port=port, http_port=port)))
    done = place.golive("check", "p.yaml", "--only", "domains", "-o", "r.json", env=lab)
    assert done.code == 3, done.out
    assert not {"fail", "warn"} & set(outcomes(place).values())
    assert "unknown" not in outcomes(place, "app.demo.test").values()
    assert len(done.out.splitlines()) <= 50
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_what_is_looked_at(place, lab, name):
    place.write("p.yaml", profile_with(lambda _: None))
    proxy = {name: f"http://127.0.0.1:{unused_port()}", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = place.golive("check", "p.yaml", "--only", "domains", env={**lab, **proxy})
    assert done.code == 0, done.out


def test_twenty_columns_and_no_terminal(place, lab):
    place.write("p.yaml", profile_with(lambda p: p["hosts"]["api"].update(port=unused_port())))
    for environ in ({"COLUMNS": "20", "TERM": "dumb"}, {"TERM": ""}, {}):
        done = place.golive("check", "p.yaml", "--only", "domains", env={**lab, **environ})
        assert "\x1b" not in done.out + done.err
        assert done.err == ""
