"""Reads HTML as browsers do, by lexbor: what a home-made reader takes for a comment or a value may hide a script."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

NOSCRIPT = re.compile(r"(</?)noscript(?=[\s/>])", re.IGNORECASE)
TEXT_TO_BOTH = ("NoFrameS", "NoEmbeD", "XmP")
"""Browsers that run scripts take the content of a noscript for text, and lexbor takes it for elements: a comment that
begins in one would hide what follows. Their content is text to both (HTML, section 13.2.6.4.7). Nobody writes them so,
which is how a script that mentions a noscript is given back as it was."""


def elements(text: str, wanted: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Yield the wanted elements of a page in its order, with their attributes and the text that stands in them.

    An attribute without a value is empty. Nothing in a comment, a template, a script or a noscript is an element. SVG's
    script, which names its file by href, is given as a script of HTML with a src.
    """
    from selectolax.lexbor import LexborHTMLParser

    lower = text.lower()
    stand_in = next((name for name in TEXT_TO_BOTH if name.lower() not in lower), TEXT_TO_BOTH[0])
    for node in LexborHTMLParser(NOSCRIPT.sub(rf"\1{stand_in}", text)).css(",".join(wanted)):
        given = {name: value or "" for name, value in node.attributes.items()}
        tag = node.tag or ""
        if tag == "script" and "src" not in given and _in_svg(node):
            given |= {"src": given.get("href") or given.get("xlink:href", "")}
        inside = (node.text() or "").replace(stand_in, "noscript") if tag in {"script", "style"} else ""
        yield tag, given, inside


def _in_svg(node: "LexborNode") -> bool:
    """Tell an element of SVG from one of HTML, which SVG's own titles and foreign objects hold again."""
    above = node.parent
    while above is not None and (above.tag or "").lower() not in {"svg", "title", "desc", "foreignobject"}:
        above = above.parent
    return above is not None and above.tag == "svg"
