"""Tells a picture's format and its size in pixels from the bytes it begins with."""

import io
from collections.abc import Mapping

MAGIC: Mapping[str, tuple[int, bytes]] = {
    "PNG": (0, b"\x89PNG\r\n\x1a\n"),
    "JPEG": (0, b"\xff\xd8\xff"),
    "GIF": (0, b"GIF8"),
    "WebP": (8, b"WEBP"),
    "AVIF": (4, b"ftypavi"),
    "BMP": (0, b"BM"),
}
"""Which bytes are at which offset (WHATWG MIME Sniffing, section 6.1; AVIF's brands are avif and avis)."""
HEAD_BYTES = 256 * 1024
"""A size stands near the beginning, after whatever a camera writes before it."""


def format_of(content: bytes) -> str:
    """Name the format; empty for none of those that browsers show as pixels."""
    return next((name for name, (at, magic) in MAGIC.items() if content[at:].startswith(magic)), "")


def pixels(content: bytes) -> tuple[int, int]:
    """Return width and height; zeros if they are not known. What a server sent may be anything."""
    import imagesize

    if not format_of(content):
        return 0, 0
    try:
        width, height = imagesize.get(io.BytesIO(content[:HEAD_BYTES]))
    except Exception:  # noqa: BLE001 - a parser of untrusted bytes, of which nothing but two numbers is wanted
        return 0, 0
    return max(0, width), max(0, height)
