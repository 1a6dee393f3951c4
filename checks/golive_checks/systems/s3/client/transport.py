"""Carries botocore's requests, and bounds what comes back."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from golive import Unavailable
from golive.wording import data_size
from golive_checks.systems.s3.client.answers import S3Refusal, answers_otherwise, error_code

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

MAX_ANSWER_BYTES = 16_000_000
"""A page of 1000 keys, each of 1024 bytes, percent-encoded, has 3 MB."""
CHUNK_BYTES = 65_536
PADDING_LIMIT_BYTES = 65_536
"""What the frames of chunks may have more than their content: honest chunks are longer than their frames."""
FRAME_BYTES = 6
"""A chunk's length and two line ends (RFC 9112, section 7.1)."""
ERROR, REDIRECTS = 300, frozenset({301, 302, 307, 308})


class S3Transport:
    """Connections to one server, in the threads of whoever asks."""

    def __init__(self, where: str, ca_file: str, proxies: Mapping[str, str], timeout_s: float) -> None:
        from botocore.httpsession import URLLib3Session

        of: Any = URLLib3Session  # whose types know neither a CA file nor two limits of time
        self._where = where
        self._session = of(verify=ca_file or True, proxies=proxies, timeout=(timeout_s, timeout_s))

    def carry(self, client: Any) -> None:
        """Let a client of botocore send all its requests this way."""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-send.{service}", self._carried)

    def close(self) -> None:
        """Close the connections, which botocore merely forgets: a server would go on waiting for each."""
        pools = self._session._manager.pools  # noqa: SLF001 - botocore has no public way
        for pool in [pools.get(key) for key in pools.keys()]:  # noqa: SIM118 - it is no mapping that can be iterated
            if pool:
                pool.close()
        self._session.close()

    def exchange(self, request: "AWSPreparedRequest") -> "AWSResponse":
        """Send a request, and read its answer as far as it may go; one that is streamed is read by who asked for it."""
        from botocore.awsrequest import AWSResponse

        streamed, request.stream_output = request.stream_output, True
        got = self._session.send(request)
        request.stream_output = streamed
        bounded = AWSResponse(got.url, got.status_code, got.headers, Bounded(got.raw, self._where))
        if not streamed:
            bounded.content  # noqa: B018 - reads it, so that the connection is free again
        return bounded

    def _carried(self, request: "AWSPreparedRequest", event_name: str, **_: object) -> "AWSResponse":
        """Send a request for botocore, and hold the answer against what was asked."""
        got = self.exchange(request)
        operation = event_name.rpartition(".")[2]
        if got.status_code in REDIRECTS and "x-amz-bucket-region" not in got.headers:
            # botocore would ask a HEAD where to, and when that is redirected too, another, and so on.
            code = error_code(got.content) or str(got.status_code)
            raise S3Refusal(code, got.status_code, what=f"{operation} at {self._where}")
        if (
            got.status_code < ERROR
            and not request.stream_output
            and (other := answers_otherwise(operation, got.content))
        ):
            raise Unavailable(f"{self._where} answers {operation} with {other}: it does not understand it")
        return got


class Bounded:
    """The body of an answer, that ends in a gap where it is larger than any honest one."""

    def __init__(self, raw: Any, where: str) -> None:
        self._raw = raw
        self._where = where

    def stream(self, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Yield all of it."""
        length = padding = 0
        for chunk in self._raw.stream(size):
            length += len(chunk)
            padding = max(0, padding + FRAME_BYTES - len(chunk))
            if padding > PADDING_LIMIT_BYTES:
                self._raw.close()
                raise Unavailable(f"{self._where} sends more than {data_size(PADDING_LIMIT_BYTES)} that are no answer")
            if length > MAX_ANSWER_BYTES:
                self._raw.close()
                raise Unavailable(f"{self._where} answers with more than {data_size(MAX_ANSWER_BYTES)}")
            yield chunk

    def __getattr__(self, name: str) -> Any:
        """Be like the body in all else."""
        return getattr(self._raw, name)
