"""Do the fixes in a framework's own words work where they are pasted as they stand? The frameworks themselves run."""

from __future__ import annotations

import re
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from golive import Verdict, failed
from golive_checks.security.frameworks import for_cors, for_header
from golive_checks.systems.env.framework import AppFramework
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.parts.process import program, running

NODE = Path(sys.prefix, "node", "node_modules")
OURS, ALSO_OURS, STRANGER = "https://app.example.test", "https://shop.example.test", "https://evil.test"
NAME, VALUE = "Referrer-Policy", "strict-origin-when-cross-origin"
METHODS, HEADERS = "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"
ORIGIN, CREDENTIALS = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"


def pasted(judged: Verdict) -> list[str]:
    """Return what a fix says is to be pasted."""
    return re.findall(r"`([^`]+)`", judged.fix)


def fixes(name: str) -> tuple[list[str], list[str]]:
    app = AppFramework(name=name, seen_by="its own words")  # type: ignore[arg-type]  # one of its names
    cors = for_cors(failed("x"), app, [OURS, ALSO_OURS], credentials=True)
    return pasted(cors), pasted(for_header(failed("x"), app, NAME, VALUE))


def express(place: StackPlace) -> tuple[list[str], str]:
    cors, header = fixes("express")
    text = f"""
        const express = require("{NODE}/express"), cors = require("{NODE}/cors"), app = express();
        {header[0]}
        {cors[0]}
        app.all("/data", (req, res) => res.json({{}}));
        app.listen({place.ports.api}, "127.0.0.1");"""
    return ["node", "FILE"], text


def fastify(place: StackPlace) -> tuple[list[str], str]:
    cors, header = fixes("fastify")
    text = f"""
        const cors = require("{NODE}/@fastify/cors"), app = require("{NODE}/fastify")();
        (async () => {{
          {header[0]}
          {cors[0]}
          app.get("/data", async () => ({{}}));
          await app.listen({{ port: {place.ports.api}, host: "127.0.0.1" }});
        }})();"""
    return ["node", "FILE"], text


def nginx(place: StackPlace) -> tuple[list[str], str]:
    cors, header = fixes("nginx")
    temporary = "".join(
        f"{name}_temp_path {place.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    behind = 'server { listen 127.0.0.1:%d; location = /data { return 200 "{}"; } location / { return 404; } }'
    text = f"""daemon off; pid {place.folder}/nginx.pid; error_log stderr; events {{}}
        http {{ access_log off; {temporary} {cors[0]} {behind % place.ports.node}
          server {{ listen 127.0.0.1:{place.ports.api};
            location / {{ {" ".join(cors[1:])} {header[0]} proxy_pass http://127.0.0.1:{place.ports.node}; }} }} }}"""
    return ["nginx", "-c", "FILE", "-e", "stderr"], text


def caddy(place: StackPlace) -> tuple[list[str], str]:
    cors, header = fixes("caddy")
    lines = "\n".join([*cors, *header])
    text = f"""{{
        admin off
        auto_https off
        }}
        http://127.0.0.1:{place.ports.node} {{
        respond /data "{{}}"
        respond 404
        }}
        http://127.0.0.1:{place.ports.api} {{
        {lines}
        reverse_proxy 127.0.0.1:{place.ports.node}
        }}
        """
    return [str(Path(sys.prefix, "bin", "caddy")), "run", "--adapter", "caddyfile", "--config", "FILE"], text


def answered(
    place: StackPlace, path: str = "/data", method: str = "GET", **headers: str
) -> tuple[int, Mapping[str, str]]:
    """Return the status and the headers of an answer, which are found by any spelling."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{place.ports.api}{path}", method=method, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=20) as got:  # noqa: S310 - on loopback
            return got.status, got.headers
    except urllib.error.HTTPError as got:
        return got.code, got.headers


def accepts(place: StackPlace) -> bool:
    try:
        socket.create_connection(("127.0.0.1", place.ports.api), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.long
@pytest.mark.parametrize("framework", [express, fastify, nginx, caddy], ids=lambda each: each.__name__)
def test_what_is_pasted_lets_in_whom_the_profile_names_and_sets_the_header(framework: Any) -> None:
    with standing() as place:
        argv, text = framework(place)
        file = place.folder / "pasted"
        file.write_text(text)
        argv = [program(argv[0]), *(str(file) if each == "FILE" else each for each in argv[1:])]
        with running(argv, log=place.folder / "log", ready=lambda: accepts(place), stop_s=1):
            for origin in (OURS, ALSO_OURS):
                _, got = answered(place, Origin=origin)
                assert (got[ORIGIN], got[CREDENTIALS], got["Vary"].lower()) == (origin, "true", "origin")
                asked = {"Access_Control_Request_Method": "DELETE", "Access_Control_Request_Headers": "authorization"}
                status, got = answered(place, method="OPTIONS", Origin=origin, **asked)
                assert (status in {200, 204}, got[ORIGIN], got[CREDENTIALS]) == (True, origin, "true")
                assert "DELETE" in got[METHODS]
                assert "authorization" in got[HEADERS].lower()
            assert answered(place, Origin=STRANGER)[1][ORIGIN] is None
            assert answered(place, method="OPTIONS", Origin=STRANGER)[1][ORIGIN] is None
            status, got = answered(place, "/none", Origin=OURS)
            assert (status, got[ORIGIN]) == (404, OURS)
            assert {answered(place, path)[1][NAME] for path in ("/data", "/none")} == {VALUE}


def test_every_framework_has_a_fix_of_every_kind() -> None:
    names = [name for name in get_args(get_type_hints(AppFramework)["name"].__args__[0]) if name]
    assert len(names) == 10
    for name in names:
        cors, header = fixes(name)
        assert cors
        assert header
        assert not re.search(r"\{(?:quoted|double|nginx|caddy|credentials|name|value)\}", " ".join(cors + header))
