"""Do the security headers that nginx adds reach every answer?"""

from collections.abc import Iterator

from golive import Location, Severity, Verdict, check, verdict
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.nginx.added import AddedHeader
from golive_checks.systems.nginx.places import ProxyPlace
from golive_checks.systems.proxy.config import ProxyConfig

PROTECTING = frozenset(
    {
        "content-security-policy",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "permissions-policy",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
    }
)


@check("proxy.headers-kept", severity=Severity.MEDIUM)
def headers_kept(proxy: ReverseProxy, config: ProxyConfig) -> Verdict:
    """No location loses the security headers of its server, and error responses have them too.

    Why: A location with one add_header of its own inherits none of the server's: a location that caches files for a
    year sends them without HSTS, CSP and the others. Without `always` nginx adds a header only to successful responses
    and redirects: its own 404 and 502, and the application's errors, can be framed and sniffed.

    Fix: Put the security headers into a file of their own, end each with `always`, and include that file wherever
    add_header is used; since nginx 1.29.3 `add_header_inherit merge;` does the same.

    Source: https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header
    """
    fails: dict[str, Location] = {}
    perhaps: list[str] = []
    without: dict[tuple[str, Location], None] = {}
    seen = 0
    for place in (place for server in config.servers for place in _places(server.place)):
        adds, drops = _protecting(place.adds), _protecting(place.drops)
        seen += len(adds)
        without.update({(each.name, each.at): None for each in adds if not each.always})
        if drops:
            own = next((each for each in place.adds), None)
            by = f"adds {own.name} ({own.at})" if own else "inherits none"
            around = f"{', '.join(each.name for each in drops)} of {drops[0].at}"
            lost = f"{place} {by} and so loses {around}"
            if place.passes:  # what answers there may send them itself, as the checks of its answers see
                perhaps.append(f"{lost}: answers have it only where what it passes to sends it")
            else:
                fails[lost] = own.at if own else place.at
    warns = perhaps + [f"{name} is added without `always` ({at}): error responses lack it" for name, at in without]
    return verdict(
        tuple(fails),
        warns,
        ok="no location loses a security header" if seen else "nginx adds no security header, and so loses none",
        evidence=(config.seen,),
        at=next(iter(fails.values()), None) or next((at for _, at in without), None),
    )


def _protecting(headers: tuple[AddedHeader, ...]) -> list[AddedHeader]:
    return [each for each in headers if each.name.lower() in PROTECTING]


def _places(place: ProxyPlace) -> Iterator[ProxyPlace]:
    yield place
    for inner in place.inner:
        yield from _places(inner)
