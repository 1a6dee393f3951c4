"""Is what gains by compression compressed, and what does not left alone?"""

from golive import Severity, Verdict, check, not_applicable, unknown, verdict
from golive_checks.edges import softened
from golive_checks.subjects import Host
from golive_checks.systems.http.compression import Compression, Sample
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.page import Page

MIN_BYTES = 1024
"""A smaller body fits in the first packets anyway."""
NO_PAGE = "let the host show its page at /, or correct its role or api_path in the profile"
MODERN = frozenset({"br", "zstd"})


@check("proxy.compresses", severity=Severity.MEDIUM)
def compresses(host: Host, page: Page, seen: Compression) -> Verdict:
    """Text above 1 KiB is compressed with gzip and with br or zstd, and Vary says so to caches.

    Why: Scripts and styles shrink to a quarter: uncompressed, a page takes four times as long over a slow network.
    Without `Vary: Accept-Encoding` a cache may hand compressed bytes to a client that cannot read them. Images are
    compressed already, and doing it again costs time for nothing.

    Fix: In nginx `gzip on; gzip_vary on; gzip_proxied any; gzip_min_length 1024;` with gzip_types for JavaScript, CSS
    and JSON, and the same with the brotli module; no image type but SVG among them.

    Source: RFC 9110, sections 8.4 and 12.5.5
    """
    missing = [path for path in _expected(host, page) if path not in {s.path for s in seen.samples}]
    if missing:
        why = next((m for m in seen.missed if f"{missing[0]} " in m), f"{missing[0]} is neither HTML nor JSON")
        return unknown(f"nothing to look at: {why}", *seen.missed, fix=NO_PAGE)
    texts = [s for s in seen.samples if s.form == "text" and s.size_bytes > MIN_BYTES]
    images = [s for s in seen.samples if s.form == "image" and _encoding(s.gzip)]
    if not texts and not images:
        hint = "" if host.api_path else "; api_path may name a public path that answers with more"
        return not_applicable(f"nothing above 1 KiB was seen that compression would make smaller{hint}", *seen.missed)
    plain = [s for s in texts if _encoding(s.gzip) != "gzip"]
    old = [s for s in texts if s not in plain and _encoding(s.modern) not in MODERN]
    # Without Vary a shared cache hands the packed body to a client that cannot unpack it.
    unvaried = [s for s in texts if any(_encoding(r) and not _varies(r) for r in (s.gzip, s.modern))]
    fails = [
        *_described(plain, "without gzip, although the client accepts it"),
        *_described(unvaried, "compressed without Vary: Accept-Encoding"),
        *_described(images, "compressed once more, for nothing"),
    ]
    warns = _described(old, "without br or zstd, although the client accepts them")
    kinds = ", ".join(dict.fromkeys(s.what for s in texts))
    return softened(host, verdict(fails, warns, ok=f"gzip and br or zstd for {kinds}", evidence=seen.missed))


def _expected(host: Host, page: Page) -> list[str]:
    """Return what must be among the samples: what the profile says that there is."""
    return [*([page.reply.path] if host.has_page else []), *([host.api_path] if host.api_path else [])]


def _described(samples: list[Sample], how: str) -> list[str]:
    kinds: dict[str, list[Sample]] = {}
    for sample in samples:
        kinds.setdefault(sample.what, []).append(sample)
    return [f"{what} is sent {how}: {of[0].path} ({of[0].size_bytes:,} bytes)" for what, of in kinds.items()]


def _encoding(reply: HttpReply) -> str:
    found = reply.header("content-encoding").strip().lower()
    return "" if found == "identity" else found


def _varies(reply: HttpReply) -> bool:
    named = {name.strip().lower() for name in reply.header("vary").split(",")}
    return bool(named & {"accept-encoding", "*"})
