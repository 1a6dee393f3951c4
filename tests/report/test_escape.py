import re
import unicodedata

import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from golive.report import escape

ANYTHING = st.text(st.characters(), max_size=200)
NASTY = st.lists(
    st.sampled_from(
        [*"\\`*_~[]()<>!|#-+=.:@$&{}\"' \n\r\t1aA\x1b\u202e\u200d", "::", "##[", "www.", "http://", "GH-1", "]]>"]
    )
).map("".join)
TEXT = ANYTHING | NASTY
MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
OURS = {"<!-- -->", "<span>", "</span>"}


def harmless(text):
    return all(
        unicodedata.category(c) not in escape.ESCAPED_CATEGORIES and c not in escape.UNSEEN_LETTERS for c in text
    )


@given(TEXT)
def test_a_line_holds_nothing_that_a_terminal_obeys(text):
    shown = escape.visible(text, limit=10_000)
    assert harmless(shown)
    assert len(shown.splitlines()) <= 1
    assert not re.search(f"[^\\W_]?{'[̀-ͯ]' * (escape.MARKS + 1)}", shown)


@given(TEXT)
def test_ascii_is_ascii(text):
    assert escape.visible(text, ascii_only=True).isascii()


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_as_it_is(text):
    assert escape.visible(text, limit=10_000) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("a\nb\rc\td", "a␊b␍c d"),
        ("\x7f\x9b\xad", "␡<U+009B><U+00AD>"),
        ("\u202egnp.exe\u2069", "<U+202E>gnp.exe<U+2069>"),
        ("pay\u200bpal\ufeff", "pay<U+200B>pal<U+FEFF>"),
        ("line\u2028para\u2029", "line<U+2028>para<U+2029>"),
        ("\ud800\ue000\U000e0041", "<U+D800><U+E000><U+E0041>"),
        ("no\u00a0break\u3000wide", "no break wide"),
        ("e\u0301 \u1110\u3164", "e\u0301 \u1110<U+3164>"),
        ("z" + "\u0300" * 40, "z<40 marks>"),
        ("Yaoundé 東京 🙂", "Yaoundé 東京 🙂"),
    ],
)
def test_what_is_hidden_is_shown(text, shown):
    assert escape.visible(text) == shown


def test_a_long_line_says_how_much_is_missing():
    assert escape.visible("x" * 1500) == "x" * 500 + "… (1,000 more characters)"
    assert len(escape.visible("\x00" * 10**6)) < 600


def test_a_long_name_keeps_both_ends():
    assert escape.middle_cut("abcdefghij", 6) == "abc…ij"
    assert escape.middle_cut("abc", 6) == "abc"


@given(TEXT)
def test_no_printed_line_is_a_workflow_command(text):
    for line in escape.uncommanded(escape.visible(text)).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


@pytest.mark.parametrize(
    "line", ["::error::x", "  ::error::x", "\x1b[1m \x1b[31m::error::x", "\u00a0::x", "a ##[error]x", "::::x"]
)
def test_commands_are_defused(line):
    shown = re.sub(r"\x1b\[[0-9;]*m", "", escape.uncommanded(line)).lstrip()
    assert not shown.startswith("::")
    assert "##[" not in shown


@given(TEXT, TEXT)
def test_a_workflow_command_ends_where_it_should(data, value):
    command = f"::error title={escape.command_property(value)}::{escape.command_data(data)}"
    assert "\n" not in command
    assert "\r" not in command
    head, _, message = command[2:].partition("::")
    assert head == f"error title={escape.command_property(value)}"
    assert message == escape.command_data(data)
    assert "," not in escape.command_property(value)


@given(TEXT)
def test_xml_can_hold_it(text):
    shown = escape.xml(text)
    element = etree.Element("a", b=" ".join(shown.split()))
    element.text = shown
    assert etree.fromstring(etree.tostring(element)).text == (shown or None)


def inline(source):
    """The inline tokens of a Markdown text, and the kinds of its blocks."""
    blocks = MARKDOWN.parse(source)
    return [token for block in blocks for token in block.children or ()], [block.type for block in blocks]


@given(TEXT)
def test_markdown_prose_is_nothing_but_text(text):
    tokens, blocks = inline(f"- {escape.markdown(text)}")
    assert {token.type for token in tokens} <= {"text", "html_inline"}
    assert {token.content for token in tokens if token.type == "html_inline"} <= OURS
    assert set(blocks) <= {
        "bullet_list_open",
        "bullet_list_close",
        "list_item_open",
        "list_item_close",
        "paragraph_open",
        "paragraph_close",
        "inline",
    }


@given(TEXT)
def test_markdown_prose_shows_the_text_itself(text):
    tokens, _ = inline(f"x {escape.markdown(text)} y")
    shown = "".join(token.content for token in tokens if token.type == "text")
    assert shown.split() == f"x {escape.visible(text)} y".split()


@given(TEXT)
def test_nothing_is_joined_to_a_mention_or_an_address_after_parsing(text):
    tokens, _ = inline(f"x{escape.markdown(text)}")
    for piece in (token.content for token in tokens if token.type == "text"):
        assert not re.search(r"@\w|https?://\S|ftp://\S|www\.\w|(^|\W)#\d|\bGH-\d|::", piece, re.IGNORECASE)


@given(TEXT, TEXT)
def test_a_table_keeps_its_cells(text, other):
    row = f"| {escape.markdown(text)} | {escape.markdown_code(other)} | {escape.markdown(other)} |"
    _, blocks = inline(f"| a | b | c |\n| --- | --- | --- |\n{row}\n")
    assert blocks.count("tr_open") == 2
    assert blocks.count("td_open") == 3
    assert blocks[-1] == "table_close"


@given(TEXT)
def test_a_code_span_is_one_code_span(text):
    tokens, _ = inline(f"x {escape.markdown_code(text)} y")
    assert [token.type for token in tokens] == ["text", "code_inline", "text"]


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_a_block_ends_where_it_should(lines):
    blocks = MARKDOWN.parse(f"{escape.markdown_block(lines)}\n\nafter")
    assert [block.type for block in blocks] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert len(blocks[0].content.splitlines()) == len(lines)


def test_hostile_text_is_readable_prose():
    assert escape.markdown("STRIPE_KEY is set, 3 % (of 5); see a-b_c") == "STRIPE_KEY is set, 3 % (of 5); see a-b_c"
    assert "<!-- -->" in escape.markdown(samples.HOSTILE)
