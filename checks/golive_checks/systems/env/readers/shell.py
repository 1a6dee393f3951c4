"""A shell that sources the file, as `set -a; . ./file` does in bash and sh. What it would run is never run here."""

import re
from dataclasses import dataclass, field

from golive_checks.interpolation import replaced
from golive_checks.systems.env.oddities import EnvOddity, OddityKind, replaced_by_nothing
from golive_checks.systems.env.readers.entries import Collector, EnvEntries

ASSIGNS = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
EXPORT = re.compile(r"export[ \t]+")
VARIABLE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*(?::?[-+][^{}$`\"'\\]*)?\}|[0-9])")
META = " \t\n;&|<>()"
"""What ends a word (POSIX.1-2017, 2.2 and 2.3)."""


class SyntaxRefusedError(Exception):
    """The shell reads no further."""

    def __init__(self, kind: OddityKind) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass
class Sourced:
    """Where the reading of a file stands, and the variables that are set by then."""

    text: str
    at: int = 0
    known: dict[str, str | None] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    hangs: bool = False
    """The word that is being read hangs on what is not in the file."""
    piped: bool = False
    """The command before hands its output to this one: both are run in shells of their own."""

    def peek(self) -> str:
        """Return the character at hand; empty at the end."""
        return self.text[self.at : self.at + 1]


def read(text: str) -> EnvEntries:
    """Read command by command, up to what the shell cannot read."""
    into, state = Collector(text), Sourced(text)
    while (start := _behind(text, state.at)) < len(text):
        state.at = start
        try:
            _command(state, into)
        except SyntaxRefusedError as error:
            into.passed_over(start, EnvOddity(error.kind, ends="the shell"))
            line = into.unread[-1].line  # which the shell reads whole before it runs any of it
            into.entries = [entry for entry in into.entries if entry.line != line]
            break
    return into.found()


def _behind(text: str, at: int) -> int:
    """Return where the next command begins."""
    while at < len(text):
        if text[at] in " \t\n":
            at += 1
        elif text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        else:
            break
    return at


def _command(state: Sourced, into: Collector) -> None:
    start, exported = state.at, EXPORT.match(state.text, state.at)
    state.at = exported.end() if exported else state.at
    found: list[tuple[str, str | None, int, EnvOddity | None]] = []
    words = 0
    while state.at < len(state.text) and state.peek() not in "\n;&|()#":
        if state.peek() in " \t":
            state.at += 1
            continue
        if state.peek() in "<>":
            _redirect(state)
            continue
        here, named = state.at, ASSIGNS.match(state.text, state.at)
        # After a command's name NAME=value is an argument, except to export.
        if not named or words:
            words += _is_word(_word(state), state.text[here : here + 2]) and not exported
            continue
        state.at = named.end()
        state.missing, state.hangs = [], False
        value = _word(state)
        odd = EnvOddity(OddityKind.UNKNOWN_TO_THE_FILE) if state.hangs else replaced_by_nothing(state.missing)
        found.append((named[1], None if state.hangs else value, here, odd))
        if not words:
            state.known[named[1]] = found[-1][1]
    _end(state, into, start, found, words=words)


def _end(
    state: Sourced,
    into: Collector,
    start: int,
    found: list[tuple[str, str | None, int, EnvOddity | None]],
    *,
    words: int,
) -> None:
    ends = state.text[state.at : state.at + 2]
    if ends[:1] in {"(", ")"}:
        raise SyntaxRefusedError(OddityKind.PARENTHESIS)
    piped = ends[:1] == "|" or (ends[:1] == "&" and ends != "&&")
    if words or piped or state.piped:
        name = found[0][0] if found else ""
        into.passed_over(start, EnvOddity(OddityKind.RUNS_A_COMMAND), name)
        for each in found:
            state.known.pop(each[0], None)
    else:
        for name, value, at, oddity in found:
            into.take(name, value, at, oddity)
    state.piped = ends[:1] == "|" and ends != "||"
    if ends[:1] == "#":
        return
    state.at += 2 if ends in {"&&", "||", ";;"} else 1


def _is_word(read: str, begins: str) -> bool:
    """Return whether what was read is a word: a variable that is empty leaves none."""
    return bool(read) or begins[:1] in {"'", '"'} or begins in {"$$", "$#", "$?", "$-"}


def _redirect(state: Sourced) -> None:
    """Pass over `>file` and the like: what is set does not hang on it."""
    while state.peek() and state.peek() in "<>&|":
        state.at += 1
    while state.peek() and state.peek() in " \t":
        state.at += 1
    if not state.peek() or state.peek() in META:
        raise SyntaxRefusedError(OddityKind.REDIRECTS_TO_NOTHING)
    _word(state)


def _word(state: Sourced) -> str:
    kept: list[str] = []
    begins = state.at
    while state.at < len(state.text) and (c := state.peek()) not in META:
        if c == "'":
            kept.append(_single(state))
        elif c == '"':
            kept.append(_double(state))
        elif c == "\\":
            kept.append(state.text[state.at + 1 : state.at + 2].replace("\n", ""))
            state.at += 2
        elif c in "$`":
            kept.append(_expanded(state, quoted=False))
        else:
            state.hangs |= c == "~" and state.at == begins
            kept.append(c)
            state.at += 1
    return "".join(kept)


def _single(state: Sourced) -> str:
    end = state.text.find("'", state.at + 1)
    if end < 0:
        raise SyntaxRefusedError(OddityKind.UNCLOSED_QUOTE)
    piece, state.at = state.text[state.at + 1 : end], end + 1
    return piece


def _double(state: Sourced) -> str:
    kept: list[str] = []
    state.at += 1
    while state.at < len(state.text):
        c = state.peek()
        if c == '"':
            state.at += 1
            return "".join(kept)
        if c == "\\":
            after = state.text[state.at + 1 : state.at + 2]
            # POSIX, section 2.2.3: within double quotes a backslash before anything else stays.
            kept.append("" if after == "\n" else after if after in {"$", "`", '"', "\\"} else f"\\{after}")
            state.at += 2
        elif c in "$`":
            kept.append(_expanded(state, quoted=True))
        else:
            kept.append(c)
            state.at += 1
    raise SyntaxRefusedError(OddityKind.UNCLOSED_QUOTE)


def _expanded(state: Sourced, *, quoted: bool) -> str:
    """Replace the variable at hand, pass over a command, or take a $ that begins nothing."""
    if match := VARIABLE.match(state.text, state.at):
        state.at = match.end()
        return _variable(match[0], state)
    opens = state.text[state.at : state.at + 2]
    if opens[0] == "`" or (len(opens) > 1 and opens[1] in "({$!?#*@-"):
        state.hangs = True
        _pass_command(state)
        return ""
    state.at += 1
    if opens == "$'" and not quoted:
        state.hangs = True
        _ansi(state)
        return ""
    return "" if opens == '$"' and not quoted else "$"


def _variable(written: str, state: Sourced) -> str:
    if written[1].isdigit():
        state.missing.append(written)
        return ""
    done = replaced(written, state.known)
    state.missing += done.missing
    state.hangs |= any(name in state.known for name in done.missing)  # set, and to what is not in the file
    return done.value


def _ansi(state: Sourced) -> None:
    """Pass over $'…', in which a backslash escapes its quote."""
    state.at += 1
    while state.at < len(state.text) and state.peek() != "'":
        state.at += 2 if state.peek() == "\\" else 1
    if state.at >= len(state.text):
        raise SyntaxRefusedError(OddityKind.UNCLOSED_QUOTE)
    state.at += 1


def _pass_command(state: Sourced) -> None:
    """Pass over `…`, $(…), ${…} or a special parameter, quotes within it included."""
    opens = state.text[state.at : state.at + 2]
    if opens not in {"$(", "${"} and opens[0] != "`":
        state.at += 2
        return
    closes = {"(": ")", "{": "}"}.get(opens[1:], "`")
    state.at += 1 if opens[0] == "`" else 2
    depth = 1
    while state.at < len(state.text) and depth:
        c = state.peek()
        if c == "'":
            _single(state)
            continue
        if c == '"' and opens[0] != "`":
            _double(state)
            continue
        depth += (c == opens[1:] and opens[0] != "`") - (c == closes)
        state.at += 2 if c == "\\" else 1
    if depth:
        raise SyntaxRefusedError(OddityKind.UNCLOSED_COMMAND)
