"""Which payment gateways are in use, and what their settings have in common."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from golive import Settings

Gateway = Literal["stripe", "paypal", "mtn", "orange"]


class Gateways(Settings):
    """Which payment gateways are in use."""

    home: ClassVar[str] = "env.gateways"

    enabled: tuple[Gateway, ...] = ("stripe", "paypal", "mtn", "orange")
    """Those that must work; the variables of the others may be absent."""
    orange_api: Literal["webpay", "sonatel", "cameroon"] = "webpay"
    """Which of Orange's APIs the country has: WebPay, Senegal's Sonatel, Cameroon's own."""


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217, and Orange's OUV."""
