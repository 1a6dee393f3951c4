"""Two reports with everything in them that a report may show: a healthy run and a broken one, full of hostile text."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

from golive.model import (
    Attested,
    CheckInfo,
    Decision,
    Effect,
    Finding,
    Fixed,
    Location,
    Outcome,
    Phase,
    Report,
    Run,
    SectionInfo,
    Series,
    Severity,
    Standing,
    Timing,
    Trend,
    Verdict,
    Waiver,
    failed,
    not_applicable,
    passed,
    unknown,
    warned,
)

SEED = 20261129
STARTED = dt.datetime(2026, 11, 23, 9, 30, 5, tzinfo=dt.UTC)
SINCE = dt.datetime(2026, 11, 19, 16, 2, 44, tzinfo=dt.UTC)

HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 ::error::pwned ##[error]pwned <script>alert(1)</script> "
    "**bold** `code` | cell | ![x](http://evil.example/x.png) [go](https://evil.example) @org/team "
    "https://evil.example www.evil.example a@evil.example #1 GH-2 :rocket: $x^2$ \u202egnp.exe\u200b &amp; ]]> \udc80"
)

SECTIONS = (
    SectionInfo("domains", "Domains, TLS, CDN", 1),
    SectionInfo("env", "Environment variables", 2),
    SectionInfo("golive", "The run itself"),
)

SPEED = CheckInfo(
    "bench.no-regression",
    "observability",
    "The application is as fast as it was",
    "A release that doubles the time of every answer stays within a generous budget, and so does the next.",
    "Compare the release's queries with the last one's.",
    Severity.MEDIUM,
)
CURRENT = CheckInfo(
    "tls.certificate-current",
    "domains",
    "The certificate is valid now and for long enough",
    "An expired certificate closes the shop for every browser at once.",
    "Renew the certificate and reload what serves it, for example: certbot renew && nginx -s reload",
    Severity.CRITICAL,
)
AGREE = CheckInfo(
    "dns.servers-agree",
    "domains",
    "The zone's name servers agree",
    "A server that lags answers some visitors with yesterday's addresses.",
    "Find out why the zone transfer fails, and notify the servers again.",
)
COMPRESSES = CheckInfo(
    "proxy.compresses",
    "domains",
    "Text is compressed on its way",
    "Uncompressed scripts double the time to the first page on a phone.",
    "Switch gzip and brotli on for text, JavaScript, CSS and JSON.",
    Severity.MEDIUM,
)
HSTS = CheckInfo(
    "headers.hsts",
    "domains",
    "Browsers are told to use https only",
    "Without it the first visit of the day can be redirected by anyone in between.",
    'Send "Strict-Transport-Security: max-age=31536000; includeSubDomains" on every https answer.',
)
OLD = CheckInfo(
    "tls.old-versions-refused",
    "domains",
    "TLS 1.1 and older are refused",
    "Old versions can be read by a patient attacker.",
    "Set ssl_protocols TLSv1.2 TLSv1.3;",
    effect=Effect.ACTIVE,
)
CAA = CheckInfo("dns.caa-permits-renewal", "domains", "CAA lets the issuer issue again", "x", "Add its CAA record.")
PRESENT = CheckInfo(
    "env.variables-present",
    "env",
    "Every required variable is set",
    "A missing one shows itself at the first order, not at the start.",
    "Set the variable in the file that the service reads.",
    Severity.CRITICAL,
)
STRONG = CheckInfo(
    "env.jwt-secrets-strong",
    "env",
    "The JWT secrets cannot be guessed",
    "Who guesses the secret is every user.",
    "Make a new one: openssl rand -base64 48",
    Severity.CRITICAL,
)
TTL = CheckInfo("env.token-lifetimes-sane", "env", "Tokens end in time", "x", "Set ACCESS_TTL=15m", Severity.LOW)
ATTEST = CheckInfo("attested.logs-centralised", "golive", "A person attests that logs are centralised", "x", "Ask.")

WAIVER = Waiver(
    "proxy.compresses",
    "app.demo.test",
    "The CDN in front compresses; nginx follows with release 2.5",
    "Ada Lovelace",
    dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
    Location("profiles/staging.yaml", 41),
)

RUN = Run(
    environment="staging",
    production=False,
    profile="staging",
    profile_digest="sha256:5d41402abc4b2a76b9719d911017c592",
    facts_digest="sha256:7d793037a0760186574b0282f2f435e7",
    version="0.1.0",
    started=STARTED,
    ended=STARTED + dt.timedelta(seconds=3.42),
    vantage="build-7.example.net, IPv4 only, Linux",
    oldest_table="Releases of PostgreSQL, 2026-11-01",
)


def trend(last: float) -> Trend:
    """Eight runs of a route, a day apart: as ever but for the last one, and early ones that had no p99."""
    p95 = (98.0, 103.5, 99.0, 101.0, 97.0, 104.0, 100.0, last)
    p50, p99 = tuple(each / 2 for each in p95), (None, None, *(each * 1.7 for each in p95[2:]))
    at = tuple(STARTED - dt.timedelta(days=7 - n) for n in range(8))
    return Trend("ms", at, (Series("p50", p50), Series("p95", p95), Series("p99", p99)), "p95", 100.0, 120.0)


def green(check: CheckInfo, kind: str, subject: str, summary: str, *evidence: str) -> Finding:
    return Finding(check, kind, subject, passed(summary, *evidence), 0.21)


PASSES = (
    green(CURRENT, "address", "app.demo.test@127.0.0.1", "valid for 71 more days (79 % of its 90)", "issuer Demo CA"),
    green(CURRENT, "address", "shop.demo.test@127.0.0.1", "valid for 71 more days (79 % of its 90)", "issuer Demo CA"),
    green(AGREE, "host", "app.demo.test", "both servers answer with serial 2026112301"),
    green(PRESENT, "envfile", "app/.env", "all 14 required variables are set"),
    green(STRONG, "envfile", "api/.env", "3 secrets of at least 44 bytes, all different"),
)

AS_EVER = passed("p95 is 102 ms, 100 ms was usual", "p95 of 8 runs: ▂▇▃▅▁█▄▆ 102 ms")
SLOWER = warned(
    "p95 is 151 ms, 100 ms was usual, more than 120 ms is beyond its scatter", "p95 of 8 runs: ▁▁▁▁▁▂▁█ 151 ms"
)

NOT_PERMITTED = tuple(
    Finding(OLD, "host", host, not_applicable("active looks are not allowed by the profile"), not_permitted=True)
    for host in ("api.demo.test", "app.demo.test", "shop.demo.test")
)

ATTESTED = (
    Attested(
        "logs.centralised",
        "All services send their logs to one place that outlives them",
        "Grace Hopper",
        dt.date(2026, 10, 2),
        "https://wiki.example.com/logs",
        dt.date(2027, 4, 2),
    ),
)

TIMINGS = (
    Timing("dns.zone_servers", "app.demo.test", 1.91, 0.012),
    Timing("tls.served_chain", "app.demo.test@127.0.0.1", 0.21, 1.95),
    Timing("env.variables", "api/.env", 0.004),
)


def healthy() -> Report:
    """Everything is as it should be: GO, before a deploy."""
    no_ipv6 = Verdict(Outcome.PASS, "answers on 127.0.0.1", unseen=("no IPv6 route from here",))
    return Report(
        run=replace(RUN, phase=Phase.BEFORE, release="2.4.0", commit="3f2c1ab9d0e8c7b6a5948372615049382716abcd"),
        decision=Decision.GO,
        exit_code=0,
        reasons=(),
        sections=SECTIONS,
        findings=(
            Finding(CAA, "host", "app.demo.test", not_applicable("the zone is private, no public CA issues for it")),
            *PASSES[:3],
            Finding(HSTS, "host", "app.demo.test", no_ipv6, 0.08),
            *NOT_PERMITTED,
            *PASSES[3:],
            green(ATTEST, "environment", "staging", "Grace Hopper attests it until 2027-04-02"),
        ),
        red=frozenset(),
        attestations=ATTESTED,
        timings=TIMINGS,
    )


def broken() -> Report:
    """Nearly everything is wrong somewhere, and the remote side is hostile: NO-GO against a baseline."""
    expired = failed(
        "expires in 3 days (3 % of its 90 days left)",
        "notAfter 2026-11-26 08:00:00 UTC",
        "issuer CN=Demo CA, O=Demo",
        "serial 04:5f:aa:90:11",
    )
    no_hsts = failed("no Strict-Transport-Security header", "HTTP/2 200", f"server: {HOSTILE}")
    short = failed("max-age is 300, at least 31536000 is wanted", 'strict-transport-security: max-age=300; "preload"')
    missing = failed(
        "STRIPE_WEBHOOK_SECRET is not set (and 2 more)",
        "STRIPE_WEBHOOK_SECRET is not set",
        "SMTP_PASSWORD is not set",
        "JWT_REFRESH_SECRET is empty",
        at=Location("deploy/api,v2/.env", 12, 1),
    )
    weak = failed(
        "JWT_ACCESS_SECRET has 9 bytes, 32 are wanted",
        at=Location("deploy/api,v2/.env", 4),
        fix="Make a new JWT_ACCESS_SECRET: openssl rand -base64 48",
    )
    blind = unknown("ns2.demo.test:53 did not answer within 5 s", "udp timed out twice", "tcp connection refused")
    lifetime = warned("ACCESS_TTL is 2 h, at most 1 h is advised", at=Location("deploy/api,v2/.env", 9))
    findings = (
        Finding(
            CURRENT, "address", "api.demo.test@127.0.0.1", expired, 0.22, "platform", None, "", Standing.NEW, STARTED
        ),
        *PASSES[:2],
        Finding(AGREE, "host", "api.demo.test", blind, 10.3, "", None, "", Standing.NEW, STARTED),
        Finding(AGREE, "host", "app.demo.test", blind, 10.3, tolerated="the profile allows it to be unknown"),
        Finding(HSTS, "route", "api.demo.test/", no_hsts, 0.3, "web", None, "", Standing.NEW, STARTED),
        Finding(HSTS, "route", "app.demo.test/", short, 0.2, "web", None, "", Standing.REMAINING, SINCE),
        Finding(
            HSTS,
            "route",
            f"shop.demo.test/{'long-path/' * 12}<b>|`",
            no_hsts,
            0.2,
            "web",
            None,
            "",
            Standing.NEW,
            STARTED,
        ),
        Finding(
            COMPRESSES,
            "host",
            "app.demo.test",
            failed("gzip is off for text/html", "no content-encoding"),
            waiver=WAIVER,
        ),
        Finding(
            COMPRESSES, "host", "shop.demo.test", warned("neither br nor zstd is offered, only gzip", HOSTILE), 0.4
        ),
        Finding(CAA, "host", "app.demo.test", not_applicable("the zone is private, no public CA issues for it")),
        *NOT_PERMITTED,
        Finding(PRESENT, "envfile", "api/.env", missing, 0.01, "payments", None, "", Standing.NEW, STARTED),
        *PASSES[3:],
        Finding(STRONG, "envfile", "deploy/api,v2/.env", weak, 0.01, "", None, "", Standing.NEW, STARTED),
        Finding(TTL, "envfile", "api/.env", lifetime, 0.01),
        Finding(SPEED, "bench", "search", replace(AS_EVER, trend=trend(102.0)), 5.1),
        Finding(SPEED, "bench", HOSTILE, replace(SLOWER, trend=trend(151.0)), 5.1),
        Finding(ATTEST, "environment", "staging", passed("Grace Hopper attests it until 2027-04-02")),
    )
    red = frozenset(f.id for f in findings if f.standing == Standing.NEW)
    return Report(
        run=replace(
            RUN,
            environment="production",
            production=True,
            profile="profiles/prod uction.yaml",
            phase=Phase.AFTER,
            release="2.4.0",
            commit="3f2c1ab9d0e8c7b6a5948372615049382716abcd",
            selection="--skip 'proxy.hides-*'",
            left_behind=("s3://demo-uploads/golive-7f3a.txt: access denied on removal",),
        ),
        decision=Decision.NO_GO,
        exit_code=1,
        reasons=(
            "5 new checks fail",
            "1 new could not be looked at",
            "1 red since reports/2026-11-22.json and not counted",
            "left behind: s3://demo-uploads/golive-7f3a.txt: access denied on removal",
            "the profile lowers the gate: unknown is allowed for dns.servers-agree",
        ),
        sections=(*SECTIONS[:2], SectionInfo("observability", "Observability and performance", 6), *SECTIONS[2:]),
        findings=findings,
        red=red,
        waivers=(WAIVER,),
        attestations=(*ATTESTED, Attested("secrets.stored", HOSTILE, "", None, "", None)),
        fixed=(Fixed("dns.resolves[host:shop.demo.test]", "resolves to 127.0.0.1", SINCE),),
        timings=(Timing("dns.zone_servers", "api.demo.test", 10.3), *TIMINGS),
        baseline="reports/2026-11-22.json",
        gate={"fail_on": "fail", "unknown_allowed": "dns.servers-agree"},
    )


def empty() -> Report:
    """Nothing was selected: never GO, and still no red finding."""
    return Report(
        run=replace(RUN, selection="--only nothing"),
        decision=Decision.NO_GO,
        exit_code=2,
        reasons=("no check was run",),
        sections=(),
        findings=(),
        red=frozenset(),
    )


def big(findings: int = 5000, *, checks: int = 170, red: float = 0.5, words: str = "") -> Report:
    """A report of many findings, the same each time: so many red, a fifth of the rest warnings, some hostile."""
    rng = random.Random(SEED)  # noqa: S311 - it makes the same ones each time
    grades = [*Severity]
    infos = [
        CheckInfo(f"s{n % 11}.check-{n}", f"s{n % 11}", f"Check {n}", "It matters.", f"Do `{n}`.", rng.choice(grades))
        for n in range(checks)
    ]
    found = []
    for n in range(findings):
        said = f"seen {n} {words} {HOSTILE if n % 100 == 0 else ''}"
        at = Location(f"deploy/{n}.conf", n) if n % 3 == 0 else None
        bad = failed(said, f"line {n}", at=at, fix=f"Fix {n}" if n % 7 == 0 else "")
        verdict = (
            rng.choice((bad, bad, unknown(f"no route to host {n}")))
            if rng.random() < red
            else rng.choice((warned(said), *[passed(said)] * 4))
        )
        check, owner = infos[n % checks], f"team {n % 9}"
        found.append(Finding(check, "host", f"h{n}.example.com", verdict, rng.random(), owner=owner))
    found.sort(key=lambda f: (f.check.section, f.check.id))
    reds = frozenset(f.id for f in found if f.outcome in {Outcome.FAIL, Outcome.UNKNOWN})
    return replace(
        healthy(),
        decision=Decision.NO_GO,
        exit_code=1,
        sections=tuple(SectionInfo(f"s{n}", f"Section {n}", n + 1) for n in range(11)),
        findings=tuple(found),
        red=reds,
        run=replace(RUN, ended=STARTED + dt.timedelta(seconds=100)),
    )
