"""The last line of defence: known secret values and their usual disguises become `•••`, whatever let them through."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
import string
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

from golive.model import CheckInfo, Report, SectionInfo

MASK = "•••"
UNRESERVED = string.ascii_letters.encode() + string.digits.encode() + b"-._~"
USERINFO = re.compile(r"://[^/?#\s:@]*:([^/?#\s]+)@")
KEYWORD = re.compile(r"\bpassword\s*=\s*('[^']*'|\"[^\"]*\"|[^\s;&]+)", re.IGNORECASE)
PAIR = re.compile(r"[^\s:/@]+:(?!//)([^\s]+)")
"""`user:password`, as HTTP's Basic authentication joins them (RFC 7617); of a URL the part after its scheme is none."""
SHORTEST = 6
"""Shorter values occur by chance in honest text, and masking them all would make a report unreadable."""


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every occurrence of a secret of at least six characters, plain or encoded, by `•••`."""
    return redactor(secrets)(text)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that redacts any text of `secrets`; the disguises are worked out once."""
    whole = [secret for secret in secrets if len(secret) >= SHORTEST]
    forms = {form for secret in whole for part in (secret, *parts(secret)) for form in disguises(part)}
    if not forms:
        return lambda text: text
    # The longest first, so that a secret that begins with another is masked whole.
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: pattern.sub(MASK, text)


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
    return {part for part in found if len(part) >= SHORTEST}


def disguises(secret: str) -> set[str]:
    """Return the forms a secret takes on its way into a message: in a URL, JSON, HTML, base64, hex, in another case."""
    data = secret.encode("utf-8", "surrogatepass")
    found = {
        secret,
        secret.strip(),
        secret.upper(),
        secret.lower(),
        html.escape(secret),
        html.escape(secret, quote=False),
    }
    for upper in (data.hex().upper(), data.hex()):
        found |= {upper, "".join(f"%{upper[at : at + 2]}" for at in range(0, len(upper), 2))}
    units = secret.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
    found |= {escaped, re.sub("[0-9a-f]{4}", lambda code: code[0].upper(), escaped)}
    for quoted in (_percent_encoded(data), _percent_encoded(data, b"/")):
        for plus in (quoted, quoted.replace("%20", "+")):
            found |= {plus, re.sub("%..", lambda code: code[0].lower(), plus)}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found |= {core for shift in range(3) if len(core := _base64_core(data, shift, encode)) >= SHORTEST}
    return {form for form in found if len(form) >= SHORTEST}


def _percent_encoded(data: bytes, safe: bytes = b"") -> str:
    """Return `data` as it stands in a URL, with all but the unreserved characters encoded (RFC 3986, section 2.3)."""
    return "".join(chr(byte) if byte in UNRESERVED + safe else f"%{byte:02X}" for byte in data)


def _base64_core(data: bytes, shift: int, encode: Callable[[bytes], bytes]) -> str:
    """Return the base64 characters that depend on `data` alone when `shift` other bytes precede it.

    A password behind `user:` is encoded out of step with the password alone; its first and last characters
    depend on its neighbours.
    """
    encoded = encode(b"\0" * shift + data).decode().rstrip("=")
    first = -(-shift * 8 // 6)
    return encoded[first : (shift + len(data)) * 8 // 6]


def redact_report(report: Report, secrets: Iterable[str]) -> Report:
    """Return the report without `secrets` in any text that came from outside.

    The words a report is built of (outcomes, the ids of checks and sections) are golive's own and stay: a secret
    that is spelled like one of them must not make the report unreadable to machines.
    """
    clean = redactor(secrets)
    shown: Report = _walk(report, clean)
    red = {after.id for before, after in zip(report.findings, shown.findings, strict=True) if before.id in report.red}
    checklist = tuple(dataclasses.replace(row, seen=clean(row.seen)) for row in report.checklist)
    return dataclasses.replace(shown, red=frozenset(red), scope=report.scope, checklist=checklist)


def _walk(value: Any, clean: Callable[[str], str]) -> Any:
    """Rebuild `value` with every string in it cleaned."""
    if isinstance(value, Enum | CheckInfo | SectionInfo):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(_walk(item, clean) for item in value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _walk(item, clean) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _walk(getattr(value, f.name), clean) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value
