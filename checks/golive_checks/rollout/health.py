"""Do those who restart it and those who send it requests hear the truth?"""

import re
from collections.abc import Mapping

from golive import Severity, Unavailable, Verdict, check, not_applicable, not_configured, unknown, verdict
from golive.wording import duration
from golive_checks.measured import QUIET, unsure
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.release.health import Health, HealthAnswers, Pulse, Service
from golive_checks.systems.release.readiness import ReadinessDrill

OK = 200
MAX_AGE = re.compile(r"(?:s-maxage|max-age)\s*=\s*[\"']?0*([1-9]\d*)", re.IGNORECASE)
KEPT = re.compile(r"\bHIT\b", re.IGNORECASE)
CACHES = (
    "x-cache",
    "cf-cache-status",
    "x-vercel-cache",
    "x-cache-status",
    "x-proxy-cache",
    "cdn-cache",
    "cache-status",
)


@check("health.live", severity=Severity.HIGH)
def live(host: Host, service: Service, seen: Mapping[Address, HealthAnswers], ask: Health) -> Verdict:
    """The liveness route answers 200 at once, from the process itself.

    Why: The orchestrator restarts the process based on this route. A response from a cache, or the front end's page,
    keeps a dead process running; a slow one gets a healthy process killed.

    Fix: Serve a route that answers 200 with Cache-Control: no-store and queries no database; name it in
    rollout.health.live.

    Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
    """
    if not ask.live:
        return not_configured("the profile names no liveness route", "rollout.health.live")
    if not service.here:
        return not_applicable("it serves no API, and another host does")
    pulses = {address: answers.live for address, answers in seen.items() if answers.live}
    fails = _defects(pulses, ask)
    if unmeasured := [] if fails else _unmeasured(pulses, ask):
        return unknown(*unmeasured, fix=QUIET)
    return verdict(fails, ok=_described(ask.live, pulses))


@check("health.ready", severity=Severity.HIGH)
def ready(
    host: Host,
    service: Service,
    seen: Mapping[Address, HealthAnswers],
    drill: ReadinessDrill | Unavailable,
    ask: Health,
) -> Verdict:
    """The readiness route answers 200 at once and uncached, and fails while a dependency is down.

    Why: A load balancer sends requests where this route answers 200. One that is always green sends people to an
    instance that cannot serve them; a cached one keeps doing so after it has gone red.

    Fix: Check what each request needs (the database, the queue) with a short timeout, answer 503 if it is down, with
    Cache-Control: no-store; name the route in rollout.health.ready.

    Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
    """
    if not ask.ready:
        return not_configured("the profile names no readiness route", "rollout.health.ready")
    if not service.here:
        return not_applicable("it serves no API, and another host does")
    pulses = {address: answers.ready for address, answers in seen.items() if answers.ready}
    fails, warns = _defects(pulses, ask), list[str]()
    if isinstance(drill, ReadinessDrill) and drill.path:
        fails += _lies(drill)
        if drill.live_status not in {0, OK}:
            warns.append(f"{ask.live} answered {drill.live_status} too: a restart does not bring the dependency back")
    elif isinstance(drill, Unavailable) and not drill.not_permitted and not fails:
        return unknown(f"whether it goes red could not be seen: {drill.reason}", fix=drill.fix)
    if unmeasured := [] if fails else _unmeasured(pulses, ask):
        return unknown(*unmeasured, fix=QUIET)
    ok = _described(ask.ready, pulses)
    if isinstance(drill, ReadinessDrill) and drill.red_after_s is not None:
        ok += f"; {drill.red_status} after {duration(drill.red_after_s)} without its dependency"
    earlier = drill.earlier if isinstance(drill, ReadinessDrill) else ()
    return verdict(fails, warns, ok=ok, evidence=earlier)


def _lies(drill: ReadinessDrill) -> list[str]:
    if drill.red_after_s is None:
        return [f"{drill.path} still answers 200 {duration(drill.watched_s)} after a dependency was taken away"]
    if drill.green_after_s is None:
        return [
            f"{drill.path} still answers {drill.last_status} {duration(drill.watched_s)} after the dependency came back"
        ]
    return []


def _defects(pulses: Mapping[Address, Pulse], ask: Health) -> list[str]:
    return [f"{address.ip}: {defect}" for address, pulse in pulses.items() for defect in _of(pulse, ask)]


def _of(pulse: Pulse, ask: Health) -> list[str]:
    path = pulse.reply.path
    for reply in (pulse.reply, pulse.again):
        if reply.status != OK:
            return [f"{path} answers {reply.status}"]
    if pulse.reply.media_type in {"text/html", "application/xhtml+xml"}:
        return [f"{path} answers with a page: the front end's, as for any path"]
    found = []
    if pulse.seconds > ask.max_seconds:
        found.append(f"{path} takes {duration(pulse.seconds)}, at most {duration(ask.max_seconds)}")
    if kept := _from_cache(pulse.reply) or _from_cache(pulse.again):
        found.append(f"{path} comes from a cache, or may: {kept}")
    return found


def _unmeasured(pulses: Mapping[Address, Pulse], ask: Health) -> list[str]:
    """Say which answers may have come too late, and may not have."""
    times = {address: unsure(pulse.seconds, pulse.unsure_s, ask.max_seconds) for address, pulse in pulses.items()}
    return [f"{address.ip}: {pulses[address].reply.path} takes {time}" for address, time in times.items() if time]


def _from_cache(reply: HttpReply) -> str:
    """Say by which header an answer comes from a cache, or may be kept by one."""
    age = reply.header("age").strip()
    if age and age != "0":
        return f"Age: {age}"
    for name in CACHES:
        if KEPT.search(reply.header(name)):
            return f"{name}: {reply.header(name)}"
    control = reply.header("cache-control")
    kept = MAX_AGE.search(control) and not re.search(r"no-store|no-cache|private", control, re.IGNORECASE)
    return f"Cache-Control: {control}" if kept else ""


def _described(path: str, pulses: Mapping[Address, Pulse]) -> str:
    slowest = max((pulse.seconds for pulse in pulses.values()), default=0.0)
    return f"{path} answers 200 at {len(pulses)} addresses, within {duration(slowest)}"
