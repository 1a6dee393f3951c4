"""The rendered configuration under the real nginx: what the description says is what it does."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from echo import Echo

from golive_lab.faults import catalogue, seeded
from golive_lab.parts.certificates import ca_file
from golive_lab.parts.certificates import write as write_certificates
from golive_lab.parts.edge import nginx, nginx_real
from golive_lab.parts.edge.contexts import edge_port
from golive_lab.parts.edge.front import fronts
from golive_lab.parts.edge.nginx_real import edge
from golive_lab.parts.ports import standing
from golive_lab.parts.process import NotInstalledError
from golive_lab.world import healthy
from golive_lab.world.names import API, APP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World


@contextmanager
def running(world: World) -> Iterator[StackPlace]:
    with standing() as place, ThreadingHTTPServer(("127.0.0.1", place.ports.api), Echo) as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        write_certificates(world.tls, place)
        with fronts(world, place), edge(world, place):
            yield place
        api.shutdown()


def proxying(**changes: Any) -> World:
    return replace(healthy(), proxy=replace(healthy().proxy, **changes))


def get(
    place: StackPlace, host: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    context = ssl.create_default_context(cafile=str(ca_file(place)))
    connection = HTTPSConnection(host, place.ports.https, timeout=5, context=context)
    connection._create_connection = lambda to, *rest: socket_to(place, to, *rest)  # type: ignore[attr-defined]
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body=body, headers=names)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer, said


def socket_to(place: StackPlace, to: tuple[str, int], *rest: Any) -> Any:
    from socket import create_connection  # noqa: PLC0415 - beside its one use

    return create_connection((place.addresses[0], to[1]), *rest)


def asked(place: StackPlace, path: str, **headers: str) -> dict[str, str]:
    """Tell what the API was sent."""
    _, said = get(place, API, path, **headers)
    return {name.lower(): value for name, value in json.loads(said)["headers"].items()}


WORLDS = {repr(nginx_real.NGINX.reads(seeded(fault.id))): fault.id for fault in catalogue() if "real" in fault.stacks}
"""A fault's name for each configuration that differs."""


def test_the_real_nginx_accepts_what_every_fault_makes_of_it() -> None:
    assert len(WORLDS) > 30
    with standing() as place:
        for name in WORLDS.values():
            world = seeded(name)
            write_certificates(world.tls, place)
            nginx.write(world, place)
            argv = [*nginx_real.arguments(nginx.folder(place)), "-t"]
            tested = subprocess.run(argv, capture_output=True, text=True, check=False)
            assert tested.returncode == 0, f"{name}: {tested.stderr}"
            assert "[warn]" not in tested.stderr, f"{name}: {tested.stderr}"


def test_every_file_lies_in_the_folder_and_nothing_else_is_needed() -> None:
    with standing() as place:
        rendered = nginx.render(healthy(), place)
        assert nginx.MAIN in rendered
        assert all(name.startswith("conf/") for name in rendered)
        assert not [name for name, text in rendered.items() if "<" in text.replace("(?<", "")]
        assert "/etc/" not in "".join(rendered.values())
        assert "/var/" not in "".join(rendered.values())
        assert all(text.endswith("\n") for text in rendered.values())


def test_an_earlier_worlds_files_are_gone() -> None:
    with standing() as place:
        nginx.write(healthy(), place)
        assert (nginx.folder(place) / "conf/conf.d/plain.conf").exists()
        closed = replace(healthy(), web=replace(healthy().web, plain=replace(healthy().web.plain, answers="nothing")))
        nginx.write(closed, place)
        assert not (nginx.folder(place) / "conf/conf.d/plain.conf").exists()


def test_the_healthy_edge_tells_the_api_all_it_should() -> None:
    with running(healthy()) as place:
        for path in ("/", "/api/v1/products", "/webhooks/stripe", "/api/v1/uploads/x", "/ws"):
            told = asked(place, path, X_Forwarded_For="203.0.113.7")
            assert told["host"] == API, path
            assert told["x-forwarded-for"] == "203.0.113.7, 127.0.0.1", path
            assert told["x-forwarded-proto"] == "https", path
        assert "upgrade" not in asked(place, "/", Upgrade="websocket", Connection="upgrade")
        told = asked(place, "/ws", Upgrade="websocket", Connection="upgrade")
        assert (told["upgrade"], told["connection"]) == ("websocket", "upgrade")
        assert asked(place, "/ws")["connection"] == "close"
        _, said = get(place, API, "/webhooks/stripe", "POST", b'{ "a":\xc3\xa9  }')
        assert bytes.fromhex(json.loads(said)["body"]) == b'{ "a":\xc3\xa9  }'


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-For", "X-Forwarded-Proto"])
def test_a_dropped_header_is_missing_in_every_location(header: Any) -> None:
    with running(proxying(dropped_headers=frozenset({header}))) as place:
        for path in ("/", "/ws"):
            assert asked(place, path).get(header.lower()) in {None, "api"}  # nginx's own Host is the upstream's name


def test_without_upgrades_the_api_is_asked_for_none() -> None:
    with running(proxying(upgrades=False)) as place:
        assert "upgrade" not in asked(place, "/ws", Upgrade="websocket", Connection="upgrade")


def test_a_body_above_the_limit_gets_413() -> None:
    large = b"x" * 2_000_000
    with running(healthy()) as place:
        assert get(place, API, "/api/v1/uploads/x", "POST", large)[0].status == 200
        assert get(place, API, "/webhooks/stripe", "POST", large)[0].status == 413
    with running(proxying(body_limit="")) as place:
        assert get(place, API, "/api/v1/uploads/x", "POST", large)[0].status == 413


OUTSIDE = "/guide../app.demo.test/index.html"


def test_an_alias_without_its_slash_leaves_the_folder() -> None:
    with running(healthy()) as place:
        assert get(place, API, "/guide/index.html")[0].status == 200
        assert "html" not in (get(place, API, OUTSIDE)[0].getheader("Content-Type") or "")
    with running(proxying(guide_alias_closed=False)) as place:
        answer, said = get(place, API, OUTSIDE)
        assert answer.status == 200
        assert b"<html" in said


def test_a_location_with_a_header_of_its_own_loses_the_others() -> None:
    with running(healthy()) as place:
        assert get(place, API, "/guide/index.html")[0].getheader("Strict-Transport-Security")
    with running(proxying(guide_repeats_headers=False)) as place:
        answer, _ = get(place, API, "/guide/index.html")
        assert answer.getheader("Strict-Transport-Security") is None
        assert answer.getheader("Cache-Control") == "no-cache"


def test_uploads_to_the_dead_port_get_502_and_nothing_else_does() -> None:
    with running(proxying(uploads_to="dead")) as place:
        assert get(place, API, "/api/v1/uploads/x")[0].status == 502
        assert get(place, API, "/")[0].status == 200


def test_a_name_that_is_not_ours_gets_no_certificate() -> None:
    with running(healthy()) as place, pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        get(place, "other.demo.test", "/")


def test_a_deep_link_of_the_front_end_is_its_index() -> None:
    with running(healthy()) as place:
        answer, said = get(place, APP, "/orders/42")
        assert (answer.status, answer.getheader("Cache-Control")) == (200, "no-cache")
        assert b"<html" in said
        assert get(place, APP, "/assets/none.js")[0].status == 404


def test_the_clear_port_sends_every_request_to_https() -> None:
    with running(healthy()) as place:
        connection = HTTPConnection(place.addresses[1], place.ports.http, timeout=5)
        connection.request("GET", "/a?b=c", headers={"Host": f"{APP}:{place.ports.http}"})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Location")) == (301, f"https://{APP}:{place.ports.https}/a?b=c")
        connection.close()


def test_nginx_stops_with_its_block_and_frees_its_ports() -> None:
    with running(healthy()) as place:
        port = edge_port(healthy().tls, place)
    with pytest.raises(OSError, match="refused"):
        socket_to(place, (API, port), 1)


def test_a_missing_module_names_the_debian_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nginx, "MODULES", "/nowhere")
    with pytest.raises(NotInstalledError, match="apt install nginx libnginx-mod-http-brotli-filter"):
        nginx_real.arguments(Path("anywhere"))


def test_a_configuration_that_nginx_refuses_is_told_with_its_words() -> None:
    with standing() as place:
        write_certificates(healthy().tls, place)
        main = nginx.write(healthy(), place)
        main.write_text("nonsense;\n")
        started = nginx_real.process(nginx.folder(place), [("127.0.0.1", place.ports.https)])
        with pytest.raises(OSError, match='unknown directive "nonsense"'), started:
            pass
