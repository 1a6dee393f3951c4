"""What stands before the S3 servers: it hands each request on untouched, unless the world wants it to misbehave."""

from __future__ import annotations

import datetime as dt
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode

from golive_lab.parts.asgi import HttpAnswer, Listener, body_of, header, lifespan, serving
from golive_lab.parts.part import Part, threaded
from golive_lab.parts.s3.server import HOST, NAME, context, ports
from golive_lab.world.storage import OPERATOR, REGION, UPLOADS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpcore

    from golive_lab.parts.asgi import Receive, Scope, Send
    from golive_lab.parts.part import AsyncStart
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.storage import StorageFront

HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding"}
"""RFC 9110, section 7.6.1."""
MISBEHAVES_FOR = {UPLOADS, "v20180820"}
"""The bucket, and the account's settings: that of the backups is left alone."""
TIMESTAMP = "%Y%m%dT%H%M%SZ"


class S3Front:
    """Hands requests to the server that knows what they ask for."""

    def __init__(
        self, front: StorageFront, place: StackPlace, pool: httpcore.AsyncConnectionPool, *, with_settings: bool
    ) -> None:
        self.front = front
        self.place = place
        self.pool = pool
        self.with_settings = with_settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        body = await body_of(receive)
        if scope["path"].split("/")[1] in MISBEHAVES_FOR:
            own = self._own(scope)
            if own:
                await own.send(send)
                return
            if self._to_be_signed(scope):
                scope = self._signed(scope, body)
        got = await self._handed_on(scope, body)
        content = await got.aread()
        kept = [(name, value) for name, value in got.headers if name.lower() not in HOP_BY_HOP]
        await send({"type": "http.response.start", "status": got.status, "headers": kept})
        await send({"type": "http.response.body", "body": content})

    def _own(self, scope: Scope) -> HttpAnswer | None:
        """Answer where the world wants another answer than the server's."""
        by = header(scope, "authorization") + scope["query_string"].decode()
        if any(key in by for key in self.front.denies):
            return _error(403, "AccessDenied")
        if self.front.region:
            return _error(301, "PermanentRedirect", ("x-amz-bucket-region", self.front.region))
        if self.front.says_private and b"policyStatus" in scope["query_string"]:
            text = b"<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>"
            return HttpAnswer(200, "application/xml", text)
        return None

    def _to_be_signed(self, scope: Scope) -> bool:
        query = parse_qs(scope["query_string"].decode())
        if self.front.serves_anyone and not header(scope, "authorization") and "X-Amz-Signature" not in query:
            return True
        if not self.front.ignores_expiry or "X-Amz-Expires" not in query:
            return False
        signed = dt.datetime.strptime(query["X-Amz-Date"][0], TIMESTAMP).replace(tzinfo=dt.UTC)
        return signed + dt.timedelta(seconds=int(query["X-Amz-Expires"][0])) < dt.datetime.now(dt.UTC)

    def _signed(self, scope: Scope, body: bytes) -> Scope:
        """Sign a request as the operator, whoever sent it."""
        from botocore.auth import S3SigV4Auth  # noqa: PLC0415 - only faults sign
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - likewise
        from botocore.credentials import Credentials  # noqa: PLC0415 - likewise

        kept = [pair for pair in parse_qsl(scope["query_string"].decode()) if not pair[0].startswith("X-Amz-")]
        query = urlencode(kept)
        host = header(scope, "host")
        url = f"https://{host}{scope['raw_path'].decode()}" + (f"?{query}" if query else "")
        request = AWSRequest(scope["method"], url, {"host": host}, data=body)
        credentials = Credentials(OPERATOR.access_key_id, OPERATOR.secret_access_key)
        S3SigV4Auth(credentials, "s3", REGION).add_auth(request)
        new = {name.lower().encode(): str(value).encode() for name, value in request.headers.items()}
        old = [(name, value) for name, value in scope["headers"] if name not in new]
        return {**scope, "headers": [*old, *new.items()], "query_string": query.encode()}

    async def _handed_on(self, scope: Scope, body: bytes) -> httpcore.Response:
        import httpcore  # noqa: PLC0415 - only who starts a stack has it

        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        secure, port = True, ports(self.place).s3_https
        if self.with_settings and (b"publicAccessBlock" in scope["query_string"] or target.startswith(b"/v20180820/")):
            secure, port = False, self.place.ports.s3_settings
        url = httpcore.URL(scheme=b"https" if secure else b"http", host=HOST.encode(), port=port, target=target)
        return await self.pool.request(
            scope["method"], url, headers=scope["headers"], content=body, extensions={"sni_hostname": NAME}
        )


def _error(status: int, code: str, *headers: tuple[str, str]) -> HttpAnswer:
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as the lab has it</Message></Error>"
    return HttpAnswer(status, "application/xml", text.encode(), headers)


def _fronting(*, with_settings: bool) -> AsyncStart:
    @asynccontextmanager
    async def front(world: World, place: StackPlace) -> AsyncIterator[None]:
        import httpcore  # noqa: PLC0415 - only who starts a stack has it

        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE  # it is the server that we have started
        async with httpcore.AsyncConnectionPool(ssl_context=trusting) as pool:
            application = S3Front(world.storage.front, place, pool, with_settings=with_settings)
            async with serving([(Listener(HOST, place.ports.s3, context(place)), application)]):
                yield

    return front


def _part(*, with_settings: bool) -> Part:
    reads: Callable[[World], StorageFront] = lambda world: world.storage.front  # noqa: E731 - as every part has it
    return Part("s3 front", threaded(_fronting(with_settings=with_settings)), reads)


FRONT = _part(with_settings=False)
FRONT_WITH_SETTINGS = _part(with_settings=True)
