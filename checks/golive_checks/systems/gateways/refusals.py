"""Whether an app's answer says that a notice is refused as not genuine. Pure."""

import json
import re

from golive_checks.systems.http.client.message import Response

REFUSALS, BAD = frozenset({401, 403}), frozenset({400, 422})
NAMES_SIGNATURE = re.compile(
    rb"signature|\bunsigned\b|\bhmac\b|notif[_ -]?token|transmission[_ -]?(?:sig|id|time)"
    rb"|\b(?:webhook|event|callback|notification) (?:could not be |cannot be |was not |is not |not )?verifi",
    re.IGNORECASE,
)
"""Words of an app that refuses a notice as not genuine: those of any other validation, such as "verify the amount", say
nothing of that."""
NAMES_FORM = re.compile(
    rb"should not exist|unrecognized|additional propert|extra (?:inputs|fields)|is not (?:allowed|permitted)"
    rb"|must be (?:an?|shorter|longer)\b",
    re.IGNORECASE,
)
"""Words of a validator that refuses a field because it is there, or for its form."""


def names_signature(said: bytes) -> bool:
    """Return whether the words of a refusal name the signature, and not the form of a field."""
    return bool(NAMES_SIGNATURE.search(said)) and not NAMES_FORM.search(said)


def refuses_in_success(got: Response) -> bool:
    """Return whether an answer of success holds an error in its JSON.

    GraphQL's do, and those of APIs that know only 200. Source: https://spec.graphql.org/October2021/#sec-Errors
    """
    if not 200 <= got.status < 300:  # noqa: PLR2004 - RFC 9110, section 15.3
        return False
    try:
        said = json.loads(got.body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict):
        return False
    fails = [said.get(name) for name in ("error", "errors")]
    denies = [said.get(name) is False for name in ("ok", "success", "received", "accepted", "valid", "verified")]
    return any(fails) or any(denies) or said.get("status") in {"error", "fail", "failed", "ko"}  # JSend's words
