"""What an S3 server answers: a refusal by its code, an answer to something else, or nothing at all, in plain words."""

import errno
import re
from collections.abc import Mapping
from typing import Any

from golive import Unavailable
from golive.wording import duration
from golive_checks.systems.aws.client.aws import gap
from golive_checks.systems.http.client.trouble import causes

WRONG_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSecurity",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    }
)
"""https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
UNSUPPORTED = frozenset({"MethodNotAllowed", "NotImplemented", "XNotImplemented"})
UNSUPPORTED_STATUS = frozenset({405, 501})
BUSY = frozenset({"SlowDown", "TooManyRequests"})
BUSY_STATUS, FORBIDDEN, SERVER_ERROR = 429, 403, 500
CLOCK = "RequestTimeTooSkewed"

IAM_ACTIONS = {
    "DeleteObject": "s3:DeleteObject and s3:DeleteObjectVersion",
    "GetBucketCors": "s3:GetBucketCORS",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListObjectsV2": "s3:ListBucket",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}
"""What allows an operation, where it is called otherwise (docs.aws.amazon.com/service-authorization, Amazon S3)."""

ROOTS = {
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketEncryption": "ServerSideEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketOwnershipControls": "OwnershipControls",
    "GetBucketPolicyStatus": "PolicyStatus",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetPublicAccessBlock": "PublicAccessBlockConfiguration",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjectsV2": "ListBucketResult",
}
"""The element that an answer begins with (docs.aws.amazon.com/AmazonS3/latest/API). botocore does not look at it, and
would read the list that some servers answer to any question as settings of which none is set. Some name the element
after the operation, as GetBucketVersioningResponse."""
FIRST_ELEMENT = re.compile(rb"\A\s*(?:<\?xml[^>]{0,200}\?>\s*)?<(?:[\w.-]{1,60}:)?([\w.-]{1,60})")

ERROR_CODE = re.compile(rb"<Code>(\w{1,80})</Code>")

AWAY = {
    errno.ECONNREFUSED: "refuses connections",
    errno.EHOSTUNREACH: "cannot be reached",
    errno.EHOSTDOWN: "cannot be reached",
    errno.ENETUNREACH: "cannot be reached: this machine has no route to it",
}

NOT_S3 = {"ResponseParserError", "ValueError", "KeyError", "TypeError", "AttributeError", "IncompleteReadError"}
TOO_LATE = {"ConnectTimeoutError", "ReadTimeoutError"}
BROKEN = {"ProtocolError", "ConnectionClosedError", "HTTPClientError", "ResponseStreamingError"}
"""What botocore and its parser raise, by names: of what a server sent, of its time, and of a connection."""


class S3Refusal(Unavailable):
    """An answer that refuses, by S3's code (`AccessDenied`, `NoSuchBucketPolicy`) and the HTTP status.

    Uncaught, it is a gap like any other, with the permission to grant as its fix.
    """

    def __init__(self, code: str, status: int, *, what: str, fix: str = "", region: str = "") -> None:
        super().__init__(f"{what} is answered {code}", fix=fix)
        self.code = code
        self.status = status
        self.region = region
        """Where the bucket is, if the server says that it is elsewhere."""

    @property
    def wrong_credentials(self) -> bool:
        """True where the server does not know the key, or the secret is not the key's."""
        return self.code in WRONG_CREDENTIALS

    @property
    def denied(self) -> bool:
        """True where it knows whose request it is, and does not allow it."""
        return self.status == FORBIDDEN and not self.wrong_credentials and self.code != CLOCK

    @property
    def unsupported(self) -> bool:
        """True where the server has no such operation."""
        return self.code in UNSUPPORTED or self.status in UNSUPPORTED_STATUS


class Busy(Unavailable):
    """The server asks for fewer requests."""


def refusal(what: str, operation: str, response: Mapping[str, Any]) -> Unavailable:
    """Read an error answer. What a server cannot do just now is no refusal."""
    error, about = response.get("Error") or {}, response.get("ResponseMetadata") or {}
    status, headers = int(about.get("HTTPStatusCode") or 0), about.get("HTTPHeaders") or {}
    code = _word(str(error.get("Code") or status)) or "an error without a code"
    if code in BUSY or status == BUSY_STATUS:
        return Busy(f"{what} is answered {code}: too many requests", fix="wait, then run golive again")
    if status >= SERVER_ERROR and status not in UNSUPPORTED_STATUS:
        text = f"{status} {code}" if code != str(status) else code
        return Unavailable(f"{what} is answered {text}", transient=True)
    region = _word(str(headers.get("x-amz-bucket-region") or error.get("Region") or ""))
    found = S3Refusal(code, status, what=what, region=region)
    if found.wrong_credentials:
        found.fix = "Look at the key that the profile gives: its secret, its expiry, and whose server it is for."
    elif code == CLOCK:
        found.fix = "Set the clock of the machine that golive runs on."
    elif found.denied:
        found.fix = f"Allow golive's credentials {IAM_ACTIONS.get(operation, f's3:{operation}')}."
    return found


def answers_otherwise(operation: str, body: bytes) -> str:
    """Name the element with which the answer begins, if it is none to this operation; else nothing."""
    wanted = ROOTS.get(operation)
    found = FIRST_ELEMENT.match(body)
    name = found[1].decode() if found else "no XML"
    return name if wanted and name not in {wanted, f"{operation}Response"} else ""


def error_code(body: bytes) -> str:
    """Return the code of an error that was not read by botocore; empty where there is none."""
    found = ERROR_CODE.search(body)
    return found[1].decode() if found else ""


def trouble(where: str, what: str, error: Exception, timeout_s: float) -> Unavailable:
    """Put into plain words why there was no answer that could be read; a server's own words are not repeated."""
    from botocore.exceptions import BotoCoreError

    found = next((known for cause in causes(error) if (known := _by(cause, where))), None)
    if found:
        return found
    names = {kind.__name__ for cause in causes(error) for kind in type(cause).__mro__}
    if names & TOO_LATE:
        return late(where, what, timeout_s)
    if any(kind.__name__ in NOT_S3 for kind in type(error).__mro__):
        return Unavailable(f"{what} is answered with what is not S3's", transient=True)
    if names & BROKEN:
        return Unavailable(f"{where} broke the connection off", transient=True)
    if isinstance(error, BotoCoreError):
        return gap(f"{what} could not be asked", error)
    raise error


def _by(cause: BaseException, where: str) -> Unavailable | None:
    """Tell why a connection did not come to be, where the system says so."""
    import socket
    import ssl

    if isinstance(cause, ssl.SSLError):
        reason = str(getattr(cause, "verify_message", "") or cause.reason or "no reason given")
        fix = "Fix its certificate, or name its CA as the bucket's ca_file."
        return Unavailable(f"{where}: TLS failed ({reason.lower().replace('_', ' ')})", fix=fix)
    if isinstance(cause, socket.gaierror):
        return Unavailable(f"{where} does not resolve", transient=True, fix="Look at the bucket's endpoint_url.")
    if isinstance(cause, OSError) and cause.errno in AWAY:
        return Unavailable(f"{where} {AWAY[cause.errno or 0]}", transient=True)
    return None


def late(where: str, what: str, timeout_s: float) -> Unavailable:
    """Describe an answer that did not come in time."""
    return Unavailable(f"{where} had not answered {what} in full after {duration(timeout_s)}", transient=True)


def _word(text: str) -> str:
    """Return a server's word if it is one, of a sensible length; else nothing."""
    return text if re.fullmatch(r"[\w.:-]{1,80}", text) else ""
