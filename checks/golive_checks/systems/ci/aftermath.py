"""What a script does once a command in it has failed, and its failure was written down: does it end badly after all?

    npx playwright test || failed=1          # goes on
    ./upload-report
    exit $failed                             # ends badly

The statements behind it are read, never run, with the code 1, by which Playwright says that tests have failed. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from golive_checks.systems.ci.aggregates import YES, GateScript, ScriptEffect
from golive_checks.systems.ci.client.shell import Node, ShellCommand, commands, syntax, words_of
from golive_checks.systems.ci.expressions import Moment, guesses, holds, read

Truth = Literal["yes", "no", "unclear"]
WRITES = re.compile(r"\A\s*(?:\(?\{?\s*)?(?:export\s+)?(?P<name>\w+)\+?=")
FILE = re.compile(r">>?\s*[\"']?\$\{?GITHUB_(?P<file>OUTPUT|ENV)\b|\btee\b.*\$\{?GITHUB_(?P<tee>OUTPUT|ENV)\b")
SCOPE = {"OUTPUT": "outputs", "ENV": "env"}


@dataclass(frozen=True)
class _Followed:
    ends: Truth
    notes: tuple[tuple[str, str], ...]


def looked_into(found: tuple[ShellCommand, ...]) -> tuple[ShellCommand, ...]:
    """Return commands with what becomes of their failure where a script writes it down and looks at it later."""
    return tuple(_settled(command) if command.swallowed and command.then else command for command in found)


def script_commands(text: str, *, errexit: bool, pipefail: bool, first_line: int = 1) -> tuple[ShellCommand, ...]:
    """Return the commands of a script, with what becomes of a failure that it writes down."""
    return looked_into(commands(text, errexit=errexit, pipefail=pipefail, first_line=first_line))


def truth(condition: str, values: Mapping[str, str] | None = None) -> Truth:
    """Work out a condition of GitHub's of which some names are known; any other is empty."""
    tree = read(condition)
    guessed = guesses(tree)
    ways = {
        holds(tree, Moment(values or {}, dict.fromkeys(guessed, value)))
        for value in ((False, True) if guessed else (False,))
    }
    return "unclear" if len(ways) > 1 else "yes" if True in ways else "no"


def _settled(command: ShellCommand) -> ShellCommand:
    followed = _played(command.then)
    bare = replace(command, then="")
    if followed.ends == "yes":
        return replace(bare, swallowed="")
    if followed.ends == "unclear":
        return replace(
            bare, swallowed="", doubt=f"its failure is recorded ({command.swallowed}), and a later line looks at it"
        )
    return replace(bare, notes=followed.notes)


def _played(then: str) -> _Followed:
    """Read on from where it has failed."""
    options, _, text = then.partition("\n")
    script = _Aftermath(errexit=options == "set -e")
    nodes = [node for node in syntax(text).parts if node.type != "comment"]
    effect = script.block(nodes)
    bad = effect.bad
    if nodes and not script.errexit:
        bad = f"({bad}) || (!({effect.well}) && ({effect.code}))"
    ends = truth(bad)
    first = WRITES.match(text)
    name = first["name"] if first else ""
    kept = first and re.search(rf"\$\{{?{name}\b|\(\([^)]*\b{name}\b", text[first.end() :])
    writes = bool(kept) or text.lstrip().startswith(("exit", "test", "["))
    return _Followed(ends if ends == "yes" or writes else "no", tuple(script.notes.items()))


class _Aftermath(GateScript):
    def __init__(self, *, errexit: bool) -> None:
        super().__init__([], {"?": "1"})
        self.errexit = errexit
        self.notes: dict[str, str] = {}

    def statement(self, node: Node) -> ScriptEffect:
        """Read a statement; each leaves a code of its own behind."""
        if node.type == "pipeline" and (into := FILE.search(node.text)):
            self._note(node.parts[0], into)
        arithmetic = node.text.startswith("((")
        effect = ScriptEffect(code=f"!({self.succeeds(node)})") if arithmetic else super().statement(node)
        self._variables["?"] = "0"
        return effect

    def command(self, words: tuple[str, ...], node: Node) -> ScriptEffect:
        """Read a command; `set` turns errexit on and off."""
        if words[:1] == ("set",):
            flags = re.match(r"([-+])[a-z]*[eo]", " ".join(words[1:2]))
            self.errexit = flags[1] == "-" if flags and ("e" in words[1] or "errexit" in words) else self.errexit
        return super().command(words, node)

    def branches(self, node: Node) -> ScriptEffect:
        """Read an `if`, and what is written in the branch that is taken."""
        before, taken = dict(self.notes), truth(self.succeeds(node.parts[0]))
        effect = super().branches(node)
        if self.notes == before:
            return effect
        self.notes = before
        clauses = [p for p in node.parts if p.type in {"else_clause", "elif_clause"}]
        body = [p for p in node.parts[1:] if p not in clauses] if taken == "yes" else clauses[:1]
        super().block([part for each in body for part in (each.parts if each in clauses else [each])])
        return effect

    def written(self, node: Node) -> ScriptEffect:
        """Read `echo name=value >> $GITHUB_OUTPUT`."""
        if into := FILE.search(node.text):
            self._note(node.parts[0], into)
        return super().written(node)

    def assigned(self, value: str) -> str:
        """Return what a variable is set to: that of another one, or of $?; what is counted up is not 0."""
        if value.startswith("$(("):
            return "1"
        name = re.fullmatch(r"\$\{?(\w+|\?)\}?", value)
        return self._variables.get(name[1], value) if name else value

    def succeeds(self, node: Node) -> str:
        """Return the condition under which a command succeeds; `((failed))` does where it is not 0."""
        if node.text.startswith("(("):
            inside = re.sub(r"(?<![\w$])([A-Za-z_]\w*)", r"$\1", node.text.strip("() \t")).replace(">", "-gt")
            return self._tested(inside if " " in inside else f"{inside} != 0")
        return super().succeeds(node)

    def operand(self, word: str) -> str:
        """Return a word of a test as a value."""
        known = re.fullmatch(r"\$\{?\?\}?", word)
        return f"'{self._variables['?']}'" if known else super().operand(word)

    def unclear(self, node: Node) -> str:
        """A command may end badly for what it is handed."""
        names = [name for name in self._variables if name != "?" and re.search(rf"\$\{{?{name}\b", node.text)]
        return f"unclear('line {node.row + 1}')" if names else YES

    def _note(self, node: Node, into: re.Match[str]) -> None:
        name, _, value = " ".join(words_of(node)[1:]).partition("=")
        self.notes[f"{SCOPE[into['file'] or into['tee']]}.{name.strip()}"] = self.assigned(value.strip())
