"""What takes in errors, and how it treats them."""

from __future__ import annotations

from dataclasses import dataclass

from golive_lab.world.env_texts import API_DSN_KEY, HEX, WEB_DSN_KEY, made_up

KEYS = {"1": API_DSN_KEY, "2": WEB_DSN_KEY}
"""The public key of each project: the API's and the web app's."""
ORGANIZATION, PROJECTS = "afrigest", {"afrigest-api": "1", "afrigest-web": "2"}
API_TOKEN = f"sntryu_{made_up('sentry token', 64, HEX)}"


@dataclass(frozen=True)
class Errors:
    """The ingest."""

    disabled: tuple[str, ...] = ()
    """Projects whose key was disabled."""
    limited: tuple[str, ...] = ()
    """Those whose quota of errors is used up: what has an event in it is refused."""
    dropped: tuple[str, ...] = ()
    """Those whose events are taken, and dropped by a filter."""
    replaced: tuple[str, ...] = ()
    """Those behind a proxy that answers in Sentry's place."""
    token: str = API_TOKEN
    """What the Web API lets in."""
