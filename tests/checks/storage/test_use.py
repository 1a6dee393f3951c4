from __future__ import annotations

from dataclasses import replace

import pytest

from golive import Outcome, Unavailable
from golive_checks.storage.use import CorsPolicy, bucket_reachable, cors_exact, presigned_work
from golive_checks.subjects import Bucket, BucketPlace, Host
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.s3.bucket import BucketReached, S3Reply
from golive_checks.systems.s3.bucket_settings import CorsRule, CorsRules
from golive_checks.systems.s3.presigned import PresignedTrip

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA

HERE = BucketPlace("shop-files", region="eu-west-3")
BUCKET = Bucket("files", app=HERE, audit=HERE)
APP, SHOP = "https://app.test", "https://shop.test"
HOSTS = {
    Host("app.test", role="app"): Origin(APP),
    Host("shop.test", role="shop"): Origin(SHOP),
    Host("api.test", role="api"): Origin("https://api.test"),
}
OK, DENIED = S3Reply(200), S3Reply(403, "AccessDenied")


@pytest.mark.parametrize(
    ("seen", "outcome", "said"),
    [
        (BucketReached(OK), PASS, "shop-files opens for the application"),
        (BucketReached(OK, region="eu-west-3"), PASS, "in eu-west-3"),
        (BucketReached(OK, region="us-east-1"), FAIL, "is in us-east-1, not in eu-west-3"),
        (
            BucketReached(S3Reply(301, "PermanentRedirect"), region="us-east-1"),
            FAIL,
            "is in us-east-1, not in eu-west-3",
        ),
        (BucketReached(S3Reply(301, "PermanentRedirect")), FAIL, "does not open"),
        (BucketReached(S3Reply(404, "NoSuchBucket")), FAIL, "there is no bucket shop-files"),
        (BucketReached(DENIED), FAIL, "does not open for the application: 403 AccessDenied"),
        (BucketReached(S3Reply(403, "InvalidAccessKeyId"), wrong_credentials=True), FAIL, "key is refused"),
        (BucketReached(S3Reply(400, "ExpiredToken"), wrong_credentials=True), FAIL, "key is refused"),
        (BucketReached(S3Reply(501, "NotImplemented")), UNKNOWN, "says nothing about the bucket"),
        (BucketReached(S3Reply(400, "InvalidRequest")), UNKNOWN, "says nothing about the bucket"),
    ],
)
def test_bucket_reachable(seen, outcome, said):
    found = bucket_reachable(BUCKET, seen)
    assert (found.outcome, said in found.summary) == (outcome, True), found


def test_a_region_that_nobody_configured_is_no_defect():
    anywhere = replace(BUCKET, app=replace(HERE, region=""))
    assert bucket_reachable(anywhere, BucketReached(OK, region="eu-west-3")).outcome is PASS


def rule(
    *origins: str, methods: tuple[str, ...] = ("GET", "PUT"), headers: tuple[str, ...] = ("Content-*",)
) -> CorsRule:
    return CorsRule(origins, methods, headers)


@pytest.mark.parametrize(
    ("rules", "outcome", "said"),
    [
        ((rule(APP, SHOP),), PASS, f"uploads only from {APP}, {SHOP}"),
        ((rule(APP), rule(SHOP, methods=("PUT",))), PASS, "uploads only"),
        ((rule(APP, SHOP), rule("*", methods=("GET", "HEAD"))), PASS, "uploads only"),
        ((rule(APP, SHOP, headers=("x-amz-acl", "content-type")),), PASS, "uploads only"),
        ((rule(APP, SHOP, headers=("x-amz-acl",)), rule(APP, SHOP)), PASS, "uploads only"),
        ((rule(APP, SHOP, headers=("x-amz-acl",)),), WARN, f"uploads from {APP} may not name their type"),
        ((rule(APP), rule(SHOP, headers=())), WARN, f"uploads from {SHOP} may not name their type"),
        ((rule("*"),), FAIL, "every page may PUT"),
        ((rule(APP, SHOP), rule("*", methods=("POST",))), FAIL, "every page may POST"),
        ((rule(APP, SHOP), rule("*", methods=("GET", "DELETE"))), FAIL, "every page may DELETE"),
        ((rule(APP, SHOP, "https://*.test"),), FAIL, "every page of https://*.test may PUT"),
        ((rule(APP, SHOP, "http://app.test"),), FAIL, "http://app.test may PUT and is none of the apps' origins"),
        ((rule(APP, SHOP, "https://app.test/"),), FAIL, "none of the apps' origins"),
        ((rule(APP),), FAIL, f"uploads from {SHOP} are not allowed"),
        ((rule(APP, SHOP, methods=("POST",)),), FAIL, f"uploads from {APP} are not allowed"),
        ((rule(APP, SHOP, methods=("GET",)),), FAIL, f"uploads from {APP} are not allowed (and 1 more)"),
        ((), FAIL, f"uploads from {APP} are not allowed (and 1 more)"),
    ],
)
def test_cors_exact(rules, outcome, said):
    found = cors_exact(BUCKET, CorsRules(rules), HOSTS, CorsPolicy())
    assert (found.outcome, said in found.summary) == (outcome, True), found


def test_cors_of_a_bucket_that_no_browser_uploads_to():
    nobody = CorsPolicy(upload_origins=())
    assert cors_exact(BUCKET, CorsRules(), HOSTS, nobody).summary == "no page may upload"
    assert cors_exact(BUCKET, CorsRules((rule(APP),)), HOSTS, nobody).outcome is FAIL
    no_hosts = Unavailable("the profile names no hosts")
    assert cors_exact(BUCKET, CorsRules(), no_hosts, nobody).outcome is PASS
    assert cors_exact(BUCKET, CorsRules((rule(APP),)), no_hosts, nobody).outcome is FAIL
    assert cors_exact(BUCKET, CorsRules(), no_hosts, CorsPolicy()).outcome is UNKNOWN
    admin = CorsPolicy(upload_origins=("https://admin.test",))
    assert cors_exact(BUCKET, CorsRules((rule("https://admin.test"),)), HOSTS, admin).outcome is PASS
    assert cors_exact(BUCKET, CorsRules(unsupported="it answers NotImplemented"), HOSTS, nobody).outcome is NA


GOOD = PresignedTrip(
    "golive/golive-0123abcd.txt",
    other_type=DENIED,
    put=OK,
    get=OK,
    equal=True,
    other_key=DENIED,
    unsigned=S3Reply(401),
    long_lived=OK,
    expired=S3Reply(400, "ExpiredToken"),
)


@pytest.mark.parametrize(
    ("changes", "outcome", "said"),
    [
        ({}, PASS, "upload and download work"),
        ({"put": DENIED}, FAIL, "an upload by a presigned URL is answered 403 AccessDenied"),
        ({"put": None}, FAIL, "an upload by a presigned URL is answered None"),
        ({"get": DENIED}, FAIL, "a download by a presigned URL is answered 403"),
        ({"equal": False}, FAIL, "what comes back is not what was uploaded"),
        ({"other_type": OK}, FAIL, "another content type than was signed is answered 200, and not refused"),
        ({"other_key": OK}, FAIL, "another key than was signed is answered 200"),
        ({"other_key": S3Reply(404, "NoSuchKey")}, FAIL, "another key than was signed is answered 404 NoSuchKey"),
        ({"unsigned": OK}, FAIL, "no signature at all is answered 200"),
        ({"expired": OK}, FAIL, "a URL that has expired is answered 200"),
        ({"expired": S3Reply(500)}, FAIL, "a URL that has expired is answered 500"),
        ({"long_lived": DENIED}, FAIL, "a URL that is good for another hour is answered 403"),
    ],
)
def test_presigned_work(changes, outcome, said):
    found = presigned_work(BUCKET, replace(GOOD, **changes))
    assert (found.outcome, said in found.summary) == (outcome, True), found


def test_what_an_earlier_run_had_left_is_told():
    found = presigned_work(BUCKET, replace(GOOD, removed=("golive/golive-00000000.txt",)))
    assert "golive-00000000" in found.evidence[0]
