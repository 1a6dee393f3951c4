"""Does the application find its bucket, and do its users' browsers get to it in the one way that is meant?"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from golive import Settings, Severity, Unavailable, Verdict, check, failed, passed, unknown, verdict
from golive_checks.storage.policy_patterns import matches
from golive_checks.storage.wording import asked_as, lacking
from golive_checks.subjects import Bucket, Host
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.s3.bucket import BucketReached, S3Reply
from golive_checks.systems.s3.bucket_settings import CorsRule, CorsRules
from golive_checks.systems.s3.presigned import PresignedTrip

TYPE = "no AllowedHeaders of their rule has Content-Type, which browsers ask for first where a file has one"
WRITING = frozenset({"PUT", "POST", "DELETE"})
NO_BUCKET = frozenset({"NoSuchBucket", "404"})
ANSWERS = frozenset({301, 307, 401, 403, 404})
"""What says something of the bucket; anything else, as 400 or 405, only of how it was asked."""


class CorsPolicy(Settings):
    """Whose pages may upload from a browser."""

    home: ClassVar[str] = "storage.cors"

    upload_origins: tuple[str, ...] | None = None
    """Origins such as https://app.example.com. Unset: those of the hosts of role app and shop. [] for none."""


@check("s3.bucket-reachable", severity=Severity.CRITICAL)
def bucket_reachable(bucket: Bucket, seen: BucketReached) -> Verdict:
    """The bucket exists, in the configured region, and the application's credentials give access to it.

    Why: A typo in a name, a key of another environment or a wrong region shows at the first upload, to a user.

    Fix: Compare bucket, region, endpoint and key in the application's environment with the provider's console, and
    allow the application s3:ListBucket on the bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    name, asked = bucket.app.bucket, bucket.app.region
    if seen.region and asked and seen.region != asked:
        return failed(f"{name} is in {seen.region}, not in {asked}", fix=f"Set the region to {seen.region}.")
    if seen.reply.served:
        return passed(f"{name} opens for the application" + (f", in {seen.region}" if seen.region else ""))
    if seen.reply.code in NO_BUCKET:
        return failed(f"there is no bucket {name}", f"answered {seen.reply}")
    if seen.wrong_credentials:
        return failed(f"the application's key is refused: {seen.reply}")
    if seen.reply.status in ANSWERS:
        return failed(f"{name} does not open for the application: {seen.reply}")
    return unknown(f"listing {name} is answered {seen.reply}, which says nothing about the bucket")


@check("s3.cors-exact", severity=Severity.HIGH)
def cors_exact(bucket: Bucket, seen: CorsRules, hosts: Mapping[Host, Origin] | Unavailable, ask: CorsPolicy) -> Verdict:
    """Browsers may upload from the apps' own pages, and from no others.

    Why: With `*`, any page that gets hold of a presigned URL, or a user's own session at the bucket, writes to it from
    the user's browser. Without the app's own origin no upload works at all, and only in browsers, so that no test of
    the API shows it.

    Fix: Name each origin as the browser sends it in AllowedOrigins of the rule that has PUT, without `*`, and
    Content-Type in its AllowedHeaders. If nothing uploads from a browser, set `upload_origins: []` under cors in the
    bucket's entry.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
    """
    if seen.unsupported:
        return lacking(seen)
    wanted = ask.upload_origins
    if wanted is None:
        if isinstance(hosts, Unavailable):
            return unknown(hosts.reason, fix="Name the pages under cors.upload_origins of the bucket; [] for none.")
        wanted = tuple(at.origin for host, at in hosts.items() if host.has_page)
    allowed = {origin: rule for rule in seen.rules if WRITING & set(rule.methods) for origin in rule.origins}
    putting = [rule for rule in seen.rules if "PUT" in rule.methods]
    origins = {origin for rule in putting for origin in rule.origins}
    fails = [*_too_many(allowed, wanted)]
    if "*" not in origins:
        fails += [f"uploads from {origin} are not allowed" for origin in wanted if origin not in origins]
    warns = [f"uploads from {origin} may not name their type: {TYPE}" for origin in wanted if _untyped(putting, origin)]
    ok = f"uploads only from {', '.join(wanted)}" if wanted else "no page may upload"
    return verdict(fails, warns, ok=ok, evidence=(asked_as(bucket),))


def _untyped(putting: list[CorsRule], origin: str) -> bool:
    """Return whether rules let an origin upload, and none of them with the header that browsers add for most files."""
    its = [rule for rule in putting if origin in rule.origins]
    return bool(its) and not any(
        matches(allowed, "content-type", ignore_case=True) for r in its for allowed in r.headers
    )


def _too_many(allowed: Mapping[str, CorsRule], wanted: tuple[str, ...]) -> Iterator[str]:
    for origin, rule in allowed.items():
        methods = ", ".join(method for method in rule.methods if method in WRITING)
        if origin == "*":
            yield f"every page may {methods}"
        elif "*" in origin:
            yield f"every page of {origin} may {methods}"
        elif origin not in wanted:
            yield f"{origin} may {methods} and is none of the apps' origins"


@check("s3.presigned-work", severity=Severity.HIGH)
def presigned_work(bucket: Bucket, seen: PresignedTrip) -> Verdict:
    """Presigned URLs upload and download, and nothing else: no other type, no other key, not after they expire.

    Why: Users' files are transferred this way, and a presigned URL is a password in a link. A server or a proxy in
    front that does not enforce what was signed lets anyone who has one read and write anything, forever.

    Fix: Check the key's permissions (s3:PutObject, s3:GetObject), for a proxy that changes the host or the headers, the
    clocks, and whether the server verifies signatures at all.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
    """
    if seen.put is None or not seen.put.served:
        return failed(f"an upload by a presigned URL is answered {seen.put}", f"its key was {seen.key}")
    fails = []
    if seen.get is None or not seen.get.served:
        fails.append(f"a download by a presigned URL is answered {seen.get}")
    elif not seen.equal:
        fails.append("what comes back is not what was uploaded")
    fails += _slips("another content type than was signed", seen.other_type)
    fails += _slips("another key than was signed", seen.other_key)
    fails += _slips("no signature at all", seen.unsigned)
    if seen.long_lived is None or not seen.long_lived.served:
        fails.append(f"a URL that is good for another hour is answered {seen.long_lived}")
    fails += _slips("a URL that has expired", seen.expired)
    tidied = [*seen.earlier, *(f"removed what an earlier run had left: {key}" for key in seen.removed)]
    ok = "upload and download work; another type, another key, no signature and an expired URL are refused"
    return verdict(fails, ok=ok, evidence=tidied)


def _slips(what: str, reply: S3Reply | None) -> Iterator[str]:
    """Say that what had to be refused was not."""
    if reply is None or not reply.refused:
        yield f"{what} is answered {reply}, and not refused"
