"""How a line that env file readers take in different ways is described."""

from collections.abc import Mapping

from golive_checks.systems.env.oddities import EnvOddity, OddityKind

SENTENCES: Mapping[OddityKind, str] = {
    OddityKind.BAD_NAME: "does not begin with a name of letters, digits and underscores",
    OddityKind.BACKSLASH: "holds an unquoted backslash, which systemd removes",
    OddityKind.BYTE_ORDER_MARK: (
        "the file begins with a byte order mark, which several readers take into the first name"
    ),
    OddityKind.CARRIAGE_RETURN: "holds a carriage return, which some readers take for the end of the line",
    OddityKind.COMMENT_KEPT: "has a comment behind it, which {0} keeps as part of the value",
    OddityKind.CUT_AT_HASH: "is cut off at an unquoted #",
    OddityKind.DOLLAR_KEPT: "holds {1}, which {0} does not replace",
    OddityKind.DOTTED_NAME: "has a dot or a dash in its name, which shells and systemd refuse",
    OddityKind.ENDS_IN_SPACE: "ends in a space, which Docker keeps",
    OddityKind.EXPORT: "begins with export, which Docker and systemd take into the name",
    OddityKind.EXPORT_IN_NAME: "begins with export, which this reader makes part of the name: it is not set",
    OddityKind.LINE_BREAK: "ends in a line break, as `echo` without -n leaves it",
    OddityKind.LOOKS_LIKE_VARIABLES: "holds lines that look like other variables, within its quotes",
    OddityKind.MARK_IN_NAME: "is not set: this reader makes the byte order mark part of its name",
    OddityKind.NOT_BASE64: "is not base64, as a Secret's data must be",
    OddityKind.NOT_UTF8: "holds bytes that are not UTF-8",
    OddityKind.NOT_AN_ASSIGNMENT: "is not read: it is no NAME=value",
    OddityKind.NO_EQUALS: "has no =, so nothing is set",
    OddityKind.NO_EQUALS_FROM_SHELL: "has no =: {0} takes such a variable from its own shell",
    OddityKind.NO_EQUALS_PASSED_OVER: "has no =, and systemd passes over it",
    OddityKind.NO_NAME: "has no name before its =",
    OddityKind.NUL: "holds a NUL byte, where every value ends",
    OddityKind.ODD_CHARACTER: "holds a character that no name has",
    OddityKind.ODD_VARIABLE: "holds a ${{ that is no variable",
    OddityKind.PARENTHESIS: "has a parenthesis outside quotes",
    OddityKind.PIECE_OF_A_VALUE: "looks like a piece of a value that was broken over several lines",
    OddityKind.QUOTES_KEPT: "is in quotes, which Docker keeps as part of the value",
    OddityKind.REDIRECTS_TO_NOTHING: "redirects to nothing",
    OddityKind.RUNS_A_COMMAND: "runs a command, which the shell gives the variable for its own run alone",
    OddityKind.SET_TWICE: "set twice: line {0} is overruled",
    OddityKind.SPACE_AROUND_EXPORT: "begins with export: has a space next to its name",
    OddityKind.SPACE_BESIDE_EQUALS: "has a space next to its name or its =, which a shell, Docker or both refuse",
    OddityKind.SPACE_BESIDE_NAME: "has a space next to its name",
    OddityKind.SPACE_IN_NAME: "has a space in its name",
    OddityKind.SPACE_KEPT: "has a space at an end of its value, which Docker keeps",
    OddityKind.SPACE_WITHIN_QUOTES: "has a space at an end of its value, within the quotes",
    OddityKind.UNCLOSED_COMMAND: "opens a command that nothing closes",
    OddityKind.UNCLOSED_QUOTE: "opens a quote that nothing closes",
    OddityKind.UNKNOWN_TO_THE_FILE: "hangs on what the shell runs or knows",
    OddityKind.UNREADABLE: "cannot be read as NAME=value",
}
ENDS = {
    "Compose": ", for which Compose refuses the whole file",
    "Docker": ", for which Docker refuses the whole file",
    "the shell": ": the shell reads no further",
}


def sentence(oddity: EnvOddity) -> str:
    """Say what is odd."""
    names = ", ".join(map(str, oddity.values))
    if oddity.kind is OddityKind.REPLACED_BY_NOTHING:
        text = f"replaces {names}, set nowhere before, by nothing"
    elif oddity.kind is OddityKind.MADE_FROM_UNSET:
        text = f"is made from {names}, which the .env file beside it does not set"
    elif oddity.kind is OddityKind.CRLF:
        some = "a line ends" if oddity.values == (1,) else f"{names} lines end"
        text = f"{some} in CRLF: a shell or an older reader makes the CR part of the value"
    else:
        text = SENTENCES[oddity.kind].format(*oddity.values)
    return text + ENDS.get(oddity.ends, "")
