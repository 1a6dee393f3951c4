"""What can be odd about a line of an env file. The section of the environment has a sentence for each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from golive import Location


class OddityKind(StrEnum):
    """What is odd, by a stable name."""

    BAD_NAME = "bad-name"
    BACKSLASH = "backslash"
    BYTE_ORDER_MARK = "byte-order-mark"
    CARRIAGE_RETURN = "carriage-return"
    COMMENT_KEPT = "comment-kept"
    CRLF = "crlf"
    CUT_AT_HASH = "cut-at-hash"
    DOLLAR_KEPT = "dollar-kept"
    DOTTED_NAME = "dotted-name"
    ENDS_IN_SPACE = "ends-in-space"
    EXPORT = "export"
    EXPORT_IN_NAME = "export-in-name"
    LINE_BREAK = "line-break"
    LOOKS_LIKE_VARIABLES = "looks-like-variables"
    MADE_FROM_UNSET = "made-from-unset"
    MARK_IN_NAME = "mark-in-name"
    NOT_BASE64 = "not-base64"
    NOT_UTF8 = "not-utf8"
    NOT_AN_ASSIGNMENT = "not-an-assignment"
    NO_EQUALS = "no-equals"
    NO_EQUALS_FROM_SHELL = "no-equals-from-shell"
    NO_EQUALS_PASSED_OVER = "no-equals-passed-over"
    NO_NAME = "no-name"
    NUL = "nul"
    ODD_CHARACTER = "odd-character"
    ODD_VARIABLE = "odd-variable"
    PARENTHESIS = "parenthesis"
    PIECE_OF_A_VALUE = "piece-of-a-value"
    QUOTES_KEPT = "quotes-kept"
    REDIRECTS_TO_NOTHING = "redirects-to-nothing"
    REPLACED_BY_NOTHING = "replaced-by-nothing"
    RUNS_A_COMMAND = "runs-a-command"
    SET_TWICE = "set-twice"
    SPACE_AROUND_EXPORT = "space-around-export"
    SPACE_BESIDE_EQUALS = "space-beside-equals"
    SPACE_BESIDE_NAME = "space-beside-name"
    SPACE_IN_NAME = "space-in-name"
    SPACE_KEPT = "space-kept"
    SPACE_WITHIN_QUOTES = "space-within-quotes"
    UNCLOSED_COMMAND = "unclosed-command"
    UNCLOSED_QUOTE = "unclosed-quote"
    UNKNOWN_TO_THE_FILE = "unknown-to-the-file"
    UNREADABLE = "unreadable"


GivesUp = Literal["", "Compose", "Docker", "the shell"]


@dataclass(frozen=True)
class EnvOddity:
    """What a reader makes of a line. Never quotes a value.

    `values` are the names, numbers and programs that it is about; `ends` is who reads the file no further for it.
    """

    kind: OddityKind
    values: tuple[str | int, ...] = ()
    ends: GivesUp = ""


@dataclass(frozen=True)
class OddLine:
    """A line that its reader, or the next one, takes otherwise than its author meant."""

    at: Location
    name: str
    oddity: EnvOddity
    elsewhere: bool = False
    """The reader that the profile names takes it as it is written; another one would not."""


UNCLOSED = EnvOddity(OddityKind.UNCLOSED_QUOTE)
CUT = EnvOddity(OddityKind.CUT_AT_HASH)
NO_EQUALS = EnvOddity(OddityKind.NO_EQUALS)


def replaced_by_nothing(missing: tuple[str, ...] | list[str]) -> EnvOddity | None:
    """Return that variables are replaced by nothing, where there are any."""
    return EnvOddity(OddityKind.REPLACED_BY_NOTHING, tuple(missing)) if missing else None
