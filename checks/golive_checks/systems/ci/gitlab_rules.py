"""When a job of GitLab's is in the pipeline: `rules`, and the older `only` and `except`, as rules alone. Pure.

https://docs.gitlab.com/ci/jobs/job_rules/; https://docs.gitlab.com/ci/yaml/deprecated_keywords/
"""

import json
from collections.abc import Iterator, Mapping

from golive_checks.systems.ci.model import GitlabRule
from golive_checks.systems.machine.client import yamlnodes as y

BRANCH, TAG, SOURCE, REF = "$CI_COMMIT_BRANCH", "$CI_COMMIT_TAG", "$CI_PIPELINE_SOURCE", "$CI_COMMIT_REF_NAME"
NEVER = "never"
WORDS = {
    "branches": BRANCH,
    "tags": TAG,
    "merge_requests": f"{SOURCE} == 'merge_request_event'",
    "schedules": f"{SOURCE} == 'schedule'",
    "pushes": f"{SOURCE} == 'push'",
    "web": f"{SOURCE} == 'web'",
    "api": f"{SOURCE} == 'api'",
    "triggers": f"{SOURCE} == 'trigger'",
    "pipelines": f"{SOURCE} == 'pipeline'",
    "external_pull_requests": f"{SOURCE} == 'external_pull_request_event'",
}
BRANCHES_AND_TAGS = f"{BRANCH} || {TAG}"
"""Where a job without rules is: a merge request's own pipeline leaves it out."""


def job_rules(fields: Mapping[str, y.Node], when: str, rules: list[y.Node]) -> tuple[GitlabRule, ...]:
    """Return the rules by which a job is in the pipeline; a `when` of the job's is that of each rule without one."""
    starts = when or "on_success"
    given = fields.get("allow_failure")
    soft = when == "manual" if given is None else may_fail(given)
    if "rules" in fields:
        return tuple(rules_of(rules, starts, soft=soft))
    only = _any_of(fields["only"]) if "only" in fields else BRANCHES_AND_TAGS
    left_out = [GitlabRule(_any_of(fields["except"]), NEVER)] if "except" in fields else []
    return (*left_out, GitlabRule(only, starts, soft))


def may_fail(node: y.Node) -> bool:
    """Return whether `allow_failure` lets tests fail: of exit codes only 1 counts, with which Playwright ends then.

    https://docs.gitlab.com/ci/yaml/#allow_failureexit_codes; https://playwright.dev/docs/test-cli
    """
    codes = y.pairs(node).get("exit_codes")
    if codes is not None:
        return "1" in {y.scalar(each) for each in y.items(codes) or [codes]}
    return (y.scalar(node) or "true").lower() != "false"


def rules_of(nodes: list[y.Node], starts: str = "on_success", *, soft: bool = False) -> Iterator[GitlabRule]:
    """Yield the rules of a list; what one does not say itself, the job does: how it starts, and whether it may fail."""
    for node in nodes:
        rule = y.pairs(node)
        parts = [f"({y.scalar(rule['if'])})"] if y.scalar(rule.get("if")) else []
        parts += [_guess(key, rule[key]) for key in ("changes", "exists") if key in rule]
        own, given = y.scalar(rule.get("when")), rule.get("allow_failure")
        yield GitlabRule(" && ".join(parts), own or starts, soft if given is None else may_fail(given))


def _guess(key: str, node: y.Node) -> str:
    """Name what is only known once the commit is there, by its text."""
    paths = [y.scalar(each) or "" for each in y.items(node) or y.items(y.pairs(node).get("paths"))]
    return f"{key}({', '.join(json.dumps(path) for path in paths)})"


def _any_of(node: y.Node) -> str:
    """Return the condition that `only` or `except` stands for."""
    given = y.pairs(node)
    refs = y.items(given.get("refs")) if given else y.items(node) or [node]
    parts = [" || ".join(_ref(y.scalar(each) or "") for each in refs)] if refs else []
    if "variables" in given:
        parts.append(" || ".join(f"({y.scalar(each)})" for each in y.items(given["variables"])))
    parts += [_guess("changes", given["changes"])] if "changes" in given else []
    parts += ["kubernetes()"] if "kubernetes" in given else []
    return " && ".join(f"({part})" for part in parts) or "null"


def _ref(text: str) -> str:
    name = text.partition("@")[0]
    if name in WORDS:
        return f"({WORDS[name]})"
    return f"({REF} =~ {name})" if name.startswith("/") else f"({REF} == {json.dumps(name)})"
