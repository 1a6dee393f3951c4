"""Elements of a page, built so that text stays text: what a remote system said is shown, and never markup."""

from __future__ import annotations

from typing import TypeAlias
from xml.etree.ElementTree import Element

from golive.report.escape import ARCHIVED, visible

Child: TypeAlias = "Element | str | None"


def h(tag: str, *children: Child, cls: str = "", **attributes: str) -> Element:
    """Return an element with its children; a text is made visible, None is left out. `cls` is its class."""
    element = Element(tag, {name: visible(value, ARCHIVED) for name, value in attributes.items()})
    if cls:
        element.set("class", cls)
    last: Element | None = None
    for child in children:
        if isinstance(child, str):
            text = child if child == "\n" else visible(child, ARCHIVED)
            if last is None:
                element.text = (element.text or "") + text
            else:
                last.tail = (last.tail or "") + text
        elif child is not None:
            element.append(child)
            last = child
    return element
