"""Parts a script into its statements, where Postgres's own psql would (psqlscan.l). Pure."""

import re

TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*')
    | (?P<quoted>'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")*")
    | (?P<dollar>\$(?P<tag>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$)
    | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
"""What may contain a semicolon, in the order in which it is looked for."""
BLOCK = re.compile(r"/\*|\*/")
ROUTINE = re.compile(r"create\s+(?:or\s+replace\s+)?(?:function|procedure)\b", re.IGNORECASE)


def statements(script: str) -> tuple[str, ...]:
    """Return the statements of a script, without what stands between them."""
    found: list[str] = []
    at = begun = depth = bodies = 0
    holds_something = False
    while token := TOKEN.search(script, at):
        kind = token.lastgroup
        between = script[at : token.start()].strip()
        at = token.end()
        if kind == "block":
            at = _after_comment(script, at)
        elif kind == "dollar":
            at = _after_body(script, token)
        holds_something = holds_something or bool(between) or kind not in {"comment", "block", "end"}
        # CREATE RULE may hold several statements, with their semicolons, in parentheses.
        if kind in {"open", "close"}:
            depth = max(depth + (1 if kind == "open" else -1), 0)
        elif kind == "word":
            bodies = _within(bodies, token[0].lower(), script[begun : token.start()])
        elif kind == "end" and not depth and not bodies:
            if holds_something:
                found.append(script[begun:at].strip())
            begun, holds_something = at, False
    if holds_something or script[at:].strip():
        found.append(script[begun:].strip())
    return tuple(found)


def _within(bodies: int, word: str, before: str) -> int:
    """Count the BEGIN ATOMIC and CASE that are open: a routine in standard SQL has statements of its own."""
    if not ROUTINE.match(_bare(before)):
        return 0
    if word == "begin" or (word == "case" and bodies):
        return bodies + 1
    return bodies - 1 if word == "end" and bodies else bodies


def _bare(text: str) -> str:
    """Take the comments before a statement off."""
    while True:
        text = text.lstrip()
        if text.startswith("--"):
            text = text.partition("\n")[2]
        elif text.startswith("/*"):
            text = text[_after_comment(text, 2) :]
        else:
            return text


def _after_comment(script: str, at: int) -> int:
    """Return where a comment ends that has begun; they nest."""
    depth = 1
    while depth and (mark := BLOCK.search(script, at)):
        depth += 1 if mark[0] == "/*" else -1
        at = mark.end()
    return len(script) if depth else at


def _after_body(script: str, token: re.Match[str]) -> int:
    """Return where a text between dollars ends."""
    ends = script.find(token["dollar"], token.end())
    return len(script) if ends < 0 else ends + len(token["dollar"])
