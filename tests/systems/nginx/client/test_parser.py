import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from clocks import cpu_below, turns_during

from golive import Location, Unavailable
from golive_checks.systems.nginx.client.files import NginxDump
from golive_checks.systems.nginx.client.parser import BrokenError, Directive, NginxParser, Parsed
from golive_lab.parts.process import program

SERVER = "server { location / { proxy_pass http://127.0.0.1:4000; } }"
FULL = f"events {{}}\nhttp {{ {SERVER} }}\n"


def write(folder: Path, **files: str) -> str:
    """Write files; `a__b` stands for a/b.conf and `main` for nginx.conf, whose name is returned."""
    for name, text in files.items():
        path = folder / ("nginx.conf" if name == "main" else f"{name.replace('__', '/')}.conf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder / "nginx.conf")


async def read(main: str, *elsewhere: str, max_bytes: int = 1_000_000) -> Parsed:
    return await NginxParser().files(main, elsewhere=elsewhere, max_bytes=max_bytes)


async def broken(main: str) -> BrokenError:
    with pytest.raises(BrokenError) as caught:
        await read(main)
    return caught.value


def names(block: Directive) -> list[str]:
    return [directive.name for directive in block.block or ()]


async def test_words_quotes_and_comments(tmp_path: Path) -> None:
    text = """http { # a comment; with } signs
        log_format x '$a "b" ;{}' "it\\'s";
        server { server_name a # one name
            b; add_header X "#not a comment"; }
    }"""
    (http,) = (await read(write(tmp_path, main=text))).main.find("http")
    log, server = http.block or ()
    assert log.args == ("x", '$a "b" ;{}', "it\\'s")
    assert log.at == Location(str(tmp_path / "nginx.conf"), 2)
    assert next(server.find("server_name")).args == ("a", "b")
    assert next(server.find("add_header")).args == ("X", "#not a comment")


async def test_lua_blocks_are_no_syntax_of_nginx(tmp_path: Path) -> None:
    text = 'http { server { location / { content_by_lua_block { ngx.say("}") if a then b() end } } } }'
    assert (await read(write(tmp_path, main=text))).main


async def test_includes_start_at_the_main_file_s_folder_in_every_file(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main="http { include conf.d/*.conf; }",
        conf__d__b="wrong",
        **{
            "conf.d__b": "server { include snippets/x.conf; }",
            "conf.d__a": "map $a $b { default c; }",
            "conf.d__.hidden": "x",
        },
        snippets__x="listen 81;",
    )
    parsed = await read(main)
    (http,) = parsed.main.find("http")
    assert names(http) == ["map", "server"]
    listen = next(next(http.find("server")).find("listen"))
    assert (listen.args, listen.at) == (("81",), Location(str(tmp_path / "snippets/x.conf"), 1))
    assert [Path(name).name for name in parsed.files] == ["nginx.conf", "a.conf", "b.conf", "x.conf"]


async def test_a_pattern_that_matches_nothing_is_no_error_and_a_name_is(tmp_path: Path) -> None:
    assert await read(write(tmp_path, main=f"http {{ include none/*.conf; {SERVER} }}"))
    error = await broken(write(tmp_path, main=f"http {{\n include none/x.conf;\n {SERVER} }}"))
    assert error.why == f"cannot read the included {tmp_path}/none/x.conf: No such file or directory"
    assert error.at.line == 2


async def test_what_lies_elsewhere_may_be_missing(tmp_path: Path) -> None:
    main = write(tmp_path, main=f"http {{ include /etc/none/mime.types; {SERVER} }}")
    assert (await read(main, "/etc/none/*")).missing == ("/etc/none/mime.types",)
    with pytest.raises(BrokenError):
        await read(main, "/etc/other/*")


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("http { server {\n } ", 'unexpected end of file, expecting "}"', 2),
        ("http { }\n}", 'unexpected "}"', 2),
        ("http { server { listen 80 } }", 'unexpected "}"', 1),
        ("http { server {\n listen 80\n location / { root /x; } } }", '"listen" is not terminated by ";"', 2),
        ("events {};\nhttp {}", 'unexpected ";"', 1),
        ("http { ; }", 'unexpected ";"', 1),
        ("http { { } }", 'unexpected "{"', 1),
        ("http {}\nworker_processes", 'expecting ";" or "}"', 2),
        ('http { server_name "a; }', 'unexpected end of file, expecting """', 1),
        ("http {\n proxy_pass http://x; }", '"proxy_pass" directive is not allowed here', 2),
        (
            "http { server { location / {\n\n proxy_read_timeout; } } }",
            'number of arguments in "proxy_read_timeout"',
            3,
        ),
        ("http { server { listen 80;\n http {} } }", '"http" directive is not allowed here', 2),
        ("http { gzip yes; }", 'it must be "on" or "off"', 1),
        ("", "nothing would be served", 0),
        ("# nothing\n", "nothing would be served", 0),
        ("events {}", "nothing would be served", 0),
        ("\ufeffhttp {}", "byte order mark", 1),
        ("http {" + " a {" * 40 + "}" * 40 + "}", "nested more than 30 deep", 1),
    ],
)
async def test_what_nginx_would_refuse(text: str, why: str, line: int, tmp_path: Path) -> None:
    error = await broken(write(tmp_path, main=text))
    assert why in error.why
    assert error.at == Location(str(tmp_path / "nginx.conf"), line)


REFUSED_BY_BOTH = [
    "http { server { ",
    "http { } }",
    "http { server { listen 80 } }",
    "http { server { listen 80 location / { root /x; } } }",
    "http { ; }",
    "http { { } }",
    "http { proxy_pass http://x; }",
    "http { server { location / { proxy_read_timeout; } } }",
    "http { gzip yes; }",
    "http { include none.conf; }",
    "\ufeffhttp {}",
]


@pytest.mark.parametrize("text", REFUSED_BY_BOTH)
async def test_the_real_nginx_refuses_it_too(text: str, tmp_path: Path) -> None:
    main = write(tmp_path, main=f"{text}\n" if text.startswith("\ufeff") else f"events {{}} pid pid;\n{text}\n")
    await broken(main)
    argv = [program("nginx"), "-t", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "log"]
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 1  # noqa: ASYNC221 - a moment's work


async def test_a_file_for_the_http_block_is_known_as_a_fragment(tmp_path: Path) -> None:
    parsed = await read(write(tmp_path, main=f"upstream api {{ server 127.0.0.1:4000; }}\n{SERVER}\n"))
    assert parsed.fragment
    assert names(next(parsed.main.find("http"))) == ["upstream", "server"]
    error = await broken(write(tmp_path, main="server { }\nworker_processes 1;"))
    assert error.why == '"worker_processes" directive is not allowed here'


async def test_newer_directives_than_the_parser_knows_are_let_through(tmp_path: Path) -> None:
    text = (
        "http { upstream a { server 127.0.0.1; keepalive 32 local; } server { http2 on; add_header_inherit merge; } }"
    )
    assert await read(write(tmp_path, main=text))


@pytest.mark.parametrize("name", ["none.conf", "."])
async def test_a_main_file_that_is_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot read"):
        await read(str(tmp_path / name))


async def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    async with asyncio.timeout(5):
        assert "not a regular file" in (await broken(write(tmp_path, main="http { include pipe.conf; }"))).why


async def test_a_file_that_includes_itself(tmp_path: Path) -> None:
    error = await broken(write(tmp_path, main="http { include a.conf; }", a="include b.conf;", b="\ninclude *.conf;"))
    assert error.why == f"{tmp_path}/a.conf includes itself"
    assert error.at == Location(f"{tmp_path}/b.conf", 2)


async def test_symlinks_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "x.conf").symlink_to("y.conf")
    (tmp_path / "y.conf").symlink_to("x.conf")
    assert "symbolic links" in (await broken(write(tmp_path, main="http { include x.conf; }"))).why


async def test_a_folder_that_holds_itself(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "sub").symlink_to(tmp_path / "sub")
    main = write(tmp_path, main="http { include sub/*/*/*.conf; include sub/*/*/*/*.conf; }", sub__a=SERVER)
    parsed = await read(main)
    assert len(list(next(parsed.main.find("http")).find("server"))) == 2


async def test_includes_that_multiply_are_bounded(tmp_path: Path) -> None:
    files = {f"f{i}": f"include f{i + 1}.conf; include ./f{i + 1}.conf;" for i in range(20)}
    with cpu_below(5):
        error = await broken(write(tmp_path, main="http { include f0.conf; }", f20="gzip on;", **files))
    assert "more than 1000 files" in error.why


async def test_includes_without_end_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "d").symlink_to(tmp_path)
    error = await broken(write(tmp_path, main="http { include d/d/*.conf; }", a="include d/d/d/d/d/*.conf;"))
    assert "includes itself" in error.why or "more than 1000 files" in error.why


async def test_a_configuration_larger_than_the_bound(tmp_path: Path) -> None:
    main = write(tmp_path, main="http { include a.conf; }", a="#" * 2000)
    with pytest.raises(Unavailable, match="larger than 1 kB"):
        await read(main, max_bytes=1000)


async def test_each_configuration_is_read_once(tmp_path: Path) -> None:
    parser, main = NginxParser(), write(tmp_path, main=FULL)
    first, second = await asyncio.gather(*(parser.files(main, max_bytes=1000) for _ in range(2)))
    assert first is second


def dump(**files: str) -> str:
    return "".join(f"# configuration file {name}:\n{text}\n\n" for name, text in files.items())


async def test_a_dump_is_read_like_the_files_it_was_made_from(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main="pid pid; events {}\nhttp { access_log off; include conf.d/*.conf; }\n",
        **{"conf.d__b": f"\n{SERVER}", "conf.d__a": "map $uri $b {\n include maps/x.conf; }"},
        maps__x="# one\nq w;\n",
    )
    argv = [program("nginx"), "-T", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "log"]
    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout  # noqa: ASYNC221 - a moment's work
    from_dump, from_files = await NginxParser().dump(printed), await read(main)
    assert from_dump.main == from_files.main
    assert from_dump.files.keys() == from_files.files.keys()


async def test_what_stands_before_a_dump_is_not_of_it() -> None:
    text = "Welcome to web1 {\n" + dump(**{"/etc/nginx/nginx.conf": FULL})
    assert list((await NginxParser().dump(text)).files) == ["/etc/nginx/nginx.conf"]


@pytest.mark.parametrize("text", ["", "\n", "nginx: command not found", FULL])
async def test_output_that_is_no_dump(text: str) -> None:
    with pytest.raises(Unavailable, match="printed no configuration"):
        await NginxParser().dump(text)


async def test_a_dump_that_was_cut_off() -> None:
    whole = dump(**{"/etc/nginx/nginx.conf": "http {\ninclude x.conf;\n}", "/etc/nginx/x.conf": SERVER})
    for cut in (whole[:60], whole[: whole.index("# configuration file /etc/nginx/x")]):
        with pytest.raises(Unavailable, match="ngxparse"):
            await NginxParser().dump(cut)


async def test_code_of_another_language_is_a_gap_that_names_the_parser(tmp_path: Path) -> None:
    main = tmp_path / "nginx.conf"
    main.write_text("events {} http { server { location / { content_by_lua_block { ngx.say([[ } ]]) } } } }")
    with pytest.raises(Unavailable, match=r"ngxparse.*content_by_lua_block; nginx itself may"):
        await NginxParser().files(str(main), max_bytes=9999)


async def test_a_dump_with_carriage_returns() -> None:
    text = dump(**{"/etc/nginx/nginx.conf": FULL}).replace("\n", "\r\n")
    assert (await NginxParser().dump(text)).main.find("http")


def test_a_star_crosses_no_slash_and_finds_no_hidden_file() -> None:
    found = NginxDump(dict.fromkeys(["/e/b.conf", "/e/a.conf", "/e/.h.conf", "/e/d/c.conf", "/e/x"], ""))
    assert found.names("/e/*.conf") == ["/e/a.conf", "/e/b.conf"]
    assert found.names("/e/./*.conf") == ["/e/a.conf", "/e/b.conf"]
    assert found.names("/e/?") == ["/e/x"]


async def test_a_large_dump_does_not_hold_up_the_loop() -> None:
    lines = "".join(f"    10.{i // 65536}.{i // 256 % 256}.{i % 256} 1;\n" for i in range(30_000))
    text = dump(**{"/e/nginx.conf": f"http {{ geo $bad {{\n{lines}}}\n{SERVER} }}"})
    reading = asyncio.ensure_future(NginxParser().dump(text))
    turns = await turns_during(reading)
    assert len(text) > 500_000
    assert (await reading).main
    assert turns > 5
