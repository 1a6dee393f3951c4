"""The attestations in the reference stack's profile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attestations:
    """Who says until when that the logs are centralised, and the minutes that show it; "" for none."""

    who: str = "Awa Diallo"
    expires: str = "2099-12-31"
    minutes: str = "2026-01-05: looked at the log server together, all apps write to it.\n"
    demanded: str = "privacy.law"
    """An attestation that the profile requires besides those of logs and secrets."""
    others: str = "2026-01-05: went through secrets and people's data, with the lawyer.\n"
    """The minutes of the other two."""
    export: str = "GET /api/v1/me/export"
    """What the profile says of the route by which people are given their data."""
