"""Who may come to a place of nginx's configuration, and what answers there. Pure.

Source: https://nginx.org/en/docs/http/ngx_http_access_module.html and the modules that are named below.
"""

from collections.abc import Sequence
from typing import Literal

from golive_checks.systems.nginx.client.parser import Directive
from golive_checks.systems.nginx.guards import REFUSALS

Handler = Literal["passed", "files", "answer"]
"""Handed on to another program, answered from files, or by nginx itself."""
PASSES = ("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass")
ASKS = ("auth_request", "auth_basic", "auth_jwt")


def rule(blocks: Sequence[Directive]) -> str:
    """Return what keeps some or all from a place, of these blocks from the innermost outwards; empty for nothing."""
    inner = blocks[0]
    if any(inner.find("internal")):
        return "internal"
    for found in inner.find("return"):
        if found.args and found.args[0] in REFUSALS:
            return f"return {found.args[0]}"
    # nginx inherits allow and deny only where a level has neither of its own.
    restricts = next((lines for block in blocks if (lines := [*block.find("allow"), *block.find("deny")])), [])
    if denied := next((line for line in restricts if line.name == "deny" and line.args), None):
        return f"deny {denied.args[0]}"
    for name in ASKS:
        asked = next((found for block in blocks for found in block.find(name) if found.args), None)
        if asked and asked.args[0] != "off":
            return name
    return ""


def passes(block: Directive) -> str:
    """Return the directive that hands requests on from a place; empty for none."""
    return next((name for name in PASSES if any(found.args for found in block.find(name))), "")


def handler(block: Directive) -> Handler:
    """Return what answers at a place."""
    if passes(block):
        return "passed"
    return "answer" if any(block.find("return")) or any(block.find("stub_status")) else "files"
