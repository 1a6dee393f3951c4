"""The runs that a pipeline may have, as far as its conditions tell them apart: by event, branch and tag. Pure."""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from golive_checks.systems.ci.expressions import compared, guesses
from golive_checks.systems.ci.model import Pipeline, Trigger

MAX_WORLDS = 3000
DEFAULT, OTHER, TAG = "main", "golive-other", "v1.0.0"
"""A default branch, a branch and a tag that no condition names."""
MERGE_QUEUE = "merge_group"
PULL_REQUESTS = frozenset({"pull_request", "pull_request_target", MERGE_QUEUE})
OWN = ("github.repository", "github.repository_owner", "$CI_PROJECT_PATH", "$CI_PROJECT_NAMESPACE")
"""What a condition compares with these is taken for the repository's own name: a fork releases nothing."""
SOURCES = ("push", "merge_request_event", "schedule", "web", "api", "trigger")


@dataclass(frozen=True)
class PipelineWorld:
    """A run: what the platform's names say, and what is taken for what is not known."""

    values: Mapping[str, str]
    guesses: Mapping[str, bool]

    @property
    def event(self) -> str:
        """What started it."""
        return self.values.get("github.event_name") or self.values.get("$CI_PIPELINE_SOURCE", "")


class TooManyError(Exception):
    """There are more runs than can be looked at."""


def worlds(
    pipeline: Pipeline, trees: Iterable[ast.expr], events: Iterable[Mapping[str, str]] = ()
) -> list[PipelineWorld]:
    """Return the runs that some conditions may tell apart.

    `events` are what starts them, where the caller knows; else the pipeline's own triggers say.

    Raises:
        TooManyError: there are more than can be looked at.
    """
    named: dict[str, set[str]] = {}
    unknown: set[str] = set()
    for tree in trees:
        unknown |= guesses(tree)
        for name, value in compared(tree):
            named.setdefault(name, set()).add(value)
    starts = list(events) or list(_gitlab(named) if pipeline.system == "gitlab" else _github(pipeline.triggers, named))
    found: list[PipelineWorld] = []
    for start in starts:
        free = {
            name: _domain(name, values) for name, values in named.items() if name not in start and _is_free(name, start)
        }
        sizes = [len(values) for values in free.values()] + [2] * len(unknown)
        count = len(found)
        for size in sizes:
            count += (count or 1) * (size - 1)
        # Counted before any is made, as the product at least doubles with each condition.
        if count > MAX_WORLDS:
            raise TooManyError
        for chosen in itertools.product(*free.values()):
            for truths in itertools.product((False, True), repeat=len(unknown)):
                values = {**start, **dict(zip(free, chosen, strict=True))}
                found.append(PipelineWorld(values, dict(zip(sorted(unknown), truths, strict=True))))
    return found


def _domain(name: str, values: set[str]) -> list[str]:
    given = sorted(values - {""})
    if name in OWN or name.endswith(".draft"):  # a draft is not merged
        return (given if name in OWN else ["false"] if given else [""]) or [""]
    return ["", *given, *([] if "true" in given else ["true"])]


def _is_free(name: str, start: Mapping[str, str]) -> bool:
    """Return whether a name may have a value in such a run: a push has no pull request, and nobody filled a form in."""
    event = start.get("github.event_name")
    if event is None:
        return not (name.startswith("$CI_MERGE_REQUEST") and start.get("$CI_PIPELINE_SOURCE") != SOURCES[1])
    if name.startswith(("github.event.pull_request", "github.head_ref", "github.base_ref")):
        return event in PULL_REQUESTS
    if name.startswith(("inputs.", "github.event.inputs.")):
        return event in {"workflow_dispatch", "workflow_call"}
    if name.startswith("github.event.workflow_run."):
        return event == "workflow_run"
    return name != "github.event.release.prerelease" or event == "release"


def _github(triggers: Iterable[Trigger], named: Mapping[str, set[str]]) -> Iterator[dict[str, str]]:
    names = named.get("github.ref_name", set()) - {""}
    heads, marks = _refs(named.get("github.ref", set()))
    branches = list(dict.fromkeys([DEFAULT, OTHER, *heads, *sorted(names)]))
    tags = [TAG, *marks, *sorted(name for name in names if re.match(r"v?\d", name))]
    for trigger in triggers:
        event = trigger.event
        if event in PULL_REQUESTS:
            yield _run(event, "refs/pull/1/merge", "1/merge", "branch")
        elif event == "release":
            yield _run(event, f"refs/tags/{TAG}", TAG, "tag")
        elif event in {"push", "workflow_dispatch", "create"}:
            only = bool(trigger.branches or trigger.tags) and event == "push"
            for name in _chosen(trigger.branches, branches) if trigger.branches or not only else ():
                yield _run(event, f"refs/heads/{name}", name, "branch")
            for name in _chosen(trigger.tags, tags) if trigger.tags or not only else ():
                yield _run(event, f"refs/tags/{name}", name, "tag")
        elif event != "workflow_call":
            yield _run(event, f"refs/heads/{DEFAULT}", DEFAULT, "branch")


def _refs(values: set[str]) -> tuple[list[str], list[str]]:
    """Return the branches and the tags that conditions on a ref tell apart, by whole refs or by parts of them."""
    heads, tags = list[str](), list[str]()
    for value in sorted(values - {""}):
        _, whole, name = value.rpartition("refs/heads/")
        _, tag, mark = value.rpartition("refs/tags/")
        if whole:
            heads += [name] if name else []
        elif tag:
            tags.append(mark)
        elif "refs/" not in value:
            heads.append(value)
            tags.append(value)
    return heads, tags


def _chosen(patterns: tuple[str, ...], known: list[str]) -> list[str]:
    """Return the names that a filter lets through: those it names, and for a pattern those that are known."""
    if not patterns:
        return list(dict.fromkeys(known))
    plain = [p for p in patterns if not set(p) & set("*?[!+")]
    return plain if len(plain) == len(patterns) else list(dict.fromkeys([*plain, *known]))


def _run(event: str, ref: str, name: str, kind: str) -> dict[str, str]:
    return {"github.event_name": event, "github.ref": ref, "github.ref_name": name, "github.ref_type": kind} | {
        "github.event.repository.default_branch": DEFAULT
    }


def _gitlab(named: Mapping[str, set[str]]) -> Iterator[dict[str, str]]:
    branches = {DEFAULT, OTHER} | (named.get("$CI_COMMIT_BRANCH", set()) | named.get("$CI_COMMIT_REF_NAME", set())) - {
        ""
    }
    sources = {*SOURCES[:4], *(named.get("$CI_PIPELINE_SOURCE", set()) - {""})}
    for source in sorted(sources):
        fixed = {"$CI_PIPELINE_SOURCE": source, "$CI_DEFAULT_BRANCH": DEFAULT, "$CI": "true", "$GITLAB_CI": "true"}
        # In pipelines of merge requests GitLab sets no CI_COMMIT_BRANCH.
        if source == SOURCES[1]:
            more = {"$CI_COMMIT_BRANCH": "", "$CI_COMMIT_TAG": "", "$CI_COMMIT_REF_NAME": OTHER}
            yield fixed | more | {"$CI_MERGE_REQUEST_ID": "1", "$CI_MERGE_REQUEST_IID": "1"}
            continue
        for branch in sorted(branches):
            yield fixed | {"$CI_COMMIT_BRANCH": branch, "$CI_COMMIT_TAG": "", "$CI_COMMIT_REF_NAME": branch}
        # For a tag GitLab starts a pipeline of the source push too, without CI_COMMIT_BRANCH.
        if source == "push":
            yield fixed | {"$CI_COMMIT_BRANCH": "", "$CI_COMMIT_TAG": TAG, "$CI_COMMIT_REF_NAME": TAG}
