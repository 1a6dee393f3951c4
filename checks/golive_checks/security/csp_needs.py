"""What a page needs of its policies so that it works: its own files, the API, Stripe, fonts. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from golive import Unavailable
from golive_checks.security.policy import ContentPolicy
from golive_checks.security.sources import (
    allows_all_inline,
    allows_element,
    allows_url,
    lowered,
    names_elements,
    trusts_dynamically,
)
from golive_checks.systems.page.bundle import Bundle
from golive_checks.systems.page.document import Document, DocumentScript

STRIPE = "https://js.stripe.com"
BROUGHT: Mapping[str, tuple[tuple[str, str], ...]] = {
    # https://docs.stripe.com/security/guide#content-security-policy
    STRIPE: (
        ("script-src-elem", f"{STRIPE}/v3/"),
        ("frame-src", f"{STRIPE}/v3/"),
        ("frame-src", "https://hooks.stripe.com/"),
        ("connect-src", "https://api.stripe.com/"),
    ),
    # https://developers.google.com/fonts/docs/css2: the style comes from one host, the fonts that it names from another
    "https://fonts.googleapis.com": (
        ("style-src-elem", "https://fonts.googleapis.com/css2"),
        ("font-src", "https://fonts.gstatic.com/s/"),
    ),
    "https://fonts.gstatic.com": (("font-src", "https://fonts.gstatic.com/s/"),),
}
"""What a page that names an origin fetches because of it."""


def needs(
    policies: Sequence[ContentPolicy], page: Document, bundle: Bundle | Unavailable, home: str, apis: Sequence[str]
) -> list[str]:
    """Tell what the page needs and a policy forbids."""
    wanted = [
        *(("style-src-elem", url) for url in page.styles),
        *(("img-src", url) for url in page.images),
        *(("frame-src", url) for url in page.frames),
        *_called(page, bundle, apis),
    ]
    if any(policy.runs_no_script for policy in policies):
        blocked = ["sandbox without allow-scripts lets none of its scripts run"] if page.scripts else []
    else:
        blocked = [_script(script) for script in page.scripts if not _runs(policies, script, home)]
    blocked += [
        f"{directive} does not allow {url}"
        for directive, url in wanted
        if not all(allows_url(policy.sources(directive), url, home) for policy in policies)
        and not (directive == "script-src-elem" and any(map(_dynamic, policies)))
    ]
    if page.handlers and not all(_handles(policy) for policy in policies):
        blocked.append(f"script-src does not allow its inline event handlers ({', '.join(page.handlers[:3])})")
    return [f"the policy breaks the page: {text}" for text in dict.fromkeys(blocked)]


def _called(page: Document, bundle: Bundle | Unavailable, apis: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what the page's scripts call, as far as the origins that they name tell."""
    named = set() if isinstance(bundle, Unavailable) else set(bundle.origins)
    named |= {
        origin
        for url in [*page.styles, *(s.url for s in page.scripts)]
        for origin in BROUGHT
        if url.startswith(f"{origin}/")
    }
    for origin, brought in BROUGHT.items():
        if origin in named:
            yield from brought
    for api in apis:
        for origin in (api, api.replace("https://", "wss://", 1)):
            if origin in named:
                yield "connect-src", f"{origin}/"


def _dynamic(policy: ContentPolicy) -> bool:
    sources = policy.sources("script-src-elem") or ()
    return trusts_dynamically(sources) and names_elements(sources)


def _runs(policies: Sequence[ContentPolicy], script: DocumentScript, home: str) -> bool:
    return all(_runs_by(policy.sources("script-src-elem"), script, home) for policy in policies)


def _runs_by(sources: Sequence[str] | None, script: DocumentScript, home: str) -> bool:
    if sources is None or allows_element(sources, nonce=script.nonce, hashes=script.hashes):
        return True
    if script.url:
        return not trusts_dynamically(sources) and allows_url(sources, script.url, home)
    return allows_all_inline(sources, script=True)


def _script(script: DocumentScript) -> str:
    if script.url:
        return f"script-src does not allow its script {script.url}"
    return f"script-src does not allow its inline script (its hash: {script.hashes[0] if script.hashes else 'none'})"


def _handles(policy: ContentPolicy) -> bool:
    sources = policy.sources("script-src-attr")
    return allows_all_inline(sources, script=True) or "'unsafe-hashes'" in lowered(sources or ())
