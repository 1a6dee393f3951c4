from dataclasses import replace
from typing import Any

import pytest

from golive import Location, Outcome, Sealed, Unavailable, Verdict
from golive_checks.domains.nginx import config_sound, forwards_client, upstream_matches_port
from golive_checks.subjects import Host
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.systems.env.framework import AppFramework, Framework
from golive_checks.systems.nginx.client.gixy import Issue
from golive_checks.systems.nginx.guards import PathRefusal, PathTest
from golive_checks.systems.nginx.places import Backend, Listen, Proxied, ProxyNumber, ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import Rewrite
from golive_checks.systems.proxy.config import ProxyAudit, ProxyConfig
from golive_checks.systems.proxy.policy import ProxyNeeds, ProxyPolicy

API, APP = Host("api.example.com", role="api"), Host("app.example.com", role="app")
NGINX = ReverseProxy("edge")
NEEDS = ProxyNeeds(ProxyPolicy())
TOLD = {
    "connection": ("",),
    "host": ("$host",),
    "x-forwarded-for": ("$proxy_add_x_forwarded_for",),
    "x-forwarded-proto": ("$scheme",),
}
API_FILE, WEB_FILE = EnvFile("api", role="api"), EnvFile("web", role="web")


def proxied(port: int = 4000, http: str = "1.1", unresolved: str = "", **headers: tuple[str, ...] | None) -> Proxied:
    told = {**TOLD, **{name.replace("_", "-"): values for name, values in headers.items()}}
    return Proxied(
        target="http://api",
        at=Location("nginx.conf", 20),
        backends=() if unresolved else (Backend("127.0.0.1", port),),
        unresolved=unresolved,
        connect_timeout=ProxyNumber(60),
        send_timeout=ProxyNumber(60),
        read_timeout=ProxyNumber(60),
        http_version=http,
        headers=tuple(sorted((name, values) for name, values in told.items() if values is not None)),
        keepalive=None,
        keepalive_timeout=ProxyNumber(60),
    )


def place(path: str, what: Proxied | None) -> ProxyPlace:
    return ProxyPlace("", path, Location("nginx.conf", 5), ProxyNumber(1), what, "", ())


def config(*places: ProxyPlace, name: str = API.name) -> ProxyConfig:
    server = ServerBlock(
        (name,),
        (Listen("*", 443, default=False),),
        Location("nginx.conf", 1),
        replace(place("", None), inner=places),
    )
    return ProxyConfig(running=False, version="", fragment=False, missing=(), servers=(server,))


def env(port: str | Sealed | None) -> Variables:
    return Variables({"PORT": Variable("PORT", port)})


def match(*places: ProxyPlace, port: str | Sealed | None = "4000", **needs: Any) -> Verdict:
    files = {API_FILE: env(port), WEB_FILE: env("5173")}
    return upstream_matches_port(NGINX, config(*places), {API: ProxyNeeds(ProxyPolicy(**needs)), APP: NEEDS}, files)


def test_the_port_of_the_api() -> None:
    assert match(place("/", proxied())).summary == "1 location passes to port 4000"
    found = match(place("/", proxied()), place("/old", proxied(4001)))
    assert found.outcome == Outcome.FAIL
    assert found.summary == "location /old of api.example.com passes to 127.0.0.1:4001, api says PORT=4000"
    assert found.at == Location("nginx.conf", 20)
    assert match(place("/", proxied()), place("/old", proxied(4001)), other_ports=(4001,)).outcome == Outcome.PASS


@pytest.mark.parametrize(
    "port",
    [None, "", "http", "4000x", Sealed(length=4, entropy_bits=8.0, shapes=frozenset(), placeholder="", digest="d")],
)
def test_a_port_that_was_not_seen_is_never_a_pass(port: str | Sealed | None) -> None:
    found = match(place("/", proxied()), port=port)
    assert (found.outcome, found.summary) == (Outcome.UNKNOWN, "api names no PORT to compare with")


def test_an_env_file_that_could_not_be_read() -> None:
    files = {API_FILE: Unavailable("api.env may not be read"), WEB_FILE: Unavailable("gone")}
    found = upstream_matches_port(NGINX, config(place("/", proxied())), {API: NEEDS}, files)
    assert (found.outcome, found.summary) == (Outcome.UNKNOWN, "the API's PORT was not seen: api.env may not be read")


def test_another_apps_env_file_does_not_matter() -> None:
    files = {API_FILE: env("4000"), WEB_FILE: Unavailable("gone")}
    assert upstream_matches_port(NGINX, config(place("/", proxied())), {API: NEEDS}, files).outcome == Outcome.PASS
    files = {WEB_FILE: env("4000")}
    assert upstream_matches_port(NGINX, config(place("/", proxied())), {API: NEEDS}, files).outcome == Outcome.NA


def test_two_instances_of_the_api() -> None:
    both = replace(proxied(), backends=(Backend("127.0.0.1", 4000), Backend("127.0.0.1", 4001)))
    files = {API_FILE: env("4000"), EnvFile("second", role="api"): env("4001")}
    assert upstream_matches_port(NGINX, config(place("/", both)), {API: NEEDS}, files).outcome == Outcome.PASS


def test_a_target_that_is_not_told() -> None:
    unclear = place("/x", proxied(unresolved="the configuration does not define what $pool resolves to"))
    found = match(place("/", proxied()), unclear)
    assert found.outcome == Outcome.UNKNOWN
    assert found.summary == "location /x of api.example.com: the configuration does not define what $pool resolves to"
    assert match(place("/", proxied(1)), unclear).outcome == Outcome.FAIL


def test_an_api_that_nothing_proxies_to() -> None:
    found = match(place("/", None))
    assert (found.outcome, found.summary) == (Outcome.UNKNOWN, "no location proxies for api.example.com")


def forward(*places: ProxyPlace, websocket: str = "") -> Verdict:
    return forwards_client(NGINX, config(*places), {API: ProxyNeeds(ProxyPolicy(websocket_path=websocket))})


@pytest.mark.parametrize(
    ("headers", "outcome", "said"),
    [
        ({}, Outcome.PASS, "1 location forwards the client's details to the API"),
        ({"host": ("$http_host",)}, Outcome.PASS, ""),
        ({"host": ("api.internal",)}, Outcome.PASS, ""),
        ({"host": None}, Outcome.FAIL, "location / of api.example.com does not pass Host"),
        ({"host": ("",)}, Outcome.FAIL, "does not pass Host"),
        ({"host": ("$proxy_host",)}, Outcome.FAIL, "does not pass Host"),
        ({"x_forwarded_for": None}, Outcome.FAIL, "does not pass X-Forwarded-For"),
        ({"x_forwarded_for": ("",)}, Outcome.FAIL, "does not pass X-Forwarded-For"),
        ({"x_forwarded_for": ("$remote_addr",)}, Outcome.PASS, ""),
        (
            {"x_forwarded_for": ("$http_x_forwarded_for",)},
            Outcome.WARN,
            "hands on X-Forwarded-For as the client",
        ),
        ({"x_forwarded_proto": None}, Outcome.FAIL, "does not pass X-Forwarded-Proto"),
        ({"x_forwarded_proto": ("https",)}, Outcome.PASS, ""),
        ({"x_forwarded_proto": ("http",)}, Outcome.FAIL, "says X-Forwarded-Proto: http whatever was asked"),
        ({"x_forwarded_proto": ("$http_x_forwarded_proto", "https")}, Outcome.PASS, ""),
        ({"host": None, "x_forwarded_for": None}, Outcome.FAIL, "does not pass Host (and 1 more)"),
    ],
)
def test_what_the_api_is_told(headers: dict[str, tuple[str, ...] | None], outcome: Outcome, said: str) -> None:
    found = forward(place("/", proxied(**headers)))
    assert found.outcome == outcome
    assert said in found.summary


def test_every_location_counts() -> None:
    found = forward(place("/", proxied()), place("/a", proxied(host=None)), place("/b", proxied(host=None)))
    assert found.summary == "location /a of api.example.com does not pass Host (and 1 more)"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (proxied(upgrade=("$http_upgrade",), connection=("upgrade", "close")), ""),
        (proxied(upgrade=("$http_upgrade",), connection=("Upgrade",)), ""),
        (proxied(connection=("upgrade",)), "does not pass Upgrade"),
        (proxied(upgrade=("",), connection=("upgrade",)), "does not pass Upgrade"),
        (proxied(upgrade=("$http_upgrade",), connection=None), "does not pass Connection: upgrade"),
        (proxied(upgrade=("$http_upgrade",), connection=("",)), "does not pass Connection: upgrade"),
        (proxied(upgrade=("$http_upgrade",), connection=("upgrade",), http=""), "is proxied over HTTP/1.0"),
        (proxied(upgrade=("$http_upgrade",), connection=("upgrade",), http="2"), "is proxied over HTTP/2"),
        (None, "does not proxy"),
    ],
)
def test_where_the_websocket_goes(what: Proxied | None, said: str) -> None:
    found = forward(place("/", proxied()), place("/ws", what), websocket="/ws")
    assert found.outcome == (Outcome.FAIL if said else Outcome.PASS)
    if said:
        assert found.summary == f"location /ws of api.example.com, where the WebSocket /ws goes, {said}"


def test_newer_nginxes_speak_http_1_1_unless_told_otherwise() -> None:
    what = place("/", proxied(upgrade=("$http_upgrade",), connection=("upgrade",), http=""))
    newer = replace(config(what), version="1.30.0")
    assert forwards_client(NGINX, newer, {API: ProxyNeeds(ProxyPolicy(websocket_path="/ws"))}).outcome == Outcome.PASS


def test_forwarding_rests_on_something() -> None:
    assert forward().outcome == Outcome.UNKNOWN
    assert forward(place("/", None)).outcome == Outcome.UNKNOWN


ALIAS = Issue("alias_traversal", "Path traversal via misconfigured alias.", Location("api.conf", 31))
SPOOF = Issue("host_spoofing", "The proxied Host header may be spoofed.", Location("api.conf", 3))


@pytest.mark.parametrize(
    ("issues", "outcome", "at"),
    [
        ((), Outcome.PASS, None),
        ((ALIAS,), Outcome.FAIL, ALIAS.at),
        ((SPOOF,), Outcome.WARN, SPOOF.at),
        ((SPOOF, ALIAS), Outcome.FAIL, ALIAS.at),
    ],
)
def test_known_traps(issues: tuple[Issue, ...], outcome: Outcome, at: Location | None) -> None:
    found = config_sound(NGINX, ProxyAudit(running=True, issues=issues), config())
    assert (found.outcome, found.at) == (outcome, at)
    assert found.evidence[-1] == "running"
    assert all(any(issue.summary in line and str(issue.at) in line for line in found.evidence) for issue in issues)


def test_one_trap_in_many_places_is_told_once() -> None:
    twice = (ALIAS, replace(ALIAS, at=Location("b.conf", 2)))
    found = config_sound(NGINX, ProxyAudit(running=True, issues=twice), config())
    assert found.summary == "a path with /../ leaves the folder that alias names (alias_traversal)"
    assert len(found.evidence) == 3


def test_a_configuration_that_nginx_would_refuse_is_never_sound() -> None:
    at = Location("nginx.conf", 12)
    audit = ProxyAudit(running=False, issues=(), broken='unexpected "}"', broken_at=at)
    found = config_sound(NGINX, audit, Unavailable("broken"))
    assert (found.outcome, found.at) == (Outcome.FAIL, at)
    assert found.summary == 'nginx would refuse this configuration: unexpected "}"'
    assert found.evidence == ("repository, not running",)


def past(*places: ProxyPlace, merges: bool = True) -> Verdict:
    seen = config(*places)
    server = replace(seen.servers[0], merges_slashes=merges)
    return config_sound(NGINX, ProxyAudit(running=True, issues=()), replace(seen, servers=(server,)))


def passing(path: str, modifier: str = "", target: str = "http://api") -> ProxyPlace:
    return replace(
        place(path, replace(proxied(), target=target)), modifier=modifier, handler="passed", passes="proxy_pass"
    )


DENIED = replace(place("/admin", None), rule="deny all")
WAYS = {
    "slashes are merged": ("", (passing("/"), DENIED), True),
    "they are not": (
        "//admin is answered by location /, past `deny all` of location /admin",
        (passing("/"), DENIED),
        False,
    ),
    "a pattern wins": ("/admin/.php is answered by location ~ \\.php$", (DENIED, passing("\\.php$", "~")), True),
    "not over ^~": ("", (replace(DENIED, modifier="^~"), passing("\\.php$", "~")), True),
    "a pattern for those paths": ("", (DENIED, passing("^/admin/public/", "~")), True),
    "all but what patterns open": ("", (replace(DENIED, path="/"), passing("^/api", "~")), True),
    "a folder": ("/api../golive leaves /v1/", (passing("/api", target="http://b/v1/"),), True),
    "a folder of nothing": ("", (passing("/api", target="http://b/"),), True),
    "closed on both sides": ("", (passing("/api/", target="http://b/v1/"),), True),
    "dots are refused": (
        "",
        (passing("/api", target="http://b/v1/"), replace(place("\\.\\.", None), modifier="~", rule="return 403")),
        True,
    ),
}


def refusing(*tests: PathTest, otherwise: bool = False, as_written: bool = True) -> PathRefusal:
    return PathRefusal(tests, otherwise, Location("nginx.conf", 9), as_written)


STRIPPED = passing("/v1", target="http://api")
DOORS = {
    "under another name": (
        "/api/admin/golive is answered by location /api/, which asks for /admin/golive, past `deny all`",
        (passing("/"), DENIED, passing("/api/", target="http://api/")),
    ),
    "under the same": ("", (passing("/"), DENIED, passing("/api/", target="http://api/api/"))),
    "of another application": (
        "",
        (
            passing("/"),
            DENIED,
            replace(passing("/api/"), proxied=replace(proxied(4001), target="http://b/")),
        ),
    ),
    "by a rewrite": (
        "/v1/admin/golive is answered by location /v1, which asks for /admin/golive",
        (passing("/"), DENIED, replace(STRIPPED, rewrites=(Rewrite("^/v1(/.*)$", "$1", "break"),))),
    ),
    "by a rewrite that comes to the rule": (
        "",
        (passing("/"), DENIED, replace(STRIPPED, rewrites=(Rewrite("^/v1(/.*)$", "$1", "last"),))),
    ),
    "by a pattern": ("/s/admin/golive is answered", (passing("/"), DENIED, passing("^/s/(.*)$", "~", "http://api/$1"))),
    "after an error": (
        "/admin/golive is answered by location @app, to which error_page 403 leads",
        (passing("/"), replace(DENIED, error_pages=(("403", "@app"),)), passing("@app", "@")),
    ),
    "not after that error": (
        "",
        (passing("/"), replace(DENIED, rule="auth_basic", error_pages=(("403", "@app"),)), passing("@app", "@")),
    ),
    "with an escaped letter": (
        "/%61dmin is answered by location /, past `if ($request_uri)`",
        (
            replace(
                passing("/"),
                guards=(refusing(PathTest("~", "^/admin")),),
            ),
        ),
    ),
    "a pattern that takes escapes": (
        "",
        (
            replace(
                passing("/"),
                guards=(refusing(PathTest("~", "^/(%..|[a-z])+")),),
            ),
        ),
    ),
    "after an error, with escaped letters": (
        "/%61dmin/%67olive is answered by location @app, to which error_page 403 leads",
        (
            replace(passing("/"), guards=()),
            replace(
                DENIED,
                error_pages=(("403", "@app"),),
                guards=(refusing(PathTest("~", "^/admin")),),
            ),
            passing("@app", "@"),
        ),
    ),
    "under what a folder is taken off": (
        "/internal/golive is answered by location /, which asks for /internal/golive, past `deny all`",
        (passing("/"), passing("/api/", target="http://api/"), replace(DENIED, path="/api/internal")),
    ),
    "out of what is let in": (
        "/shop/../golive comes to location / as /golive",
        (
            replace(
                passing("/", target="http://api/"),
                guards=(refusing(PathTest("~", "^/shop", refused=False), otherwise=True),),
            ),
        ),
    ),
    "to what only nginx asks for": (
        "/x/admin/golive is answered by location /x/, which asks for /admin/golive, past `internal`",
        (passing("/x/", target="http://api/"), replace(passing("/admin"), rule="internal")),
    ),
    "what looks like an attack": (
        "",
        (
            replace(
                passing("/"),
                guards=(refusing(PathTest("~*", "select.*from")),),
            ),
        ),
    ),
}


@pytest.mark.parametrize(("told", "places"), DOORS.values(), ids=DOORS)
def test_other_doors(told: str, places: tuple[ProxyPlace, ...]) -> None:
    found = past(*places)
    assert found.outcome is (Outcome.FAIL if told else Outcome.PASS), found
    assert told in found.summary


def test_a_slash_at_the_end_of_an_exact_path_warns() -> None:
    found = past(passing("/"), replace(DENIED, modifier="="))
    assert (found.outcome, "/admin/ is answered by location /" in found.summary) == (Outcome.WARN, True), found
    gone = past(passing("/"), replace(DENIED, modifier="=", rule="return 410"))
    assert gone.outcome is Outcome.PASS


def test_a_slash_less_warns_unless_nginx_adds_it() -> None:
    found = past(passing("/"), replace(DENIED, path="/admin/"))
    assert (found.outcome, "/admin is answered by location /, past" in found.summary) == (Outcome.WARN, True), found
    closed = replace(passing("/admin/"), rule="deny all")
    assert past(passing("/"), closed).outcome is Outcome.PASS


@pytest.mark.parametrize(("name", "told"), [("express", "Express takes it for /admin"), ("django", "")])
def test_a_framework_that_ignores_case_warns(name: Framework, told: str) -> None:
    seen, audit = config(passing("/"), DENIED), ProxyAudit(running=True, issues=())
    found = config_sound(NGINX, audit, seen, {API: AppFramework(name, "package.json")})
    assert (found.outcome, told in found.summary) == (Outcome.WARN if told else Outcome.PASS, True), found


@pytest.mark.parametrize(
    ("listen", "name", "told"),
    [
        (Listen("*", 80, default=False), API.name, "/admin/golive is answered by location / of the server on port 80"),
        (Listen("127.0.0.1", 80, default=False), API.name, ""),
        (Listen("10.0.0.3", 80, default=False), API.name, ""),
        (Listen("*", 443, default=False), API.name, ""),
        (Listen("*", 80, default=False), "other.example", ""),
    ],
)
def test_a_door_on_another_port(listen: Listen, name: str, told: str) -> None:
    closed = replace(config(passing("/"), DENIED).servers[0], listens=(Listen("*", 443, default=False),))
    other = replace(config(passing("/")).servers[0], listens=(listen,), names=(name,))
    seen = replace(config(), servers=(closed, other))
    found = config_sound(NGINX, ProxyAudit(running=True, issues=()), seen)
    assert found.outcome is (Outcome.FAIL if told else Outcome.PASS), found
    assert told in found.summary
    moved = replace(other, place=replace(other.place, handler="answer"))
    assert config_sound(NGINX, ProxyAudit(running=True, issues=()), replace(seen, servers=(closed, moved))).outcome is (
        Outcome.PASS
    )


@pytest.mark.parametrize(("told", "places", "merges"), WAYS.values(), ids=WAYS)
def test_ways_past_a_rule(told: str, places: tuple[ProxyPlace, ...], merges) -> None:
    found = past(*places, merges=merges)
    assert found.outcome is (Outcome.FAIL if told else Outcome.PASS), found
    assert told in found.summary


def test_what_needs_not_to_hear_of_the_client() -> None:
    bare = proxied(host=None, x_forwarded_for=None, x_forwarded_proto=None)
    bucket = place("/media", replace(bare, target="https://shop-media.bucket.test/media/"))
    asked = replace(place("/auth", bare), asked_by_nginx=True)
    good = place("/", proxied())
    needs = {API: NEEDS}
    assert forwards_client(NGINX, config(good, bucket, asked), needs).outcome is Outcome.PASS
    for app in (place("/media", bare), place("/media", replace(bare, target="https://backend.example.com/"))):
        assert forwards_client(NGINX, config(good, app), needs).outcome is Outcome.FAIL
    assert forwards_client(NGINX, config(replace(bucket, path="/")), needs).outcome is Outcome.FAIL


def test_other_protocols_hand_on_too() -> None:
    php = replace(place("/", None), passes="fastcgi_pass", handler="passed")
    found = forwards_client(NGINX, config(php), {API: NEEDS})
    assert (found.outcome, "fastcgi_pass" in found.summary) == (Outcome.NA, True)
