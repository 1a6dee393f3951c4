"""Tells an answer of the app from a login wall or a bot challenge that stands in front of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

RATE_LIMITED = 429
"""RFC 6585, section 4."""

WALL_HOSTS = ("cloudflareaccess.com", "vercel.com")
"""Where the walls of Cloudflare Access (<team>.cloudflareaccess.com) and Vercel (vercel.com/sso-api) send a visitor."""

PASSWORD_SCHEMES = ("basic", "digest", "negotiate", "ntlm")
"""Schemes for which a browser asks a person; Bearer is the app's own and no wall."""


@dataclass(frozen=True)
class Wall:
    """What stands in front. `provoked`: it reacts to us, so the host is to be left alone."""

    reason: str
    fix: str
    provoked: bool = False


def wall(status: int, headers: Sequence[tuple[str, str]]) -> Wall | None:
    """Recognise a wall by an answer's status and headers (names in lower case)."""

    def has(name: str, *words: str) -> bool:
        return any(n == name and any(w in v.lower() for w in words) for n, v in headers)

    if status == RATE_LIMITED:
        return Wall("it answered 429, too many requests", "wait, and lower rate_limit.per_second for it", provoked=True)
    # developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response
    # docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html
    # vercel.com/docs/bot-management
    if (
        has("cf-mitigated", "challenge")
        or has("x-amzn-waf-action", "challenge", "captcha")
        or has("x-vercel-mitigated", "challenge")
    ):
        return Wall("a bot challenge is in front of it", _give("let golive through there, or give it"), provoked=True)
    to = next((_host(v) for n, v in headers if n == "location"), "") if 300 <= status < 400 else ""  # noqa: PLR2004 - a redirect
    if any(to == h or to.endswith("." + h) for h in WALL_HOSTS) or has("set-cookie", "_vercel_sso_nonce"):
        return Wall(f"a login wall is in front of it ({to or 'Vercel'})", _give("give it"))
    if status == 401 and has("www-authenticate", *PASSWORD_SCHEMES):  # noqa: PLR2004 - Unauthorized
        return Wall("a login wall is in front of it: it asks for a password", _give("give it"))
    return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _give(do: str) -> str:
    return f"{do} access headers or a password, under access in the host's entry"
