"""Shell scripts as their commands, and what in a script keeps the failure of one from failing the whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from golive import Unavailable, shortened

MAX_COMMANDS, MAX_DEPTH = 2000, 60
MAX_SCRIPT = 32_000
"""What is no script takes tree-sitter time by the square of its length, 5 s for as much, and nothing interrupts it."""
EXPRESSION = re.compile(r"\$\{\{(?:(?!\$\{\{|\}\}).)*+\}\}|\$\[\[(?:(?!\$\[\[|\]\]).)*+\]\]", re.DOTALL)
"""What GitHub and GitLab fill in before a shell sees the script."""
LITERAL = {"word", "number"}
SEQUENCES = {"program", "subshell", "compound_statement", "do_group", "case_item"}
SEQUENCES |= {"if_statement", "elif_clause", "else_clause"}
NO_WORDS = {"variable_assignment", "file_redirect", "herestring_redirect"}
NEVER = "false"
IN_CI = re.compile(r"\$\{?(?:CI|GITHUB_ACTIONS|GITLAB_CI)\b")
"""What is always set where CI runs a script."""
SHELLS = {"bash", "sh", "dash", "zsh"}


@dataclass(eq=False)
class Node:
    """A node of the script's tree: tree-sitter's own look for their parents and siblings each time."""

    type: str
    named: bool
    start: int
    end: int
    row: int
    source: bytes
    parent: "Node | None" = None
    index: int = 0
    children: list["Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands there."""
        return self.source[self.start : self.end].decode("utf-8", "replace")

    @property
    def parts(self) -> list["Node"]:
        """The children that are no punctuation."""
        return [child for child in self.children if child.named]

    def following(self) -> Iterator["Node"]:
        """Yield the siblings behind it."""
        siblings = self.parent.children if self.parent else []
        return (siblings[n] for n in range(self.index + 1, len(siblings)))


@dataclass(frozen=True)
class ShellCommand:
    """A command of a script: its words without quotes, the folder it is run in, and why its failure does not count."""

    words: tuple[str, ...]
    line: int
    folder: str = ""
    """As the `cd` before it says, from where the script starts."""
    swallowed: str = ""
    """What keeps its failure from being the script's; empty where nothing does."""
    then: str = ""
    """What the script goes on with where it has failed, as it was read: golive.systems.ci.aftermath looks into it."""
    notes: tuple[tuple[str, str], ...] = ()
    """What its failure is written down as for later steps: `("outputs.failed", "1")`, `("env.E2E", "failed")`."""
    doubt: str = ""
    """Why golive cannot say whether it runs, or whether its failure counts."""
    unfollowed: str = ""
    """What it leads to that was not looked at."""
    loads: tuple[str, ...] = ()
    """The packages and programs that a script of another language, which it starts, loads."""
    variables: tuple[tuple[str, str], ...] = ()
    """Those that the script sets for it, in front of it or before; an empty value where it takes one away."""

    @property
    def text(self) -> str:
        """The words on one line."""
        return " ".join(self.words)


def commands(script: str, *, errexit: bool, pipefail: bool, first_line: int = 1) -> tuple[ShellCommand, ...]:
    """Return the commands of a script that is started with these options, in the order in which they stand."""
    # of one line, so that the lines below stay where they are
    text = EXPRESSION.sub(_placed, script)
    read = _Script(syntax(text), errexit=errexit, pipefail=pipefail)
    found = []
    for command in read.commands():
        found.append(replace(command, line=command.line + first_line - 1))
        if (inner := _inner(command.words)) and not command.swallowed:
            text, before = inner
            flags = {"errexit": any("e" in word for word in before), "pipefail": "pipefail" in before}
            below = commands(text, **flags, first_line=command.line + first_line - 1)
            found += [
                replace(
                    each,
                    doubt=command.doubt or each.doubt,
                    variables=tuple({**dict(command.variables), **dict(each.variables)}.items()),
                )
                for each in below
            ]
    if len(found) > MAX_COMMANDS:
        raise _too_many()
    return tuple(found)


def _too_many() -> Unavailable:
    return Unavailable(f"a script has more than {MAX_COMMANDS:,} commands, and golive follows only so many")


def _placed(found: re.Match[str]) -> str:
    """Put a word in an expression's place, with the name of the matrix's value where it is one."""
    matrix = re.search(r"\bmatrix\.([\w.-]+)\s*\}\}$", found[0])
    return (f"MATRIX.{matrix[1]}" if matrix else "EXPRESSION") + "\n" * found[0].count("\n")


def syntax(text: str) -> Node:
    """Parse a script."""
    import tree_sitter
    import tree_sitter_bash

    if len(text) > MAX_SCRIPT:
        raise Unavailable(
            f"a script has {len(text):,} characters, and golive follows no more than {MAX_SCRIPT:,}",
            fix="Split it, so that what runs the tests is in a script of its own.",
        )
    source = text.encode("utf-8", "replace")
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    return _tree(parser.parse(source).root_node, source)


def _inner(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """Return the script that `bash -c` is given, and the options before it."""
    if words[:1] == ("eval",):
        return " ".join(words[1:]), ()
    if not words or words[0].rpartition("/")[2] not in SHELLS:
        return None
    flag = next((n for n, word in enumerate(words) if re.fullmatch(r"-[a-z]*c", word)), 0)
    if not flag or len(words) <= flag + 1:
        return None
    return words[flag + 1], tuple(w for w in words[1 : flag + 1] if re.fullmatch(r"-[a-z]+|pipefail", w))


@dataclass(frozen=True)
class Lost:
    """Why a failure does not count, and what the script goes on with; without a reason it counts."""

    why: str = ""
    then: str = ""


COUNTS = Lost()


class _Script:
    def __init__(self, root: Node, *, errexit: bool, pipefail: bool) -> None:
        nodes = [node for node in _walk(root) if node.type == "command"]
        if len(nodes) > MAX_COMMANDS:
            raise _too_many()
        self._known = [(node, words_of(node)) for node in nodes]
        self._errexit = [(-1, errexit), *self._switches("e", "errexit")]
        self._pipefail = [(-1, pipefail), *self._switches("", "pipefail")]
        self._trap = next((w for _, w in self._known if w[:1] == ("trap",) and "exit 0" in " ".join(w[1:2])), None)
        self._set = list(_assignments(root))
        self._final = {w[1].strip("${}").partition(":")[0] for _, w in self._known if w[:1] == ("exit",) and len(w) > 1}
        """The variables that some `exit` hands on."""
        self._bad = [node for node, words in self._known if _ends_badly(words)]

    def commands(self) -> Iterator[ShellCommand]:
        """Yield every command, with why its failure does not count."""
        folder = ""
        for node, words in self._known:
            if not words:
                continue
            if words[0] == "cd" and len(words) > 1:
                folder = words[1] if words[1].startswith("/") else f"{folder}/{words[1]}".lstrip("/")
            trapped = f"`{' '.join(self._trap)}` ends the script well" if self._trap else ""
            lost = Lost(trapped) if trapped else self._swallowed(node)
            doubt = self._only_where(node)
            found = ShellCommand(words, node.row + 1, folder, lost.why, then=lost.then, doubt=doubt)
            yield replace(found, variables=tuple(self._variables(node).items()))

    def _variables(self, command: Node) -> dict[str, str]:
        """Return what the script has set where a command is started."""
        return {
            name: value
            for owner, name, value in self._set
            if owner == command or (owner.type != "command" and owner.start < command.start)
        }

    def _switches(self, letter: str, name: str) -> list[tuple[int, bool]]:
        """Return where `set` turns an option on or off."""
        found = []
        for node, words in self._known:
            if words[:1] == ("set",):
                for before, word in pairwise(words):
                    flags = re.fullmatch(r"[-+][A-Za-z]+", word)
                    if (flags and letter and letter in word) or (word == name and "o" in before):
                        found.append((node.start, (word if flags else before).startswith("-")))
        return found

    def _only_where(self, command: Node) -> str:
        """Say what it depends on whether a command is run; empty where it always is, or another branch runs it too."""
        ends = [n for n, words in self._known if words in {("exit",), ("exit", "0")} and n.end < command.start]
        if early := next((n for n in ends if not _is_asked_for(n)), None):
            return f"the script may end before it, at `{_short(early)}` in line {early.row + 1}"
        node = command
        while (parent := node.parent) is not None:
            if (guard := _guard(node, parent, command)) and not IN_CI.search(guard.text):
                return f"whether it is run depends on `{_short(guard)}`"
            node = parent
        return ""

    def _swallowed(self, command: Node) -> "Lost":
        """Climb from a command to the script, for as long as its failure is handed on."""
        errexit = _at(self._errexit, command.start)
        node, spared = command, False
        """Spared: errexit does not end the shell on it, as it stands left of && (POSIX, set -e)."""
        while (parent := node.parent) is not None:
            behind = next(node.following(), None)
            if behind and behind.type == "&":
                awaited = self._awaited(node)
                return self._swallowed(awaited) if awaited else Lost("it runs in the background")
            ended = self._within(node, parent)
            if ended is not None:
                return ended
            spared = spared or (parent.type == "list" and node == parent.parts[0])
            if (not errexit or spared) and (after := self._follower(node, parent)):
                why = "left of && errexit does not see it" if errexit else "without errexit"
                return Lost(f"`{_short(after)}` comes after it, and {why}", self._rest(node))
            node = parent
        return COUNTS

    def _within(self, node: Node, parent: Node) -> "Lost | None":  # noqa: PLR0911 - one for each construct
        """Say what a construct makes of a failure in it: a reason, that it counts, None to look further up."""
        if _is_condition(node):
            return COUNTS if self._fails_then(node) else Lost("it is only a condition")
        if parent.type == "negated_command" and not _is_condition(parent):
            return Lost("`!` turns its failure into success")
        if parent.type in {"pipeline", "list"} and node != (last := parent.parts[-1]):
            if parent.type == "pipeline" and not _at(self._pipefail, node.start):
                return Lost(f"its output is piped to `{_short(last)}`, without pipefail", self._piped(parent))
            if parent.type == "list" and any(child.type == "||" for child in parent.children):
                then = self._rest(parent, last)
                return COUNTS if self._hands_on(last) else Lost(f"`|| {_cut(_whole(last))}`", then)
        if parent.type == "process_substitution":
            return Lost("it is within <(…) of another command")
        if parent.type == "command_substitution":
            owner = parent.parent
            # `local x=$(…)` ends as local does, with 0; a plain x=$(…) ends as the command in it.
            kept = owner and owner.type == "variable_assignment" and owner.parent
            assigned = kept and kept.type != "declaration_command"
            return None if assigned else Lost("it is within $(…) of another command")
        return self._by_callers(parent) if parent.type == "function_definition" else None

    def _rest(self, node: Node, *first: Node) -> str:
        """Return what runs behind a statement, up to the end of the script; that of a function ends with it."""
        errexit = _at(self._errexit, node.start)
        found = ["set -e" if errexit else "set +e", *(_whole(each) for each in first)]
        here: Node | None = node
        while here is not None and here.type != "function_definition":
            if here.parent and here.parent.type in SEQUENCES:
                found += [n.text for n in here.following() if n.named and not n.type.endswith("_clause")]
            here = here.parent
        return "\n".join(found)

    def _piped(self, node: Node) -> str:
        """Return what runs behind a pipe: only PIPESTATUS has the code of its first command."""
        return self._rest(node).replace("$?", "0").replace("${PIPESTATUS[0]}", "$?")

    def _awaited(self, started: Node) -> Node | None:
        """Return the `wait` that ends as a command in the background does: `wait $!`, or by a variable that took it."""
        behind = [n for n in started.following() if n.named]
        took = re.fullmatch(r"(\w+)=[\"']?\$\{?!\}?[\"']?", behind[0].text) if behind else None
        names = {"$!", "${!}"} | ({f"${took[1]}", f"${{{took[1]}}}"} if took else set())
        waits = (n for n, w in self._known if w[:1] == ("wait",) and n.start > started.end and set(w[1:]) & names)
        return next(waits, None)

    def _by_callers(self, function: Node) -> "Lost":
        """Say what the callers of a function make of its failure: it counts where one of them hands it on."""
        name = function.parts[0].text
        calls = [node for node, words in self._known if words[:1] == (name,)]
        calls = [node for node in calls if not function.start <= node.start < function.end]
        reasons = [self._swallowed(node) for node in calls]
        nobody = Lost(f"nothing calls the function {_short(function.parts[0])}")
        return COUNTS if COUNTS in reasons else next(iter(reasons), nobody)

    def _follower(self, node: Node, parent: Node) -> Node | None:
        """Return the statement after this one, whose code replaces its own; None where it keeps it, or is not there."""
        if parent.type not in SEQUENCES:
            return None
        there = (n for n in node.following() if n.named and n.type != "comment" and not n.type.endswith("_clause"))
        after = next(there, None)
        return after if after and not self._kept(after) else None

    def _hands_on(self, node: Node) -> bool:
        """Return whether what stands right of || fails, or keeps the code for a later exit."""
        if any(node.start <= bad.start < node.end for bad in self._bad):
            return True
        return any(n.type == "variable_assignment" and self._keeps(n) for n in _walk(node))

    def _fails_then(self, condition: Node) -> bool:
        """Return whether an `if` on a command ends the script badly where the command fails."""
        branch = condition.parent
        negated = condition.type == "negated_command"
        if branch is not None and branch.type == "while_statement":  # `until`: it goes on where the command succeeds
            leaves = any(node.type == "command" and words_of(node)[:1] == ("break",) for node in _walk(branch))
            return negated is not any(child.type == "until" for child in branch.children) and not leaves
        if branch is None or branch.type not in {"if_statement", "elif_clause"}:
            return False
        clauses = [n for n in branch.parts if n.type in {"else_clause", "elif_clause"}]
        body = [n for n in branch.parts if n not in clauses and n != condition] if negated else clauses
        return any(self._hands_on(n) for n in body)

    def _kept(self, first: Node) -> bool:
        """Return whether a statement keeps or returns the code of the one before."""
        if first.type == "variable_assignment":  # in a function; elsewhere what follows is read on from there
            return self._keeps(first) and any(n.type == "function_definition" for n in _above(first))
        words = words_of(first) if first.type == "command" else ()
        return words[:1] == ("exit",) and (len(words) == 1 or "$?" in words[1])

    def _keeps(self, assignment: Node) -> bool:
        name, _, value = assignment.text.partition("=")
        return (value.strip("\"'") in {"$?", "${?}"} or value.isdigit()) and name in self._final


def _assignments(root: Node) -> Iterator[tuple[Node, str, str]]:
    """Yield the variables that a script sets, each with the command that it is for, or the statement that sets it."""
    for node in _walk(root):
        if node.type == "variable_assignment":
            name, _, value = node.text.partition("=")
            owner = node.parent if node.parent and node.parent.type == "command" else node
            yield owner, name, value.strip("\"'")
        if node.type == "unset_command":
            yield from ((node, name, "") for name in node.text.split()[1:])


def _at(switches: list[tuple[int, bool]], place: int) -> bool:
    return [on for at, on in switches if at < place][-1]


def _is_condition(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type not in {"if_statement", "elif_clause", "while_statement"}:
        return False
    return parent.parts[:1] == [node]


def _is_asked_for(end: Node) -> bool:
    """Return whether a script ends there for somebody who asked for its help, or in a function of its own."""
    return any(
        node.type == "function_definition" or (node.type == "case_item" and "-h" in node.parts[0].text)
        for node in _above(end)
    )


def _above(node: Node) -> Iterator[Node]:
    while (parent := node.parent) is not None:
        yield parent
        node = parent


def _guard(node: Node, parent: Node, command: Node) -> Node | None:
    """Return the condition on which a statement is run, unless another branch runs the same command."""
    first = parent.parts[0] if parent.parts else None
    if first is None or node == first:
        return None
    if parent.type == "list" and first.type == "test_command" and any(c.type == "&&" for c in parent.children):
        return first
    if parent.type == "case_item":
        return first
    if parent.type not in {"if_statement", "elif_clause"}:
        return None
    same = command.text.partition(" --")[0]
    return None if any(same in n.text for n in parent.parts[1:] if n != node) else first


def _ends_badly(words: tuple[str, ...]) -> bool:
    if words[:1] == (NEVER,):
        return True
    return words[:1] in {("exit",), ("return",)} and (len(words) < 2 or words[1] not in {"0", "00"})  # noqa: PLR2004 - the code


def _tree(root: Any, source: bytes) -> Node:
    """Copy a tree of tree-sitter's, as deep as a script that people read."""

    def copied(node: Any, parent: Node | None = None, index: int = 0) -> Node:
        row = node.start_point[0]
        return Node(node.type, node.is_named, node.start_byte, node.end_byte, row, source, parent, index)

    top = copied(root)
    waiting = [(root, top, 0)]
    while waiting:
        here, copy, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Unavailable(f"a script is nested more than {MAX_DEPTH} deep, and golive follows no deeper")
        copy.children = [copied(child, copy, n) for n, child in enumerate(here.children)]
        waiting += zip(here.children, copy.children, [depth + 1] * len(copy.children), strict=True)
    return top


def _walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, in the order of the text, without recursion."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting += reversed(here.children)


def words_of(command: Node) -> tuple[str, ...]:
    """Return a command's words without quotes."""
    return tuple(_literal(part) for part in command.parts if part.type not in NO_WORDS)


def _literal(node: Node) -> str:
    text = node.text
    if node.type in LITERAL:
        return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL).replace("\n", "")
    if node.type == "raw_string":
        return text[1:-1]
    if node.type == "string":
        return text[1:-1].replace('\\"', '"')
    if node.type in {"concatenation", "command_name"}:
        return "".join(_literal(child) for child in node.children)
    return text


def _whole(node: Node) -> str:
    """Return a statement with the file that it is written to, which may stand around the list that ends with it."""
    redirected = node.parent.parent if node.parent else None
    inside = redirected is not None and redirected.type == "redirected_statement"
    files = [f.text for f in redirected.parts if f.type == "file_redirect"] if redirected and inside else []
    return " ".join([node.text, *files])


def _short(node: Node) -> str:
    return _cut(node.text)


def _cut(text: str) -> str:
    return shortened(" ".join(text.split()), 60)
