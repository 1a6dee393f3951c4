import asyncio
import logging
import sys
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.domains.nginx_traps import FAILS, WARNS
from golive_checks.systems.nginx.client import gixy, gixy_worker
from golive_checks.systems.nginx.client.gixy import Gixy
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.nginx.traps import PLUGINS


async def audit(folder: Path, *plugins: str, **files: str) -> list[tuple[str, str, int]]:
    for name, text in files.items():
        (folder / f"{name}.conf").write_text(text)
    parsed = await NginxParser().files(str(folder / "main.conf"), max_bytes=1_000_000)
    issues = await Gixy().audit(parsed, plugins or PLUGINS)
    return [(issue.plugin, Path(issue.at.file).name, issue.at.line) for issue in issues]


def server(inside: str, around: str = "") -> str:
    return f"http {{ {around}\nserver {{\n{inside}\n}} }}"


@pytest.mark.parametrize(
    ("plugin", "text", "line"),
    [
        ("alias_traversal", server("location /files {\nalias /srv/files/; }"), 4),
        ("http_splitting", server("location ~ /v1/((?<action>[^.]*)\\.json)?$ {\nadd_header X-A $action; }"), 4),
        ("ssrf", server("location ~ /proxy/(.*)/(.*)$ {\nproxy_pass http://$1/$2; }"), 4),
        ("origins", server("if ($http_origin ~* (example.com)) {\nset $cors 1; }"), 3),
        ("valid_referers", server("valid_referers none example.com;"), 3),
        ("allow_without_deny", server("location /x {\nallow 10.0.0.0/8; }"), 4),
        ("return_bypasses_allow_deny", server("location / {\ndeny all; return 200 x; }"), 4),
        ("filesystem_root_exposure", server("root /;"), 3),
        ("host_spoofing", server("location / { proxy_pass http://a;\nproxy_set_header Host $http_host; }"), 4),
        ("status_page_exposed", server("location /s {\nstub_status; }"), 4),
        ("regex_redos", server("location ~ ^/(a+)+$ { }"), 3),
        ("invalid_regex", server("rewrite ^/x$ /y/$1 last;"), 3),
        ("resolver_external", server("resolver 8.8.8.8;"), 3),
    ],
)
async def test_what_each_plugin_finds(plugin: str, text: str, line: int, tmp_path: Path) -> None:
    assert (plugin, "main.conf", line) in await audit(tmp_path, main=text)


def test_every_plugin_has_its_reason() -> None:
    assert FAILS.keys().isdisjoint(WARNS)
    assert all({**FAILS, **WARNS}.values())


async def test_a_sound_configuration(tmp_path: Path) -> None:
    text = server("location /files/ { alias /srv/files/; } location / { proxy_pass http://127.0.0.1:4000; }")
    assert await audit(tmp_path, main=text) == []


async def test_the_line_is_that_of_the_included_file(tmp_path: Path) -> None:
    found = await audit(
        tmp_path,
        main="http {\n# one\n# two\ninclude a.conf;\ninclude b.conf; }",
        a="map $uri $a { default 1; }\n\n\n",
        b="server {\n\nlocation /files {\n\nalias /srv/files/; } }",
    )
    assert found == [("alias_traversal", "b.conf", 5)]


async def test_a_fragment_is_analysed_as_the_http_block_s(tmp_path: Path) -> None:
    assert await audit(tmp_path, main="server {\nlocation /files {\nalias /srv/files/; } }") == [
        ("alias_traversal", "main.conf", 3)
    ]


async def test_a_plugin_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no plugin gone_one") as caught:
        await audit(tmp_path, "ssrf", "gone_one", main=server(""))
    assert caught.value.defect


async def test_audits_at_the_same_time_do_not_mix(tmp_path: Path) -> None:
    folders = []
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        folders.append(folder)
    texts = [server(f"location /f {{{'#' * n}\n alias /f/; }}") if n % 2 else server("") for n in range(6)]
    found = await asyncio.gather(*(audit(folder, main=text) for folder, text in zip(folders, texts, strict=True)))
    assert [len(each) for each in found] == [0, 1, 0, 1, 0, 1]


async def test_nothing_is_printed_or_logged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await audit(tmp_path, main=server("set $a $nowhere;"))
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith("gixy")] == []


def test_what_it_stumbles_over_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise RecursionError("a secret of the configuration")

    monkeypatch.setattr("gixy.core.manager.Manager.audit", lambda *_, **__: stumble())
    assert gixy_worker.audit(server(""), ["ssrf"]) == {"failed": "RecursionError"}


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ('print(\'{"failed": "RecursionError"}\')', "gixy-ng failed on this configuration: RecursionError"),
        ("print('not JSON')", "gixy-ng ended without an answer, with code 0"),
        ("raise SystemExit(7)", "gixy-ng ended without an answer, with code 7"),
        ("import time; time.sleep(60)", "gixy-ng did not end within 1 s"),
    ],
)
async def test_a_worker_that_gives_no_answer_is_a_gap(
    code: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gixy, "WORKER", (sys.executable, "-c", code))
    monkeypatch.setattr(gixy, "LIMIT_S", 1.0)
    with pytest.raises(Unavailable, match=says):
        await audit(tmp_path, main=server(""))
