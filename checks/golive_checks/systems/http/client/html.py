"""Reads HTML as browsers do, by lexbor: what a home-made reader takes for a comment or a value may hide a script."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

NOSCRIPT = re.compile(r"(</?)noscript(?=[\s/>])", re.IGNORECASE)
AS_TEXT, BACK = r"\1NoEmbeD", re.compile(r"(</?)NoEmbeD(?=[\s/>])")
"""Browsers that run scripts take what stands in a noscript for text, and lexbor takes it for elements: a comment that
begins in one would hide what follows. What stands in a noembed is text to both (HTML, section 13.2.6.4.7)."""


def elements(text: str, wanted: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Yield the wanted elements of a page in its order, with their attributes and the text that stands in them.

    An attribute without a value is empty. Nothing in a comment, a template, a script or a noscript is an element. SVG's
    script, which names its file by href, is given as a script of HTML with a src.
    """
    from selectolax.lexbor import LexborHTMLParser

    for node in LexborHTMLParser(NOSCRIPT.sub(AS_TEXT, text)).css(",".join(wanted)):
        given = {name: value or "" for name, value in node.attributes.items()}
        tag = node.tag or ""
        if tag == "script" and "src" not in given and any(up.tag == "svg" for up in _above(node)):
            given |= {"src": given.get("href") or given.get("xlink:href", "")}
        yield tag, given, BACK.sub(r"\1noscript", node.text() or "") if tag in {"script", "style"} else ""


def _above(node: "LexborNode") -> Iterator["LexborNode"]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent
