"""How Stripe's API is asked: its version, its pages, and what its refusals mean."""

import re
from collections.abc import AsyncIterator, Mapping

from pydantic import SecretStr

from golive import Unavailable
from golive_checks.systems.gateways.stripe import ORGANIZATION, Stripe
from golive_checks.systems.vendors.client.answer import JsonPart, VendorAnswer, failed_at
from golive_checks.systems.vendors.client.client import Vendor, VendorApi, basic

VERSION = "2026-10-28.endive"
"""The version of the API that is spoken here: the pin of stripe-python 16.1.0, as the answers are read."""
PERMISSION = re.compile(r"'((?:rak_)?[a-z_]{1,60}_(?:read|write))'")
"""The permission that a restricted key lacks, as Stripe's refusal names it (stripe-node#2246, stripe-cli#2017)."""
REFUSED, FORBIDDEN = 401, 403
PAGE = ("limit", "100")


def api_of(ask: Stripe) -> VendorApi:
    """Return where Stripe is asked."""
    return VendorApi("Stripe", ask.api_base)


def headers_of(key: SecretStr, context: str = "") -> dict[str, str]:
    """Return the headers of every request: the key, the version that is spoken, and an organization's account.

    Raises:
        Unavailable: it is an organization's key, and nobody says which account is meant.
    """
    given = key.get_secret_value()
    headers = {"authorization": basic(given, SecretStr("")), "stripe-version": VERSION}
    if not given.startswith(ORGANIZATION):
        return headers
    if not context:
        raise Unavailable(
            "the key is an organization's, and the profile does not say which of its accounts is meant",
            fix="set stripe.context to the account's id, acct_...",
        )
    return headers | {"stripe-context": context}


def error_of(got: VendorAnswer) -> JsonPart:
    """Return what a refusal says; nothing where it is not of Stripe's form."""
    found = got.body.data.get("error")
    return JsonPart("Stripe", found if isinstance(found, dict) and isinstance(found.get("message"), str) else {})


def permission(got: VendorAnswer) -> str:
    """Return the permission that a restricted key lacks."""
    found = PERMISSION.search(error_of(got).text("message"))
    return found[1] if found else "a permission that Stripe does not name"


async def pages(
    vendor: Vendor,
    api: VendorApi,
    path: str,
    headers: Mapping[str, str],
    what: str,
    query: tuple[tuple[str, str], ...] = (),
) -> AsyncIterator[JsonPart]:
    """Yield a list's entries, page by page (https://docs.stripe.com/api/pagination)."""
    after: tuple[tuple[str, str], ...] = ()
    for _ in range(vendor.max_pages):
        got = await vendor.get(api, path, headers=headers, query=(PAGE, *query, *after))
        if got.status == FORBIDDEN:
            raise no_access(got, what)
        if not got.ok:
            raise failed_at(got, what, "Stripe")
        entries = got.body.parts("data")
        for each in entries:
            yield each
        if not got.body.stated_flag("has_more"):
            return
        last = entries[-1].text("id") if entries else ""
        if not last or after == (("starting_after", last),):
            break
        after = (("starting_after", last),)
    raise Unavailable(f"Stripe's list of {what} does not end", fix="raise vendors.max_pages if it is that long")


def no_access(got: VendorAnswer, what: str) -> Unavailable:
    """Return the gap for what a restricted key may not read."""
    lacking = permission(got)
    return Unavailable(
        f"the restricted key may not read Stripe's {what}: it lacks {lacking}",
        fix=f"grant the key {lacking} at https://dashboard.stripe.com/apikeys",
    )
