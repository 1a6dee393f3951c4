"""Puts into plain words how a fetch failed."""

import os
from collections.abc import Iterator

from golive import Unavailable

PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


class NotListening(Unavailable):
    """Nothing answered the connection. For port 80 that is an answer too."""

    def __init__(self, reason: str, *, refused: bool) -> None:
        super().__init__(reason, transient=not refused)
        self.refused = refused


def causes(problem: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what lies behind it."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


def in_plain_words(problem: Exception) -> str:
    """Put a transport error into plain words; a server's own words are not repeated."""
    import ssl

    import httpx

    for cause in causes(problem):
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed ({str(cause.reason or 'no reason given').lower().replace('_', ' ')})"
        if isinstance(cause, ConnectionResetError):
            return "the connection was reset"
    if isinstance(problem, (httpx.ProtocolError, *garbage())):
        return "the answer is not HTTP, or broke off"
    if isinstance(problem, httpx.ConnectError):
        return "no connection"
    return "the connection broke"


def garbage() -> tuple[type[Exception], ...]:
    """Return what a body that breaks HTTP/2 raises: httpx translates it only up to the headers."""
    from h2.exceptions import H2Error
    from hpack.exceptions import HPACKError
    from hyperframe.exceptions import HyperframeError

    return (H2Error, HPACKError, HyperframeError)


def proxy_hint() -> str:
    """Say that a proxy is configured here and not used, where that may be why nothing answers."""
    found = next((name for name in PROXY_VARIABLES if os.environ.get(name)), "")
    return f"{found} is set here, but golive connects directly: run it where no proxy is in the way" if found else ""
