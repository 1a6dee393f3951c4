"""GitLab CI: the jobs of .gitlab-ci.yml, with what they extend, their stages, and files of the same repository."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from golive import shortened
from golive_checks.systems.ci.aftermath import script_commands
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.gitlab_children import waits_for_child, with_child
from golive_checks.systems.ci.gitlab_rules import job_rules, may_fail, rules_of
from golive_checks.systems.ci.matrix import MAX_LEGS, Leg
from golive_checks.systems.ci.matrix_values import with_values
from golive_checks.systems.ci.model import Job, JobStep, Pipeline
from golive_checks.systems.ci.repository import RepositoryFiles, included
from golive_checks.systems.ci.scripts import expanded
from golive_checks.systems.machine.client import yamlnodes as y

FILE = ".gitlab-ci.yml"
STAGES = (".pre", "build", "test", "deploy", ".post")
"""The stages of a file that names none (https://docs.gitlab.com/ci/yaml/#stages)."""
NO_JOB = frozenset(
    {"stages", "default", "include", "variables", "workflow", "image", "services", "cache", "before_script"}
    | {"after_script", "spec", "pages:deploy"}
)
MAX_DEPTH = 8
MAX_CHILDREN = 2
"""How deep pipelines may start one another (https://docs.gitlab.com/ci/pipelines/downstream_pipelines/)."""


def read_gitlab(file: str, text: str, repo: RepositoryFiles, depth: int = MAX_CHILDREN) -> Pipeline:
    """Read a pipeline."""
    unseen: list[str] = []
    top, files = _with_includes(file, text, repo, unseen, MAX_DEPTH)
    default = {**{key: top[key] for key in NO_JOB & top.keys()}, **y.pairs(top.get("default"))}
    named = [y.scalar(i) or "" for i in y.items(top.get("stages"))]
    # .pre and .post exist in every pipeline, whether or not stages names them.
    stages = [".pre", *named, ".post"] if named else [*STAGES]
    found: dict[str, tuple[Job, dict[str, y.Node]]] = {}
    for key, node in top.items():
        # A key with a dot in front is a template, which GitLab never runs.
        if key in NO_JOB or key.startswith(".") or node.id != "mapping":
            continue
        fields = _extended(key, top, MAX_DEPTH)
        found[key] = (_job(key, files.get(key, (file, y.line(node))), fields, default, repo, top), fields)
    jobs = [replace(job, **_needs(key, fields, found, stages)) for key, (job, fields) in found.items()]
    existing = tuple(rules_of(_entries(y.pairs(top.get("workflow")).get("rules"), top)))
    triggers = {key: fields["trigger"] for key, (_, fields) in found.items() if "trigger" in fields}
    for key, trigger in triggers.items():
        child = _child(trigger, repo, depth) if depth else None
        jobs = with_child(jobs, key, child, waits=waits_for_child(trigger)) if child else jobs
        unseen += child.unseen if child else [f"the pipeline that {key} starts"]
    unseen += [f"the steps of {key} (run)" for key, (_, fields) in found.items() if "run" in fields]
    return Pipeline(file, "gitlab", rules=existing, jobs=tuple(jobs), unseen=tuple(unseen))


def _child(trigger: y.Node, repo: RepositoryFiles, depth: int) -> Pipeline | None:
    """Read the pipeline that a job starts from files of this repository; None where golive cannot see all of it."""
    include = y.pairs(trigger).get("include")
    names = [y.scalar(each) or y.scalar(y.pairs(each).get("local")) for each in y.items(include) or [include]]
    if include is None or not all(name and repo.text(name.lstrip("/")) is not None for name in names):
        return None
    files = [str(name).lstrip("/") for name in names]
    if len(files) > 1:
        listed = json.dumps([{"local": name} for name in files])
        child = read_gitlab(files[0], f"include: {listed}\n", repo, depth - 1)
    else:
        child = read_gitlab(files[0], repo.text(files[0]) or "", repo, depth - 1)
    return None if child.rules else child


def _with_includes(
    file: str, text: str, repo: RepositoryFiles, unseen: list[str], depth: int
) -> tuple[dict[str, y.Node], dict[str, tuple[str, int]]]:
    """Return the top level with local includes laid beneath, and the file and line that each key stands at."""
    top: dict[str, y.Node] = {}
    files: dict[str, tuple[str, int]] = {}
    for document in y.documents(text, file):
        top |= y.pairs(document)
        files |= {key: (file, line) for key, line in y.lines(document).items()}
    include = top.get("include")
    for each in y.items(include) or ([include] if include is not None else []):
        name = y.scalar(each) or y.scalar(y.pairs(each).get("local"))
        found = included([name], repo.texts) if name and "://" not in name and depth else []
        if not found:
            summary = name or ", ".join(f"{k} {y.scalar(v)}" for k, v in y.pairs(each).items())
            unseen.append(f"what {file} includes: {shortened(summary, 200)}")
        for path in found:
            below, theirs = _with_includes(path, repo.texts[path], repo, unseen, depth - 1)
            top, files = {**below, **top}, {**theirs, **files}
    return top, files


def _extended(key: str, top: Mapping[str, y.Node], depth: int) -> dict[str, y.Node]:
    """Return a job's keywords, those of what it extends laid beneath."""
    fields = y.pairs(top.get(key))
    extends = fields.get("extends")
    beneath: dict[str, y.Node] = {}
    for each in y.items(extends) or ([extends] if extends is not None else []):
        name = y.scalar(each)
        if name and name in top and depth:
            beneath |= _extended(name, top, depth - 1)
    return {**beneath, **fields}


def _job(
    key: str,
    place: tuple[str, int],
    fields: Mapping[str, y.Node],
    default: Mapping[str, y.Node],
    repo: RepositoryFiles,
    top: Mapping[str, y.Node],
) -> Job:
    image = fields.get("image", default.get("image"))
    # A job's own before_script replaces the default one; GitLab does not join them.
    before = _lines(fields.get("before_script", default.get("before_script")), top)
    script = [*before, *_lines(fields.get("script"), top)]
    cache = fields.get("cache", default.get("cache"))
    paths = [p for c in (y.items(cache) or [cache]) for p in y.items(y.pairs(c).get("paths"))]
    when = y.scalar(fields.get("when")) or ""
    environment = fields.get("environment")
    named = {**y.pairs(default.get("variables")), **y.pairs(fields.get("variables"))}
    variables = {n: y.scalar(v) or y.scalar(y.pairs(v).get("value")) or "" for n, v in named.items()}
    return Job(
        key=key,
        line=place[1],
        file=place[0],
        title=key,
        steps=(JobStep(script[0][1], "script", commands=_commands(script, repo, _legs(fields), variables)),)
        if script
        else (),
        may_fail=_soft(fields, when),
        rules=job_rules(fields, when, _entries(fields.get("rules"), top)),
        image=y.scalar(image) or y.scalar(y.pairs(image).get("name")) or "",
        environment=_environment(environment),
        cached=tuple(y.scalar(p) or "" for p in paths),
        variables=variables,
    )


def _legs(fields: Mapping[str, y.Node]) -> tuple[Leg, ...]:
    """Return the combinations of `parallel: matrix:`, as variables."""
    found: list[Leg] = []
    for each in y.items(y.pairs(fields.get("parallel")).get("matrix")):
        values = [[(name, y.scalar(v) or "") for v in y.items(node) or [node]] for name, node in y.pairs(each).items()]
        found += [dict(leg) for leg in itertools.islice(itertools.product(*values), MAX_LEGS)]
    return tuple(found[:MAX_LEGS])


def _environment(node: y.Node) -> str:
    """Return the environment that a job deploys to; one that stops it, or only looks at it, deploys nothing.

    https://docs.gitlab.com/ci/yaml/#environmentaction
    """
    given = y.pairs(node)
    deploys = (y.scalar(given.get("action")) or "start") == "start"
    return (y.scalar(node) or y.scalar(given.get("name")) or "") if deploys else ""


def _entries(node: y.Node, top: Mapping[str, y.Node], depth: int = MAX_DEPTH) -> list[y.Node]:
    """Return a list's entries: lists in lists are one list, and so is what !reference points at."""
    if node is not None and node.tag == "!reference":
        return _entries(_referred(node, top), top, depth - 1) if depth else []
    if node is not None and node.id == "sequence":
        return [entry for each in y.items(node) for entry in _entries(each, top, depth)]
    return [] if node is None else [node]


def _lines(node: y.Node, top: Mapping[str, y.Node]) -> list[tuple[str, int]]:
    """Return a script's entries with their lines."""
    entries = ((y.scalar(each), each) for each in _entries(node, top))
    return [(text, y.line(each) + (1 if each.style in {"|", ">"} else 0)) for text, each in entries if text is not None]


def _referred(node: y.Node, top: Mapping[str, y.Node]) -> y.Node:
    """Return what `!reference [job, keyword]` points at, that of an extended job included."""
    name, *path = [y.scalar(each) or "" for each in y.items(node)]
    here: dict[str, y.Node] = _extended(name, top, MAX_DEPTH)
    found: y.Node = None
    for part in path:
        found = here.get(part)
        here = y.pairs(found)
    return found


def _commands(
    script: list[tuple[str, int]], repo: RepositoryFiles, legs: tuple[Leg, ...], variables: Mapping[str, str]
) -> tuple[ShellCommand, ...]:
    """Read all entries as the one script that they become, which the runner starts with errexit and pipefail."""
    place = [first + n for text, first in script for n in range(len(text.splitlines()) or 1)]
    whole = "\n".join(text.rstrip("\n") for text, _ in script)
    found = script_commands(whole, errexit=True, pipefail=True)
    placed = tuple(replace(c, line=place[min(c.line, len(place)) - 1]) for c in found)
    return expanded(with_values(placed, legs, variables), repo)


def _soft(fields: Mapping[str, y.Node], when: str) -> str:
    """Say what lets the pipeline pass although the job fails, whichever rule it runs by."""
    node = fields.get("allow_failure")
    value = y.scalar(node)
    if node is not None and may_fail(node):
        return f"allow_failure: {value or 'for some exit codes'}, line {y.line(node)}"
    if when == "manual" and "allow_failure" not in fields:
        return f"when: manual, which may be left out, line {y.line(fields['when'])}"
    return ""


def _needs(
    key: str, fields: Mapping[str, y.Node], found: Mapping[str, tuple[Job, dict[str, y.Node]]], stages: list[str]
) -> dict[str, Any]:
    """Return what a job waits for: what it names, else every job of the stages before its own."""
    if "needs" in fields:
        each = [(y.scalar(e) or y.scalar(y.pairs(e).get("job")), y.pairs(e)) for e in y.items(fields["needs"])]
        each = [(n, more) for n, more in each if not {"project", "pipeline"} & more.keys()]  # of another pipeline
        optional = frozenset(n for n, more in each if n and (y.scalar(more.get("optional")) or "").lower() == "true")
        return {"needs": tuple(n for n, _ in each if n), "optional": optional}
    stage = _stage(fields)
    before = stages[: stages.index(stage)] if stage in stages else []
    return {"needs": tuple(k for k, (_, f) in found.items() if k != key and _stage(f) in before), "in_stages": True}


def _stage(fields: Mapping[str, y.Node]) -> str:
    return y.scalar(fields.get("stage")) or "test"
