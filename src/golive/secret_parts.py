"""What of a secret is secret by itself. Pure."""

import re
import urllib.parse

USERINFO = re.compile(r"://[^/?#\s:@]*:([^/?#\s]+)@")
KEYWORD = re.compile(r"\bpassword\s*=\s*('[^']*'|\"[^\"]*\"|[^\s;&]+)", re.IGNORECASE)
PAIR = re.compile(r"[^\s:/@]+:(?!//)([^\s]+)")
"""`user:password`, as HTTP's Basic authentication joins them (RFC 7617); of a URL the part after its scheme is none."""
SHORTEST = 6
"""Shorter values occur by chance in honest text, and masking them all would make a report unreadable."""
PART = 12
"""So much of a secret's beginning is masked wherever a word ends with it, and so much of its end where one begins."""


def parts(secret: str) -> set[str]:
    """Return what of a secret is secret by itself: the password of `user:password`, of a URL, of `password=...`.

    A server that refuses a login repeats the password alone.
    """
    found = {match[1] for match in USERINFO.finditer(secret)} | {
        match[1].strip("'\"") for match in KEYWORD.finditer(secret)
    }
    if not found and (pair := PAIR.fullmatch(secret)):
        found = {pair[1]}
    found |= {urllib.parse.unquote(part) for part in found}
    if "\n" in secret:  # a private key, of which a line may be shown by itself
        found |= {line.strip() for line in secret.splitlines() if len(line.strip()) >= PART and "-----" not in line}
    return {part for part in found if len(part) >= SHORTEST}
