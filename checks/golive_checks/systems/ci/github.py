"""GitHub Actions: a workflow's jobs, with the reusable workflows and composite actions of the same repository."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from golive_checks.systems.ci.actions import goes_on, may_run_tests, script_of
from golive_checks.systems.ci.aftermath import script_commands
from golive_checks.systems.ci.aggregates import ALLS_GREEN, alls_green, script_fails
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.looked_after import ENDS_BADLY, handed_on, looked_after, refusal, softness
from golive_checks.systems.ci.matrix import Leg, legs_of
from golive_checks.systems.ci.matrix_values import with_values
from golive_checks.systems.ci.model import Job, JobStep, Pipeline, Trigger
from golive_checks.systems.ci.repository import RepositoryFiles, joined
from golive_checks.systems.ci.scripts import expanded
from golive_checks.systems.machine.client import yamlnodes as y

FOLDER = ".github/workflows/"
SHELLS = {"": (True, False), "bash": (True, True), "sh": (True, False)}
"""errexit and pipefail of each `shell:`: unset is `bash -e {0}`, bash is `bash --noprofile --norc -eo pipefail {0}`.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax, jobs.<job_id>.steps[*].shell
"""
NO_SHELL = re.compile(r"^(?:python|node|perl|ruby)\b")
LAST_ONE_COUNTS = re.compile(r"^(?:pwsh|powershell|cmd)\b")
INPUT = re.compile(r"\$\{\{\s*inputs\.([\w-]+)\s*\}\}")
VARIABLE = re.compile(r"\$\{\{\s*env\.([\w-]+)\s*\}\}")
CALL = "the call of "
MAX_DEPTH = 4
"""How deep workflows may call one another, as on GitHub itself."""


@dataclass
class _Reader:
    file: str
    repo: RepositoryFiles
    depth: int = 0
    lines: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    shell: str = ""
    folder: str = ""
    shared: dict[str, str] = field(default_factory=dict)
    """The environment of the whole file."""
    variables: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """The environment, and the needs, of the job that is being read."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """What the workflow or the action that is being read was given."""
    events: tuple[str, ...] = ()
    legs: tuple[Leg, ...] = ()
    """What starts the workflow, and the combinations of the matrix of the job that is being read."""

    def text(self, node: y.Node) -> str:
        """Return a scalar with the inputs, and the variables that the file sets, filled in."""
        filled = INPUT.sub(lambda found: self.inputs.get(found[1], found[0]), y.scalar(node) or "")
        return VARIABLE.sub(lambda found: self.variables.get(found[1], found[0]), filled)

    def condition(self, node: y.Node, own: Mapping[str, str]) -> str:
        """Return a step's condition with the variables that the file sets, and those of its own, in their places."""
        known = {name: value for name, value in {**self.variables, **own}.items() if "${{" not in value}

        def placed(found: re.Match[str]) -> str:
            value = known.get(found[1])
            return found[0] if value is None else "'" + value.replace("'", "''") + "'"

        return re.sub(r"\benv\.([\w-]+)", placed, y.scalar(node) or "")

    def tag_at(self, line: int) -> str:
        """Return the version that a comment on a line names."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        found = re.search(r"#\s*(?:tag[=:]\s*)?(?:[\w./-]+@)?(v?\d+(?:\.\d+)*)\b", text)
        return found[1] if found else ""


def read_github(
    file: str, text: str, repo: RepositoryFiles, depth: int = 0, given: Mapping[str, str] | None = None
) -> Pipeline:
    """Read a workflow; `given` is what the one that calls it hands over."""
    documents = y.documents(text, file)
    top = y.pairs(documents[0]) if documents else {}
    reader = _Reader(file, repo, depth, text.splitlines(), inputs=given or {})
    reader.shell, reader.folder = _defaults(top, "", "")
    reader.shared = _texts(top.get("env"))
    triggers = tuple(_triggers(top.get("on")))
    reader.events = tuple(trigger.event for trigger in triggers)
    jobs: list[Job] = []
    called: dict[str, tuple[str, ...]] = {}
    lines = y.lines(top.get("jobs"))
    for key, node in y.pairs(top.get("jobs")).items():
        inner = _called(reader, key, node)
        jobs += inner or [replace(_job(reader, key, node), line=lines.get(key, y.line(node)))]
        if inner:
            called[key] = tuple(job.key for job in inner[:-1])

    def inside(keys: tuple[str, ...]) -> tuple[str, ...]:
        # A job may need one that calls a workflow: it then waits for every job of that workflow.
        return tuple(n for key in keys for n in called.get(key, (key,)))

    jobs = [replace(job, needs=inside(job.needs)) for job in jobs]
    return Pipeline(
        file,
        "github",
        y.scalar(top.get("name")) or "",
        triggers=triggers,
        jobs=tuple(handed_on(jobs)),
        unseen=tuple(reader.unseen),
    )


def _triggers(on: y.Node) -> Iterator[Trigger]:
    """Yield what starts a workflow. GitHub reads YAML 1.2, in which `on` is a word; YAML 1.1 would call it true."""
    if word := y.scalar(on):
        yield Trigger(word)
    yield from (Trigger(y.scalar(each) or "") for each in y.items(on))
    for event, node in y.pairs(on).items():
        given = y.pairs(node)

        def listed(key: str, given: Mapping[str, y.Node] = given) -> tuple[str, ...]:
            found = given.get(key)
            return tuple(text for each in y.items(found) or [found] if (text := y.scalar(each)))

        # With a filter on branches alone, GitHub starts nothing for tags.
        if event == "push" and "branches-ignore" in given and "tags" not in given:
            yield Trigger(event, branches=("**",))
        else:
            yield Trigger(event, listed("branches"), listed("tags"), listed("workflows"), listed("types"))


def _defaults(fields: Mapping[str, y.Node], shell: str, folder: str) -> tuple[str, str]:
    run = y.pairs(y.pairs(fields.get("defaults")).get("run"))
    return y.scalar(run.get("shell")) or shell, y.scalar(run.get("working-directory")) or folder


def _called(reader: _Reader, key: str, node: y.Node) -> list[Job]:
    """Return the jobs of the workflow that a job calls, and at last the call; none where golive sees none."""
    fields = y.pairs(node)
    uses = y.scalar(fields.get("uses")) or ""
    if not uses:
        return []
    text = reader.repo.text(uses.removeprefix("./")) if uses.startswith("./") else None
    if text is None or reader.depth >= MAX_DEPTH:
        reader.unseen.append(f"the workflow {uses}, which the job {key} calls")
        return []
    given = _inputs(text, reader, fields)
    there = read_github(uses.removeprefix("./"), text, reader.repo, reader.depth + 1, given)
    reader.unseen += there.unseen
    caller = _job(reader, key, node)
    inputs = {name: _literal(value) for name, value in given.items()}
    inner = [_inlined(job, key, caller, inputs) for job in there.jobs]
    return [*inner, replace(caller, key=CALL + key, title="", environment="")] if inner else []


def _inputs(text: str, reader: _Reader, fields: Mapping[str, y.Node]) -> dict[str, str]:
    """Return what a called workflow or an action is given, its defaults beneath."""
    top = y.pairs(y.documents(text, "")[0])
    called = y.pairs(y.pairs(top.get("on")).get("workflow_call"))
    declared = y.pairs(called.get("inputs") or top.get("inputs"))
    values = {name: y.scalar(y.pairs(node).get("default")) or "" for name, node in declared.items()}
    return values | {name: reader.text(value) for name, value in y.pairs(fields.get("with")).items()}


def _literal(value: str) -> str:
    if whole := re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", value, re.DOTALL):
        return f"({whole[1].strip()})"
    return value if value in {"true", "false"} else "'" + value.replace("'", "''") + "'"


def _inlined(job: Job, key: str, caller: Job, inputs: Mapping[str, str]) -> Job:
    """Return a job of a called workflow as one of the caller's; it is skipped where the caller is."""

    def given(condition: str) -> str:
        return re.sub(r"\binputs\.([\w-]+)", lambda found: inputs.get(found[1], found[0]), condition)

    return replace(
        job,
        key=f"{key} / {job.key}",
        title=f"{caller.title or key} / {job.title or job.key}",
        needs=tuple(f"{key} / {n}" for n in job.needs),
        inside=f"{key} / {job.inside}" if job.inside else CALL + key,
        when=given(job.when),
        legs=job.legs or caller.legs,
        steps=tuple(replace(step, when=given(step.when)) for step in job.steps),
        may_fail=job.may_fail or caller.may_fail,
    )


def _job(reader: _Reader, key: str, node: y.Node) -> Job:
    fields = y.pairs(node)
    shell, folder = _defaults(fields, reader.shell, reader.folder)
    reader.variables = reader.shared | _texts(fields.get("env"))
    runner = _runner(reader, fields.get("runs-on"))
    # GitHub's default shell on Windows.
    if not shell and runner.startswith("windows"):
        shell = "pwsh"
    named = y.items(fields.get("needs")) or [fields.get("needs")]
    needs = tuple(text for each in named if (text := y.scalar(each)))
    container, environment = fields.get("container"), fields.get("environment")
    reader.needs = needs
    reader.legs = legs_of(y.pairs(fields.get("strategy")).get("matrix"))
    may_fail, doubt = _soft(reader, fields)
    steps = [s for step in y.items(fields.get("steps")) for s in _steps(reader, step, shell, folder, reader.depth)]
    return Job(
        key=key,
        line=y.line(node),
        file=reader.file,
        title=reader.text(fields.get("name")),
        steps=looked_after(steps),
        outputs=_texts(fields.get("outputs")),
        needs=needs,
        when=y.scalar(fields.get("if")) or "",
        may_fail=may_fail,
        doubt=doubt,
        image=reader.text(container) or reader.text(y.pairs(container).get("image")),
        runner=runner,
        environment=reader.text(environment) or reader.text(y.pairs(environment).get("name")),
        legs=reader.legs,
        variables=dict(reader.variables),
    )


def _texts(node: y.Node) -> dict[str, str]:
    return {name: y.scalar(value) or "" for name, value in y.pairs(node).items()}


def _runner(reader: _Reader, node: y.Node) -> str:
    """Return what a job runs on: a word, a list of labels, or a group's labels."""
    labels = y.pairs(node).get("labels", node)
    return reader.text(labels) or ", ".join(reader.text(each) for each in y.items(labels))


def _soft(reader: _Reader, fields: Mapping[str, y.Node]) -> tuple[str, str]:
    """Say what lets a failure pass, and why it may: `continue-on-error` is true, or an expression."""
    node = fields.get("continue-on-error")
    value = reader.text(node)
    summary = f"continue-on-error: {value}, line {y.line(node)}" if value else ""
    if "${{" not in value:
        return (summary if value.lower() not in {"", "false"} else ""), ""
    bare = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", value, flags=re.DOTALL)
    match softness(bare, reader.events, reader.legs):
        case "yes":
            return summary, ""
        case "no":
            return "", ""
    return "", f"it may fail ({summary})"


def _step(reader: _Reader, node: y.Node, shell: str, where: str) -> JobStep:
    """Read a step as it stands."""
    fields = y.pairs(node)
    uses, run = y.scalar(fields.get("uses")) or "", fields.get("run")
    inputs = {name: reader.text(value) for name, value in y.pairs(fields.get("with")).items()}
    may_fail, doubt = _soft(reader, fields)
    return JobStep(
        line=y.line(node),
        name=y.scalar(fields.get("name")) or "",
        key=y.scalar(fields.get("id")) or "",
        uses=uses,
        tag=reader.tag_at(y.line(fields["uses"])) if uses else "",
        inputs=inputs,
        commands=_commands(reader, run, y.scalar(fields.get("shell")) or shell, where)
        or _of_action(uses, inputs, y.line(node), where, reader.repo),
        when=reader.condition(fields.get("if"), _texts(fields.get("env"))),
        may_fail=may_fail or goes_on(uses, inputs),
        doubt=doubt,
        fails=_gate(reader, fields),
        refuses=refusal(uses, y.scalar(run) or "", inputs, reader.variables | _texts(fields.get("env"))),
        variables=_texts(fields.get("env")),
    )


def _steps(reader: _Reader, node: y.Node, shell: str, folder: str, depth: int) -> list[JobStep]:
    """Read a step; a composite action of the repository becomes its own steps."""
    fields = y.pairs(node)
    where = y.scalar(fields.get("working-directory")) or folder
    step = _step(reader, node, shell, where)
    uses = step.uses
    if not uses.startswith("./"):
        reader.unseen += [f"the action {uses}"] if uses and not step.commands and may_run_tests(uses) else []
        return [step]
    below = uses.removeprefix("./").rstrip("/")
    text = reader.repo.text(f"{below}/action.yml") or reader.repo.text(f"{below}/action.yaml")
    documents = y.documents(text, f"{below}/action.yml") if text else []
    if not documents or depth >= MAX_DEPTH:
        reader.unseen.append(f"the action {uses}")
        return [step]
    inner = y.items(y.pairs(y.pairs(documents[0]).get("runs")).get("steps"))
    within = replace(reader, inputs=_inputs(text or "", reader, fields))  # what is not seen there is in the same list
    return [
        replace(
            s,
            line=step.line,
            may_fail=s.may_fail or step.may_fail,
            doubt=s.doubt or step.doubt,
            when=_both(step.when, s.when),
        )
        for each in inner
        for s in _steps(within, each, "", where, depth + 1)
    ]


def _both(outer: str, inner: str) -> str:
    """Join the conditions of an action's use and of a step in it."""
    bare = [re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", each, flags=re.DOTALL) for each in (outer, inner) if each]
    return " && ".join(f"({each})" for each in bare) if len(bare) > 1 else outer or inner


def _gate(reader: _Reader, fields: Mapping[str, y.Node]) -> str:
    """Return the condition under which a step that looks at other jobs' results ends badly."""
    uses, script = y.scalar(fields.get("uses")) or "", y.scalar(fields.get("run")) or ""
    if uses.startswith(ALLS_GREEN):
        inputs = {name: y.scalar(value) or "" for name, value in y.pairs(fields.get("with")).items()}
        return alls_green(inputs, reader.needs)
    variables, condition = reader.variables | _texts(fields.get("env")), y.scalar(fields.get("if")) or ""
    if ENDS_BADLY.fullmatch(script):
        return "true"
    looks = any(re.search(r"\bneeds\b", text) for text in (script, condition, *variables.values()))
    if not script or not (looks or re.search(r"\bfailure\(", condition)):
        return ""
    fails = script_fails(script, variables)
    return "" if fails == "false" else fails


def _commands(reader: _Reader, run: y.Node, shell: str, folder: str) -> tuple[ShellCommand, ...]:
    script = reader.text(run)
    if script and NO_SHELL.match(shell):
        reader.unseen.append(f"the script for {shell} in line {y.line(run)} of {reader.file}")
    if not script or NO_SHELL.match(shell):
        return ()
    if shell in SHELLS:
        errexit, pipefail = SHELLS[shell]
    else:
        errexit = not LAST_ONE_COUNTS.match(shell) and bool(re.search(r"\s-[a-z]*e|errexit", shell))
        pipefail = "pipefail" in shell
    # The text of a block scalar begins on the line after | or >.
    first = y.line(run) + (1 if run.style in {"|", ">"} else 0)
    found = script_commands(script, errexit=errexit, pipefail=pipefail, first_line=first)
    found = with_values(found, reader.legs, reader.variables)
    folder = folder.removeprefix("./").strip("/").removeprefix(".")
    return expanded(tuple(replace(c, folder=f"{folder}/{c.folder}".strip("/")) for c in found), reader.repo)


def _of_action(
    uses: str, inputs: Mapping[str, str], line: int, folder: str, repo: RepositoryFiles
) -> tuple[ShellCommand, ...]:
    """Return the commands that an action is given to run."""
    script = script_of(uses, inputs)
    found = script_commands(script, errexit=True, pipefail=False) if script else ()
    return expanded(tuple(replace(c, line=line, folder=joined(folder, c.folder)) for c in found), repo)
