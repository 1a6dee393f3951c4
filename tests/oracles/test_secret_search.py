"""What the search for secrets finds, beside betterleaks and detect-secrets: on both lists, and on generated files.

A secret of a generated file stands in one of the ways in which programs and configurations write one. Wherever
golive finds less than another, or less than a failure, the way is listed with the reason; likewise what another calls
a secret on the list of harmless texts, and what neither finds on the other.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from secret_lists import FOUND, HARMLESS, HEX, value

from golive_checks.systems.git.client.secret_rules import Finder

SEED = 20261129
ALL_INPUTS = bool(os.environ.get("GOLIVE_ALL"))
BIN = Path(sys.executable).parent

NAMES = (
    "DB_PASSWORD", "api_key", "STRIPE_SECRET", "client_secret", "AUTH_TOKEN", "privateKey", "SECRET_KEY_BASE",
    "mailgun_api_key", "CLOUDFLARE_API_TOKEN", "JWT_SECRET", "encryption_key", "SMTP_PASS", "REDIS_PASSWORD",
    "AWS_SECRET_ACCESS_KEY", "access_token", "HMAC_KEY", "signing_secret", "passphrase", "LDAP_BIND_PASSWORD",
    "KEYSTORE_PASS", "consumer_secret", "DEPLOY_KEY",
)  # fmt: skip
PASSWORD_NAMES = [name for name in NAMES if "pass" in name.lower() or "secret" in name.lower()]
"""What people choose a password for: under other names a word with a digit is no secret."""
SYNTAXES = {
    "prod.env": "{n}={v}", "quoted.env": '{n}="{v}"', "said.env": "{n} = '{v}' # live", "a.py": '{n} = "{v}"',
    "bytes.py": '{n} = b"{v}"', "typed.py": '{n}: str = "{v}"', "call.py": 'connect(host="h", {n}="{v}")',
    "environ.py": 'os.environ["{n}"] = "{v}"', "default.py": 'os.environ.get("{n}", "{v}")',
    "header.py": 'headers = {{"X-Api-Key": "{v}"}}', "auth.py": 'get(u, auth=("admin", "{v}"))',
    "percent.py": '{n} = "%s" % "{v}"', "const.js": "const {n} = '{v}';", "either.js": 'x = process.env.{n} || "{v}"',
    "object.js": 'new Client({{ user: "x", {n}: "{v}" }})', "storage.js": 'localStorage.setItem("{n}", "{v}")',
    "export.ts": 'export default {{ {n}: "{v}" }}', "nullish.ts": '{n}: process.env.X ?? "{v}"',
    "back.ts": "{n} = `{v}`", "props.tsx": '<C {n}="{v}" />', "main.go": '{n} := "{v}"',
    "env.go": 'os.Setenv("{n}", "{v}")', "config.rb": "ENV['{n}'] ||= '{v}'", "Config.java": 'String {n} = "{v}";',
    "Map.java": '.put("{n}", "{v}")', "Value.java": '@Value("${{{n}:{v}}}")', "wp.php": "define('{n}', '{v}');",
    "Main.cs": 'var {n} = "{v}";', "Main.vb": 'Dim {n} As String = "{v}"', "main.rs": 'const {n}: &str = "{v}";',
    "Main.kt": 'val {n} = "{v}"', "Main.swift": 'let {n} = "{v}"', "main.dart": "const {n} = '{v}';",
    "Main.scala": 'val {n} = "{v}"', "core.clj": '{{:{n} "{v}"}}', "config.ex": 'config :app, {n}: "{v}"',
    "main.pl": "my ${n} = '{v}';", "main.lua": '{n} = "{v}"', "main.c": '#define {n} "{v}"',
    "app.yml": "{n}: {v}", "quoted.yaml": '  {n}: "{v}"', "list.yml": "- {n}={v}", "args.yml": "args: [--{n}={v}]",
    "app.json": '{{"{n}": "{v}"}}', "task.json": '{{"name": "{n}", "value": "{v}"}}', "main.tf": '{n} = "{v}"',
    "prod.tfvars": '{n} = "{v}"', "app.properties": "{n}={v}", "app.ini": "{n} = {v}", "app.toml": '{n} = "{v}"',
    "app.xml": "<{n}>{v}</{n}>", "Dockerfile": "ENV {n}={v}", "app.service": 'Environment="{n}={v}"',
    "nginx.conf": "env {n}={v};", "redis.conf": "requirepass {v}", "run.sh": "export {n}='{v}'",
    "default.sh": 'echo "${{{n}:-{v}}}"', "curl.sh": "curl -u admin:{v} https://api.acme.fr",
    "dump.sh": "mysqldump -uroot -p{v} shop", "run.ps1": '$env:{n} = "{v}"', "run.bat": "set {n}={v}",
    "role.sql": "CREATE USER shop WITH PASSWORD '{v}';", "user.sql": "ALTER USER shop IDENTIFIED BY '{v}';",
    "prose.txt": "{n} is {v}", "list.csv": "{n},{v}", "sub.sh": "TOKEN=$( echo {v} )",
}  # fmt: skip
KINDS = {
    "random": lambda name: value(name, 30) + "7x",
    "hex": lambda name: value(name, 40, HEX),
    "base64": lambda name: f"{value(name, 20)}/{value(name + 'b', 19)}+{value(name + 'c', 2)}9",
    "short": lambda name: value(name, 15) + "4",
    "a password": lambda name: f"Tr0ub{value(name + 'p', 4)}!{value(name + 'q', 2)}",
}
NOT_SEEN = {
    "prose.txt": "a sentence: whoever writes `the token is ...` is met by the forms of tokens alone",
    "list.csv": "a name and its value in two columns; betterleaks takes a comma for an equals sign, also in a text",
    "sub.sh": "the value is what a command prints",
    "percent.py": "the value is put together: detect-secrets takes each random text in quotes, those of bundles too",
}
"""Ways in which golive sees no secret, and why."""
READS_AS_WORDS = {("main.dart", "short")}
"""Its value is f-Zoxa-Viwobprm-Yy4: by chance what programmers call things, of which code is full."""

TRANSLATED = "a translation of the word, and a reset link's words: shown to everybody"
EVERYBODY = "a value that everybody knows, for a database of CI or of one's own machine"
PUBLIC = "public by design, or published"
REFERS = "it names a place where the secret is, a type, a rule or another variable"
MADE = "a bundle, an example or a test: made up, and weighed so"
REASONS = {
    TRANSLATED: [
        f"{where} {tongue}"
        for where in ("locales/{}.json", "src/i18n/{}/auth.json", "messages_{}.json")
        for tongue in ("en", "fr", "de", "es")
    ],
    EVERYBODY: ["CI's own database", "CI's own password", "user and password the same", "a default in a URL"],
    PUBLIC: [
        "jwt.io",
        "Supabase's public key",
        "Amazon's example",
        "public keys",
        "PostHog's public key",
        "the key of Azure's emulator",
        "digests",
    ],
    REFERS: [
        "references",
        "a secret manager's",
        "names",
        "a type",
        "a framework's rules",
        "camel case",
        "words",
        "patterns",
        "what a program puts in",
        "a text with a variable in it",
        "names beside names",
        "what a call gives a name",
        "SQL's words",
        "a shell's empty default",
    ],
    MADE: [
        "a bundle",
        "yarn itself",
        "a test's password",
        "an example file",
        "an env file of tests",
        "a token that counts",
        "placeholders",
        "left out",
        "a key's form",
        "a key that is only spoken of",
        "base64 in code",
    ],
}
GOLIVE_IS_RIGHT = {name: reason for reason, names in REASONS.items() for name in names}
"""Harmless texts that betterleaks or detect-secrets calls a secret, and why they are none."""


def seen_by_others(folder: Path) -> set[str]:
    """Name the files in which betterleaks or detect-secrets sees a secret. Neither asks a network."""
    report = folder.parent / "betterleaks.json"
    asked = [str(folder), f"--output={report}", "--exit-code=0", "--no-banner"]
    subprocess.run([BIN / "betterleaks", *asked], check=True, capture_output=True)
    found = {each["location"]["path"] for each in json.loads(report.read_text())["findings"]}
    asked = ["scan", "--all-files", "--no-verify", "."]
    ran = subprocess.run([BIN / "detect-secrets", *asked], cwd=folder, check=True, capture_output=True)
    found |= {str(folder / each) for each in json.loads(ran.stdout)["results"]}
    return {str(Path(each).relative_to(folder)).partition("/")[0] for each in found}


def written(folder: Path, files: dict[str, tuple[str, str]]) -> Path:
    for number, (path, text) in files.items():
        file = folder / number / path
        file.parent.mkdir(parents=True)
        file.write_bytes(text.encode("latin-1", "replace"))
    return folder


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def generated() -> dict[str, tuple[str, str, str]]:
    """Return files by number, each with its kind of value."""
    source = random.Random(SEED)
    files = {}
    for file, form in SYNTAXES.items():
        for kind, made in KINDS.items():
            name = source.choice(PASSWORD_NAMES if kind == "a password" else NAMES)
            text = form.format(n=name, v=made(f"{file} {kind}")) + "\n"
            if ALL_INPUTS or source.random() < 0.1:
                files[str(len(files))] = (file, text, kind)
    return files


def test_a_secret_that_another_sees_is_a_failure(finder: Finder, tmp_path: Path) -> None:
    files = generated()
    folder = written(tmp_path / "r", {number: (file, text) for number, (file, text, _) in files.items()})
    others = seen_by_others(folder)
    assert len(others) > len(files) / 2, "the others look at all of them"
    missed = [
        (file, kind, text, number in others)
        for number, (file, text, kind) in files.items()
        if file not in NOT_SEEN
        and (file, kind) not in READS_AS_WORDS
        and not any(hit.sure for hit in finder.hits(file, text.encode()))
    ]
    assert missed == [], f"seed {SEED}"


def test_what_is_not_seen_is_listed_rightly(finder: Finder) -> None:
    for file in NOT_SEEN:
        text = SYNTAXES[file].format(n="DB_PASSWORD", v=value(f"not seen {file}", 32))
        assert not finder.hits(file, text.encode()), file


@pytest.mark.long
def test_what_another_calls_a_secret_on_the_harmless_list_has_a_reason(tmp_path: Path) -> None:
    numbered = dict(enumerate(HARMLESS))
    folder = written(tmp_path / "r", {str(number): HARMLESS[name] for number, name in numbered.items()})
    called = {numbered[int(number)] for number in seen_by_others(folder)}
    assert called - set(GOLIVE_IS_RIGHT) == set()
    assert set(GOLIVE_IS_RIGHT) - set(HARMLESS) == set()


@pytest.mark.long
def test_most_of_the_secrets_on_the_list_are_secrets_to_another(tmp_path: Path) -> None:
    numbered = dict(enumerate(FOUND))
    folder = written(tmp_path / "r", {str(number): FOUND[name] for number, name in numbered.items()})
    assert len(seen_by_others(folder)) > 0.85 * len(FOUND)
