"""How a pending test order stands where the app itself says so, to a request. Pure but for the asking."""

import json
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from golive import Unavailable
from golive_checks.systems.http.client.message import HeaderName, HeaderValue
from golive_checks.systems.http.door import Door

KEY = "payments.forgery.rows_request"


class StatusRequest(BaseModel):
    """A request that the app answers with how an order stands, as its own pages ask it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    path: Annotated[str, StringConstraints(pattern=r"^(/[!-~]*)?$", max_length=1000)] = ""
    """A path of the API, such as `/api/v1/payments/{reference}/status`."""
    headers: dict[HeaderName, HeaderValue] = Field(default={}, max_length=20)
    """What lets a test customer in, such as an Authorization header."""
    field: str = Field(default="", max_length=200)
    """Where in its JSON the status is, such as `data.payment.status`; empty: the whole answer."""


async def answered(reference: str, ask: StatusRequest, door: Door) -> bytes:
    """Return how the app says that the order stands.

    Raises:
        Unavailable: it does not say.
    """
    headers = {name.lower(): value.get_secret_value() for name, value in ask.headers.items()}
    got = await door.get_anew(ask.path.replace("{reference}", quote(reference, safe="")), headers)
    if got.status != 200:  # noqa: PLR2004 - RFC 9110, section 15.3.1
        raise Unavailable(
            f"{KEY} is answered {got.status}", fix=f"ask it by hand, with {KEY}.headers; the test order must be there"
        )
    if not ask.field:
        return got.body
    try:
        found: object = json.loads(got.body)
        for name in ask.field.split("."):
            found = found[int(name)] if isinstance(found, list) else found[name]  # type: ignore[index]  # as it stands
    except (ValueError, TypeError, LookupError, RecursionError):
        raise Unavailable(f"the answer to {KEY} has no {ask.field}", fix=f"set {KEY}.field to a path in it") from None
    return json.dumps(found, sort_keys=True).encode()
