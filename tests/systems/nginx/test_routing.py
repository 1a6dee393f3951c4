import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.effective import servers
from golive_checks.systems.nginx.places import ProxyPlace, ServerBlock
from golive_checks.systems.nginx.routing import locate, proxying, serving
from golive_lab.parts.edge.nginx_real import process
from golive_lab.parts.ports import standing

NAMES = r"""
server { listen PORT; server_name first.test; location / { return 200 first; } }
server { listen PORT; server_name api.example.test; location / { return 200 exact; } }
server { listen PORT; server_name *.example.test; location / { return 200 leading; } }
server { listen PORT; server_name *.eu.example.test; location / { return 200 longer; } }
server { listen PORT; server_name .dot.test; location / { return 200 dot; } }
server { listen PORT; server_name clash.test; location / { return 200 clash; } }
server { listen PORT; server_name .clash.test; location / { return 200 ignored; } }
server { listen PORT; server_name mail.*; location / { return 200 trailing; } }
server { listen PORT; server_name ~^(?<user>.+)\.users\.test$; location / { return 200 pattern; } }
server { listen PORT; server_name ~^bob\.users\.test$; location / { return 200 later; } }
server { listen PORT default_server; server_name _; location / { return 200 default; } }
server { listen PORT; server_name api.example.test; location / { return 200 shadowed; } }
"""
HOSTS = [
    ("first.test", "first"),
    ("api.example.test", "exact"),
    ("other.example.test", "leading"),
    ("a.b.example.test", "leading"),
    ("x.eu.example.test", "longer"),
    ("example.test", "default"),
    ("dot.test", "dot"),
    ("www.dot.test", "dot"),
    ("clash.test", "clash"),
    ("www.clash.test", "default"),
    ("mail.anything.test", "trailing"),
    ("mail.example.test", "leading"),
    ("bob.users.test", "pattern"),
    ("unknown.test", "default"),
]
PLACES = r"""
server {
    listen PORT;
    location = / { return 200 root; }
    location / { return 200 slash; }
    location /api { return 200 api; }
    location /api/v1/ { return 200 v1; location ~ /deep$ { return 200 deep; }
        location /api/v1/inner { return 200 inner; } }
    location ^~ /static/ { return 200 static; }
    location ~ \.php$ { return 200 php; }
    location ~* \.PHP5?$ { return 200 anycase; }
    location ~ ^/api/(?<id>\d+)$ { return 200 number; }
    location /pattern { return 200 outer; location ~ \.php$ { return 200 innerphp; } }
}
"""
PATHS = [
    ("/", "root"),
    ("/x", "slash"),
    ("/api", "api"),
    ("/apix", "api"),
    ("/api/v1", "api"),
    ("/api/v1/", "v1"),
    ("/api/v1/deep", "deep"),
    ("/api/v1/inner/deep", "deep"),
    ("/api/v1/innerest", "inner"),
    ("/static/x.php", "static"),
    ("/x.php", "php"),
    ("/x.PhP5", "anycase"),
    ("/api/42", "number"),
    ("/api/42x", "api"),
    ("/pattern/x.php", "innerphp"),
    ("/pattern/x", "outer"),
]


async def read(folder: Path, text: str) -> tuple[ServerBlock, ...]:
    (folder / "nginx.conf").write_text(f"http {{ {text} }}")
    return servers((await NginxParser().files(str(folder / "nginx.conf"), max_bytes=100_000)).main)


def answer(text: str, place: ProxyPlace) -> str:
    """Return the word that the configuration answers at a place, by the line and column it stands at."""
    line = text.splitlines()[place.at.line - 1]
    found = f"{place.modifier} {place.path} {{".strip()
    return line[line.rindex(found) :].split("return 200 ")[1].split(";")[0]


@contextmanager
def real(text: str, folder: Path) -> Iterator[int]:
    with standing(folder) as place:
        port = place.ports.http
        head = "pid nginx.pid; error_log logs/error.log; events {} http { access_log off;"
        temp = " ".join(f"{kind}_temp_path t;" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        for name in ("conf", "logs"):
            (folder / name).mkdir(exist_ok=True)
        (folder / "conf/nginx.conf").write_text(f"{head} {temp} {text.replace('PORT', f'127.0.0.1:{port}')} }}")
        with process(folder, [("127.0.0.1", port)]):
            yield port


def ask(port: int, host: str, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers={"Host": host})
    said = connection.getresponse().read().decode()
    connection.close()
    return said


@pytest.mark.parametrize(("host", "wanted"), HOSTS)
async def test_which_server_answers_for_a_host(host: str, wanted: str, tmp_path: Path) -> None:
    found = serving(await read(tmp_path, NAMES.replace("PORT", "80")), host)
    assert [answer(NAMES, server.place.inner[0]) for server in found] == [wanted]


@pytest.mark.parametrize(("path", "wanted"), PATHS)
async def test_which_location_answers_for_a_path(path: str, wanted: str, tmp_path: Path) -> None:
    (server,) = await read(tmp_path, PLACES.replace("PORT", "80"))
    assert answer(PLACES, locate(server, path)) == wanted


def test_the_real_nginx_answers_with_the_same(tmp_path: Path) -> None:
    with real(NAMES, tmp_path / "names") as port:
        assert [(host, ask(port, host, "/")) for host, _ in HOSTS] == HOSTS
    with real(PLACES, tmp_path / "places") as port:
        assert [(path, ask(port, "x", path)) for path, _ in PATHS] == PATHS


async def test_a_host_is_served_on_every_port_that_has_its_name(tmp_path: Path) -> None:
    text = """
    server { listen 80; server_name a.test; return 301 https://$host$request_uri; }
    server { listen 443 ssl; server_name a.test; }
    server { listen 8080; server_name status.test; }
    """
    found = serving(await read(tmp_path, text), "a.test")
    assert [server.listens[0].port for server in found] == [80, 443]


async def test_try_files_leads_to_a_named_location(tmp_path: Path) -> None:
    text = "server { location / { try_files $uri @api; } location @api { proxy_pass http://127.0.0.1:4000; } }"
    (server,) = await read(tmp_path, text)
    assert locate(server, "/x").path == "@api"
    assert [place.path for place in proxying(server.place)] == ["@api"]


async def test_a_server_without_locations_answers_itself(tmp_path: Path) -> None:
    (server,) = await read(tmp_path, "server { return 301 https://$host; }")
    assert locate(server, "/x") == server.place


async def test_which_location_answers_is_unknown_where_python_cannot_read_a_pattern(tmp_path: Path) -> None:
    (server,) = await read(tmp_path, r"server { location ~ (?i)(?|x|\K) { } location / { } location ^~ /y { } }")
    assert locate(server, "/y").path == "/y"  # whatever the pattern says
    with pytest.raises(Unavailable, match="cannot read the pattern"):
        locate(server, "/x")
