"""Foreign origins that broken comparisons take for one that is allowed. Pure.

Each is a way in that CORScanner or Corsy try (github.com/chenjj/CORScanner, github.com/s0md3v/Corsy), under names that
are nobody's (RFC 2606, section 3).
"""

from collections.abc import Collection, Iterator
from typing import Literal
from urllib.parse import urlsplit

Form = Literal[
    "unrelated",
    "null",
    "prefix",
    "suffix",
    "unescaped dot",
    "http twin",
    "unlisted subdomain",
    "special character",
    "other port",
    "localhost",
    "private network",
    "hosting provider",
]
NOBODY = "foreign.example"
LOCAL = ("http://localhost:3000", "http://localhost:5173", "http://127.0.0.1:3000")
"""Where Node's frameworks and Vite serve a front end on a developer's machine: what lets in any port lets in these."""
PRIVATE = ("http://192.168.1.10", "http://10.0.0.10:8080")
"""Addresses that somebody has in every cafe and office (RFC 1918)."""
PROVIDERS = ("vercel.app", "netlify.app", "pages.dev", "herokuapp.com", "onrender.com")
"""Where most front ends are put whose previews a pattern lets in, and anybody may put one. Each costs a request."""
CONTROLS = frozenset({"unrelated", "null"})
"""Asked first: what lets in an unrelated origin compares nothing, and the others would say nothing more."""
OF_AN_ENTRY = frozenset({"prefix", "suffix", "unescaped dot", "unlisted subdomain"})
"""What can be wrong with one entry of a list: the rest shows at the first origin that is on it."""
ELSEWHERE = frozenset({"unrelated"})
"""Asked where it need only show that origins are compared, as they are where the app's data is."""
ON_A_SOCKET = frozenset({"unrelated", "null", "prefix", "suffix"})
"""Asked of a WebSocket, whose server compares origins by itself."""


def unrelated() -> Iterator[tuple[Form, str]]:
    """Yield what is derived from no origin: an unrelated one, and the origin of a sandboxed frame or of a file."""
    yield "unrelated", f"https://{NOBODY}"
    yield "null", "null"


def local() -> Iterator[tuple[Form, str]]:
    """Yield where a page stands on somebody's own machine, where anything may listen."""
    for origin in LOCAL:
        yield "localhost", origin


def shared(providers: Collection[str]) -> Iterator[tuple[Form, str]]:
    """Yield other people's pages on networks and at hosting providers that one's own site may share."""
    for origin in PRIVATE:
        yield "private network", origin
    for provider in dict.fromkeys([*providers, *PROVIDERS]):
        yield "hosting provider", f"https://golive-stranger.{provider}"


def alike(origin: str) -> Iterator[tuple[Form, str]]:
    """Yield the origins that are like one that is allowed, for a comparison that looks at part of it."""
    url = urlsplit(origin)
    host, port = url.hostname or "", f":{url.port}" if url.port else ""
    labels = host.split(".")
    yield "prefix", f"https://{host}.{NOBODY}"
    yield "suffix", f"https://foreign{host}{port}"
    # The last dot stands before the top-level domain, which nobody can register another spelling of. Those before it
    # are told apart, for a pattern may escape one of them: only the last two can lead to somebody else's domain.
    for at in range(max(1, len(labels) - 3), len(labels) - 1):
        yield "unescaped dot", f"https://{'.'.join(labels[:at])}x{'.'.join(labels[at:])}{port}"
    yield "http twin", f"http://{host}{port}"
    parent = ".".join(labels[1:]) if len(labels) > 2 else host  # noqa: PLR2004 - a host below a domain
    yield "unlisted subdomain", f"https://unlisted.{parent}{port}"
    for character in "_`":  # browsers look such names up, and patterns take them for the end of one
        yield "special character", f"https://{host}{character}.{NOBODY}"
    yield "other port", f"https://{host}:{8443 if url.port != 8443 else 8444}"  # noqa: PLR2004 - a usual second port
