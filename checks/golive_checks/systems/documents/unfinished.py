"""What a document still has to be filled in with. Pure."""

import re
from collections.abc import Iterator

from golive import shortened
from golive_checks.systems.documents.client.markdown import MarkdownEntry

HTML = re.compile(
    r"a|abbr|acronym|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|button|canvas"
    r"|caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|dialog|div|dl|dt|em|embed"
    r"|fieldset|figcaption|figure|font|footer|form|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|i|iframe"
    r"|img|input|ins|kbd|label|legend|li|link|main|map|mark|menu|meta|meter|nav|noscript|object|ol"
    r"|optgroup|option|output|p|param|picture|pre|progress|q|rp|rt|ruby|s|samp|script|search|section"
    r"|select|slot|small|source|span|strike|strong|style|sub|summary|sup|svg|path|table|tbody|td|template"
    r"|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr",
    re.IGNORECASE,
)
"""https://html.spec.whatwg.org/multipage/indices.html, and older ones that are still written."""
ANGLES = re.compile(r"<([A-Za-zÀ-ÿ][^<>@:]{1,60})>")
GENERIC = re.compile(r"[A-Z]\w*(?:, ?[A-Z]\w*)+")
"""The types of a generic one, as in Map<String, Object>."""
ASKS = re.compile(
    r"your|you|insert|fill|phone|telephone|mobile|email|mail|contact|contacts|person|who|whom|slack"
    r"|channel|team|company|organisation|organization|url|link|todo|tbd|here|votre|nom|téléphone|lien"
    r"|équipe|canal|personne",
    re.IGNORECASE,
)
"""Words of what a document's author is to write; `<pod-name>` is for whoever runs the command."""
BRACES = re.compile(r"\{\{[ \t]*+(\w[\w '-]*+)[ \t]*+\}\}")
"""{{ phone }}, but no shortcode ({{< note >}}) nor what a program fills in ({{ .Values.host }}, {{ $labels.job }})."""
NAMED = re.compile(r"name|date|number|address|role|title|version|nom|numéro|adresse|rôle", re.IGNORECASE)
OTHERS = re.compile(
    r"\[(?:your|insert|votre|à)\b[^\[\]]*\](?!\()|(?:^|[:|]) *\[(?:nom|name)\b[^\[\]]*\](?!\()|^\s*\(e\.g\.[ ,].*\)\s*$"
    r"|\blorem ipsum\b|\bxxx+\b|\b0{6,}\b"
    r"|(?:^|[:|]|\b(?:is|are|still|yet)) *\W?to be (?:defined|completed|written|added|confirmed|determined)\b"
    r"|\bà (?:compléter|définir|rédiger|préciser)\b"
    r"|^\W*(?:to be done|à faire|\.\.\.|…|\?+)\W*$",
    re.IGNORECASE,
)
"""[your channel]; an example and nothing else, as a template has it; the last ones if they are alone."""
NOTED = re.compile(r"\b(?:TODO|TBD|FIXME|XXX|TBC)\b")
"""Written in capitals; a person may well say "todo" of a list."""
SPOKEN_OF = re.compile(
    r"\b(?:an?|the|this|that|these|those|your|our|my|each|every|any|no|of|in|as|for|un|une|le|la|les|des|ce)\s+$"
    r"|(?<!\w)\w+ing\s+$|[\"'\u201c\u2018*_]$",
    re.IGNORECASE,
)
"""What comes before a TODO that a sentence is about: an article, a verb, a quotation mark."""
ABOUT_THEM = re.compile(
    r"s\b|\s+(?:lists?|items?|comments?|apps?|boards?|tags?|markers?|files?|entries)\b", re.IGNORECASE
)


def unfinished(entries: list[MarkdownEntry]) -> Iterator[tuple[int, str]]:
    """Yield the first place of each entry that is still to be filled in, with its line."""
    for entry in entries:
        if found := _asks_for(entry.text) or _noted(entry.text):
            yield entry.line, shortened(found.strip(), 60)


def _asks_for(text: str) -> str:
    places = [(match.start(), match[0]) for match in ANGLES.finditer(text) if _is_asked(match[1])]
    places += [(match.start(), match[0]) for match in BRACES.finditer(text) if _is_blank(match[1])]
    places += [(match.start(), match[0]) for match in OTHERS.finditer(text)]
    return min(places)[1] if places else ""


def _is_asked(inside: str) -> bool:
    """Return whether <inside> is for the author to fill in: several words, or a question word, but not an element."""
    first = re.split(r"[\s/]", inside, maxsplit=1)[0]
    words = re.split(r"[\s_-]+", inside.lower())
    if first.lower() == "link" and " " in inside and "=" not in inside:
        return True  # <Link to the dashboard>, and no element
    if HTML.fullmatch(first) or "=" in inside or inside.endswith("/") or GENERIC.fullmatch(inside):
        return False
    return " " in inside.strip() or words == ["name"] or any(map(ASKS.fullmatch, words))


def _is_blank(inside: str) -> bool:
    """Return whether {{ inside }} is a blank: capitals, several words, or what an author writes; no {{rocket}}."""
    words = re.split(r"[\s_-]+", inside.strip())
    return " " in inside.strip() or inside.isupper() or any(ASKS.fullmatch(w) or NAMED.fullmatch(w) for w in words)


def _noted(text: str) -> str:
    for match in NOTED.finditer(text):
        if not SPOKEN_OF.search(text[: match.start()]) and not ABOUT_THEM.match(text, match.end()):
            return match[0]
    return ""
