"""The last line of defence: known secret values and their usual disguises become `•••`, whatever let them through.

So does what has the form of a provider's token, whether it is known or not (golive.tokens).

What a probe has cut before a secret's end still begins with it, so the beginning that is left is masked, too.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import html
import json
import re
import string
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

from golive.model import CheckInfo, Report, SectionInfo
from golive.report.escapes import unescaped
from golive.report.packed import packed
from golive.secret_parts import PART, SHORTEST, parts
from golive.tokens import MASK, without_tokens

UNRESERVED = string.ascii_letters.encode() + string.digits.encode() + b"-._~"
LAYERS = 3
SHORTEST_CUT = 40
"""In texts as long as what golive cuts, less of a beginning is masked, too, where the text may have been cut."""
CUT_BEFORE = ("", "\u2026", "'", '"', "`", ")")
"""What stands where a text was cut: its end, or what closes the message that it is in."""
KIND = re.compile(r"[a-z]{2,6}_(?:(?:live|test|org)_)?")
"""What a vendor's keys begin with, such as `whsec_`: golive names it where another kind of key stands."""
RE2_BYTES = 64 << 20
SHORT_TEXT = 400
"""Up to so many characters a look at each six of them is faster than RE2, which works out its states as it goes."""


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every occurrence of a secret of at least six characters, plain or encoded, by `•••`."""
    return redactor(secrets)(text)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that redacts any text of `secrets` and of tokens; the disguises are worked out once."""
    whole = [secret for secret in secrets if len(secret) >= SHORTEST]
    if not whole:
        return without_tokens
    known = _Redactor(whole).clean
    return lambda text: without_tokens(known(text))


class _Redactor:
    """Masks secrets, and what a cut has left of one: its beginning at a text's end, its end at a text's beginning."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = [(secret, *parts(secret)) for secret in secrets]
        self._forms = {form for each in known for part in each for form in disguises(part)}
        # Of a URL with a password, what comes before the password is no secret.
        own = {form for whole, *inner in known for part in inner or [whole] for form in spellings(part)}
        self._begin = _by(own, lambda form: form[:SHORTEST])
        self._end = _by(own, lambda form: form[-SHORTEST:])
        self._bits = {form[:SHORTEST] for form in self._forms} | set(self._begin) | set(self._end)

    # Each pattern is compiled when a text first needs it: in most runs none does.

    @functools.cached_property
    def _whole(self) -> re.Pattern[str]:
        # The longest first, so that a secret that begins with another is masked whole.
        forms = sorted(self._forms, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, forms)))

    @functools.cached_property
    def _first(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self._begin))))

    @functools.cached_property
    def _hint(self) -> Any:
        import re2  # noqa: PLC0415 - only long texts need it

        options = re2.Options()
        options.max_mem = RE2_BYTES
        return re2.compile("|".join(map(re2.escape, sorted(self._bits))), options)

    def clean(self, text: str) -> str:
        """Return a text without secrets."""
        if self._suspect(text):
            text = self._end_of_cut(self._beginnings(self._whole.sub(MASK, text)))
        return self._behind_escapes(self._unpacked(text))

    def _unpacked(self, text: str) -> str:
        """Mask what is compressed and holds a secret, all of it: a part of it cannot be taken out."""
        for start, end, plain in reversed(list(packed(text))):
            if self._suspect(plain) and self._whole.search(plain):
                text = text[:start] + MASK + text[end:]
        return text

    def _behind_escapes(self, text: str) -> str:
        """Mask secrets that stand there as escapes, all of them or in part, in up to three layers."""
        under = unescaped(text)
        for _ in range(LAYERS):
            if not under:
                break
            plain, starts = under
            if self._suspect(plain):
                before = len(text)
                for found in reversed(list(self._whole.finditer(plain))):
                    text = text[: starts[found.start()]] + MASK + text[starts[found.end()] :]
                if len(text) != before:
                    return self._behind_escapes(text)
            below = unescaped(plain)
            under = below and (below[0], [starts[at] for at in below[1]])
        return text

    def _suspect(self, text: str) -> bool:
        """Return whether six characters of a secret stand together in a text: in most there are none."""
        if len(text) <= SHORT_TEXT:
            return not self._bits.isdisjoint(text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1))
        try:
            return self._hint.search(text) is not None
        except UnicodeEncodeError:  # half of a surrogate pair
            return True

    def _beginnings(self, text: str) -> str:
        shown, at = list[str](), 0
        for found in self._first.finditer(text):
            if found.start() < at:
                continue
            end = found.start() + max(_common(form, text, found.start()) for form in self._begin[found[0]])
            after = text[end : end + 1]
            part = end - found.start() >= PART and not after.isalnum()
            cut = len(text) >= SHORTEST_CUT and after in CUT_BEFORE and not KIND.fullmatch(text, found.start(), end)
            if part or cut:
                shown += [text[at : found.start()], MASK]
                at = end
        return "".join([*shown, text[at:]])

    def _end_of_cut(self, text: str) -> str:
        for last, forms in self._end.items():
            at = text.find(last, 0, max(map(len, forms)))
            left = text[: at + SHORTEST]
            if at >= 0 and len(left) >= PART and any(form.endswith(left) for form in forms):
                return MASK + text[len(left) :]
        return text


def _by(forms: Iterable[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for form in sorted(forms):
        found.setdefault(key(form), []).append(form)
    return found


def _common(form: str, text: str, start: int) -> int:
    """Return how many of a form's first characters stand in a text from `start` on."""
    most = min(len(form), len(text) - start)
    if text.startswith(form[:most], start):
        return most
    return next(at for at in range(most) if form[at] != text[start + at])


def spellings(secret: str) -> set[str]:
    """Return a secret as it is, without blanks around it, and in another case."""
    found = {secret, secret.strip(), secret.upper(), secret.lower()}
    return {form for form in found if len(form) >= SHORTEST}


def disguises(secret: str) -> set[str]:
    """Return the forms a secret takes on its way into a message: in a URL, JSON, HTML, base64, hex, in another case.

    Nobody reads one backwards or in base64 of base64 by chance: these are how people get one past a mask.
    """
    data = secret.encode("utf-8", "surrogatepass")
    found = {
        *spellings(secret),
        secret[::-1],
        html.escape(secret),
        html.escape(secret, quote=False),
    }
    for upper in (data.hex().upper(), data.hex()):
        pairs = [upper[at : at + 2] for at in range(0, len(upper), 2)]
        found |= {upper, "".join(f"%{pair}" for pair in pairs), ":".join(pairs), " ".join(pairs)}
        found |= {", ".join(f"0x{pair}" for pair in pairs)}
    units = secret.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
    found |= {escaped, re.sub("[0-9a-f]{4}", lambda code: code[0].upper(), escaped)}
    found |= {base64.b32encode(data).decode().rstrip("=")[: len(data) * 8 // 5]}
    for quoted in (_percent_encoded(data), _percent_encoded(data, b"/")):
        for plus in (quoted, quoted.replace("%20", "+")):
            found |= {plus, re.sub("%..", lambda code: code[0].lower(), plus)}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    wide = secret.encode("utf-16-le", "surrogatepass")  # as PowerShell's encoded commands are
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found |= {_base64_core(of, shift, encode) for of in (data, wide) for shift in range(3)}
        once = {_base64_core(data, shift, encode).encode() for shift in range(3)}
        found |= {_base64_core(of, shift, base64.b64encode) for of in once for shift in range(3)}
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
