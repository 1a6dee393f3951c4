from dataclasses import replace

import pytest

from golive import Location, Outcome
from golive_checks.domains.nginx_headers import headers_kept
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.nginx.added import AddedHeader
from golive_checks.systems.nginx.places import ProxyNumber, ProxyPlace, ServerBlock
from golive_checks.systems.proxy.config import ProxyConfig

NGINX = ReverseProxy("edge")


def header(name: str, line: int, *, always: bool = True) -> AddedHeader:
    return AddedHeader(name, Location("site.conf", line), always)


HSTS, CACHE = header("Strict-Transport-Security", 3), header("Cache-Control", 9)


def config(adds: tuple[AddedHeader, ...], *inner: ProxyPlace) -> ProxyConfig:
    level = ProxyPlace("", "", Location("site.conf", 1), ProxyNumber(1), None, "", inner, adds=adds)
    return ProxyConfig(
        running=False, version="", fragment=False, missing=(), servers=(ServerBlock(("a.test",), (), level.at, level),)
    )


STATIC = ProxyPlace("", "/static", Location("site.conf", 8), ProxyNumber(1), None, "", ())


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (config((HSTS,), replace(STATIC, adds=(HSTS,))), Outcome.PASS, "no location loses a security header"),
        (config(()), Outcome.PASS, "nginx adds no security header, and so loses none"),
        (
            config((HSTS,), replace(STATIC, passes="proxy_pass", adds=(CACHE,), drops=(HSTS,))),
            Outcome.WARN,
            "of site.conf:3: answers have it only where what it passes to sends it",
        ),
        (
            config((HSTS,), replace(STATIC, adds=(CACHE,), drops=(HSTS,))),
            Outcome.FAIL,
            "location /static adds Cache-Control (site.conf:9) and so loses Strict-Transport-Security of site.conf:3",
        ),
        (
            config((HSTS,), replace(STATIC, drops=(HSTS,))),
            Outcome.FAIL,
            "location /static inherits none and so loses Strict-Transport-Security of site.conf:3",
        ),
        (config((CACHE,), replace(STATIC, drops=(CACHE,))), Outcome.PASS, "nginx adds no security header"),
        (
            config((header("X-Frame-Options", 4, always=False),), STATIC),
            Outcome.WARN,
            "X-Frame-Options is added without `always` (site.conf:4): error responses lack it",
        ),
        (config((header("X-Cache", 4, always=False),), STATIC), Outcome.PASS, "nginx adds no security header"),
    ],
)
def test_headers_kept(seen: ProxyConfig, outcome: Outcome, summary: str) -> None:
    verdict = headers_kept(NGINX, seen)
    assert verdict.outcome is outcome
    assert summary in verdict.summary
