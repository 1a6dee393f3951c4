"""S3 and its compatible servers, through botocore in threads: kind, and bounded in size and time."""

import asyncio
import datetime as dt
import functools
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from golive import Client, RunInfo, Unavailable
from golive_checks.subjects import BucketPlace, Key
from golive_checks.systems.aws.client.aws import AwsSettings, Sessions, gap
from golive_checks.systems.http.client.message import agent
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.s3.client.answers import Busy, S3Refusal, error_code, late, refusal, trouble
from golive_checks.systems.s3.client.signing import signed_earlier
from golive_checks.systems.s3.client.transport import S3Transport

__all__ = ["S3", "S3Answer", "S3Object", "S3Refusal"]

T = TypeVar("T")

MAX_OBJECTS = 2_000_000
PARTIAL, LOWEST_ERROR, BEYOND_THE_END = 206, 400, 416
"""RFC 9110, section 15."""


class S3Object(NamedTuple):
    """An object, as a listing shows it."""

    key: str
    size: int
    modified: dt.datetime
    etag: str
    """Without its quotation marks."""


@dataclass(frozen=True)
class S3Answer:
    """An answer to a plain HTTP request. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    code: str = ""
    """S3's code of an error."""


@dataclass
class _Door:
    """How one server is asked with one user's credentials: a client for each service, and the first request's fate."""

    url: str
    where: str
    """The host and port, as messages name it."""
    host: str
    clients: dict[str, Any] = field(default_factory=dict)
    transport: S3Transport | None = None
    first: asyncio.Task[Any] | None = None
    wrong: S3Refusal | None = None
    making: threading.Lock = field(default_factory=threading.Lock)


class S3(Client):
    """One client for the run. It follows no redirect but to a bucket's own region, and uses no key that was refused.

    A place's key is used, or where it has none, what AWS's command line would find, `aws.named_profile` before all.
    """

    def __init__(self, ask: AwsSettings, sessions: Sessions, pace: Pace, run: RunInfo) -> None:
        self._ask = ask
        self._sessions = sessions
        self._pace = pace
        self._agent = agent(run)
        self._doors: dict[tuple[object, ...], _Door] = {}

    @property
    def settings(self) -> AwsSettings:
        """Whose account is asked where a place has no key, and how long an answer may take."""
        return self._ask

    async def aclose(self) -> None:
        """Close the connections."""
        for door in self._doors.values():
            if door.transport:
                door.transport.close()

    async def call(
        self, place: BucketPlace, operation: str, *, unsigned: bool = False, **parameters: Any
    ) -> dict[str, Any]:
        """Ask a bucket for an operation by its name in S3's API; `s3control:` before it for one of an account.

        The bucket's name is given by the place. `unsigned` asks as anybody on the internet could.

        Raises:
            S3Refusal: the server refuses. Uncaught, it is a gap.
            Unavailable: there was no answer, or none that can be read.
        """
        service, _, name = operation.rpartition(":")
        if not service:
            parameters = {"Bucket": place.bucket, **parameters}

        def ask(client: Any) -> dict[str, Any]:
            return dict(_method(client, name)(**parameters))

        return await self._asked(place, operation, ask, unsigned=unsigned)

    async def list_objects(
        self, place: BucketPlace, prefix: str = "", *, most: int = MAX_OBJECTS, page_size: int = 1000
    ) -> AsyncIterator[list[S3Object]]:
        """Yield the objects below a prefix page by page, in the order of their keys; more than `most` is a gap."""
        count, token = 0, ""
        while True:
            more: Any = {"ContinuationToken": token} if token else {}
            page = await self.call(place, "ListObjectsV2", Prefix=prefix, MaxKeys=page_size, **more)
            found = [
                S3Object(o["Key"], o.get("Size", 0), o["LastModified"], o.get("ETag", "").strip('"'))
                for o in page.get("Contents", ())
                if "Key" in o and "LastModified" in o
            ]
            count += len(found)
            if count > most:
                raise Unavailable(
                    f"{place.bucket} has more than {most:,} objects below {prefix or 'its top'}",
                    fix="Name a longer prefix.",
                )
            if found:
                yield found
            following = str(page.get("NextContinuationToken", ""))
            if not page.get("IsTruncated") or not following:
                return
            if following == token or not found:
                raise Unavailable(f"{self._door(place, unsigned=False).where} lists {place.bucket} without an end")
            token = following

    async def read_range(self, place: BucketPlace, key: str, start: int, end: int, *, unsigned: bool = False) -> bytes:
        """Read an object's bytes from `start` to before `end`, as a slice: fewer, or none, where it is shorter."""

        def read(client: Any) -> bytes:
            got = client.get_object(Bucket=place.bucket, Key=key, Range=f"bytes={start}-{end - 1}")
            body = got["Body"]
            try:
                # A server that ignores Range answers 200, with the object from its first byte on.
                if start and got["ResponseMetadata"]["HTTPStatusCode"] != PARTIAL:
                    raise Unavailable(f"the server of {place.bucket} does not read ranges of an object")
                return bytes(body.read(end - start))
            finally:
                body.close()

        try:
            return await self._asked(place, "GetObject", read, unsigned=unsigned) if end > start else b""
        except S3Refusal as no:
            if no.status == BEYOND_THE_END:
                return b""
            raise

    async def presigned(
        self, place: BucketPlace, operation: str, *, expires_s: int, age_s: int = 0, **parameters: Any
    ) -> SecretStr:
        """Sign a URL with which anybody may do this one thing for a while, counted from `age_s` seconds ago.

        No request is made for it.
        """
        door = self._door(place, unsigned=False)

        def sign() -> str:
            client = self._client(door, place, "s3", unsigned=False)
            asked = {"Params": {"Bucket": place.bucket} | parameters, "ExpiresIn": expires_s}
            url = str(client.generate_presigned_url(_snake(operation), **asked))
            if not age_s:
                return url
            method = client.meta.service_model.operation_model(operation).http["method"]
            headers = {"Content-Type": parameters["ContentType"]} if "ContentType" in parameters else {}
            credentials = self._credentials(place)
            return signed_earlier(url, method, headers, credentials, client.meta.region_name, expires_s, age_s)

        return SecretStr(await self._in_thread(door, f"a URL for {operation}", sign))

    async def send(
        self,
        place: BucketPlace,
        method: str,
        url: SecretStr,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> S3Answer:
        """Send a plain HTTP request to a URL of the place's server, as a browser does with a presigned one."""
        from botocore.awsrequest import AWSRequest

        door = self._door(place, unsigned=True)
        request = AWSRequest(method, url.get_secret_value(), {"User-Agent": self._agent, **(headers or {})}, data=body)

        def exchange() -> S3Answer:
            got = self._transport(door, place).exchange(request.prepare())
            headers = {name.lower(): value for name, value in got.headers.items()}
            code = error_code(got.content) if got.status_code >= LOWEST_ERROR else ""
            return S3Answer(got.status_code, headers, got.content, code)

        async with self._pace.slot(door.host):
            return await self._in_thread(door, method, exchange)

    # --- how it is asked ------------------------------------------------------------------------------------------

    async def _asked(self, place: BucketPlace, operation: str, ask: Callable[[Any], T], *, unsigned: bool) -> T:
        """Ask; but a user's first request goes alone, so that a wrong key is tried once and no more."""
        door = self._door(place, unsigned=unsigned)
        send = functools.partial(self._send, door, place, operation, ask, unsigned=unsigned)
        if unsigned:
            return await send()
        if door.first is None:
            door.first = asyncio.create_task(send())
            door.first.add_done_callback(functools.partial(_note, door))
            mine: T = await asyncio.shield(door.first)
            return mine
        with suppress(S3Refusal):  # it is another's answer
            await asyncio.shield(door.first)
        if door.wrong:
            raise door.wrong
        return await send()

    async def _send(
        self, door: _Door, place: BucketPlace, operation: str, ask: Callable[[Any], T], *, unsigned: bool
    ) -> T:
        service, _, name = operation.rpartition(":")
        what = f"{name} of {'the account' if service else place.bucket}"

        def work() -> T:
            from botocore.exceptions import ClientError

            try:
                return ask(self._client(door, place, service or "s3", unsigned=unsigned))
            except ClientError as error:
                raise refusal(what, operation, error.response) from None

        async with self._pace.slot(door.host):
            try:
                return await self._in_thread(door, what, work)
            except Busy:
                self._pace.leave_alone(door.host, "because it asked for fewer requests")
                raise

    async def _in_thread(self, door: _Door, what: str, work: Callable[[], T]) -> T:
        """Work in a thread, for as long as it may take in all; a thread that hangs is left behind."""
        try:
            async with asyncio.timeout(self._ask.timeout_s):
                return await asyncio.to_thread(work)
        except TimeoutError:
            raise late(door.where, what, self._ask.timeout_s) from None
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - `trouble` re-raises what it does not know
            raise trouble(door.where, what, error, self._ask.timeout_s) from None

    def _door(self, place: BucketPlace, *, unsigned: bool) -> _Door:
        key = place.key if not unsigned else None
        secrets = (
            tuple(s.get_secret_value() for s in (key.access_key_id, key.secret_access_key, key.session_token))
            if key
            else ()
        )
        of = (place.endpoint_url, self._region(place), place.path_style, place.ca_file, secrets, unsigned)
        if of not in self._doors:
            url = place.endpoint_url or self._ask.endpoint_url or f"https://s3.{self._region(place)}.amazonaws.com"
            there = urlsplit(url)
            self._doors[of] = _Door(url, there.netloc, there.hostname or there.netloc)
        return self._doors[of]

    def _region(self, place: BucketPlace) -> str:
        return place.region or self._ask.region

    def _client(self, door: _Door, place: BucketPlace, service: str, *, unsigned: bool) -> Any:
        """Return the client of a service, made when it is first asked for. Call it in a thread."""
        with door.making:
            if service not in door.clients:
                door.clients[service] = self._made(door, place, service, unsigned=unsigned)
            return door.clients[service]

    def _transport(self, door: _Door, place: BucketPlace) -> S3Transport:
        """Return the connections to a server. The one that a profile names is reached directly, as every host is."""
        from botocore.utils import get_environ_proxies

        if door.transport is None:
            proxies = {} if place.endpoint_url else get_environ_proxies(door.url)
            door.transport = S3Transport(door.where, place.ca_file, proxies, self._ask.timeout_s)
        return door.transport

    def _credentials(self, place: BucketPlace) -> Any:
        from botocore.credentials import Credentials

        key = place.key
        if not key:
            return self._sessions.credentials(self._ask)
        given = (key.access_key_id, key.secret_access_key, key.session_token)
        return Credentials(*(secret.get_secret_value() or None for secret in given))  # type: ignore[arg-type]  # the token

    def _made(self, door: _Door, place: BucketPlace, service: str, *, unsigned: bool) -> Any:
        from botocore import UNSIGNED

        config = {
            "signature_version": UNSIGNED if unsigned else "s3v4",
            "s3": {"addressing_style": "path" if place.path_style else "virtual"},
            # Checksums of its own in every request are Amazon's alone: compatible servers refuse or misread them.
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        given = _given(place.key) if place.key and not unsigned else {}
        where = {"region_name": self._region(place)} if self._region(place) else {}
        where |= {"endpoint_url": place.endpoint_url} if place.endpoint_url else {}
        try:
            client = self._sessions.client(service, self._ask, config, **given, **where)
        except ValueError as error:
            raise gap(f"{door.where} cannot be asked", error) from None
        self._transport(door, place).carry(client)
        if service == "s3control" and place.endpoint_url:
            client.meta.events.register("before-sign.s3-control", _at_the_endpoint)
        return client


def _note(door: _Door, first: asyncio.Task[Any]) -> None:
    """Keep what a user's first request shows about the key; one without an answer does not count."""
    problem = None if first.cancelled() else first.exception()
    if isinstance(problem, S3Refusal):
        door.wrong = problem if problem.wrong_credentials else None
    elif first.cancelled() or problem:
        door.first = None


def _at_the_endpoint(request: Any, **_: object) -> None:
    """Leave out the account's id that Amazon's host names begin with: a compatible server has one name."""
    there = urlsplit(request.url)
    account, _, host = there.netloc.partition(".")
    if account.isdigit() and request.headers.get("x-amz-account-id") == account:
        request.url = there._replace(netloc=host).geturl()


def _method(client: Any, operation: str) -> Callable[..., Mapping[str, Any]]:
    found: Callable[..., Mapping[str, Any]] = getattr(client, _snake(operation))
    return found


def _snake(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def _given(key: Key) -> dict[str, str | None]:
    """Write a key as botocore's arguments."""
    return {
        "aws_access_key_id": key.access_key_id.get_secret_value(),
        "aws_secret_access_key": key.secret_access_key.get_secret_value(),
        "aws_session_token": key.session_token.get_secret_value() or None,
    }
