"""What is asked of a host's realtime: by messaging.connects, and by the CORS checks."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from golive_checks.subjects import Host
from golive_checks.systems.http.realtime_route import RealtimePolicy, opened, route_for_pages, route_of
from golive_checks.systems.proxy.policy import ProxyPolicy

API, APP = Host("api.test", role="api"), Host("app.test", role="app")
POLLS, OPENS = "EIO=4&transport=polling", "EIO=4&transport=websocket"


def policy(**ask: Any) -> RealtimePolicy:
    return RealtimePolicy.model_validate(ask)


@pytest.mark.parametrize(
    ("path", "ask", "asked"),
    [
        ("/socket.io", {}, f"/socket.io/?{OPENS}"),
        ("/socket.io/", {}, f"/socket.io/?{OPENS}"),
        ("/live", {"protocol": "socket.io"}, f"/live/?{OPENS}"),
        ("/rt?shop=x", {"protocol": "socket.io"}, f"/rt/?shop=x&{OPENS}"),
        ("/socket.io/?EIO=4&transport=polling&t=Oq&shop=x", {}, f"/socket.io/?shop=x&{OPENS}"),
        ("/socket.io/?EIO=3", {}, "/socket.io/?EIO=3&transport=websocket"),
        ("/socket.io/?EIO=3", {"engine_io": 4}, f"/socket.io/?{OPENS}"),
        ("/socket.io/", {"query": {"shop": "a b&c"}}, f"/socket.io/?shop=a%20b%26c&{OPENS}"),
        ("/socket.io/", {"token": "t&k", "token_in": "query"}, f"/socket.io/?token=t%26k&{OPENS}"),
        ("/ws", {"query": {"shop": "x"}}, "/ws?shop=x"),
        ("/ws?transport=fast", {}, "/ws?transport=fast"),
        ("/chat?to=/socket.io/", {}, "/chat?to=/socket.io/"),
    ],
)
def test_the_handshake(path: str, ask: dict[str, Any], asked: str) -> None:
    assert opened(path, policy(**ask)).handshake("websocket") == asked


def test_polling_asks_at_the_same_path() -> None:
    assert opened("/live/", policy(protocol="socket.io")).handshake("polling") == f"/live/?{POLLS}"


def test_both_checks_ask_for_the_same_route() -> None:
    ask = policy(path="/live", protocol="socket.io", query={"shop": "x"}, headers={"X-Shop": "x"}, engine_io=3)
    for named in ("/live", "/live/", "/live/?shop=x"):
        assert route_for_pages(API, ask, ProxyPolicy(websocket_path=named)) == route_of(API, ask, ProxyPolicy())
    other = route_for_pages(API, ask, ProxyPolicy(websocket_path="/ws"))
    assert other is not None
    assert (other.handshake("websocket"), other.all_headers) == ("/ws", {})


def test_another_sites_page_brings_cookies_and_no_token() -> None:
    at = opened("/ws", policy(headers={"X-Shop": "x", "Cookie": "sid=1"}, token="t", token_in="bearer"))  # noqa: S106 - made up
    assert at.all_headers == {"X-Shop": "x", "Cookie": "sid=1", "Authorization": "Bearer t"}
    assert at.a_strangers_headers == {"Cookie": "sid=1"}
    assert "sid=1" not in repr(at)


@pytest.mark.parametrize(
    ("host", "there"),
    [
        (API, True),
        (Host("site.test", role="site"), True),
        (APP, False),
        (Host("app.test", role="app", api_path="/api/x"), True),
        (Host("app.test", role="app", own={"proxy": {"websocket_path": "/ws"}}), True),
        (Host("app.test", role="app", own={"proxy": {"upload_path": "/up"}}), False),
    ],
)
def test_a_path_for_all_hosts_is_asked_of_those_that_have_realtime(host: Host, *, there: bool) -> None:
    proxy = ProxyPolicy(websocket_path="/ws")
    assert (route_of(host, policy(), proxy) is not None, route_for_pages(host, policy(), proxy) is not None) == (
        there,
    ) * 2


def test_a_pages_host_may_name_its_own() -> None:
    host = Host("app.test", role="app", own={"realtime": {"path": "/ws"}})
    assert route_of(host, policy(path="/ws"), ProxyPolicy()) is not None


@pytest.mark.parametrize(
    "ask",
    [
        {"headers": {"Host": "x"}},
        {"headers": {"Sec-WebSocket-Key": "x"}},
        {"query": {"EIO": "3"}},
        {"engine_io": 3, "token": "t"},
    ],
)
def test_what_the_handshake_sets_itself_is_refused(ask: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        policy(**ask)
