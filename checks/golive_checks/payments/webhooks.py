"""Do the gateways' calls reach the app?"""

from collections.abc import Iterator, Mapping

from golive import Environment, Severity, Unavailable, Verdict, check, unknown, verdict
from golive.wording import duration
from golive_checks.measured import QUIET, unsure
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.gateways.gateways import any_in_use
from golive_checks.systems.gateways.knocks import GUARDED, NO_ROUTE, Knock
from golive_checks.systems.gateways.webhooks import SIGNED, Callbacks, Webhook, WebhookReached
from golive_checks.systems.http.client.walls import RATE_LIMITED
from golive_checks.systems.tls.facts import ServedChain

BROKEN = 500
NOT_TAKEN = {405: "{}", 415: "application/json, which gateways send,"}
"""Refusals of the method, and of the type of the body."""


@check("webhook.reaches-app", when=any_in_use, severity=Severity.CRITICAL, tags=("webhook",))
def reaches_app(
    webhook: Webhook,
    got: WebhookReached,
    served: Mapping[Address, ServedChain | Unavailable],
    env: Environment,
    ask: Callbacks,
) -> Verdict:
    """The app itself answers a gateway's call, at once, with a certificate that the gateway trusts.

    Why: A gateway follows no redirect, solves no challenge, knows no password and waits some seconds (MTN two). A proxy
    in front of the app that requires one of these swallows every payment notice, and people in a browser see nothing
    wrong. An app that answers 200 to an unsigned call of a gateway that signs accepts anything, or claims to.

    Fix: Let the path through to the app: no redirect to another spelling, no access wall, no bot challenge; route it
    before the pages' fallback; ask for no login, no bearer token and no CSRF token there; accept POST, for MTN also
    PUT; book after answering. MTN's sandbox calls over http: hand this one path on to the app there too, and name it in
    the host's clear_text_paths.

    Source: https://docs.stripe.com/webhooks; https://momodeveloper.mtn.com/api-documentation/callback
    """
    if any(knock.status == RATE_LIMITED for knock in got.knocks):
        return unknown(f"{webhook.host.name} answers 429, too many requests", fix="wait, then run golive again")
    if webhook.gateway in ask.only_from_gateway and any(_shut(knock) for knock in got.knocks):
        return unknown(
            f"{webhook.host.name} lets {webhook.gateway}'s own addresses alone through, by the profile",
            fix=f"see that {webhook.gateway}'s calls arrive: its dashboard lists deliveries",
        )
    fails = [f"{k.method} {webhook.path} {text}" for k in got.knocks for text in _swallowed(k, webhook)]
    if not fails and (unclear := next((k for k in got.knocks if _unclear(k)), None)):
        return unknown(
            f"{unclear.method} {webhook.path} is answered {unclear.status} with a page that may be the app's or not",
            fix="answer a call that is refused with JSON, and see that the gateway's own calls arrive",
        )
    limit, slow = ask.limit(webhook.gateway), _slow(webhook, got, ask)
    fails += [*(slow if limit.published else []), *_distrusted(webhook, got, served, env)]
    if unmeasured := [] if fails or not limit.published else _unmeasured(webhook, got, limit.seconds):
        return unknown(*unmeasured, fix=QUIET)
    warns = [*_odd(webhook, got), *([] if limit.published else slow)]
    answers = _answers(webhook, got)
    return verdict(fails, warns, ok=f"the app answers: {answers}", evidence=[answers] if fails or warns else [])


def _answers(webhook: Webhook, got: WebhookReached) -> str:
    over = " over http" if webhook.in_clear else ""
    return ", ".join(f"{k.method} {k.status} in {duration(k.seconds)}{over}" for k in got.knocks if k.status)


def _slow(webhook: Webhook, got: WebhookReached, ask: Callbacks) -> list[str]:
    """Say which answers take longer than the gateway waits."""
    limit = ask.limit(webhook.gateway)
    most = f"at most {duration(limit.seconds)} is allowed ({limit.source})"
    slow = [knock for knock in got.knocks if knock.seconds > limit.seconds]
    return [f"{knock.method} {webhook.path} takes {duration(knock.seconds)}, {most}" for knock in slow]


def _unmeasured(webhook: Webhook, got: WebhookReached, limit_s: float) -> list[str]:
    """Say which answers may have come too late, and may not have."""
    times = [(knock.method, unsure(knock.seconds, knock.unsure_s, limit_s)) for knock in got.knocks]
    return [f"{method} {webhook.path} takes {time}" for method, time in times if time]


def _distrusted(
    webhook: Webhook, got: WebhookReached, served: Mapping[Address, ServedChain | Unavailable], env: Environment
) -> list[str]:
    """Say why the gateway would not trust the certificate."""
    if webhook.in_clear:
        return []
    found = [f"{webhook.gateway} would not trust it: {k.distrust}" for k in got.knocks if k.distrust]
    private = [a.ip for a, chain in served.items() if isinstance(chain, ServedChain) and not chain.public]
    if env.production and private:
        found.append(f"{webhook.gateway} only trusts public CAs: the certificate at {private[0]} is from none of them")
    return list(dict.fromkeys(found))


def _odd(webhook: Webhook, got: WebhookReached) -> list[str]:
    """Say which answers no app should give to a call that bears no signature."""
    signed = webhook.gateway in SIGNED
    should = "an unsigned call should get 400 or 401" if signed else "what it cannot read should get 400"
    crashes = [
        f"{k.method} {webhook.path} makes the app fail ({k.status}): {should}" for k in got.knocks if k.status == BROKEN
    ]
    refused = [
        f"{k.method} {webhook.path} answers {k.status}, and MTN's calls do not say who calls: they may get the same"
        for k in got.knocks
        if webhook.gateway == "mtn" and k.status in GUARDED
    ]
    unsigned = [
        f"{k.method} {webhook.path} answers {k.status} to an event without a signature, and {webhook.gateway} signs all"
        for k in got.knocks
        if webhook.gateway in SIGNED and k.status < 300 and not k.page and not k.refused  # noqa: PLR2004 - success
    ]
    return [*crashes, *refused, *unsigned]


def _shut(knock: Knock) -> bool:
    """Return whether a call met something in front of the app that lets others through."""
    return bool(knock.wall) or (knock.status in GUARDED and knock.in_front is not False)


def _unclear(knock: Knock) -> bool:
    """Return whether nothing shows who refuses a call with a page."""
    return (knock.status in GUARDED or (knock.status == NO_ROUTE and not knock.routed)) and knock.in_front is None


def _swallowed(knock: Knock, webhook: Webhook) -> Iterator[str]:
    """Yield why a call does not reach the app, or not the handler in it."""
    if not knock.status:
        yield "cannot be called: the port for http is shut, and MTN's sandbox calls over http"
    elif knock.wall:
        yield f"does not reach the app: {knock.wall}"
    elif 300 <= knock.status < 400:  # noqa: PLR2004 - a redirect
        over = ", which calls over http here," if webhook.in_clear and knock.to.startswith("https:") else ""
        yield f"is redirected ({knock.status}) to {knock.to or 'nowhere'}, and {webhook.gateway}{over} follows none"
    elif knock.status in GUARDED or knock.form_token:
        yield from _guarded(knock, webhook)
    elif knock.status == NO_ROUTE and not knock.routed and knock.in_front:
        yield "is answered 404: the app has no such route"
    elif knock.status in NOT_TAKEN:
        yield f"is answered {knock.status}: {NOT_TAKEN[knock.status].format(knock.method)} is not taken"
    elif knock.status > BROKEN:
        yield f"is answered {knock.status}: the app does not run behind its proxy"
    elif knock.status < 300 and knock.page:  # noqa: PLR2004 - success
        yield f"is answered with a page ({knock.media_type}): the front end's fall-back, not the app"


def _guarded(knock: Knock, webhook: Webhook) -> Iterator[str]:
    """Yield why a call is refused before anything has asked whether it is genuine."""
    if knock.form_token:
        yield f"is refused ({knock.status}) for want of a form's token (CSRF), which no gateway has"
    elif knock.bearer:
        yield f"is asked for a token (401, WWW-Authenticate: {knock.bearer}), which {webhook.gateway} does not have"
    elif knock.in_front:
        yield f"gets {knock.status} from something in front of the app, not from the app"
