"""A secret in every place that may hold one, and every output searched for it: none may come out, in any disguise."""

from __future__ import annotations

import base64
import json
import random
import string
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from golive.report import format_names
from golive_lab import PROFILE
from golive_lab.faults import seeded
from golive_lab.stack import up, variables
from golive_lab.world.app import WEBHOOK_SECRET
from golive_lab.world.login import SECRET as JWT_SECRET
from golive_lab.world.monitoring import WEBHOOK

PLUGIN = '''
"""A section whose probes stumble over a secret."""
from dataclasses import dataclass
from pathlib import Path
from golive import *

section = Section("leaky", title="Leaky")
SECRET = (Path(__file__).parent / "key").read_text().strip()

@dataclass(frozen=True)
class Raised(Fact):
    x: int

@dataclass(frozen=True)
class Refused(Fact):
    x: int

@dataclass(frozen=True)
class Told(Fact):
    x: str

@probe("test.raised")
async def raised(env: Environment) -> Raised:
    """Raise."""
    raise ValueError(f"cannot log in with {SECRET}")

@probe("test.refused")
async def refused(env: Environment) -> Refused:
    """Refuse."""
    raise Unavailable(f"cannot log in with {SECRET}", fix=f"try {SECRET}")

@probe("test.told")
async def told(env: Environment) -> Told:
    """Tell."""
    return Told(f"logged in with {SECRET}")

@check("leaky.raised")
def is_raised(env: Environment, fact: Raised) -> Verdict:
    """It raises."""
    return passed("x")

@check("leaky.refused")
def is_refused(env: Environment, fact: Refused) -> Verdict:
    """It refuses."""
    return passed("x")

@check("leaky.told")
def is_told(env: Environment, fact: Told) -> Verdict:
    """It tells."""
    return failed(fact.x, fact.x, at=Location(fact.x, 1))

@check("leaky.check")
def in_check(env: Environment, now: Now) -> Verdict:
    """It raises in a check."""
    raise KeyError(SECRET)
'''


def canary(name: str, odd: str = "") -> str:
    """A secret that nobody else has; `odd` are characters that encodings change."""
    source = random.Random(name)  # noqa: S311 - it must be foreseeable
    return "".join(source.choice(string.ascii_letters + string.digits) for _ in range(12)) + odd + name[::-1] + "Zq9"


def disguises(secret: str) -> set[str]:
    data = secret.encode()
    found = {secret, quote(secret, safe=""), quote(secret), data.hex(), secret[::-1]}
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            core = encode(b"x" * before + data).decode().rstrip("=")
            found.add(core[4 if before else 0 : -4])
    return {form for form in found if len(form) >= 8}


def leaks(text: str, secrets: dict[str, str]) -> set[str]:
    return {name for name, secret in secrets.items() for form in disguises(secret) if form in text}


SECRETS = {
    "file": canary("file", "/+&"),
    "command": canary("command", "! %"),
    "dotenv": canary("dotenv"),
    "environ": canary("environ", "=="),
    "basic": canary("basic"),
    "key": canary("key", "/?"),
    "token": canary("token", "."),
    "tenant": canary("tenant", "/"),
    "tracker": canary("tracker", "_"),
    "forgery": canary("forgery", "~"),
    "asked": canary("asked", "-"),
    "query": canary("query", "."),
    "chat": canary("chat", "_"),
}


RECEIVER = str(WEBHOOK[0]["url"]).rpartition("/")[2]
"""What an Alertmanager of before 0.26 tells to whoever asks for its configuration."""


class Watched(threading.Thread):
    """Notes the command line of every process while it runs, and the environment of those that have no secret in it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                for part in ("cmdline", "environ", "comm"):
                    try:
                        self.seen.add((process / part).read_bytes().decode(errors="replace"))
                    except OSError:
                        continue
            time.sleep(0.05)


def prepare(place, stack) -> dict[str, str]:
    """Write a profile of the lab with a secret wherever one may stand; return them all by where they stand."""
    profile = yaml.safe_load(PROFILE.read_text())
    del profile["lab"]
    for key, access in {
        "api": {"headers": {"x-bypass": "${FILE}", "cf-access-client-secret": "${COMMAND}"}},
        "app": {"headers": {"x-bypass": "${DOTENV}"}},
        "shop": {"basic": "golive:${BASIC}", "headers": {"x-more": "${ENVIRON}"}},
    }.items():
        profile["hosts"][key]["access"] = access
    profile["plugins"] = ["plugin.py"]
    profile["variables"]["dotenv"].append("profile.env")
    profile["variables"]["secrets"] = {
        "FILE": {"file": "file"},
        "COMMAND": {"command": ["cat", "command"]},
        "DOTENV": {"command": ["sed", "s/^KEPT=//", "profile.env"]},
        "BASIC": {"file": "basic"},
        "KEY": {"file": "key"},
        "ENVIRON": {"command": ["printenv", "GIVEN"]},
        "HOOK": {"file": "hook"},
        "JWT": {"file": "jwt"},
        "TOKEN": {"file": "token"},
        "TENANT": {"file": "tenant"},
        "TRACKER": {"file": "tracker"},
        "FORGERY": {"file": "forgery"},
        "ASKED": {"file": "asked"},
        "QUERY": {"file": "query"},
        "CHAT": {"file": "chat"},
    }
    profile["security"]["jwt"] |= {"secret": "${JWT}", "foreign_token": "${TOKEN}"}
    profile["stripe"]["webhook_secret"] = "${HOOK}"  # noqa: S105 - where it is to be had
    profile["observability"]["errors"]["lookup"]["token"] = "${TRACKER}"  # noqa: S105 - likewise
    profile["payments"]["forgery"]["requests"] = {
        "mtn": {"headers": {"x-known": "${FORGERY}"}, "query": {"known": "${QUERY}"}}
    }
    profile["payments"]["asked"]["headers"] = {"x-customer": "Session ${ASKED}"}
    profile["notify"] = {"slack": f"http://127.0.0.1:{stack.place.ports.dead}/services/${{CHAT}}"}
    profile["prometheus"]["headers"] = {"x-scope-orgid": "${TENANT}"}
    for name in ("file", "command", "basic", "key", "token", "tenant", "tracker", "forgery", "asked", "query", "chat"):
        place.write(name, SECRETS[name] + "\n")
    place.write("hook", WEBHOOK_SECRET)
    place.write("jwt", JWT_SECRET)
    place.write("profile.env", f"KEPT={SECRETS['dotenv']}\n")
    place.write("plugin.py", PLUGIN)
    # An env file in which every value, whatever its name says, is a secret.
    real = Path(variables(stack.place)["GOLIVE_LAB_DIR"], "repository/apps/api/.env")
    names = [line.partition("=")[0] for line in real.read_text().splitlines() if "=" in line]
    odd = {name: canary(name.lower(), "-/") for name in names}
    place.write("odd.env", "".join(f"{name}={value}\n" for name, value in odd.items()))
    profile["env_files"]["odd"] = {"path": "odd.env", "role": "api", "compare_with": {"api": {"path": str(real)}}}
    # The access header KEY is used so that golive knows it for a secret.
    profile["hosts"]["api"]["access"]["headers"]["x-key"] = "${KEY}"
    place.write("leaky.yaml", yaml.safe_dump(profile))
    words = ("SECRET", "KEY", "DATABASE")
    own = {
        f"lab {line.partition('=')[0]}": line.partition("=")[2].partition("//afrigest:")[2].partition("@")[0]
        or line.partition("=")[2]
        for line in real.read_text().splitlines()
        if any(word in line.partition("=")[0] for word in words)
    }
    return {
        **SECRETS,
        **{f"odd {n}": v for n, v in odd.items()},
        **own,
        "hook": WEBHOOK_SECRET,
        "jwt": JWT_SECRET,
        "receiver": RECEIVER,
    }


LONG = pytest.mark.long


@pytest.mark.parametrize(
    "fault", ["", pytest.param("tls.expired", marks=LONG), pytest.param("env.jwt-short", marks=LONG)]
)
def test_no_secret_is_in_any_output(place, fault):
    known = [fault] if fault else []
    with up("demo", seeded(*known) if known else seeded("")) as stack:
        secrets = prepare(place, stack)
        env = {
            **variables(stack.place),
            "GIVEN": SECRETS["environ"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(place.folder / "out.summary"),
        }
        del env["GOLIVE_LAB_WEBHOOK_SECRET"], env["GOLIVE_LAB_JWT_SECRET"]
        watched = Watched()
        watched.start()
        said = []
        asked = [word for name in format_names() for word in ("-o", f"{name}:out.{name}")]
        done = place.golive(
            "check",
            "leaky.yaml",
            "--verbose",
            *asked,
            "--facts",
            "out.facts",
            "--trace",
            "out.trace",
            "--notify",
            "slack",
            env=env,
        )
        assert done.code == 1, done.err
        said += [done.out, done.err]
        for command in (
            "plan leaky.yaml",
            "profile check leaky.yaml",
            "profile show leaky.yaml",
            "profile show leaky.yaml --json",
            "judge out.facts --verbose -o terminal:- -o json:again.json",
            "judge out.facts --profile leaky.yaml",
            "schema profile leaky.yaml",
        ):
            done = place.golive(*command.split(), env=env)
            assert done.code != 2, (command, done.err)
            said += [done.out, done.err]
        watched.over.set()
        watched.join()
    files = [f for f in place.folder.iterdir() if f.name.startswith(("out.", "out-"))]
    assert {f.name for f in files} >= {f"out.{name}" for name in (*format_names(), "facts", "trace")}
    said += [f.read_text() for f in files]
    assert "leaky.told" in said[0]
    again, first = (json.loads((place.folder / name).read_text()) for name in ("again.json", "out.json"))
    assert again["run"] == first["run"]  # the facts' digest in it: what is digested is what was freed of secrets
    # Their sentences may differ: one of the profile's secrets is a word of golive's own, which a replay does not know.
    assert [(f["id"], f["outcome"]) for f in again["findings"]] == [(f["id"], f["outcome"]) for f in first["findings"]]
    assert not {(n, name) for n, text in enumerate(said) for name in leaks(text, secrets)}
    # What the process was given by its environment is there, and other tests give their golive the lab's own secrets
    # so; nothing that a profile's source gave may be passed on.
    given = {WEBHOOK_SECRET, JWT_SECRET, *env.values()}
    passed_on = {n: secret for n, secret in secrets.items() if secret not in given}
    assert not leaks("\n".join(watched.seen), passed_on)


WRONG_PLACES = {
    "a number": "timeout_s: ${KEY}",
    "a port": "hosts: { api: { name: a.example, port: '${KEY}' } }",
    "a name": "hosts: { api: { name: '${KEY}' } }",
    "within a name": "hosts: { api: { name: 'x ${KEY} y' } }",
    "a word": "hosts: { api: { name: a.example, role: '${KEY}' } }",
    "an address": "domains: { addresses: { allow: ['${KEY}'] } }",
    "a resolver": "dns: { resolvers: ['${KEY}'] }",
    "a path": "trust: { ca_file: '${KEY}' }",
    "an environment": "environment: '${KEY}'",
    "an owner": "owners: { tls.*: '${KEY}' }",
    "a plugin": "plugins: ['${KEY}']",
    "a profile": "extends: '${KEY}'",
    "a header's name": "access: { headers: { '${KEY}': x } }",
    "a header with a line break": 'access: { headers: { x-a: "a\\n${KEY}" } }',
    "an unknown key": "'${KEY}': 1",
    "another variable": "variables: { dotenv: ['${KEY}'] }",
    "a command": "variables: { secrets: { OTHER: { command: ['${KEY}'] } } }\nstripe: { webhook_secret: '${OTHER}' }",
}


@pytest.mark.parametrize(
    ("command", "wrong"),
    [("check", w) for w in WRONG_PLACES] + [("profile show", w) for w in ("a number", "a name", "a path")],
)
def test_a_secret_in_the_wrong_place_is_not_quoted(place, wrong, command):
    text = yaml.safe_load("variables: { secrets: { KEY: { file: key } } }")
    given = yaml.safe_load(WRONG_PLACES[wrong])
    more = given.get("variables", {})
    text["variables"] = {
        **text["variables"],
        **more,
        "secrets": {**text["variables"]["secrets"], **more.get("secrets", {})},
    }
    text = {"environment": "toy", **given, "variables": text["variables"]}
    place.write("profiles/key", SECRETS["key"] + "\n")
    place.profile(yaml.safe_dump(text))
    done = (
        place.golive(*command.split(), "toy", "--only", "attestations")
        if command == "check"
        else place.golive(*command.split(), "toy")
    )
    assert not leaks(done.out + done.err, {"key": SECRETS["key"]})
    assert done.code == 2 or "golive: " not in done.err
