from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from golive import Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.http.client.message import Access
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.front import Hop, front, parted, plain_front, without_query
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.names import APP
from golive_lab.world.tls import Chain, EdgeTls

Site = Callable[..., AbstractAsyncContextManager[Any]]


def html(body: str = "hello", status: int = 200, **headers: str) -> HttpAnswer:
    return HttpAnswer(status, "text/html", body.encode(), tuple((n.replace("_", "-"), v) for n, v in headers.items()))


def moved(to: str, status: int = 302) -> HttpAnswer:
    return html("", status, location=to)


async def test_the_front_keeps_what_is_judged_and_no_secret(site: Site) -> None:
    secrets = {"set_cookie": "session=secret", "location": "https://u:secret@x.test/a?token=secret"}
    async with site(lambda *_: html(server="x" * 600, **secrets)) as there:
        seen = (await there.look(front)).reply
    assert (seen.status, seen.version, seen.body_bytes, seen.media_type) == (200, "HTTP/2", 5, "text/html")
    assert (seen.distrust, len(seen.header("server"))) == ("", 500)
    assert seen.header("location") == "https://x.test/a"
    assert "secret" not in repr(seen)


BAD = {
    "expired": (Chain(age_days=100), "certificate has expired"),
    "unknown": (Chain(issuer="stranger"), "unable to get local issuer certificate"),
    "wrong name": (Chain(names=("other.test",)), "Hostname mismatch"),
    "weak key": (Chain(key="rsa-1024"), "key too weak"),
}


@pytest.mark.parametrize(("chain", "why"), BAD.values(), ids=BAD)
async def test_a_bad_certificate_hides_nothing_else_and_gets_no_secret(site: Site, chain: Chain, why: str) -> None:
    async with site(lambda *_: html(), tls=EdgeTls(chain=chain, other_key={})) as there:
        seen = (await there.look(front)).reply
        assert seen.status == 200
        assert why in seen.distrust
        there.asked.clear()
        access = Access(headers={"x-open": SecretStr("sesame")})
        door = AddressDoor(there.http, access, there.trust, there.address)
        for path in ("/a", "/b"):
            with pytest.raises(Unavailable, match="access headers go over verified TLS alone"):
                await door.get(path)
        assert there.asked == []


async def test_access_headers_go_over_verified_tls_and_never_in_clear(site: Site) -> None:
    access = Access(headers={"x-open": SecretStr("sesame")}, basic=SecretStr("u:p"))
    async with site(lambda *_: html()) as there:
        seen = await there.look(front, access)
        await there.look(plain_front, access, seen=seen)
    sent = {scheme: headers for scheme, _, headers in there.asked}
    assert sent["https"]["x-open"] == "sesame"
    assert sent["https"]["authorization"] == "Basic dTpw"
    assert not {"x-open", "authorization"} & set(sent["http"])
    assert "sesame" not in repr(access)


async def test_a_login_wall_is_a_gap_that_says_how_to_open_it(site: Site) -> None:
    async with site(lambda *_: html("", 401, www_authenticate='Basic realm="staging"')) as there:
        with pytest.raises(Unavailable, match=r"is in front of it: it asks for a password$") as gap:
            await there.look(front)
        assert "under access in the host's entry" in gap.value.fix
    async with site(lambda *_: html("", 401, www_authenticate="Basic")) as there:
        with pytest.raises(Unavailable, match="although golive gave what access holds"):
            await there.look(front, Access(basic=SecretStr("u:p")))


async def test_a_ca_file_that_is_not_there_is_a_gap(site: Site) -> None:
    async with site(lambda *_: html()) as there:
        with pytest.raises(Unavailable, match="the CA file /nowhere cannot be read"):
            await there.look(front, trust=Trust(ca_file="/nowhere"))


def redirects(path: str, ports: Any, *, back: bool = False) -> HttpAnswer:
    if path.startswith("http:"):
        return moved(f"https://{APP}:{ports.https}{path.removeprefix('http:')}", 301)
    return moved(f"http://{APP}:{ports.http}/") if back else html()


CHAINS: dict[str, tuple[Callable[[str, Any], HttpAnswer], list[tuple[str, int, str]]]] = {
    "content": (lambda *_: html("clear"), [("http", 200, "")]),
    "one step": (redirects, [("http", 301, "https"), ("https", 200, "")]),
    "itself": (lambda *_: moved("/"), [("http", 302, "http")]),
    "to and fro": (lambda *a: redirects(*a, back=True), [("http", 301, "https"), ("https", 302, "http")]),
    "without end": (lambda path, _: moved(path.removeprefix("http:") + "x"), [("http", 302, "http")] * 5),
    "elsewhere": (lambda *_: moved("//www.demo.test/?token=1"), [("http", 302, "http")]),
    "nowhere": (lambda *_: html("", 302), [("http", 302, "")]),
}


@pytest.mark.parametrize(("respond", "expected"), CHAINS.values(), ids=CHAINS)
async def test_redirects_are_followed_one_step_at_a_time(
    site: Site, respond: Callable[[str, Any], HttpAnswer], expected: list[tuple[str, int, str]]
) -> None:
    async with site(respond) as there:
        seen = await there.look(plain_front, seen=None)
    hops: tuple[Hop, ...] = seen.chains["/"]
    assert [(urlsplit(h.url).scheme, h.reply.status, urlsplit(h.to).scheme) for h in hops] == expected
    assert "token" not in repr(seen)


async def test_a_redirect_to_what_is_no_url_is_a_gap(site: Site) -> None:
    async with site(lambda *_: moved("https://[x")) as there:
        with pytest.raises(Unavailable, match="redirects to what is no URL"):
            await there.look(plain_front, seen=None)


async def test_paths_that_may_answer_in_clear_are_not_asked(site: Site) -> None:
    host = Host(APP, role="api", api_path="/callback/x", clear_text_paths=("/callback/",))
    async with site(redirects, host=host) as there:
        seen = await there.look(plain_front, seen=None)
    assert list(seen.chains) == ["/"]
    assert not any(path.startswith("/callback") for _, path, _ in there.asked)


async def test_nothing_listening_is_a_gap_on_443_and_an_answer_on_80(site: Site) -> None:
    async with site(lambda *_: html()) as there:
        pass
    with pytest.raises(Unavailable, match="refuses connections"):
        await there.look(front, trust=Trust())
    assert (await there.look(plain_front, seen=None)).closed == "refused"


@pytest.mark.parametrize(
    ("url", "origin", "rest"),
    [
        ("https://A.test:443/x?y#z", "https://a.test", "/x?y"),
        ("http://a.test:80", "http://a.test", "/"),
        ("http://a.test:443/", "http://a.test:443", "/"),
        ("", "", ""),
        ("mailto:x", "mailto://", "x"),
    ],
)
def test_parts_of_a_url(url: str, origin: str, rest: str) -> None:
    assert parted(url) == (origin, rest)


@pytest.mark.parametrize("url", ["https://u:p@a.test/x?t=1#f", "https://[x?t=1"])
def test_what_may_be_secret_is_dropped_from_a_url(url: str) -> None:
    assert without_query(url) in {"https://a.test/x", "https://[x"}
