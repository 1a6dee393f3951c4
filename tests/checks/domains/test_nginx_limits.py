from dataclasses import replace

import pytest

from golive import Location, Outcome, Verdict
from golive_checks.domains.nginx_limits import keepalive_outlived, timeouts_set
from golive_checks.subjects import Host
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.nginx.places import Backend, Listen, Proxied, ProxyNumber, ProxyPlace, ServerBlock
from golive_checks.systems.proxy.config import ProxyConfig
from golive_checks.systems.proxy.policy import ProxyNeeds, ProxyPolicy

API, APP = Host("api.example.com", role="api"), Host("app.example.com", role="app")
NGINX = ReverseProxy("edge")
AT = Location("nginx.conf", 7)
POLICY = ProxyPolicy(upload_path="/uploads/", largest_upload_bytes=10 << 20, websocket_path="/ws")
NEEDS = ProxyNeeds(POLICY)
PROXIED = Proxied(
    target="http://api",
    at=Location("nginx.conf", 20),
    backends=(Backend("127.0.0.1", 4000),),
    unresolved="",
    connect_timeout=ProxyNumber(60),
    send_timeout=ProxyNumber(60),
    read_timeout=ProxyNumber(60),
    http_version="1.1",
    headers=(("connection", ("",)),),
    keepalive=ProxyNumber(16, AT),
    keepalive_timeout=ProxyNumber(4, AT),
)


def place(path: str, proxied: Proxied | None = PROXIED, body: ProxyNumber = ProxyNumber(12 << 20, AT)) -> ProxyPlace:  # noqa: B008 - frozen
    return ProxyPlace("", path, Location("nginx.conf", 5), body, proxied, "", ())


def config(*places: ProxyPlace, version: str = "", names: tuple[str, ...] = (API.name,)) -> ProxyConfig:
    level = replace(place("", None), inner=places)
    server = ServerBlock(names, (Listen("*", 443, default=False),), Location("nginx.conf", 1), level)
    return ProxyConfig(running=True, version=version, fragment=False, missing=(), servers=(server,))


def timeouts(*places: ProxyPlace, **needs: object) -> Verdict:
    return timeouts_set(NGINX, config(*places), {API: ProxyNeeds(POLICY.model_copy(update=needs))})


@pytest.mark.parametrize(
    ("change", "outcome", "said"),
    [
        ({}, Outcome.PASS, "timeouts and body size of 1 location are within the limits"),
        ({"read_timeout": ProxyNumber(120, AT)}, Outcome.PASS, ""),
        (
            {"read_timeout": ProxyNumber(121, AT)},
            Outcome.FAIL,
            "proxy_read_timeout is 2 min 1 s in location / of",
        ),
        (
            {"read_timeout": ProxyNumber(3600, AT)},
            Outcome.FAIL,
            "is 1 h in location / of api.example.com, at most",
        ),
        (
            {"read_timeout": ProxyNumber(9.5, AT)},
            Outcome.FAIL,
            "of api.example.com, at least 10 s is required",
        ),
        ({"send_timeout": ProxyNumber(600, AT)}, Outcome.FAIL, "proxy_send_timeout is 10 min"),
        ({"connect_timeout": ProxyNumber(75, AT)}, Outcome.FAIL, "proxy_connect_timeout is 75 s"),
        ({"connect_timeout": ProxyNumber(75)}, Outcome.FAIL, "proxy_connect_timeout is 75 s (nginx's default)"),
    ],
)
def test_timeouts(change: dict[str, ProxyNumber], outcome: Outcome, said: str) -> None:
    found = timeouts(place("/", replace(PROXIED, **change)))
    assert found.outcome == outcome
    assert said in found.summary
    if outcome == Outcome.FAIL:
        (number,) = change.values()
        assert found.at == (number.at or Location("nginx.conf", 5))


@pytest.mark.parametrize(
    ("body", "outcome", "said"),
    [
        (ProxyNumber(12 << 20, AT), Outcome.PASS, ""),
        (ProxyNumber(10 << 20, AT), Outcome.PASS, ""),
        (ProxyNumber(1 << 20), Outcome.FAIL, "client_max_body_size is 1 MiB (nginx's default) in location /uploads/"),
        (
            ProxyNumber((10 << 20) - 1, AT),
            Outcome.FAIL,
            "in location /uploads/ of api.example.com, at least 10 MiB",
        ),
        (ProxyNumber(0, AT), Outcome.WARN, "client_max_body_size is unlimited"),
        (
            ProxyNumber(1 << 30, AT),
            Outcome.WARN,
            "is 1 GiB in location /uploads/ of api.example.com, at",
        ),
    ],
)
def test_body_size_where_uploads_go(body: ProxyNumber, outcome: Outcome, said: str) -> None:
    found = timeouts(place("/", body=ProxyNumber(1)), place("/uploads/", body=body))
    assert found.outcome == outcome
    assert said in found.summary


LONG = replace(PROXIED, read_timeout=ProxyNumber(3600, AT), send_timeout=ProxyNumber(3600, AT))


def test_the_websockets_own_location_may_wait_for_long() -> None:
    assert timeouts(place("/"), place("/ws", LONG)).outcome == Outcome.PASS
    too_long = replace(LONG, read_timeout=ProxyNumber(100_000, AT))
    assert timeouts(place("/"), place("/ws", too_long)).outcome == Outcome.FAIL
    assert timeouts(place("/"), place("/ws", LONG), websocket_path="").outcome == Outcome.FAIL


def test_a_location_that_the_websocket_shares_may_not() -> None:
    assert timeouts(place("/", LONG)).outcome == Outcome.FAIL


def test_each_defect_is_told_once_and_counted() -> None:
    found = timeouts(place("/", replace(PROXIED, read_timeout=ProxyNumber(1, AT))), place("/v2", LONG))
    assert found.summary.endswith("(and 2 more)")
    assert len([line for line in found.evidence if line.startswith("proxy_")]) == 3


def test_it_says_what_was_looked_at() -> None:
    assert timeouts(place("/")).evidence == ("running",)
    files = replace(config(place("/")), running=False, fragment=True)
    found = timeouts_set(NGINX, files, {API: NEEDS})
    assert found.evidence[-1] == "repository, not running; without its http level"


@pytest.mark.parametrize("servers", [(), config(place("/", None)).servers])
def test_no_verdict_rests_on_nothing(servers: tuple[ServerBlock, ...]) -> None:
    nothing = ProxyConfig(running=True, version="", fragment=False, missing=(), servers=servers)
    for found in (
        timeouts_set(NGINX, nothing, {API: NEEDS, APP: NEEDS}),
        keepalive_outlived(NGINX, nothing, {API: NEEDS, APP: NEEDS}),
    ):
        assert found.outcome == Outcome.UNKNOWN
        assert found.summary == "no location proxies for api.example.com, app.example.com"


CLOSED, OPEN, UNSAID = (("connection", ("close",)),), (("connection", ("",)),), ()
DEFAULT = ProxyNumber(60)


@pytest.mark.parametrize(
    ("keepalive", "idle", "http", "headers", "version", "outcome"),
    [
        (ProxyNumber(16, AT), ProxyNumber(4, AT), "1.1", OPEN, "", Outcome.PASS),
        (ProxyNumber(16, AT), DEFAULT, "1.1", OPEN, "", Outcome.FAIL),
        (ProxyNumber(16, AT), ProxyNumber(4.5, AT), "1.1", OPEN, "", Outcome.FAIL),  # too close to 5 s
        (ProxyNumber(16, AT), DEFAULT, "1.1", (("connection", ("upgrade", "close")),), "", Outcome.FAIL),
        (ProxyNumber(16, AT), DEFAULT, "1.1", CLOSED, "", Outcome.PASS),
        (ProxyNumber(16, AT), DEFAULT, "1.0", OPEN, "", Outcome.PASS),
        (ProxyNumber(0, AT), DEFAULT, "1.1", OPEN, "1.31.0", Outcome.PASS),
        (ProxyNumber(0), DEFAULT, "", UNSAID, "1.31.0", Outcome.PASS),  # no upstream block
        (None, DEFAULT, "1.1", OPEN, "1.28.3", Outcome.PASS),
        (None, DEFAULT, "", UNSAID, "1.22.1", Outcome.PASS),
        (None, DEFAULT, "", UNSAID, "1.29.6", Outcome.PASS),
        (None, DEFAULT, "", UNSAID, "1.29.7", Outcome.FAIL),
        (None, DEFAULT, "", UNSAID, "1.31.0", Outcome.FAIL),
        (None, DEFAULT, "", CLOSED, "1.31.0", Outcome.PASS),
        (None, DEFAULT, "", UNSAID, "", Outcome.WARN),
        (None, DEFAULT, "1.1", OPEN, "", Outcome.WARN),
        (None, ProxyNumber(4, AT), "", UNSAID, "", Outcome.PASS),
        (ProxyNumber(16, AT), DEFAULT, "1.1", UNSAID, "", Outcome.WARN),
    ],
)
def test_idle_connections(
    keepalive: ProxyNumber | None,
    idle: ProxyNumber,
    http: str,
    headers: tuple[tuple[str, tuple[str, ...]], ...],
    version: str,
    outcome: Outcome,
) -> None:
    proxied = replace(PROXIED, keepalive=keepalive, keepalive_timeout=idle, http_version=http, headers=headers)
    found = keepalive_outlived(NGINX, config(place("/", proxied), version=version), {API: NEEDS})
    assert found.outcome == outcome, found


def test_the_application_may_keep_its_connections_longer_than_node_does() -> None:
    found = keepalive_outlived(
        NGINX,
        config(place("/", replace(PROXIED, keepalive_timeout=DEFAULT))),
        {API: ProxyNeeds(ProxyPolicy(app_keepalive_s=65))},
    )
    assert found.outcome == Outcome.PASS
    assert found.summary == "the application outlives every idle connection"


def test_a_short_life_is_told_with_both_times_and_its_line() -> None:
    proxied = replace(PROXIED, keepalive_timeout=ProxyNumber(75, AT))
    found = keepalive_outlived(NGINX, config(place("/", proxied)), {API: NEEDS})
    assert found.summary == "http://api is reused when idle for up to 75 s, the application closes after 5 s"
    assert found.at == AT


def test_a_default_that_an_unseen_file_may_change_is_not_taken_for_certain() -> None:
    part = replace(config(place("/")), fragment=True)
    found = timeouts_set(NGINX, part, {API: NEEDS})
    assert found.outcome == Outcome.WARN
    assert found.summary.startswith("proxy_connect_timeout is not set in location / of api.example.com, and not all of")
    part = replace(config(place("/"), place("/uploads/", body=ProxyNumber(1 << 20))), fragment=True)
    assert timeouts_set(NGINX, part, {API: NEEDS}).outcome == Outcome.WARN
    seen = {name: ProxyNumber(30, AT) for name in ("connect_timeout", "send_timeout", "read_timeout")}
    part = replace(config(place("/", replace(PROXIED, **seen))), fragment=True)
    assert timeouts_set(NGINX, part, {API: NEEDS}).outcome == Outcome.PASS
