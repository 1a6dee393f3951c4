"""--notify: tell Slack or Teams what a run says, by a webhook whose address is a secret."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from golive.cli.errors import CliError, say
from golive.model import Report
from golive.report.escape import cut, visible
from golive.report.message import SERVICES
from golive.report.redact import redact, redact_report

TIMEOUT_S = 10.0
ANSWER = 4096
"""The bytes that are read of what a service answers; a refusal says why in a few words."""
WHY = 200
"""The characters of it that are shown."""
HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class ChatWebhook:
    """Where a message goes: the service by name, and an address that lets everybody who has it write there."""

    service: str
    url: str = field(repr=False)


def webhooks(services: Iterable[str], notify: Any, environ: Mapping[str, str]) -> tuple[ChatWebhook, ...]:
    """Return where messages go: as the profile's `notify` says, else as GOLIVE_SLACK_URL and GOLIVE_TEAMS_URL do.

    Raises:
        CliError: there is no such service, or no address of it that may be used.
    """
    found = []
    for service in dict.fromkeys(services):
        if service not in SERVICES:
            raise CliError(f"--notify {service}: there are {' and '.join(SERVICES)}")
        variable = f"GOLIVE_{service.upper()}_URL"
        url = (getattr(notify, service).get_secret_value() or environ.get(variable, "")).strip()
        if not url:
            raise CliError(f"--notify {service}: where to? Set notify.{service} in the profile, or {variable}")
        if not _may_be_asked(url):
            raise CliError(f"--notify {service}: the webhook's address is no https URL")
        found.append(ChatWebhook(service, url))
    return tuple(found)


def _may_be_asked(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE))
    except ValueError:
        return False


def tell(report: Report, hooks: Iterable[ChatWebhook], secrets: Collection[str]) -> None:
    """Send the message to each. What fails is reported and changes no decision."""
    for hook in hooks:
        hidden = [*secrets, hook.url]
        content = json.dumps(SERVICES[hook.service](redact_report(report, hidden))).encode()
        if why := _sent(hook.url, content):
            say(f"--notify {hook.service}: the message was not sent: {cut(visible(redact(why, hidden)), WHY)}")


def _sent(url: str, content: bytes) -> str:
    """Post the message, and return why that failed, without the address."""
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"}, method="POST")  # noqa: S310 - https, or this machine
    try:
        with urllib.request.build_opener(_Unredirected).open(request, timeout=TIMEOUT_S) as answer:
            answer.read(ANSWER)
    except urllib.error.HTTPError as refused:
        with refused:
            words = refused.read(ANSWER).decode("utf-8", "replace").strip()
        return f"it answered {refused.code}{': ' if words else ''}{words}"
    except urllib.error.URLError as problem:
        reason = problem.reason
        return str(getattr(reason, "strerror", None) or type(reason).__name__)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return type(problem).__name__  # their words may quote the address
    return ""


class _Unredirected(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a webhook answers itself, and its address is not for others."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Leave a redirect as the refusal that it is."""
