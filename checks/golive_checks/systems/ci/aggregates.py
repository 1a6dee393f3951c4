"""Under which results of other jobs a step ends badly: a gate's script as a condition in GitHub's own words. Pure.

    if [ "${{ needs.e2e.result }}" != "success" ]; then exit 1; fi

becomes `needs.e2e.result != 'success'`. What is not understood becomes unclear('…'), a function that nobody knows.
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from golive import shortened
from golive_checks.systems.ci.client.shell import EXPRESSION, Node, syntax, words_of

YES, NO = "true", "false"
SAME, OTHER = frozenset({"=", "==", "-eq"}), frozenset({"!=", "-ne", "-gt"})
"""How `[ ]` compares; a code is greater than 0 where it is another one."""
QUIET = frozenset({"echo", "printf", ":", "true", "cat", "set", "sleep", "shopt"})
ALLS_GREEN = "re-actors/alls-green"
ALL_OF = re.compile(r"\ball\((?P<test>[^()]*\.result[^()]*)\)|\bany\((?P<bad>[^()]*\.result[^()]*)\)")
RESULT_IS = re.compile(r"\.result\s*(==|!=)\s*\"(\w+)\"")


@dataclass(frozen=True)
class ScriptEffect:
    """Under which condition a statement ends the script badly, ends it well, and has a code that is not 0."""

    bad: str = NO
    well: str = NO
    code: str = NO


def script_fails(script: str, variables: Mapping[str, str], looked_at: tuple[str, ...] = ("needs",)) -> str:
    """Return the condition under which a script ends badly by what it looks at; `false`: never by that."""
    pieces: list[str] = []

    def kept(found: re.Match[str]) -> str:
        pieces.append(found[0].removeprefix("${{").removesuffix("}}").strip())
        return f"EXPR_{len(pieces) - 1}_"

    gate = GateScript(pieces, variables, looked_at)
    effect = gate.block(syntax(EXPRESSION.sub(kept, script)).parts)
    return effect.bad


def alls_green(inputs: Mapping[str, str], needs: tuple[str, ...]) -> str:
    """Return the condition under which re-actors/alls-green fails: https://github.com/re-actors/alls-green."""
    skips, failures = _listed(inputs.get("allowed-skips", "")), _listed(inputs.get("allowed-failures", ""))
    tests = []
    for name in needs:
        allowed = [f"needs.{name}.result == 'success'"]
        allowed += [f"needs.{name}.result == 'skipped'"] if name in skips | failures else []
        allowed += [f"needs.{name}.result == 'failure'"] if name in failures else []
        tests.append(f"!({' || '.join(allowed)})")
    return " || ".join(tests)


def _listed(text: str) -> set[str]:
    return set(re.split(r"[\s,\[\]\"']+", text)) - {""}


LONGEST_CONDITION = 20_000
"""Characters of the condition under which a script ends; beyond it, how the script ends is unclear."""
TOO_LONG = "unclear('a long script')"


class GateScript:
    """A script as the conditions under which it ends badly."""

    errexit = True
    """As CI starts it."""

    def __init__(self, pieces: list[str], variables: Mapping[str, str], looked_at: tuple[str, ...] = ()) -> None:
        self._pieces, self._variables, self._looked_at = pieces, dict(variables), looked_at

    def block(self, nodes: list[Node]) -> ScriptEffect:
        """Read statements one behind the other."""
        bad, well, code = NO, NO, NO
        for node in nodes:
            if node.type == "comment":
                continue
            effect = self.statement(node)
            ends = _or(effect.bad, effect.code) if self.errexit else effect.bad
            bad, well = _or(bad, _and(_not(well), ends)), _or(well, _and(_not(bad), effect.well))
            code = effect.code
            if len(bad) + len(well) > LONGEST_CONDITION:  # each statement can double it
                return ScriptEffect(TOO_LONG, TOO_LONG, TOO_LONG)
        return ScriptEffect(bad, well, code)

    def statement(self, node: Node) -> ScriptEffect:  # noqa: PLR0911 - one for each kind of node
        """Read a statement."""
        match node.type:
            case "if_statement":
                return self.branches(node)
            case "list":
                return self._joined(node)
            case "compound_statement" | "subshell" | "do_group":
                return self.block(node.parts)
            case "command":
                return self.command(words_of(node), node)
            case "redirected_statement":
                return self.written(node)
            case "for_statement" if any("needs.*.result" in self._filled(part.text) for part in node.parts[1:-1]):
                return self._over_results(node)
            case "variable_assignment":
                name, _, value = node.text.partition("=")
                self._variables[name] = self.assigned(value.strip("\"'"))
                return ScriptEffect()
        return ScriptEffect(code=_not(self.succeeds(node)))

    def written(self, node: Node) -> ScriptEffect:
        """Read a statement whose output goes to a file."""
        return self.statement(node.parts[0]) if node.parts else ScriptEffect()

    def command(self, words: tuple[str, ...], node: Node) -> ScriptEffect:
        """Read a command."""
        if words[:1] == ("exit",):
            code = words[1] if len(words) > 1 else "0"
            if code.isdigit():
                return ScriptEffect(well=YES) if int(code) == 0 else ScriptEffect(bad=YES)
            value = self.operand(code)
            return ScriptEffect(bad=f"!({value} == '0')", well=f"{value} == '0'")
        return ScriptEffect(code=_not(self.succeeds(node)))

    def branches(self, node: Node) -> ScriptEffect:
        """Read if, elif and else."""
        parts = [p for p in node.parts if p.type != "comment"]
        clauses = [p for p in parts if p.type in {"elif_clause", "else_clause"}]
        condition, body = parts[0], [p for p in parts[1:] if p not in clauses]
        holds = self.succeeds(condition)
        then = self.block(body)
        other = ScriptEffect()
        if clauses:
            first, *rest = clauses
            other = self.block(first.parts) if first.type == "else_clause" else self._elif(first, rest)
        return ScriptEffect(
            _or(_and(holds, then.bad), _and(_not(holds), other.bad)),
            _or(_and(holds, then.well), _and(_not(holds), other.well)),
        )

    def _over_results(self, node: Node) -> ScriptEffect:
        """Read a loop over the results of all that is needed: what its body does for each that may be there."""
        name, body, bad = node.parts[0].text, node.parts[-1], NO
        before = dict(self._variables)
        for result in ("success", "failure", "skipped", "cancelled"):
            self._variables = {**before, name: result}
            effect = self.block(body.parts)
            bad = _or(bad, _and(f"contains(needs.*.result, '{result}')", effect.bad))
        self._variables = before
        return ScriptEffect(bad)

    def _elif(self, node: Node, rest: list[Node]) -> ScriptEffect:
        parts = [p for p in node.parts if p.type != "comment"]
        holds, then = self.succeeds(parts[0]), self.block(parts[1:])
        other = ScriptEffect()
        if rest:
            other = self.block(rest[0].parts) if rest[0].type == "else_clause" else self._elif(rest[0], rest[1:])
        return ScriptEffect(
            _or(_and(holds, then.bad), _and(_not(holds), other.bad)),
            _or(_and(holds, then.well), _and(_not(holds), other.well)),
        )

    def _joined(self, node: Node) -> ScriptEffect:
        """Read `a && b`, `a || b`: errexit overlooks what stands on the left."""
        left, right = node.parts[0], node.parts[-1]
        first, second = self.statement(left), self.statement(right)
        goes_on = self.succeeds(left)
        if any(child.type == "||" for child in node.children):
            goes_on = _not(goes_on)
        code = second.code if goes_on == YES else _and(goes_on, second.code)
        return ScriptEffect(
            _or(first.bad, _and(goes_on, second.bad)), _or(first.well, _and(goes_on, second.well)), code
        )

    def succeeds(self, node: Node) -> str:  # noqa: PLR0911 - one for each kind of node
        """Return the condition under which a command succeeds."""
        match node.type:
            case "test_command":
                return self._tested(node.text.strip("[] \t"))
            case "negated_command":
                return _not(self.succeeds(node.parts[0]))
            case "list":
                how = _or if any(child.type == "||" for child in node.children) else _and
                return how(self.succeeds(node.parts[0]), self.succeeds(node.parts[-1]))
            case "pipeline":
                return self._piped(node)
            case "redirected_statement" | "subshell" | "compound_statement" if node.parts:
                return self.succeeds(node.parts[0])
            case "command":
                return self._succeeds(words_of(node), node)
        return self.unclear(node)

    def _succeeds(self, words: tuple[str, ...], node: Node) -> str:
        if words[:1] == ("test",):
            return self._tested(node.text.partition("test")[2])
        if words[:1] == ("false",):
            return NO
        if len(words) == 1 and words[0].startswith("EXPR_"):  # if ${{ … }}; then
            return f"{self.operand(words[0])} == 'true'"
        return YES if words[0] in QUIET else self.unclear(node)

    def _piped(self, node: Node) -> str:
        """Read `echo '${{ toJSON(needs) }}' | jq -e 'all(.result == "success")'`."""
        jq = words_of(node.parts[-1]) if node.parts[-1].type == "command" else ()
        found = ALL_OF.search(" ".join(jq)) if jq[:1] == ("jq",) and {"-e", "--exit-status"} & set(jq) else None
        if found is None or not any("needs" in piece for piece in self._pieces):
            return self.unclear(node)
        pairs = RESULT_IS.findall(found["test"] or found["bad"])
        allowed = {result for how, result in pairs if how == "=="}
        denied = {result for how, result in pairs if how == "!="}
        if found["bad"]:
            allowed, denied = denied, allowed
        refused = denied or {"success", "failure", "skipped", "cancelled"} - allowed
        return " && ".join(f"!contains(needs.*.result, '{result}')" for result in sorted(refused))

    def _tested(self, text: str) -> str:
        """Read what stands within [ ]: comparisons, joined by &&, ||, -a and -o."""
        try:
            words = shlex.split(text.replace("(", " ( ").replace(")", " ) ") if "EXPR" not in text else text)
        except ValueError:
            return f"unclear({json.dumps(shortened(text, 80))[1:-1]!r})"
        parts, n = list[str](), 0
        while n < len(words):
            word, more = words[n], words[n + 1 : n + 3]
            if word in {"&&", "-a", "||", "-o", "(", ")", "!"}:
                parts.append({"-a": "&&", "-o": "||"}.get(word, word))
                n += 1
            elif word in {"-n", "-z"} and more:
                parts.append(f"{self.operand(more[0])} {'!=' if word == '-n' else '=='} ''")
                n += 2
            elif more and more[0] in SAME | OTHER and len(more) > 1:
                how = "!=" if more[0] in OTHER else "=="
                parts.append(f"{self.operand(word)} {how} {self.operand(more[1])}")
                n += 3
            else:
                return "unclear('a test')"
        return f"({' '.join(parts)})"

    def assigned(self, value: str) -> str:
        """Return what a variable is set to."""
        return self._filled(value)

    def _filled(self, text: str) -> str:
        """Fill GitHub's expressions into a value."""
        return re.sub(r"EXPR_(\d+)_", lambda found: "${{ " + self._pieces[int(found[1])] + " }}", text)

    def operand(self, word: str) -> str:
        """Return a word of a test as a value in GitHub's words."""
        variable = re.fullmatch(r"\$\{?(\w+)(?::-\w*)?\}?", word)
        value = self._variables.get(variable[1], "") if variable else self._filled(word)
        if variable and variable[1] not in self._variables:
            return f"unclear('the variable {variable[1]}')"
        whole = re.fullmatch(r"\$\{\{(.*)\}\}", value, re.DOTALL)
        if whole and "${{" not in whole[1]:
            return f"({whole[1].strip()})"
        return "'" + value.replace("'", "''") + "'" if "${{" not in value else "unclear('a text')"

    def unclear(self, node: Node) -> str:
        """Name what is not understood; a command that looks at no result is taken to succeed."""
        text = self._filled(node.text)
        named = [text, *(value for name, value in self._variables.items() if name in text)]
        looked = any(each in part for each in self._looked_at for part in named)
        step = re.search(r"\b(?:steps|env)\.[\w.-]+", " ".join(named))
        return f"unclear({step[0] if step else repr(f'line {node.row + 1}')})" if looked else YES


def _not(condition: str) -> str:
    return {YES: NO, NO: YES}.get(condition, f"!({condition})")


def _and(one: str, other: str) -> str:
    if NO in (one, other):
        return NO
    return other if one == YES else one if other == YES else f"({one}) && ({other})"


def _or(one: str, other: str) -> str:
    if YES in (one, other):
        return YES
    return other if one == NO else one if other == NO else f"({one}) || ({other})"
