"""What stands in a text compressed and in base64, as log shippers, cookies and Kubernetes write it."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

BLOB = re.compile(r"(?<![A-Za-z0-9+/_-])(?:H4sI|eJ[w-z]|eN[o-r]|eAE|eF[4-7])[A-Za-z0-9+/_-]{16,}={0,2}")
"""Base64 of what gzip (RFC 1952) or zlib (RFC 1950, at each of its levels) begins with."""
MOST_BYTES = 64_000
"""As much of a blob is unpacked: a bomb costs no more."""
EITHER = zlib.MAX_WBITS | 32
"""Takes the head of gzip and that of zlib."""


def packed(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each blob begins and ends, and the text that it holds; of a broken one, what can be read."""
    for found in BLOB.finditer(text):
        letters = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        data = base64.b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + "===")
        unpacker = zlib.decompressobj(EITHER)
        try:
            plain = unpacker.decompress(data, MOST_BYTES)
        except zlib.error:
            continue
        yield found.start(), found.end(), plain.decode("utf-8", "replace")
