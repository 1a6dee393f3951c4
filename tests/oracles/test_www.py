"""Which pairs of names are one site: golive's verdict on generated ones, beside where curl arrives."""

from __future__ import annotations

import asyncio
import os
import random
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from small_zone import small_zone

from golive import Environment, Outcome, RunInfo
from golive_checks.domains.www import one_site
from golive_checks.hsts import HstsPolicy
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, HttpSettings
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.http.www import WwwPair, www
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.asgi import HttpAnswer, Listener, header, lifespan, serving
from golive_lab.parts.certificates import ca_file, chain_file, key_file
from golive_lab.parts.certificates import write as write_certificates
from golive_lab.parts.ports import standing
from golive_lab.parts.process import program
from golive_lab.world import healthy
from golive_lab.world.names import WWW, ZONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from golive_lab.parts.asgi import Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace

SEED = 20261129
ALL = 80
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
YEAR = "max-age=31536000"
SITE = "site"
"""Where a redirect's place would be: it shows the site."""


@dataclass
class Case:
    """What each origin does: it shows the site, leads to another origin, or answers an error's status."""

    does: dict[str, str | int] = field(default_factory=dict)
    status: int = 301
    hsts: dict[str, str] = field(default_factory=dict)


def generated() -> list[Case]:
    chance = random.Random(SEED)
    origins = [f"{scheme}://{name}" for scheme in ("http", "https") for name in (ZONE, WWW)]
    made = [Case()]
    for _ in range(COUNT - 1):
        main, other = chance.sample((ZONE, WWW), 2)
        sound: dict[str, str | int] = {
            **{f"http://{name}": f"https://{name}" for name in (main, other)},
            f"https://{main}": SITE,
            f"https://{other}": f"https://{main}",
        }
        changed = {
            origin: chance.choice([SITE, 403, 503, *(to for to in origins if to != origin)])
            for origin in origins
            if chance.random() < 0.15
        }
        hsts = {
            name: chance.choice([YEAR, YEAR, YEAR, f"{YEAR}; preload; includeSubDomains", "max-age=0", ""])
            for name in (ZONE, WWW)
        }
        made.append(Case(sound | changed, chance.choice([301, 308]), hsts))
    made[0] = Case(
        {
            f"http://{ZONE}": f"https://{ZONE}",
            f"http://{WWW}": f"https://{WWW}",
            f"https://{ZONE}": f"https://{WWW}",
            f"https://{WWW}": SITE,
        },
        hsts={ZONE: YEAR, WWW: YEAR},
    )
    return made


@asynccontextmanager
async def site(place: StackPlace, now: Case) -> AsyncIterator[None]:
    """Serve both names as `now` says, which changes."""
    ports = {"http": place.ports.site_plain, "https": place.ports.site}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain_file(place, WWW), key_file(place, WWW))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        name = header(scope, "host").partition(":")[0]
        does = now.does[f"{scope['scheme']}://{name}"]
        hsts = (("strict-transport-security", now.hsts[name]),) if scope["scheme"] == "https" else ()
        if isinstance(does, int) or does == SITE:
            await HttpAnswer(does if isinstance(does, int) else 200, "text/html", b"<h1>hello</h1>", hsts).send(send)
            return
        to = f"{does}:{ports[does.partition(':')[0]]}{scope['path']}"
        await HttpAnswer(now.status, "text/html", b"", (("location", to), *hsts)).send(send)

    doors = (Listener("127.0.0.1", ports["https"], context), Listener("127.0.0.1", ports["http"]))
    async with serving([(door, serve) for door in doors]):
        yield


async def by_golive(place: StackPlace) -> Outcome:
    pace = Pace(RateLimit(), Environment("x"))
    http = Http(HttpSettings(), pace, NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"))
    resolver = DnsSettings(resolvers=(f"127.0.0.1:{place.ports.resolver}",))
    others = OtherHosts(Dns(pace), resolver, http, Trust(ca_file=str(ca_file(place))))
    pair = WwwPair("x", ZONE, WWW, port=place.ports.site, http_port=place.ports.site_plain)
    try:
        return one_site(pair, await www(pair, others, Access(), RunInfo("0123abcd", "9.9")), HstsPolicy()).outcome
    finally:
        await http.aclose()


async def by_curl(place: StackPlace, folder: Path) -> bool:
    """Return whether one who types either name, in either scheme, arrives at one site, and stays with https."""
    ports = {"http": place.ports.site_plain, "https": place.ports.site}
    typed = [(scheme, name) for scheme in ports for name in (ZONE, WWW)]
    arrived = await asyncio.gather(*(_curl(place, scheme, name, folder) for scheme, name in typed))
    places = {where for where, _, _ in arrived}
    steps = {(scheme, name): hops for (scheme, name), (_, hops, _) in zip(typed, arrived, strict=True)}
    straight = all(hops <= (1 if scheme == "https" else 2) for (scheme, _), hops in steps.items())
    remembered = all(name in kept for (_, name), (_, _, kept) in zip(typed, arrived, strict=True))
    return len(places) == 1 and places.pop().startswith("https://") and straight and remembered


async def _curl(place: StackPlace, scheme: str, name: str, folder: Path) -> tuple[str, int, set[str]]:
    """Return where curl arrives ("" for nowhere), after how many redirects, and whose HSTS it keeps."""
    port = place.ports.site if scheme == "https" else place.ports.site_plain
    kept = folder / f"{scheme}-{name}"
    kept.unlink(missing_ok=True)
    ports = (place.ports.site, place.ports.site_plain)
    found = [part for other in (ZONE, WWW) for p in ports for part in ("--resolve", f"{other}:{p}:127.0.0.1")]
    options = ["-sfL", "--max-redirs", "5", "-m", "20", "--cacert", str(ca_file(place)), "--hsts", str(kept), *found]
    shown = ["-o", os.devnull, "-w", "%{url_effective} %{num_redirects}", f"{scheme}://{name}:{port}/"]
    asked = await asyncio.create_subprocess_exec(program("curl"), *options, *shown, stdout=asyncio.subprocess.PIPE)
    out, _ = await asked.communicate()
    where, _, hops = out.decode().partition(" ")
    lines = kept.read_text().splitlines() if kept.exists() else []
    names = {line.split()[0].removeprefix(".") for line in lines if line and not line.startswith("#")}
    return ("" if asked.returncode else where), int(hops), names


async def test_golive_and_curl_agree_on_what_is_one_site(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    now, disagreed = Case(), []
    with standing() as place:
        write_certificates(healthy().tls, place)
        records = {(name, "A"): ("127.0.0.1",) for name in (ZONE, WWW)}
        async with small_zone(place.ports.resolver, records), site(place, now):
            for case in generated():
                now.does, now.status, now.hsts = case.does, case.status, case.hsts
                ours, theirs = await by_golive(place), await by_curl(place, tmp_path)
                if (ours is not Outcome.FAIL) != theirs:
                    disagreed.append((ours, theirs, replace(case)))
    assert not disagreed
