"""Who may read the API's answers: right by default, and each way of comparing origins that allows others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from golive_lab.parts.asgi import HttpAnswer, header
from golive_lab.world.cors import CorsHandling
from golive_lab.world.names import APP, SHOP, ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.asgi import Scope


class OriginGuard:
    """Compares origins."""

    def __init__(self, cors: CorsHandling, https_port: int) -> None:
        self.cors = cors
        port = "" if https_port == 443 else f":{https_port}"  # noqa: PLR2004 - the usual one, which no origin names
        self.allowed = {f"https://{host}{port}" for host in (APP, *([] if cors.forgets_shop else [SHOP]))}

    def lets_in(self, origin: str, where: str) -> bool:
        """Return whether pages of an origin may read what is answered."""
        cors, bare = self.cors, f"https://{APP}"
        if origin in self.allowed:
            return True
        if where not in cors.broken_on:
            return False
        return {
            "whole": False,
            "not at all": bool(origin),
            "null": origin == "null",
            "prefix": origin.startswith(bare) and not re.match(re.escape(bare) + "[^.]", origin),
            "suffix": any(origin.endswith(each.removeprefix("https://")) for each in self.allowed)
            and origin.startswith("https://"),
            "pattern": bool(re.fullmatch(f"https://{APP}(:\\d+)?", origin)) and APP not in origin,  # its dots unescaped
            "host": any(origin == each.replace("https://", "http://") for each in self.allowed),
            "domain": bool(re.fullmatch(f"https://[a-z]+\\.{re.escape(ZONE)}:\\d+", origin)),
            "word": bool(re.match(re.escape(bare) + "[^a-z0-9.:-]", origin)),
            "port": bool(re.fullmatch(re.escape(bare) + ":\\d+", origin)),
            "provider": origin.startswith("https://") and origin.endswith(".vercel.app"),
            "network": origin.startswith(("http://192.168.", "http://10.")),
            "localhost": origin.startswith("http://localhost:"),
        }[cors.compares]

    def preflight(self, scope: Scope) -> HttpAnswer | None:
        """Answer a preflight; None for any other request."""
        if scope["method"] != "OPTIONS" or not header(scope, "access-control-request-method"):
            return None
        allowed = tuple(self.allow_headers(header(scope, "origin"), "preflight"))
        methods = (
            ("access-control-allow-methods", self.cors.methods),
            ("access-control-allow-headers", self.cors.headers),
        )
        return HttpAnswer(self.cors.preflight_status, "", b"", (*allowed, *(methods if allowed else ())))

    def allow_headers(self, origin: str, where: str) -> Iterator[tuple[str, str]]:
        """Yield the headers of an answer to a page of an origin."""
        cors = self.cors
        if where not in cors.on:
            return
        if cors.vary and not cors.star:
            yield "vary", "Origin"
        if not (cors.star or (origin and self.lets_in(origin, where))):
            return
        yield "access-control-allow-origin", "*" if cors.star else origin
        if cors.credentials:
            yield "access-control-allow-credentials", "true"
