"""URLs that are signed as if some time ago, so that their expiry can be looked at without waiting for it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

SIGNATURE = ("X-Amz-",)
TIMESTAMP = "%Y%m%dT%H%M%SZ"
"""https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"""


def signed_earlier(
    url: str, method: str, headers: Mapping[str, str], credentials: Any, region: str, expires_s: int, age_s: int
) -> str:
    """Re-sign a presigned URL, with the date of `age_s` seconds ago."""
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    then = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_s)

    class Earlier(S3SigV4QueryAuth):
        """botocore's own, by another clock."""

        def _modify_request_before_signing(self, request: AWSRequest) -> None:
            request.context["timestamp"] = then.strftime(TIMESTAMP)
            super()._modify_request_before_signing(request)  # type: ignore[misc]  # which the stubs leave out

    there = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(there.query) if not name.startswith(SIGNATURE)]
    request = AWSRequest(method, there._replace(query=urlencode(kept)).geturl(), dict(headers))
    Earlier(credentials, "s3", region, expires_s).add_auth(request)
    return str(request.url)
