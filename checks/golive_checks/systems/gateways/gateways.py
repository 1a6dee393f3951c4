"""Which payment gateways are in use, and what their settings have in common."""

import hashlib
import uuid
from collections.abc import Callable, Collection
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import StringConstraints

from golive import Settings

Gateway = Literal["stripe", "paypal", "mtn", "orange"]
EVERY: tuple[Gateway, ...] = get_args(Gateway)


class Gateways(Settings):
    """Which payment gateways are in use: those named here, else those that have a key of their own (`stripe:`)."""

    home: ClassVar[str] = "env.gateways"

    enabled: tuple[Gateway, ...] = ()
    """Those that must work. Unset: those that the profile has a key for; `[]`: none."""
    orange_api: Literal["webpay", "sonatel", "cameroon"] = "webpay"
    """Which of Orange's APIs the country has: WebPay, Senegal's Sonatel, Cameroon's own."""

    def completed(self, given: Collection[str]) -> Self:
        """Take a gateway that the profile has a key for to be in use."""
        if "enabled" in self.model_fields_set:
            return self
        return self.model_copy(update={"enabled": tuple(name for name in EVERY if name in given)})


def any_in_use(gateways: Gateways) -> bool:
    """Return whether any gateway is in use."""
    return bool(gateways.enabled)


def in_use(name: Gateway) -> Callable[[Gateways], bool]:
    """Return what tells whether a gateway is in use."""

    def used(gateways: Gateways) -> bool:
        return name in gateways.enabled

    return used


def uuid_of(text: str) -> str:
    """Make a UUID of version 4 in form, as MTN wants its references, that is the same for the same text."""
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217, and Orange's OUV."""
