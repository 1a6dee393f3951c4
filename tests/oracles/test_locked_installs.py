"""Does an install keep to the lock file? As the package managers themselves answer it.

Each is given a project whose lock file has one dependency, while its manifest asks for two. An install keeps to the
lock file if it refuses, or leaves the lock file as it is and the second dependency out.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from thorough import but

from golive_checks.systems.ci.lockfiles import LOCKS, install

NODE = Path(sys.prefix, "node", "node_modules")
PROGRAMS = {
    "uv": [str(Path(sys.executable).with_name("uv"))],
    "pnpm": ["node", str(NODE / "pnpm/bin/pnpm.cjs")],
    "yarn1": ["node", str(NODE / "yarn/bin/yarn.js")],
    "yarn4": ["node", str(NODE / "@yarnpkg/cli-dist/bin/yarn.js")],
    "bun": [str(NODE / "@oven/bun-linux-x64/bin/bun")],
}
MAKES = {
    "npm": "npm install --package-lock-only",
    "pnpm": "pnpm install --lockfile-only",
    "yarn1": "yarn install",
    "yarn4": "yarn install",
    "bun": "bun install --lockfile-only",
    "uv": "uv lock",
}
ASKED = {
    "npm": ["npm ci", "npm clean-install", "npm install", "npm i --no-audit", "npm update", "npm in", "npm dedupe"],
    "pnpm": [
        "pnpm install",
        "pnpm i --frozen-lockfile",
        "pnpm install --no-frozen-lockfile",
        "pnpm install --prefer-frozen-lockfile=false",
        "CI=false pnpm install",
        "pnpm install --lockfile-only",
        "pnpm dedupe",
    ],
    "yarn1": [
        "yarn --frozen-lockfile",
        "yarn",
        "yarn install --non-interactive",
        "yarn install --immutable",
        "yarn install --pure-lockfile",
    ],
    "yarn4": [
        "yarn install --immutable",
        "yarn",
        "yarn install --no-immutable",
        "yarn workspaces focus",
        "CI= yarn",
        "yarn install --frozen-lockfile",
    ],
    "bun": ["bun ci", "bun install --frozen-lockfile", "bun install"],
    "uv": [
        "uv sync --locked",
        "uv sync --frozen",
        "uv sync",
        "uv sync --all-extras",
        "UV_FROZEN=1 uv sync",
        "uv lock",
        "uv run true",
        "uv run --locked true",
        "uv -q sync --locked --upgrade",
    ],
}
CASES = [f"{manager}: {command}" for manager, commands in ASKED.items() for command in commands]
FEW = ["npm: npm ci", "npm: npm install", *(case for case in CASES if case.startswith("uv:"))]


def manifest(folder: Path, manager: str, *names: str) -> None:
    """Write what the project depends on: packages in folders of its own."""
    if manager == "uv":
        sources = "\n".join(f'{name} = {{ path = "{name}", package = false }}' for name in names)
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = {json.dumps(names)}\n'
            f"[tool.uv]\npackage = false\n[tool.uv.sources]\n{sources}\n"
        )
        return
    found = {"name": "shop", "version": "1.0.0", "dependencies": {name: f"file:./{name}" for name in names}}
    (folder / "package.json").write_text(json.dumps(found))


def run(manager: str, command: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command as CI does: offline, with CI set."""
    words = shlex.split(command)
    given = dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("-"))
    words = [word for word in words if word not in {f"{n}={v}" for n, v in given.items()}]
    home = {
        "HOME": str(folder),
        "CI": "true",
        "UV_OFFLINE": "1",
        "npm_config_offline": "true",
        "npm_config_audit": "false",
    }
    home |= {"YARN_ENABLE_NETWORK": "0", "YARN_ENABLE_TELEMETRY": "0", "UV_PYTHON": sys.executable}
    return subprocess.run(
        [*PROGRAMS.get(manager, words[:1]), *words[1:]],
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **home, **given},
        capture_output=True,
        timeout=120,
    )


@pytest.mark.parametrize("case", but(FEW, CASES))
def test_kept_to_as_the_manager_does(case: str, tmp_path: Path) -> None:
    manager, _, command = case.partition(": ")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        if manager == "uv":
            (tmp_path / name / "pyproject.toml").write_text(
                f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.11"\n'
            )
        else:
            (tmp_path / name / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0"}))
    if manager == "yarn4":
        (tmp_path / "yarn.lock").touch()  # a project of its own, wherever the folder is
    manifest(tmp_path, manager, "first")
    made = run(manager, MAKES[manager] + (" --no-immutable" if manager == "yarn4" else ""), tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    lock = next(tmp_path / name for name in LOCKS[manager.rstrip("14")] if (tmp_path / name).exists())
    before = lock.read_bytes()
    assert b"first" in before
    assert b"second" not in before
    manifest(tmp_path, manager, "first", "second")
    ran = run(manager, command, tmp_path)
    moved = lock.read_bytes() != before or (tmp_path / "node_modules/second").exists()
    kept = ran.returncode != 0 or not moved
    words = tuple(shlex.split(command))
    seen = install(tuple(w for w in words if "=" not in w or w.startswith("-")), _variables(words))
    assert seen
    held = {"yarn1": False, "yarn4": True}[manager] if seen.held in {"by-version", "berry"} else seen.held == "locked"
    assert held == kept, (ran.returncode, ran.stdout[-500:], ran.stderr[-500:])


def _variables(words: tuple[str, ...]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("-"))
