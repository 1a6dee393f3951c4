"""Make hostile text harmless, once for every target: what a remote system said may end up in any report.

Every format passes each piece of text that is not golive's own through one of these. They show what was there
(a control character becomes its visible name) rather than hide it, for an attack that is hidden is not reported.
"""

from __future__ import annotations

import re
import unicodedata

LINE = 500
"""The characters of one line that a report for people shows."""
FIX = 1500
"""Of a fix: it may hold configuration to paste, of which a part is of no use."""

ARCHIVED = 5000
"""The characters of one line that a report for machines keeps where they are shown to people in the end."""

UNSEEN_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters of visible categories that draw nothing: Hangul fillers, Khmer inherent vowels, the empty Braille cell."""

MARKS = 3
"""Combining marks in a row that real writing needs; more of them are drawn over the neighbouring lines."""

CONTROL_PICTURES = 0x2400
ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
PLAIN = re.compile(r"[ -~]*")

ASCII_SPELLINGS = str.maketrans(
    {
        "…": "...",
        "•": "*",
        "·": "-",
        "→": "->",
        "≥": ">=",
        "≤": "<=",
        "␊": "\\n",
        "\u2013": "-",  # en dash
        "\u2014": "-",  # em dash
        "\u2019": "'",  # right single quotation mark
        "\u00d7": "x",  # multiplication sign
    }
)


def visible(text: str, limit: int = LINE, *, ascii_only: bool = False) -> str:
    """Return `text` as one line without a character that a terminal obeys or that nobody sees.

    ANSI, control, bidirectional, zero-width and unassigned characters are replaced by their visible names.
    """
    text = cut(text, limit)
    if not PLAIN.fullmatch(text):
        text = "".join(_shown(run) for run in _runs(text))
    if ascii_only and not text.isascii():
        text = text.translate(ASCII_SPELLINGS).encode("ascii", "backslashreplace").decode("ascii")
    return text


def cut(text: str, limit: int) -> str:
    """Shorten `text` to `limit` characters and say how many are missing."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def middle_cut(text: str, limit: int) -> str:
    """Shorten a name to `limit` characters so that both ends remain, which tell names apart."""
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[-(limit - limit // 2 - 1) :]}"


def _runs(text: str) -> list[str]:
    """Split `text` into characters, each with the combining marks that follow it."""
    runs: list[str] = []
    for char in text:
        if runs and unicodedata.combining(char):
            runs[-1] += char
        else:
            runs.append(char)
    return runs


def _shown(run: str) -> str:
    """Return a character and its combining marks as they are shown."""
    char, marks = run[0], run[1:]
    return _name(char) + (marks if len(marks) <= MARKS else f"<{len(marks)} marks>")


def _name(char: str) -> str:
    """Return a character, or what stands for it."""
    category = unicodedata.category(char)
    if char == "\t" or category == "Zs":
        return " "
    if char not in UNSEEN_LETTERS and category not in ESCAPED_CATEGORIES:
        return char
    code = ord(char)
    if code < ord(" "):
        return chr(CONTROL_PICTURES + code)
    return "␡" if char == "\x7f" else f"<U+{code:04X}>"


def uncommanded(line: str) -> str:
    """Return a printed line so that GitHub's runner finds no workflow command in it.

    The runner obeys `::` at the start of a line, after any blanks, and `##[` anywhere in one
    (actions/runner, src/Runner.Common/ActionCommand.cs).
    """
    line = line.replace("##[", "##(")
    return re.sub(r"^((?:\s|\x1b\[[0-9;]*m)*)::", r"\1;:", line)


def command_data(text: str) -> str:
    """Escape the message of a workflow command, as GitHub's toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Escape a property of a workflow command, as GitHub's toolkit does."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def xml(text: str) -> str:
    """Return `text`, which may have lines, without what XML 1.0 cannot hold (section 2.2) or a pipeline would obey."""
    return "\n".join(uncommanded(visible(line, ARCHIVED)) for line in re.split("\r\n|\r|\n", text))


UNJOINED = "<!-- -->"
"""Parts what GitHub joins after Markdown is parsed (a mention, a bare address), and is itself invisible."""

MD_SPECIAL = re.compile(r"[\\`*~\[\]!$<>&|#]")
MD_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "$": "<span>$</span>"}
MD_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
MD_JOINED = re.compile(
    r"@|:(?=//|:)|ww(?=w\.)|\b(?<=GH)-(?=\d)|:(?=(?:[^\WA-Za-z]|[+-])*+[A-Za-z][\w+-]*+:)", re.IGNORECASE
)
MD_LEADING = re.compile(r"^([-+=]|\d+(?=[.)](\s|$)))")


def markdown(text: str, limit: int = LINE) -> str:
    """Return `text` as prose for Markdown, in or out of a table: shown as it is, and nothing but text.

    No HTML, link, image, mention, bare address, emoji name, formula, issue number, heading, list or cell comes of it.
    """
    text = visible(text, limit).strip()
    text = MD_JOINED.sub(lambda found: f"{found[0]}\0", text)
    text = MD_SPECIAL.sub(lambda found: MD_ENTITIES.get(found[0], f"\\{found[0]}"), text)
    text = MD_UNDERSCORE.sub(r"\\_", text)
    text = MD_LEADING.sub(_leading, text)
    return re.sub(r"\\#(?=\w)", rf"\\#{UNJOINED}", text).replace("\0", UNJOINED)


OWN_URL = re.compile(r"https?://[^\s`<>\"'()\[\]|]+[^\s`<>\"'()\[\]|.,;:]")


def markdown_prose(text: str, limit: int = LINE, *, own: bool = False) -> str:
    """Return golive's own sentence as Markdown: what stands between backticks is code, the rest as in `markdown`.

    `own` is a text with nothing in it that others sent: its addresses are links.
    """
    parts = visible(text, limit).strip().split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1:-1]):  # these backticks mark no code
        return markdown(text, limit)
    shown = []
    for number, part in enumerate(parts):
        if number % 2:
            shown.append(markdown_code(part, limit))
        elif own:
            shown.append(_linked(part, limit))
        else:
            shown.append(_spaced(part, limit))
    return "".join(shown)


def _linked(text: str, limit: int) -> str:
    """Return prose with its addresses as links."""
    parts, at = [], 0
    for found in OWN_URL.finditer(text):
        parts += [_spaced(text[at : found.start()], limit), f"<{found[0]}>"]
        at = found.end()
    return "".join([*parts, _spaced(text[at:], limit)])


def _spaced(text: str, limit: int) -> str:
    """Return prose that goes on: its outer blanks are kept."""
    bare = text.strip()
    if not bare:
        return text
    return text[: len(text) - len(text.lstrip())] + markdown(bare, limit) + text[len(text.rstrip()) :]


def _leading(found: re.Match[str]) -> str:
    """Escape what would begin a list or a heading at the start of a line."""
    return f"{found[0]}{UNJOINED}" if found[0].isdigit() else f"\\{found[0]}"


def markdown_alt(text: str, limit: int = LINE) -> str:
    """Return `text` as the words that stand for a picture: nothing in them is Markdown, ends them, or ends a cell.

    They become an attribute, in which GitHub joins no mention, address or emoji.
    """
    return re.sub(r"[\\`*_~\[\]<>&|$!]", r"\\\g<0>", visible(text, limit).strip())


def markdown_code(text: str, limit: int = LINE) -> str:
    """Return `text` as a code span that may stand in a table: there a bar ends the cell, so that it becomes `¦`."""
    text = visible(text, limit).strip().replace("|", "¦").replace("##[", "##(") or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def markdown_block(lines: tuple[str, ...] | list[str], limit: int = LINE) -> str:
    """Return `lines` as a fenced block that none of them can end."""
    shown = [uncommanded(visible(line, limit)) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *shown, fence])
