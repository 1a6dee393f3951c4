import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from golive import Location, Unavailable
from golive_checks.subjects import Host
from golive_checks.subjects.proxies import NginxEntry, ReverseProxy, nginxes
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.gixy import Gixy
from golive_checks.systems.nginx.client.parser import NginxParser
from golive_checks.systems.proxy.config import ProxyAudit, ProxyConfig, proxy_audit, proxy_config
from golive_checks.systems.proxy.policy import ProxyPolicy, proxy_needs
from golive_lab.parts import certificates
from golive_lab.parts.edge.nginx import folder, write
from golive_lab.parts.edge.nginx_real import arguments
from golive_lab.parts.ports import standing
from golive_lab.world import healthy

SOUND = "http { server { location / { proxy_pass http://127.0.0.1:4000; } } }"


async def config(nginx: ReverseProxy) -> ProxyConfig:
    return await proxy_config(nginx, NginxParser(), CommandRunner(CommandLimits()), Files())


async def audit(nginx: ReverseProxy) -> ProxyAudit:
    return await proxy_audit(nginx, NginxParser(), CommandRunner(CommandLimits()), Gixy(), Files())


def at(path: Path, text: str) -> ReverseProxy:
    path.write_text(text)
    return ReverseProxy("edge", main=str(path))


def printing(code: str) -> ReverseProxy:
    return ReverseProxy("edge", command=(sys.executable, "-c", code))


def test_the_subject_from_the_profile() -> None:
    entry = NginxEntry(command=("ssh", "web1", "nginx", "-T"), version="1.29.7")
    (found,) = nginxes("edge", entry)
    assert (found.name, found.command, found.version) == ("edge", ("ssh", "web1", "nginx", "-T"), "1.29.7")


@pytest.mark.parametrize("entry", [{}, {"main": "x", "version": "1.29"}, {"main": "x", "nonsense": 1}])
def test_entries_that_make_no_sense(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NginxEntry.model_validate(entry)


async def test_files_are_told_from_what_runs(tmp_path: Path) -> None:
    nginx = at(tmp_path / "nginx.conf", SOUND)
    found = await config(nginx)
    assert (found.running, found.seen) == (False, "repository, not running")
    dump = f"# configuration file /etc/nginx/nginx.conf:\n{SOUND}"
    running = await config(printing(f"print({dump!r})"))
    assert (running.running, running.seen) == (True, "running")
    assert running.servers[0].place.inner[0].at == Location("/etc/nginx/nginx.conf", 1)


async def test_a_configuration_without_its_http_block_says_so(tmp_path: Path) -> None:
    found = await config(at(tmp_path / "site.conf", "server { location / { proxy_pass http://127.0.0.1:4000; } }"))
    assert found.seen == "repository, not running; without its http level"


async def test_what_lies_elsewhere_is_told(tmp_path: Path) -> None:
    text = f"http {{ include /e/mime.types; {SOUND.removeprefix('http {')}"
    nginx = at(tmp_path / "nginx.conf", text)
    found = await config(replace(nginx, elsewhere=("/e/*",)))
    assert (found.seen, found.whole) == ("repository, not running; without /e/mime.types", True)
    nginx = at(tmp_path / "nginx.conf", text.replace("mime.types", "tuning.conf"))
    found = await config(replace(nginx, elsewhere=("/e/*",)))
    assert (found.seen, found.whole) == ("repository, not running; without /e/tuning.conf", False)


async def test_a_fact_survives_being_written_to_a_file(tmp_path: Path) -> None:
    nginx = at(tmp_path / "nginx.conf", SOUND.replace("location /", "location /a { location /a/b { } } location /"))
    for fact in (await config(nginx), await audit(nginx)):
        adapter = TypeAdapter(type(fact))
        assert adapter.validate_json(json.dumps(adapter.dump_python(fact, mode="json"))) == fact


async def test_a_broken_configuration_is_a_gap_to_one_and_a_finding_to_the_other(tmp_path: Path) -> None:
    nginx = at(tmp_path / "nginx.conf", "http {\n}}")
    with pytest.raises(Unavailable, match='nginx would refuse this configuration: unexpected "}"'):
        await config(nginx)
    found = await audit(nginx)
    assert (found.broken, found.broken_at) == ('unexpected "}"', Location(str(tmp_path / "nginx.conf"), 2))


async def test_an_invalid_value_is_broken_too(tmp_path: Path) -> None:
    nginx = at(tmp_path / "nginx.conf", SOUND.replace("{ proxy_pass", "{ proxy_read_timeout 5x; proxy_pass"))
    assert (await audit(nginx)).broken == '"proxy_read_timeout" has an invalid value'


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("pass", "printed no configuration"),
        ("print('hello')", "printed no configuration"),
        ("print('x' * 10_000_000)", "printed more than 8 MB"),
        ("import sys; sys.exit('nginx: [emerg] no such thing in /e:3')", "ended with 1: nginx: .emerg. no such thing"),
        ("import os; os.kill(os.getpid(), 9)", "ended with -9: it printed nothing"),
    ],
)
async def test_a_command_that_shows_no_configuration(code: str, reason: str) -> None:
    for probe in (config, audit):
        with pytest.raises(Unavailable, match=reason):
            await probe(printing(code))


async def test_a_program_that_is_not_there() -> None:
    with pytest.raises(Unavailable, match="'no-such-nginx' is not on this machine"):
        await config(ReverseProxy("edge", command=("no-such-nginx", "-T")))


async def test_the_command_runs_once_for_both_facts(tmp_path: Path) -> None:
    dump = f"# configuration file /etc/nginx/nginx.conf:\n{SOUND}"
    nginx = printing(f"open({str(tmp_path / 'runs')!r}, 'a').write('x'); print({dump!r})")
    parser, command = NginxParser(), CommandRunner(CommandLimits())
    await proxy_config(nginx, parser, command, Files())
    await proxy_audit(nginx, parser, command, Gixy(), Files())
    assert (tmp_path / "runs").read_text() == "x"


async def test_the_labs_files_and_the_real_nginxs_dump_of_them_come_to_the_same() -> None:
    with standing() as place:
        certificates.write(healthy().tls, place)
        main = write(healthy(), place)
        from_files = await config(ReverseProxy("edge", main=str(main)))
        running = await config(ReverseProxy("edge", command=(*arguments(folder(place)), "-T")))
    assert running.servers == from_files.servers
    assert len(running.servers) == 10
    assert running.running


async def test_what_a_host_needs_comes_from_the_profile() -> None:
    needs = await proxy_needs(Host("api.example.com"), ProxyPolicy(websocket_path="/ws", other_ports=(3000,)))
    assert (needs.policy.websocket_path, needs.policy.other_ports) == ("/ws", (3000,))
    adapter = TypeAdapter(type(needs))
    assert adapter.validate_json(adapter.dump_json(needs)) == needs
