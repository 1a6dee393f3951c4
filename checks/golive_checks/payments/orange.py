"""Are Orange's credentials, its API and its country those of this environment, and does its notice fit?"""

from collections.abc import Mapping

from golive import Environment, Severity, Unavailable, Verdict, check, failed, passed, unknown, verdict
from golive_checks.payments.words import kind_of, urls_of, vouched_for
from golive_checks.subjects import Host
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.gateways.gateways import Gateways, in_use
from golive_checks.systems.gateways.orange import (
    COUNTRIES,
    LONGEST_URL,
    OF_COUNTRY,
    PERHAPS,
    SANDBOX,
    Orange,
    OrangeLogin,
)
from golive_checks.systems.http.origins import Origin

DECLARED = "orange.notify-url-declared"
NO_VALUE = "OUV"


@check("orange.credentials-work", when=in_use("orange"), severity=Severity.CRITICAL)
def credentials_work(env: Environment, seen: OrangeLogin) -> Verdict:
    """Orange accepts the client id and secret.

    Why: Without a token no payment can be requested, and no status either.

    Fix: Copy both from the app's page at https://developer.orange.com/myapps, where the APIs must be approved.

    Source: https://developer.orange.com/tech_guide/2-legged-oauth-flow-step-by-step
    """
    if seen.refused:
        return failed(f"Orange refuses the credentials at {seen.host} ({seen.refused})")
    return passed(f"{seen.host} accepts them")


@check("orange.mode-matches", when=in_use("orange"), severity=Severity.CRITICAL)
def mode_matches(env: Environment, gateways: Gateways, ask: Orange) -> Verdict:
    """Orange's country is this environment's: a real one in production, WebPay's `dev` elsewhere.

    Why: `dev` and its OUV are play money: orders are paid with nothing. A country's path moves real money.

    Fix: Use the country's code in the URLs that the app calls, and the country's currency; `dev` and OUV for tests.

    Source: https://developer.orange.com/apis/om-webpay
    """
    if not (ask.country or ask.mode):
        return unknown("the profile does not name the country", fix="set orange.country, such as gn")
    fails = []
    if ask.mode and (ask.mode == "production") != env.production:
        fails.append(f"the app is set to {ask.mode}, and {kind_of(env)}")
    if gateways.orange_api == "webpay" and ask.country and (ask.country == SANDBOX) == env.production:
        fails.append(f"the country is {ask.country}, and {kind_of(env)}")
    if env.production and NO_VALUE in ask.currencies:
        fails.append(f"{NO_VALUE} is worth nothing, and {kind_of(env)}")
    return verdict(fails, ok=f"{ask.country or ask.mode}, and {kind_of(env)}")


@check("orange.notify-url-declared", when=in_use("orange"), severity=Severity.HIGH, tags=("webhook",))
def notify_url_declared(
    env: Environment,
    hosts: Mapping[Host, Origin],
    attested: Mapping[Attestation, Evidence] | Unavailable,
    gateways: Gateways,
    ask: Orange,
) -> Verdict:
    """Orange gets a valid URL for its payment notices.

    Why: WebPay notifies the notif_url that comes with each payment, and cuts or refuses one that is too long: the
    payment then stays pending forever.

    Fix: Name the path under orange.notify_path, and keep the whole URL within 120 characters. If the country's API has
    the URL in its portal, have someone attest it under attestations, as orange.notify-url-declared.

    Source: https://developer.orange.com/apis/om-webpay
    """
    if gateways.orange_api != "webpay":
        return vouched_for(DECLARED, attested, f"Orange's {gateways.orange_api} API does not say what URL it notifies")
    urls = urls_of(hosts, ask.notify_path)
    if not ask.notify_path:
        return failed("no path receives Orange's notices (orange.notify_path)")
    if not urls:
        return unknown("the profile names no host of role api", fix="name the API under hosts, with role: api")
    # The limit is known from integrations and not from Orange's documentation: it warns.
    long = [f"{url} has {len(url)} characters, {LONGEST_URL} are taken" for url in urls if len(url) > LONGEST_URL]
    return verdict([], long, ok=f"{urls[0]}, {len(urls[0])} characters")


@check("orange.api-known", when=in_use("orange"), severity=Severity.HIGH)
def api_known(env: Environment, gateways: Gateways, ask: Orange) -> Verdict:
    """The country has the Orange API that the app uses.

    Why: Orange's countries have different APIs: WebPay in most, Senegal's own and Cameroon's own. What works in one
    answers 404 or 403 in another.

    Fix: Set orange.country to the country's code and env.gateways.orange_api to the API that it has.

    Source: https://developer.orange.com/apis/om-webpay
    """
    country, api = ask.country, gateways.orange_api
    if not country:
        return unknown("the profile does not name the country", fix="set orange.country, such as gn")
    if api in OF_COUNTRY:
        only = OF_COUNTRY[api]
        return passed(f"{api} is the API of {only}") if country == only else failed(f"{country} has no {api} API")
    if country in COUNTRIES:
        return passed(f"WebPay has {country}, in {COUNTRIES[country]}")
    if country in PERHAPS:
        return unknown(
            f"whether WebPay has {country} was not confirmed",
            fix="ask Orange, and tolerate this under gate.unknown.allow",
        )
    return failed(f"Orange Money has no country {country}")
