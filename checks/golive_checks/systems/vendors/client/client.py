"""Asks other companies' APIs with the user's credentials: bounded, kind, and never twice with one that was refused."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, SecretStr

from golive import Client, RunInfo, Settings, Unavailable
from golive.wording import data_size, duration
from golive_checks.shapes import split_url
from golive_checks.systems.http.client.client import import_httpx
from golive_checks.systems.http.client.message import agent
from golive_checks.systems.http.client.tls import trusting
from golive_checks.systems.http.client.trouble import causes, in_plain_words
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.vendors.client.answer import JsonPart, VendorAnswer

if TYPE_CHECKING:
    import httpx

BODY_LIMIT_BYTES = 4_000_000
"""A page of 100 of Stripe's events, each with its whole object, has some 500 kB."""
TOO_MANY = 429
USUAL_WAIT_S = 1.0
"""Where a 429 does not say for how long."""
TRIES = 4
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class VendorLimits(Settings):
    """How vendors' APIs are asked: the gateways', Sentry's, Loki's, Vault's."""

    home: ClassVar[str] = "vendors"
    formerly: ClassVar[str] = "payments.apis"

    timeout_s: float = Field(default=10.0, gt=0, le=120)
    """How long one request may take."""
    patience_s: float = Field(default=15.0, ge=0, le=300)
    """How long golive waits in all where an API answers 429 and says for how long."""
    max_pages: int = Field(default=20, ge=1, le=1000)
    """Pages of a list after which golive stops asking; Stripe's have 100 entries each."""


def _api_base(url: str) -> str:
    """Refuse what would send a credential in clear to another machine, or has no business in a base URL."""
    parts = split_url(url)
    if parts is None or parts.scheme not in {"https", "http"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("a base URL is https:// and a host, perhaps with a port and a path")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("credentials go over https; http is for an API on this machine alone")
    return url.rstrip("/")


ApiBase = Annotated[str, AfterValidator(_api_base)]
"""Where an API is, for a stand-in of it; empty (and not given): at its vendor's own host."""


def host_of(base: str) -> str:
    """Return the host of a base URL."""
    parts = split_url(base)
    return (parts.hostname or "") if parts else ""


@dataclass(frozen=True)
class VendorApi:
    """A vendor's API: whose it is, as readers call it, and its base URL."""

    vendor: str
    base: str
    ca_file: str = ""
    """The roots to trust for it; empty: the usual ones."""

    @property
    def host(self) -> str:
        """The host that is asked."""
        return host_of(self.base)


@dataclass(frozen=True)
class VendorRequest:
    """What is asked of an API."""

    api: VendorApi
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    query: Sequence[tuple[str, str]] = ()
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """As httpx takes it: `data` for a form, `json`, or `content` for bytes as they are."""


class _NotSent(Unavailable):
    """No connection, so that nothing was tried: another try is none too many."""


class Garbled(Unavailable):
    """A success that is no JSON object: whoever answers, it is not the vendor."""


class Vendor(Client):
    """Asks vendors' APIs. Unlike the hosts that are looked at, a vendor is found by this machine's own resolver.

    Its certificate is verified for its name; a proxy of the environment is used, as the vendors' own libraries do,
    but never for this machine itself.
    """

    def __init__(self, limits: VendorLimits, pace: Pace, run: RunInfo) -> None:
        self._limits = limits
        self._pace = pace
        self._usual = {
            "user-agent": agent(run),
            "accept": "application/json",
            "accept-encoding": "identity",
        }
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._logins: dict[tuple[str, ...], asyncio.Future[VendorAnswer]] = {}
        import_httpx()

    @property
    def max_pages(self) -> int:
        """How many pages of a list may be asked for."""
        return self._limits.max_pages

    async def get(
        self, api: VendorApi, path: str, *, headers: Mapping[str, str], query: Sequence[tuple[str, str]] = ()
    ) -> VendorAnswer:
        """GET a path. Any status but 429 is an answer; a failed connection, or what is no JSON object, is a gap."""
        return _understood(api, *await self._patiently(VendorRequest(api, "GET", path, headers, query)))

    async def post(
        self,
        api: VendorApi,
        path: str,
        *,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
        question: Mapping[str, str] | None = None,
        content: bytes | None = None,
        patient: bool = True,
    ) -> VendorAnswer:
        """POST a form, or a JSON object that asks for something, or bytes as they are, or nothing.

        Not `patient`: a 429 is an answer, too.
        """
        body: Mapping[str, Any] = {"data": form or {}} if question is None else {"json": question}
        if content is not None:
            body = {"content": content}
        request = VendorRequest(api, "POST", path, headers, body=body)
        return _understood(api, *await self._patiently(request, patient=patient))

    async def log_in(
        self,
        api: VendorApi,
        path: str,
        user: str,
        password: SecretStr,
        *,
        form: Mapping[str, str],
        more: Mapping[str, str],
    ) -> VendorAnswer:
        """POST to a token endpoint with Basic authentication: once in a run, whatever comes of it.

        `more` are further headers.
        """
        key = (api.base, path, user)
        headers = {"authorization": basic(user, password), **more}
        return await self._once(key, lambda: self.post(api, path, headers=headers, form=form))

    async def _once(self, key: tuple[str, ...], ask: Callable[[], Awaitable[VendorAnswer]]) -> VendorAnswer:
        if key not in self._logins:
            self._logins[key] = asyncio.ensure_future(ask())
        task = self._logins[key]
        try:
            return await asyncio.shield(task)
        except _NotSent:
            self._logins.pop(key, None)
            raise
        except Unavailable as gap:
            # It may have been received: to try again could be a second try of a credential that is wrong.
            raise Unavailable(gap.reason, fix=gap.fix) from None

    async def _patiently(self, request: VendorRequest, *, patient: bool = True) -> tuple[int, Mapping[str, str], bytes]:
        """Ask, and wait as a 429 says for as long as there is patience left."""
        api, waited = request.api, 0.0
        for _ in range(TRIES):
            async with self._pace.slot(api.host):
                status, sent, answered = await self._within_time(request)
            if status != TOO_MANY or not patient:
                return status, sent, answered
            wait = _retry_after(sent)
            waited += wait
            if waited > self._limits.patience_s:
                break
            await asyncio.sleep(wait)
        reason = f"{api.vendor} answers 429, too many requests, and asks to wait {duration(wait)}"
        raise Unavailable(reason, fix=f"wait, then run golive again, or raise {self._limits.home}.patience_s")

    async def _within_time(self, request: VendorRequest) -> tuple[int, Mapping[str, str], bytes]:
        """Send one request, and say in plain words how it failed; a library's own words may hold what was sent."""
        import httpx

        from golive_checks.systems.http.client.wire import PADDING_LIMIT_BYTES, PaddingError

        api = request.api
        where = f"{api.vendor} ({api.host})"
        try:
            client = self._client(api)
            async with asyncio.timeout(self._limits.timeout_s):
                given, url = {**self._usual, **request.headers}, api.base + request.path
                asked = {"params": list(request.query) or None, "headers": given, **request.body}
                sending = client.stream(request.method, url, **asked)
                return await _read(sending, where)
        except TimeoutError:
            raise Unavailable(
                f"{where} had not answered in full after {duration(self._limits.timeout_s)}", transient=True
            ) from None
        except httpx.ConnectTimeout:
            raise _NotSent(f"{where} did not answer", transient=True) from None
        except httpx.ConnectError as problem:
            refused = any(isinstance(c, ConnectionRefusedError) for c in causes(problem))
            how = "refuses connections" if refused else in_plain_words(problem)
            raise _NotSent(f"{where}: {how}", transient=True, fix=f"let this machine reach {api.host}") from None
        except PaddingError:
            raise Unavailable(f"{where} sends more than {data_size(PADDING_LIMIT_BYTES)} that are no answer") from None
        except httpx.TransportError as problem:
            raise Unavailable(f"{where}: {in_plain_words(problem)}", transient=True) from None
        except (httpx.InvalidURL, ImportError, ValueError):  # a proxy in the environment that httpx cannot use
            raise Unavailable(f"{where} cannot be asked from here", fix="look at HTTPS_PROXY and NO_PROXY") from None

    def _client(self, api: VendorApi) -> "httpx.AsyncClient":
        """Return the connections to an API; those to this machine use no proxy."""
        import ssl

        import httpx

        from golive_checks.systems.http.client.wire import metered

        local = api.host in LOOPBACK
        key = f"{local} {api.base.startswith('https:')} {api.ca_file}"
        if key not in self._clients:
            secure = api.base.startswith("https:")
            context: ssl.SSLContext = trusting(api.ca_file) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            made = httpx.AsyncClient(verify=context, trust_env=not local, timeout=self._limits.timeout_s)
            self._clients[key] = metered(made)
        return self._clients[key]

    async def aclose(self) -> None:
        """Stop what is under way and close every connection."""
        for task in self._logins.values():
            task.cancel()
        await asyncio.gather(*self._logins.values(), return_exceptions=True)
        await asyncio.gather(*(client.aclose() for client in self._clients.values()), return_exceptions=True)


def basic(user: str, password: SecretStr) -> str:
    """Write an Authorization header of HTTP Basic (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password.get_secret_value()}".encode()).decode()


async def _read(
    sending: "AbstractAsyncContextManager[httpx.Response]", where: str
) -> tuple[int, Mapping[str, str], bytes]:
    from golive_checks.systems.http.client.wire import Meter

    body = bytearray()
    async with sending as answer:
        meter = Meter.of(answer)
        meter.head()
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise Unavailable(f"{where} answers in an encoding that was not requested")
        async for chunk in answer.aiter_raw():
            body += chunk
            meter.body(len(chunk))
            await asyncio.sleep(0)  # so that one that sends byte by byte does not keep the others from their turn
            if len(body) > BODY_LIMIT_BYTES:
                raise Unavailable(f"{where} answers with more than {data_size(BODY_LIMIT_BYTES)}")
        return answer.status_code, answer.headers, bytes(body)


def _understood(api: VendorApi, status: int, headers: Mapping[str, str], body: bytes) -> VendorAnswer:
    """Parse an answer. A refusal may have any body; a success that is no JSON object is somebody else's."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return VendorAnswer(status, JsonPart(api.vendor, found), headers)
    if 200 <= status < 400:  # noqa: PLR2004 - neither a success nor a redirect is of use then
        raise Garbled(f"{api.vendor} ({api.host}) answers {status} with what is no JSON object")
    return VendorAnswer(status, JsonPart(api.vendor, {}), headers)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that Retry-After asks for: a number, or a date (RFC 9110, section 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        date, sent = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (date - sent).total_seconds())
    except (TypeError, ValueError):
        return USUAL_WAIT_S
