"""A page of HTML that stands by itself: its frame, its sections, its tables."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from xml.etree.ElementTree import Element, tostring

from golive.report.tree import Child, h


def document(title: str, banner: Iterable[Child], content: Iterable[Child]) -> str:
    """Return a document with golive's own style and script, which its Content Security Policy names by their hashes."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    head = h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", **{"http-equiv": "Content-Security-Policy"}, content=policy),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="color-scheme", content="light dark"),
        h("title", title),
        _raw("style", style),
    )
    body = h("body", *banner, h("main", *content, id="report"), _raw("script", script))
    return "<!doctype html>\n" + tostring(h("html", head, body, lang="en"), encoding="unicode", method="html") + "\n"


def _asset(name: str) -> str:
    return files("golive.report").joinpath(name).read_text("utf-8")


def _source(text: str) -> str:
    """Return a policy's source for an inline text (CSP 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _raw(tag: str, text: str) -> Element:
    """Return an element whose text is golive's own, and is serialised as it stands."""
    element = Element(tag)
    element.text = text
    return element


def part(title: str, content: Iterable[Child]) -> Element | None:
    """Return a section of the page, none where it has nothing to show."""
    children = list(content)
    name = title.lower().replace(" ", "-")
    if not children:
        return None
    return h("section", h("h2", title, id=f"{name}-title"), *children, id=name, **{"aria-labelledby": f"{name}-title"})


def heads(heads: Iterable[str]) -> Element:
    """Return a table's head."""
    return h("thead", h("tr", *(h("th", head, scope="col") if head else h("td") for head in heads)))


def rows_of(names: tuple[str, ...], rows: Iterable[tuple[Child, ...]]) -> Element:
    """Return a table without the columns that are empty throughout."""
    cells = list(rows)
    kept = [
        n for n in range(len(names)) if any(row[n] != "" for row in cells) or names[n] in {"Name", "Date", "Signature"}
    ]
    body = [h("tr", *(h("td", row[n]) for n in kept)) for row in cells]
    return h("div", h("table", heads(names[n] for n in kept), h("tbody", *body)), cls="wide")
