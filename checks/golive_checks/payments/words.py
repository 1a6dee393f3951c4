"""What the checks of the gateways say in the same words. Pure."""

from collections.abc import Iterable, Mapping

from golive import Environment, Outcome, Unavailable, Verdict, passed, shortened, unknown
from golive_checks.shapes import split_url
from golive_checks.subjects import Host
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.gateways.gateways import Gateway
from golive_checks.systems.http.origins import Origin

DEFAULT_PORT = 443
PATHS: Mapping[Gateway, str] = {
    "stripe": "stripe.webhook_path",
    "paypal": "paypal.webhook_path",
    "mtn": "mtn.callback_path",
    "orange": "orange.notify_path",
}
"""The keys that name the path which each gateway calls."""
NAMES: Mapping[Gateway, str] = {"stripe": "Stripe", "paypal": "PayPal", "mtn": "MTN", "orange": "Orange"}


def unseen(gap: Unavailable) -> Verdict:
    """Say that it could not be looked at; where the profile does not allow it, that is no fault of the system's."""
    if gap.not_permitted:
        return Verdict(Outcome.NA, gap.reason, unseen=(gap.reason,))
    return unknown(gap.reason, fix=gap.fix)


def vouched_for(name: str, attested: Mapping[Attestation, Evidence] | Unavailable, why: str) -> Verdict:
    """Say who attests what no API reports; whether that is still valid is for the attestations' own checks."""
    if isinstance(attested, Unavailable):
        return unknown(f"{why}, and {attested.reason}", fix=f"have someone attest it: attestations, {name}")
    found = next((each for each in attested if each.name == name), None)
    if found is None:
        return unknown(f"{why}, and no attestation covers it", fix=f"have someone attest it: attestations, {name}")
    return passed(f"{why}; {found.who or 'nobody'} attests it until {found.expires or 'no day'}")


def kind_of(env: Environment) -> str:
    """Say whether an environment is one of production."""
    return f"{env.name} is {'production' if env.production else 'not production'}"


def urls_of(hosts: Mapping[Host, Origin], path: str) -> tuple[str, ...]:
    """Return the URLs at which the API takes a gateway's calls."""
    return tuple(seen.origin + path for host, seen in hosts.items() if host.serves_api and path)


def same_url(one: str, other: str) -> bool:
    """Return whether two URLs are the same place: the host's case and the usual port do not count, a slash does."""
    return bool(one) and _normal(one) == _normal(other)


def nearly(url: str, wanted: Iterable[str]) -> str:
    """Say in what a URL differs from the nearest of those wanted, where it is little; else nothing."""
    for each in wanted:
        if same_url(url.rstrip("/"), each.rstrip("/")):
            return "a slash at its end"
        if same_url(url.replace("http://", "https://", 1), each):
            return "http in place of https"
        here, there = split_url(url), split_url(each)
        if here and there and here.hostname == there.hostname:
            return f"another path, {shortened(here.path, 100) or '/'}"
    return ""


def _normal(url: str) -> tuple[str, str, int, str]:
    parts = split_url(url)
    if parts is None:
        return (url, "", 0, "")
    return (parts.scheme, (parts.hostname or "").lower(), parts.port or DEFAULT_PORT, parts.path or "/")
