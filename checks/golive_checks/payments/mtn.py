"""Are MTN's credentials and target those of this environment, and can MTN call back?"""

import datetime as dt
from collections.abc import Iterator, Mapping

from golive import (
    Environment,
    Now,
    Severity,
    Unavailable,
    Verdict,
    check,
    failed,
    not_applicable,
    passed,
    shortened,
    unknown,
    verdict,
)
from golive_checks.payments.words import kind_of, unseen, vouched_for
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.gateways.gateways import in_use
from golive_checks.systems.gateways.mtn import TARGETS, Issuers, Mtn, MtnCallbackHost, MtnLogin
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.tls.facts import ServedChain
from golive_checks.systems.vendors.client.client import host_of

DECLARED = "mtn.callback-declared"


@check("mtn.credentials-work", when=in_use("mtn"), severity=Severity.CRITICAL)
def credentials_work(env: Environment, seen: MtnLogin) -> Verdict:
    """MTN accepts the API user, its key and the subscription key.

    Why: Each of the three is created in a different place, and a new key invalidates the old one at once: with a wrong
    one no payment can be requested.

    Fix: Create a key for the API user in MTN's portal, and copy the subscription key of the Collections product.

    Source: https://momodeveloper.mtn.com/api-documentation
    """
    if seen.refused:
        return failed(f"MTN refuses the credentials at {seen.host} ({seen.refused})")
    return passed(f"{seen.host} accepts them")


@check("mtn.mode-matches", when=in_use("mtn"), severity=Severity.CRITICAL)
def mode_matches(env: Environment, seen: MtnLogin) -> Verdict:
    """MTN's host and target environment are this environment's: a country in production, the sandbox elsewhere.

    Why: In the sandbox nobody pays; a country's target moves real money. The production target is the operator's name
    (mtnguineaconakry): `production` is refused at every payment.

    Fix: Set MTN_MOMO_TARGET_ENVIRONMENT to the country's operator in production, to `sandbox` elsewhere.

    Source: https://momodeveloper.mtn.com/api-documentation
    """
    if fails := list(_misfits(env, seen)):
        return verdict(fails, ok="")
    if not seen.target:
        return unknown("the profile does not name the target environment", fix="set mtn.target_environment")
    if seen.refused:
        return unknown("no credentials were taken there", fix="see mtn.credentials-work")
    if seen.target_gap:
        return unknown(seen.target_gap)
    return passed(f"MTN lets this user into {seen.target}")


def _misfits(env: Environment, seen: MtnLogin) -> Iterator[str]:
    wanted = "production" if env.production else "sandbox"
    if seen.mode and seen.mode != wanted:
        yield f"the app is set to {seen.mode}, and {kind_of(env)}"
    if seen.host_mode and seen.host_mode != wanted:
        yield f"{seen.host} is the host of {seen.host_mode}, and {kind_of(env)}"
    if seen.target == "production":
        yield "`production` is a mode, never an X-Target-Environment"
    elif seen.target and seen.target not in TARGETS:
        yield f"{seen.target} is no X-Target-Environment of MTN's"
    elif seen.target and (seen.target == "sandbox") == env.production:
        yield f"the target environment is {seen.target}, and {kind_of(env)}"
    if seen.target_refused:
        yield f"MTN does not let this user into {seen.target}"


@check("mtn.callback-declared", when=in_use("mtn"), severity=Severity.HIGH, tags=("webhook",))
def callback_declared(
    env: Environment,
    seen: MtnLogin,
    registered: MtnCallbackHost | Unavailable,
    hosts: Mapping[Host, Origin],
    attested: Mapping[Attestation, Evidence] | Unavailable,
) -> Verdict:
    """The API's host is registered with MTN as the callback host.

    Why: MTN calls only the host that is registered with the API user, and refuses a payment whose X-Callback-Url names
    another.

    Fix: In the sandbox, create a new API user with this `providerCallbackHost`. In production, set the callback host in
    MTN's portal; there is no API for it there, so have someone attest it under attestations, as mtn.callback-declared.

    Source: https://momodeveloper.mtn.com/api-documentation/callback
    """
    if isinstance(registered, Unavailable):
        return unseen(registered)
    if not registered.known:
        return vouched_for(DECLARED, attested, "MTN has no API for the callback host in production")
    names = sorted(host.name for host in hosts if host.serves_api)
    theirs = host_of(registered.host) or registered.host
    if theirs.lower() in names:
        return passed(f"MTN calls back {theirs}")
    return failed(
        f"MTN calls back {shortened(theirs, 200) or 'nobody'}, and the API is {' and '.join(names) or 'not named'}"
    )


COPY_LIST = "copy the list from https://momodeveloper.mtn.com/api-documentation/callback to mtn.approved_issuers"


def _called(ask: Mtn, registered: MtnCallbackHost | Unavailable) -> str:
    """Name the host that MTN calls, as the profile has it or MTN's sandbox tells it; empty where neither does."""
    registered_host = registered.host if isinstance(registered, MtnCallbackHost) and registered.known else ""
    return ask.callback_host or host_of(registered_host) or registered_host


def _not_listed(served: Mapping[Address, ServedChain], approved: Issuers) -> Iterator[str]:
    names = {name.casefold() for name in approved.names}
    for address, both in served.items():
        for chain in both.both:
            if chain.issuer_name.casefold() not in names:
                yield f"{chain.issuer_name} issued the certificate at {address.ip}; MTN's list does not have it"


@check("mtn.callback-issuer-approved", when=in_use("mtn"), severity=Severity.HIGH, tags=("webhook",))
def callback_issuer_approved(
    host: Host,
    env: Environment,
    registered: MtnCallbackHost | Unavailable,
    served: Mapping[Address, ServedChain],
    hosts: Mapping[Host, Origin],
    ask: Mtn,
    now: Now,
) -> Verdict:
    """MTN accepts the intermediate that issued the callback host's certificate.

    Why: MTN calls only hosts whose certificate comes from an intermediate on its own list. CAs change theirs without
    notice: after a renewal the callbacks stop, and browsers see nothing wrong.

    Fix: Have the certificate issued by an intermediate on the list, or ask MTN to add this one; keep the list in
    mtn.approved_issuers up to date, with its date.

    Source: https://momodeveloper.mtn.com/api-documentation/callback
    """
    if not host.serves_api:
        return not_applicable("receives no gateway calls: it is not the API")
    called = _called(ask, registered)
    if called and called.lower() != host.name:
        return not_applicable(f"MTN calls back {shortened(called, 200)}, not this host")
    if not called and len(apis := sorted(each.name for each in hosts if each.serves_api)) > 1:
        return unknown(f"which of {', '.join(apis)} MTN calls back is not known", fix="set mtn.callback_host")
    approved = ask.approved_issuers
    if approved is None and not env.production:
        return not_applicable("MTN's sandbox calls over http; the profile brings no list (mtn.approved_issuers)")
    if approved is None:
        return unknown("the profile brings no list of MTN's intermediates", fix=COPY_LIST)
    fails = list(_not_listed(served, approved))
    age = (now.at.astimezone(dt.UTC).date() - approved.as_of).days
    old = [f"the list is {age} days old, {approved.max_age_days} are allowed"] if age > approved.max_age_days else []
    issuers = sorted({chain.issuer_name for both in served.values() for chain in both.both})
    return verdict(fails, old, ok=f"{', '.join(issuers)} is on MTN's list of {approved.as_of}")
