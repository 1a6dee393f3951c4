"""Tokens that no profile names: whatever has the form of a provider's token is masked, wherever it would be shown.

A server's answer, a command's output or a file may hold a token that golive was never given. Most forms are those that
golive searches repositories by (token_shapes.toml, written by tools/token_shapes.py); the wider ones stand here.
"""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path
from typing import Any

MASK = "•••"
TABLE = Path(__file__).with_name("token_shapes.toml")
OWN = (
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[^-]*(?:-----END [A-Z0-9 ]*-----)?",
    r"\b(?i:bearer|basic) [A-Za-z0-9._~+/=-]{16,}",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    # https://github.blog/changelog/: since 2026 an installation's token is ghs_, the app's id and a JWT
    r"\bghs_[0-9]{1,20}_[A-Za-z0-9_.-]{20,}",
    r"\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct|wt)-[A-Za-z0-9_.-]{20,}",
    r"\b(?:GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{20,})",
    r"\bsk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{1,10}-|or-v1-)[A-Za-z0-9_-]{20,}|\bsk-[A-Za-z0-9]{20,}",
    r"\bxapp-[0-9]-[A-Z0-9]{5,}-[0-9]{5,}-[a-z0-9]{20,}|\bxox[a-z]-[A-Za-z0-9-]{20,}",
    r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9+/]{20,}",
    r"\b(?:pypi-[A-Za-z0-9_-]{50,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}|sntr[yu][su]?_[A-Za-z0-9+/=_-]{40,})",
    r"\b(?:hv[sbr]\.[A-Za-z0-9_-]{24,}|glc_[A-Za-z0-9+/=]{32,}|key-[0-9a-f]{32}|whsec_[A-Za-z0-9+/=]{16,})",
    r"\b(?:[sr]k_(?:org_)?(?:live|test)_[A-Za-z0-9]{16,}|[0-9]{8,10}:AA[A-Za-z0-9_-]{33})",
)
ADDRESS = re.compile(rb"(?P<before>://[^\s/:@\"'`<>]{0,200}:)(?P<password>[^\s/@\"'`<>]{1,500})@")
NO_PASSWORD = re.compile(rb"pass(?:word|wd)?|pwd|secret|user|\W{1,20}|x{3,20}|[$%{].*", re.IGNORECASE | re.DOTALL)
"""What stands for a password in documentation and templates."""
CAPTURING = re.compile(r"(?<!\\)\((?!\?)")
SHORTEST = 12
RE2_BYTES = 64 << 20


def without_tokens(text: str) -> str:
    """Return a text with `•••` in place of each token, private key, and password in an address."""
    if len(text) < SHORTEST:
        return text
    data = text.encode("utf-8", "surrogatepass")
    if b"://" in data:
        data = ADDRESS.sub(_mask_password, data)
    forms = _forms()
    if forms.search(data):
        data = forms.sub(MASK.encode(), data)
    return data.decode("utf-8", "surrogatepass")


def _mask_password(found: re.Match[bytes]) -> bytes:
    if NO_PASSWORD.fullmatch(found["password"]):
        return found[0]
    return found["before"] + MASK.encode() + b"@"


@functools.cache
def _forms() -> Any:
    """Compile all forms into one pattern."""
    import re2  # noqa: PLC0415 - a run that shows nothing of others does without

    options = re2.Options()
    options.encoding, options.max_mem = re2.Options.Encoding.LATIN1, RE2_BYTES
    table = tomllib.loads(TABLE.read_text("utf-8"))["forms"].values()
    # A token may be longer than its rule says: nothing of the word is left.
    every = [rf"(?:{CAPTURING.sub('(?:', form)})[\w-]*" for form in (*OWN, *table)]
    return re2.compile("|".join(every).encode(), options)
