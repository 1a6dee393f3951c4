"""Amounts of money, exact: as plain decimals in the currency's own unit. Pure."""

import re
from decimal import Decimal

ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
"""Their amounts at Stripe are whole units. UGX and ISK have no decimals either, and yet are counted in hundredths.

Source: https://docs.stripe.com/currencies#zero-decimal
"""
THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""https://docs.stripe.com/currencies#three-decimal"""
PLAIN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?")


def exact(value: object) -> str:
    """Return an amount as plain decimal text, without zeros at its end; empty for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return ""
    text = str(value)
    if not PLAIN.fullmatch(text):
        return ""
    return format(Decimal(text), "f").rstrip("0").rstrip(".") if "." in text else format(Decimal(text), "f")


def of_stripe(smallest: int, currency: str) -> str:
    """Return an amount that Stripe tells in the currency's smallest unit."""
    return exact(format(Decimal(smallest).scaleb(-_places(currency)), "f"))


def to_stripe(amount: str, currency: str) -> int:
    """Return an amount in the currency's smallest unit at Stripe; what is smaller than that is left out."""
    return int(Decimal(amount).scaleb(_places(currency)))


def _places(currency: str) -> int:
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
