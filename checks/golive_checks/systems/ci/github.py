"""GitHub Actions: a workflow's jobs, with the reusable workflows and composite actions of the same repository."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from golive_checks.systems.ci.client.shell import commands
from golive_checks.systems.ci.conditions import although_failed
from golive_checks.systems.ci.model import Job, Pipeline, Step
from golive_checks.systems.ci.scripts import Package, expanded
from golive_checks.systems.machine.client import yamlnodes as y

FOLDER = ".github/workflows/"
SHELLS = {"": (True, False), "bash": (True, True), "sh": (True, False)}
"""errexit and pipefail of each `shell:`: unset is `bash -e {0}`, bash is `bash --noprofile --norc -eo pipefail {0}`.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax, jobs.<job_id>.steps[*].shell
"""
NO_SHELL = re.compile(r"^(?:python|node|perl|ruby)\b")
LAST_ONE_COUNTS = re.compile(r"^(?:pwsh|powershell|cmd)\b")
MAX_DEPTH = 4
"""How deep workflows may call one another, as on GitHub itself."""

Load = Callable[[str], str | None]
"""Gives the text of a file of the repository."""


@dataclass
class _Reader:
    file: str
    load: Load
    packages: tuple[Package, ...]
    depth: int = 0
    unseen: list[str] = field(default_factory=list)
    shell: str = ""
    folder: str = ""


def read_github(file: str, text: str, load: Load, packages: tuple[Package, ...], depth: int = 0) -> Pipeline:
    """Read a workflow."""
    documents = y.documents(text, file)
    top = y.pairs(documents[0]) if documents else {}
    reader = _Reader(file, load, packages, depth)
    reader.shell, reader.folder = _defaults(top, "", "")
    jobs: list[Job] = []
    called: dict[str, tuple[str, ...]] = {}
    lines = y.lines(top.get("jobs"))
    for key, node in y.pairs(top.get("jobs")).items():
        inner = _called(reader, key, node)
        jobs += inner or [replace(_job(reader, key, node), line=lines.get(key, y.line(node)))]
        if inner:
            called[key] = tuple(job.key for job in inner)

    def inside(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n for key in keys for n in called.get(key, (key,)))

    jobs = [replace(j, needs=inside(j.needs), passes=inside(j.passes), unclear=inside(j.unclear)) for j in jobs]
    # GitHub reads YAML 1.2, in which `on` is a word; YAML 1.1 would call it true
    triggers = y.scalar(top.get("on")) or ""
    on = [triggers] if triggers else [*y.pairs(top.get("on")), *(y.scalar(i) or "" for i in y.items(top.get("on")))]
    return Pipeline(file, "github", tuple(on), tuple(jobs), tuple(reader.unseen))


def _defaults(fields: Mapping[str, y.Node], shell: str, folder: str) -> tuple[str, str]:
    run = y.pairs(y.pairs(fields.get("defaults")).get("run"))
    return y.scalar(run.get("shell")) or shell, y.scalar(run.get("working-directory")) or folder


def _called(reader: _Reader, key: str, node: y.Node) -> list[Job]:
    """Return the jobs of the workflow that a job calls; none where it calls none that can be seen."""
    fields = y.pairs(node)
    uses = y.scalar(fields.get("uses")) or ""
    if not uses:
        return []
    text = reader.load(uses.removeprefix("./")) if uses.startswith("./") else None
    if text is None or reader.depth >= MAX_DEPTH:
        reader.unseen.append(f"the workflow {uses}, which the job {key} calls")
        return []
    there = read_github(uses.removeprefix("./"), text, reader.load, reader.packages, reader.depth + 1)
    reader.unseen += there.unseen
    caller = _job(reader, key, node)
    return [
        replace(
            job,
            key=f"{key} / {job.key}",
            title=f"{caller.title or key} / {job.title or job.key}",
            needs=(*(f"{key} / {n}" for n in job.needs), *caller.needs),
            when=job.when or caller.when,
            may_fail=job.may_fail or caller.may_fail,
            starts_anyway=caller.starts_anyway or job.starts_anyway,
            passes=(*(f"{key} / {n}" for n in job.passes), *caller.passes),
            unclear=(*(f"{key} / {n}" for n in job.unclear), *caller.unclear),
        )
        for job in there.jobs
    ]


def _job(reader: _Reader, key: str, node: y.Node) -> Job:
    fields = y.pairs(node)
    shell, folder = _defaults(fields, reader.shell, reader.folder)
    runner = y.scalar(fields.get("runs-on")) or ", ".join(y.scalar(i) or "" for i in y.items(fields.get("runs-on")))
    if not shell and runner.startswith("windows"):
        shell = "pwsh"
    named = y.items(fields.get("needs")) or [fields.get("needs")]
    needs = tuple(text for each in named if (text := y.scalar(each)))
    container, environment = fields.get("container"), fields.get("environment")
    matrix = y.pairs(y.pairs(fields.get("strategy")).get("matrix"))
    condition = y.scalar(fields.get("if")) or ""
    steps = [s for step in y.items(fields.get("steps")) for s in _steps(reader, step, shell, folder, reader.depth)]
    return Job(
        key=key,
        line=y.line(node),
        file=reader.file,
        title=y.scalar(fields.get("name")) or "",
        steps=_looked_after(steps),
        needs=needs,
        when=condition,
        may_fail=_soft(fields, "continue-on-error"),
        starts_anyway=f"if: {condition}" if condition else "",
        passes=tuple(n for n in needs if although_failed(condition, n, needs) == "starts"),
        unclear=tuple(n for n in needs if although_failed(condition, n, needs) == "unclear"),
        image=y.scalar(container) or y.scalar(y.pairs(container).get("image")) or "",
        runner=runner,
        environment=y.scalar(environment) or y.scalar(y.pairs(environment).get("name")) or "",
        matrix={name: tuple(y.scalar(i) or "" for i in y.items(value)) for name, value in matrix.items()},
        variables={name: y.scalar(value) or "" for name, value in y.pairs(fields.get("env")).items()},
    )


def _soft(fields: Mapping[str, y.Node], key: str) -> str:
    """Say what lets a failure pass: `true`, or an expression that may be."""
    node = fields.get(key)
    value = y.scalar(node) or ""
    return f"{key}: {value}, line {y.line(node)}" if value and value.lower() != "false" else ""


def _steps(reader: _Reader, node: y.Node, shell: str, folder: str, depth: int) -> list[Step]:
    """Read a step; a composite action of the repository becomes its own steps."""
    fields = y.pairs(node)
    uses, run = y.scalar(fields.get("uses")) or "", fields.get("run")
    where = y.scalar(fields.get("working-directory")) or folder
    step = Step(
        line=y.line(node),
        name=y.scalar(fields.get("name")) or "",
        key=y.scalar(fields.get("id")) or "",
        uses=uses,
        inputs={name: y.scalar(value) or "" for name, value in y.pairs(fields.get("with")).items()},
        commands=_commands(run, y.scalar(fields.get("shell")) or shell, where, reader.packages),
        when=y.scalar(fields.get("if")) or "",
        may_fail=_soft(fields, "continue-on-error"),
    )
    if not uses.startswith("./"):
        return [step]
    below = uses.removeprefix("./").rstrip("/")
    text = reader.load(f"{below}/action.yml") or reader.load(f"{below}/action.yaml")
    documents = y.documents(text, f"{below}/action.yml") if text else []
    if not documents or depth >= MAX_DEPTH:
        reader.unseen.append(f"the action {uses}")
        return [step]
    inner = y.items(y.pairs(y.pairs(documents[0]).get("runs")).get("steps"))
    return [
        replace(s, line=step.line, may_fail=s.may_fail or step.may_fail, when=s.when or step.when)
        for each in inner
        for s in _steps(reader, each, "", where, depth + 1)
    ]


def _commands(run: y.Node, shell: str, folder: str, packages: tuple[Package, ...]) -> tuple[y.Node, ...]:
    script = y.scalar(run)
    if not script or NO_SHELL.match(shell):
        return ()
    if shell in SHELLS:
        errexit, pipefail = SHELLS[shell]
    else:
        errexit = not LAST_ONE_COUNTS.match(shell) and bool(re.search(r"\s-[a-z]*e|errexit", shell))
        pipefail = "pipefail" in shell
    first = y.line(run) + (1 if run.style in {"|", ">"} else 0)
    found = commands(script, errexit=errexit, pipefail=pipefail, first_line=first)
    folder = folder.removeprefix("./").strip("/").removeprefix(".")
    return expanded(tuple(replace(c, folder=f"{folder}/{c.folder}".strip("/")) for c in found), "", packages)


def _looked_after(steps: list[Step]) -> tuple[Step, ...]:
    """A step whose outcome a later one looks at, and fails upon, does not fail unseen."""
    result = []
    for n, step in enumerate(steps):
        asked = [f"steps.{step.key}.outcome", f"steps.{step.key}.conclusion"] if step.key else []
        guards = [s for s in steps[n + 1 :] if s.may_fail == "" and any(a in s.when for a in asked)]
        ends = any(c.words[:1] in {("exit",), ("false",)} and c.words[1:] != ("0",) for s in guards for c in s.commands)
        result.append(replace(step, may_fail="") if ends else step)
    return tuple(result)
