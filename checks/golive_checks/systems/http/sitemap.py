"""Reads sitemaps (https://www.sitemaps.org/protocol.html): XML, or a URL a line. Pure."""

import gzip
import io
from dataclasses import dataclass, field
from xml.parsers import expat

from golive import Unavailable

MAX_BYTES = 50_000_000
"""Of a sitemap, unpacked: the protocol's own limit."""
GZIP = b"\x1f\x8b"


@dataclass
class Sitemap:
    """The URLs that a sitemap names; `index`: they are sitemaps again."""

    index: bool = False
    urls: list[str] = field(default_factory=list)


def read_sitemap(data: bytes, where: str) -> Sitemap:
    """Read a sitemap.

    Raises:
        ValueError: it is none; one line that says why.
        Unavailable: it is larger than a sitemap may be.
    """
    if data.startswith(GZIP):
        try:
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_BYTES + 1)
        except (OSError, EOFError):
            raise ValueError("is gzip that breaks off") from None
    if len(data) > MAX_BYTES:
        raise Unavailable(f"{where} is larger than a sitemap may be")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _of_xml(data.lstrip())
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not all(line.startswith(("http://", "https://")) for line in lines):
        raise ValueError("is neither XML nor a list of URLs")
    return Sitemap(urls=lines)


class _Reader:
    def __init__(self) -> None:
        self.found, self.path, self.text = Sitemap(), list[str](), ""

    def start(self, name: str, _: object) -> None:
        if not self.path:
            if name.rpartition(":")[2] not in {"urlset", "sitemapindex"}:
                raise ValueError("begins with neither urlset nor sitemapindex")
            self.found.index = name.endswith("sitemapindex")
        self.path.append(name.rpartition(":")[2])
        self.text = ""

    def data(self, text: str) -> None:
        self.text += text if self.path[-1:] == ["loc"] else ""

    def end(self, _: str) -> None:
        if self.path[1:] in (["url", "loc"], ["sitemap", "loc"]):  # an image's <image:loc> lies deeper
            self.found.urls.append(self.text.strip())
        self.path.pop()


def _of_xml(data: bytes) -> Sitemap:
    reader, parser = _Reader(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's own: it is the last piece
    except expat.ExpatError as problem:
        raise ValueError(f"is no XML: {expat.ErrorString(problem.code)}, line {problem.lineno}") from None
    return reader.found


def _refuse(*_: object) -> None:
    raise ValueError("has a document type, which no sitemap has")
