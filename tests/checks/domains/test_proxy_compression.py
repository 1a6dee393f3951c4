from collections.abc import Mapping

import pytest

from golive import Outcome
from golive_checks.domains.proxy_compression import compresses
from golive_checks.subjects import Edge, Host, Role
from golive_checks.systems.http.compression import Compression, Sample
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.page import Page

PASS, WARN, FAIL, NA, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NA, Outcome.UNKNOWN


def reply(path: str = "/", encoding: str = "", vary: str = "Accept-Encoding") -> HttpReply:
    given = (("content-encoding", encoding), ("vary", vary))
    return HttpReply(path, 200, "HTTP/2", tuple((n, v) for n, v in given if v), 100)


def page(path: str = "/") -> Page:
    return Page("192.0.2.1", reply(path), html=True, assets=(), elsewhere=(), left_out=0)


def text(
    path: str = "/", what: str = "HTML", *, gzip: str = "gzip", modern: str = "br", size: int = 5000, vary: str = "*"
) -> Sample:
    return Sample(path, "text", what, size, reply(path, gzip, vary), reply(path, modern, vary))


def image(encoding: str = "") -> Sample:
    seen = reply("/a.png", encoding)
    return Sample("/a.png", "image", "image/png", 5000, seen, seen)


SCRIPT = text("/a.js", "JavaScript")
CASES: Mapping[str, tuple[Outcome, str, tuple[Sample, ...]]] = {
    "all": (PASS, "gzip and br or zstd for HTML, JavaScript", (text(), SCRIPT, image())),
    "zstd": (PASS, "gzip and br or zstd", (text(modern="zstd"),)),
    "vary among others": (PASS, "gzip", (text(vary="Origin, accept-encoding"),)),
    "no gzip": (FAIL, "HTML is sent without gzip, although the client accepts it: / (5,000 bytes)", (text(gzip=""),)),
    "identity": (FAIL, "without gzip", (text(gzip="identity"),)),
    "one kind without": (
        FAIL,
        "JSON is sent without gzip, although the client accepts it: /api (5,000 bytes)",
        (text(), text("/api", "JSON", gzip="")),
    ),
    "small": (NA, "nothing above 1 KiB", (text(gzip="", modern="", size=1024),)),
    "small beside large": (PASS, "gzip", (text(gzip="", size=900), SCRIPT)),
    "no br": (WARN, "HTML is sent without br or zstd, although the client accepts them", (text(modern="gzip"),)),
    "no br, no gzip": (FAIL, "without gzip", (text(gzip="", modern=""),)),
    "no vary": (FAIL, "compressed without Vary: Accept-Encoding", (text(vary=""),)),
    "vary of something else": (FAIL, "compressed without Vary", (text(vary="Origin"),)),
    "not compressed, no vary": (FAIL, "without gzip", (text(gzip="", modern="", vary=""),)),
    "image": (FAIL, "image/png is sent compressed once more, for nothing", (text(), image("gzip"))),
    "no page": (UNKNOWN, "nothing to look at: / is neither HTML nor JSON", (SCRIPT,)),
}


@pytest.mark.parametrize(("outcome", "summary", "samples"), CASES.values(), ids=CASES)
def test_what_is_compressed(outcome: Outcome, summary: str, samples: tuple[Sample, ...]) -> None:
    judged = compresses(Host("app.test", role="app"), page(), Compression(samples))
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_several_kinds_are_told_apart_and_counted() -> None:
    samples = (text(gzip=""), text("/a.js", "JavaScript", gzip=""), text("/b.js", "JavaScript", gzip=""))
    judged = compresses(Host("app.test", role="app"), page(), Compression(samples))
    assert judged.summary.endswith("(and 1 more)")
    assert len(judged.evidence) == 2


@pytest.mark.parametrize("edge", ["cloudflare", "vercel", "alb"])
def test_a_managed_edge_warns_at_most(edge: Edge) -> None:
    judged = compresses(Host("app.test", role="app", edge=edge), page(), Compression((text(gzip=""),)))
    assert judged.outcome is WARN
    assert f"set by the edge, {edge}" in judged.evidence


@pytest.mark.parametrize(
    ("role", "api_path", "outcome", "summary"),
    [
        ("api", "", NA, "nothing above 1 KiB was seen that compression would make smaller; api_path may name"),
        ("api", "/products", UNKNOWN, "nothing to look at: /products answers 404"),
        ("other", "", NA, "nothing above 1 KiB"),
    ],
)
def test_a_host_without_a_page(role: Role, api_path: str, outcome: Outcome, summary: str) -> None:
    missed = Compression((), missed=("/ answers 404", "/products answers 404"))
    judged = compresses(Host("api.test", role=role, api_path=api_path), page(), missed)
    assert judged.outcome is outcome
    assert summary in judged.summary
    assert judged.evidence == ("/ answers 404", "/products answers 404")
