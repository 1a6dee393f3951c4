"""Which TLS a fetch goes over: verified where it can be, else any, and then nothing secret goes along."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from golive import Unavailable
from golive_checks.systems.http.client.message import Endpoint
from golive_checks.systems.http.client.trouble import causes

if TYPE_CHECKING:
    import ssl

T = TypeVar("T")


class HttpTls:
    """The run's TLS contexts, and what it knows of endpoints that cannot be trusted."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[object, ...], ssl.SSLContext] = {}
        self._distrusted: dict[tuple[Endpoint, str], str] = {}

    async def trusting(self, at: Endpoint, ca_file: str, send: Callable[[str], Awaitable[T]], *, secret: bool) -> T:
        """Send over a verified connection; where there can be none and nothing is secret, over any.

        The TLS checks judge certificates. Were nothing else looked at where it is bad, it would hide every other fault.
        """
        import ssl

        import httpx

        # A connection that was not trusted once need not fail again before each request.
        distrust = self._distrusted.get((at, ca_file), "")
        if not distrust:
            try:
                return await send("")
            except (httpx.ConnectError, ssl.SSLError) as problem:
                found = next((c for c in causes(problem) if isinstance(c, ssl.SSLError)), None)
                if found is None:
                    raise
                distrust = str(getattr(found, "verify_message", "") or found.reason or "TLS failed")
        if secret:
            raise Unavailable(
                f"{at.origin} ({at.ip}) is not trusted ({distrust}), and access headers go over verified TLS alone",
                fix="fix the certificate first, or name its CA in trust.ca_file",
            )
        got = await send(distrust)
        self._distrusted[at, ca_file] = distrust
        return got

    def context(self, ca_file: str, *, trusted: bool, alpn: tuple[str, ...] = ()) -> "ssl.SSLContext":
        """Return the run's context for these protocols: to make one takes longer than a handshake."""
        import ssl

        key = (ca_file, trusted, alpn)
        if key not in self._contexts:
            if trusted:
                context = trusting(ca_file)
            else:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                # Whatever it speaks: which versions and suites it should not is for the TLS checks to say.
                context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
                context.set_ciphers("ALL:@SECLEVEL=0")
            if alpn:
                context.set_alpn_protocols(list(alpn))
            self._contexts[key] = context
        return self._contexts[key]


def trusting(ca_file: str) -> "ssl.SSLContext":
    """Return a context that trusts the CA file, or the system's store, or Mozilla's where the system has none."""
    import ssl

    import certifi

    here = ssl.get_default_verify_paths().cafile
    try:
        return ssl.create_default_context(cafile=ca_file or here or certifi.where())
    except OSError:
        raise Unavailable(f"the CA file {ca_file} cannot be read", fix="correct trust.ca_file in the profile") from None
