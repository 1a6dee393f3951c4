"""What the API and the two front ends do, as a description: the ASGI app and the built front end are made from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from golive_lab.world.bench import SearchRoute
from golive_lab.world.callbacks import CallbackHandling
from golive_lab.world.chat import Chat
from golive_lab.world.cors import CorsHandling
from golive_lab.world.env_texts import WEB_DSN
from golive_lab.world.health import RELEASE, HealthRoutes
from golive_lab.world.leaks import ServedFiles
from golive_lab.world.login import Login
from golive_lab.world.logs import Logging

API_PATH = "/api/v1/products"
WEBHOOK_PATH = "/webhooks/stripe"
WEBSOCKET_PATH = "/ws"

WEBHOOK_SECRET = "whsec_" + "Zk3vXq8Rt1Lw6NbYc9Hd4JmPs7Gf2KaU"
"""The lab's own, of the right shape and good for nothing else. Split so that scanners do not take it for a live one."""


@dataclass(frozen=True)
class FrontBuild:
    """The content of the built front end, the same for app and shop but for its title."""

    api_url: str = "https://api.demo.test:{https}"
    """Where its script sends its requests; `{https}` stands for the lab's port."""
    dsn: str = WEB_DSN
    """Where its script sends errors; `{errors}` stands for the lab's port. Empty: nowhere."""
    extra_script: str = ""
    """More JavaScript in the main bundle, such as a secret that should not be there."""
    extra_tags: str = ""
    """More elements in the page's head, such as a script from a CDN."""
    bulk_kb: int = 0
    """So much more text in the main bundle, half of which remains when it is compressed."""
    splits: bool = True
    """The cart is imported on demand, not at once."""
    lazy: bool = True
    """The pictures of the products wait until they come near."""
    picture: Literal["small", "oversized", "huge"] = "small"
    """The picture of the page: as it is shown, as a camera took it, or of 4 MB."""


@dataclass(frozen=True)
class App:
    """The API behind the proxy, and the front ends beside it."""

    version: str = RELEASE
    health: HealthRoutes = field(default_factory=HealthRoutes)
    webhook_body: Literal["raw", "reserialised", "decoded"] = "raw"
    """What the webhook verifies: the bytes as sent, the parsed JSON written again, or text that was decoded wrongly."""
    webhook_secret: str = WEBHOOK_SECRET
    websocket: bool = True
    """The WebSocket path accepts an upgrade."""
    powered_by: str = ""
    """The value of X-Powered-By; empty for none."""
    front: FrontBuild = field(default_factory=FrontBuild)
    cors: CorsHandling = field(default_factory=CorsHandling)
    login: Login = field(default_factory=Login)
    leaks: ServedFiles = field(default_factory=ServedFiles)
    callbacks: CallbackHandling = field(default_factory=CallbackHandling)
    logging: Logging = field(default_factory=Logging)
    search: SearchRoute = field(default_factory=SearchRoute)
    chat: Chat = field(default_factory=Chat)
