"""The evidence of an attestation: a file, or a URL on a real server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from golive import Unavailable
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status
from golive_checks.systems.evidence.evidence import Attestation, AttestationEntry, Evidence, attestations, evidence
from golive_checks.systems.machine.client.files import Files
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.names import APP
from golive_lab.world.tls import Chain, EdgeTls

Site = Callable[..., AbstractAsyncContextManager[Any]]


class Names(Dns):
    """Knows one host, at the address where the site stands."""

    def __init__(self, ip: str) -> None:
        self.ip = ip

    async def look_up(self, name: str, kind: str, _ask: DnsSettings, **_: Any) -> DnsReply:
        found = (Record(APP, "A", 300, self.ip),) if (name, kind) == (APP, "A") else ()
        return DnsReply("127.0.0.1", name, kind, Status.ANSWER if found else Status.NXDOMAIN, found)


def answer(status: int, **headers: str) -> HttpAnswer:
    return HttpAnswer(status, "text/plain", b"x", tuple(headers.items()))


PATHS = {
    "/there": answer(200),
    "/gone": answer(410),
    "/moved": answer(301, location="/there"),
    "/moved-to-nothing": answer(302, location="/nothing"),
    "/loop": answer(302, location="/loop"),
    "/login": answer(302, location="https://login.test/?next=there"),
    "/clear": answer(302, location="http://app.demo.test/there"),
    "/forbidden": answer(403),
    "/broken": answer(500),
    "/query?a=b": answer(200),
}


async def look(site: Site, path: str, **more: Any) -> Evidence:
    async with site(lambda asked, _: PATHS.get(asked, answer(404)), **more) as here:
        of = Attestation("x", evidence=f"https://{APP}:{here.address.host.port}{path}")
        dns = Names(here.address.ip)
        seen = await here.look(evidence, of=of, files=Files(), dns=dns, resolvers=DnsSettings())
        assert isinstance(seen, Evidence)
        assert TypeAdapter(Evidence).validate_json(TypeAdapter(Evidence).dump_json(seen)) == seen
        return seen


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/there", Evidence(there=True, status=200)),
        ("/query?a=b", Evidence(there=True, status=200)),
        ("/moved", Evidence(there=True, status=200)),
        ("/nothing", Evidence(there=False, status=404)),
        ("/gone", Evidence(there=False, status=410)),
        ("/moved-to-nothing", Evidence(there=False, status=404)),
    ],
)
async def test_a_url_is_there_or_not(path: str, seen: Evidence, site: Site) -> None:
    assert await look(site, path) == seen


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/login", "another host"),
        ("/clear", "or in clear"),
        ("/forbidden", "answers 403"),
        ("/broken", "answers 500"),
        ("/loop", "answers 302"),
    ],
)
async def test_what_stands_before_it_is_a_gap(path: str, why: str, site: Site) -> None:
    with pytest.raises(Unavailable, match=why):
        await look(site, path)


async def test_a_server_that_cannot_be_trusted_is_a_gap(site: Site) -> None:
    with pytest.raises(Unavailable, match="cannot be trusted"):
        await look(site, "/there", tls=EdgeTls(chain=Chain(issuer="self"), other_key={}))


async def test_a_file_is_there_or_not(tmp_path: Path, site: Site) -> None:
    (tmp_path / "full").write_text("x")
    (tmp_path / "empty").touch()
    async with site(lambda *_: answer(404)) as here:
        for name, there in (("full", True), ("empty", False), ("none", False)):
            of = Attestation("x", evidence=str(tmp_path / name))
            seen = await here.look(evidence, of=of, files=Files(), dns=Names(""), resolvers=DnsSettings())
            assert seen == Evidence(there=there)
        nothing = await here.look(evidence, of=Attestation("x"), files=Files(), dns=Names(""), resolvers=DnsSettings())
        assert nothing == Evidence(there=False)
        of = Attestation("x", evidence="https://gone.test/")
        with pytest.raises(Unavailable, match="NXDOMAIN"):
            await here.look(evidence, of=of, files=Files(), dns=Names(""), resolvers=DnsSettings())
        assert here.asked == []


def test_an_entry_may_leave_anything_empty() -> None:
    (of,) = attestations(
        "a", AttestationEntry.model_validate({"who": " ", "when": "", "expires": None, "evidence": ""})
    )
    assert (of.who, of.when, of.expires, of.evidence) == ("", None, None, "")


def test_a_file_is_meant_from_the_profiles_folder(tmp_path: Path) -> None:
    given = {"evidence": "minutes.md", "when": "2026-01-05"}
    entry = AttestationEntry.model_validate(given, context={"base_dir": tmp_path})
    (of,) = attestations("a", entry)
    assert (of.evidence, of.when) == (str(tmp_path / "minutes.md"), dt.date(2026, 1, 5))


@pytest.mark.parametrize("url", ["http://x.test/", "https://u:p@x.test/", "ftp://x.test", "https://"])
def test_only_https_urls_are_taken(url: str) -> None:
    with pytest.raises(ValidationError, match="an https URL"):
        AttestationEntry(evidence=url)
