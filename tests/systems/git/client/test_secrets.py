"""What a search finds in real repositories, however it is hidden, and what it must leave alone."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from golive import Unavailable
from golive_checks.systems.git.client import secrets_worker
from golive_checks.systems.git.client.secrets import FoundSecret, GitSecrets, Scan
from golive_checks.systems.git.client.shadow import shadow
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_lab.world.env_texts import made_up

if TYPE_CHECKING:
    from collections.abc import Callable

WHO = ("-c", "user.name=T", "-c", "user.email=t@x.test", "-c", "commit.gpgSign=false", "-c", "init.defaultBranch=main")
AWS = "AKIA" + made_up("git aws", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
PASSWORD = made_up("git password", 20)
HEX = made_up("git hex", 48, "0123456789abcdef")
STRIPE = "sk_live_" + made_up("git stripe", 40)
WEBHOOK = "whsec_" + made_up("git webhook", 32)
KEY = f"PRIVATE KEY-----\n{made_up('git key', 64)}\n{made_up('git key 2', 64)}\n-----END RSA PRIVATE KEY-----"
GITHUB = "ghp_" + made_up("git github", 36)


class Repository:
    """A repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q")

    def git(self, *arguments: str) -> str:
        ran = subprocess.run(["git", *WHO, *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    def stage(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.git("add", "--force", name)

    def commit(self, name: str, text: str) -> str:
        self.stage(name, text)
        self.git("commit", "-qm", name)
        return self.git("rev-parse", "--short=10", "HEAD")


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep results here, and Kingfisher's compiled rules where they are."""
    rules = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    monkeypatch.setenv("KF_RULE_CACHE_DIR", f"{rules}/kingfisher-in-tests")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "r")
    made.commit("readme", "# Words\n\nand more words\n")
    return made


async def scan(folder: Path, seconds: float = 30) -> Scan:
    return await GitSecrets(CommandRunner(CommandLimits())).scan(str(folder), seconds)


FINDS = {
    "aws": ("a.ts", f"const key = '{AWS}';", "aws-access-key"),
    "database": ("a.yaml", f"url: postgresql://app:{PASSWORD}@db.x.test/app", "basic-auth-credentials"),
    "webhook": ("a.md", f"Use `{WEBHOOK}` here.", "stripe-webhook-secret"),
    "github": ("ci.yml", f"  TOKEN: {GITHUB}", "github-token"),
    "private key": ("key.pem", f"-----BEGIN RSA {KEY}", "private-key"),
    "env file": ("apps/api/.env", f"JWT_ACCESS_SECRET={HEX}", "secret-keyword"),
    "env file of an environment": ("apps/api/.env.production", f"JWT_ACCESS_SECRET={HEX}", "secret-keyword"),
    "code": ("a.py", f'password = "{PASSWORD}"', "secret-keyword"),
    "at the end of a long line": ("a.min.js", "x" * 50_000 + f";k='{GITHUB}'", "github-token"),
    "between two pieces of a long line": ("a.min.js", "x " * 995 + f";k='{GITHUB}'", "github-token"),
    "with a space in its name": ("a b/c d.ts", f"'{AWS}'", "aws-access-key"),
    "in another script": ("é/à.ts", f"'{AWS}'", "aws-access-key"),
}


async def test_it_finds_each_of_them_and_nothing_else(repository: Repository) -> None:
    expected = set()
    for number, (file, text, rule) in enumerate(FINDS.values()):  # in folders of their own: many have one name
        commit = repository.commit(f"{number}/{file}", f"first\n{text}\nlast\n")
        expected.add(FoundSecret(f"{number}/{file}", 2, rule, commit, still=True))
    seen = await scan(repository.folder)
    assert set(seen.found) == expected
    assert seen.complete


LEAVES = {
    "placeholder": (
        "a/.env.example",
        "JWT_ACCESS_SECRET=change-me\nDATABASE_URL=postgres://user:password@localhost/x\n",
    ),
    "the tutorial's": ("compose.yaml", "DATABASE_URL: postgresql://postgres:postgres@db:5432/app\n"),
    "template": ("a.yaml", "password: ${{ secrets.DEPLOY_PASSWORD }}\nurl: https://${USER}:${PASS}@x.test/\n"),
    "reference": (
        "a.ts",
        "const secret = process.env.JWT_ACCESS_SECRET;\nconst password = read('password-of-the-app');\n",
    ),
    "name of a secret": (
        "a.yaml",
        "secretName: afrigest-api-tls-certificate\npasswordSecret: /run/secrets/db-password\n",
    ),
    "digest": ("package-lock.json", f'"integrity": "sha512-{made_up("sha", 86)}=="\n'),
    "digest of a secret": ("a.yaml", f"webhook_secret_sha256: {made_up('digest', 64, '0123456789abcdef')}\n"),
    "commit": ("a.md", f"See {made_up('commit', 40, '0123456789abcdef')}.\n"),
    "Amazon's example": ("a.md", "AKIAIOSFODNN7EXAMPLE\n"),
    "a name in capitals": ("a.py", "x = APConnectorFactory(APIDescriptionBuilder)\n"),
    "words": ("a.ts", "'password': 'Your password must have eight characters'\n"),
}


async def test_it_leaves_each_of_them_alone(repository: Repository) -> None:
    for number, (file, text) in enumerate(LEAVES.values()):
        repository.stage(f"{number}/{file}", text)
    repository.git("commit", "-qm", "all")
    assert (await scan(repository.folder)).found == ()


async def test_what_was_removed_is_found_with_the_commit_that_brought_it(repository: Repository) -> None:
    first = repository.commit("a.ts", f"'{AWS}'\n")
    repository.commit("a.ts", f"// moved\n'{AWS}'\n\n")
    repository.commit("a.ts", "// gone\n")
    assert (await scan(repository.folder)).found == (FoundSecret("a.ts", 1, "aws-access-key", first, still=False),)


async def test_what_is_staged_alone(repository: Repository) -> None:
    repository.stage("a.ts", f"\n'{AWS}'\n")
    assert (await scan(repository.folder)).found == (FoundSecret("a.ts", 2, "aws-access-key", "", still=True),)


async def test_another_branch_and_what_only_a_merge_added(repository: Repository) -> None:
    repository.git("checkout", "-qb", "side")
    there = repository.commit("side.ts", f"'{AWS}'\n")
    repository.git("checkout", "-q", "main")
    repository.commit("main.ts", "1\n")
    assert [found.commit for found in (await scan(repository.folder)).found] == [there]
    repository.git("merge", "-q", "--no-commit", "side")
    repository.stage("main.ts", f"1\n'{GITHUB}'\n")
    repository.git("commit", "-qm", "merge")
    found = {each.file: (each.line, each.rule) for each in (await scan(repository.folder)).found}
    assert found == {"side.ts": (1, "aws-access-key"), "main.ts": (2, "github-token")}


async def test_a_shallow_clone_and_a_partial_one_say_so(repository: Repository, tmp_path: Path) -> None:
    repository.commit("a.ts", f"'{AWS}'\n")
    repository.commit("a.ts", "\n")
    url = repository.folder.as_uri()
    repository.git("clone", "-q", "--depth", "1", url, str(tmp_path / "shallow"))
    seen = await scan(tmp_path / "shallow")
    assert (seen.cut_off, seen.found) == ("shallow", ())
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("clone", "-q", "--filter=blob:none", url, str(tmp_path / "partial"))
    assert (await scan(tmp_path / "partial")).cut_off == "partial"


async def test_when_its_time_is_over_it_tells_what_it_found(repository: Repository) -> None:
    repository.commit("long.txt", "a line of words\n" * 300_000)
    repository.commit("a.ts", f"'{AWS}'\n")
    seen = await scan(repository.folder, 0.05)
    assert not seen.complete
    assert [found.file for found in seen.found] == ["a.ts"]


async def test_a_folder_that_is_no_repository_and_a_broken_one_are_gaps(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="is no git repository"):
        await scan(tmp_path)
    (tmp_path / ".git").mkdir()
    with pytest.raises(Unavailable, match="git could not look"):
        await scan(tmp_path)


async def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    empty.stage("a.ts", f"'{AWS}'\n")
    assert [found.commit for found in (await scan(empty.folder)).found] == [""]


async def test_whatever_the_user_has_configured(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository.commit("a.ts", f"'{AWS}'\n")
    ran = tmp_path / "ran"
    (tmp_path / "x.test").write_text("x")
    for name, value in {
        "diff.external": f"touch {ran}",
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "color.ui": "always",
        "log.showSignature": "true",
        "core.quotePath": "true",
        "diff.context": "9",
        "core.fsmonitor": f"touch {ran}; false",
    }.items():
        repository.git("config", name, value)
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {ran}")
    assert (await scan(repository.folder)).found == (FoundSecret("a.ts", 1, "aws-access-key", commit, still=True),)
    assert not ran.exists()


async def test_nothing_of_it_asks_the_network(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit(
        "a.ts", f"const slack = '{'xoxb-' + made_up('s', 12, '0123456789')}-{made_up('t', 24)}'; '{AWS}'\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setitem(os.environ, "HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        assert (await scan(repository.folder)).complete
        proxy.setblocking(False)  # noqa: FBT003 - its only parameter
        with pytest.raises(BlockingIOError):
            proxy.accept()


HIDES = {
    "an attribute that says binary": lambda r: r.stage(".gitattributes", "*.env -diff\n*.env binary\n"),
    "no first commit in logs": lambda r: r.git("config", "log.showRoot", "false"),
    "a replaced commit": lambda r: r.git(
        "replace", r.git("rev-parse", "HEAD~1"), r.git("commit-tree", "-m", "x", "HEAD^{tree}")
    ),
    "a graft": lambda r: (r.folder / ".git/info/grafts").write_text(r.git("rev-parse", "HEAD") + "\n"),
    "packed": lambda r: r.git("gc", "-q"),
    "a tag alone": lambda r: (
        r.git("tag", "old", "HEAD~1"),
        r.git("checkout", "-q", "--orphan", "new"),
        r.git("branch", "-D", "main"),
    ),
}


@pytest.mark.parametrize("hide", HIDES.values(), ids=HIDES)
async def test_nothing_in_the_repository_hides_it(tmp_path: Path, hide: Callable[[Repository], object]) -> None:
    made = Repository(tmp_path / "r")
    made.commit("prod.env", f"STRIPE_SECRET_KEY={STRIPE}\n")
    made.git("rm", "-q", "--cached", "prod.env")
    made.git("commit", "-qm", "gone")
    hide(made)
    assert [(found.file, found.sure) for found in (await scan(made.folder)).found] == [("prod.env", True)]


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "nul": lambda text: text.encode() + b"\0\n",
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-be": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-le"),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "latin-1": lambda text: "é".encode("latin-1") + text.encode(),
}


async def test_no_encoding_hides_it(repository: Repository) -> None:
    for name, encode in ENCODINGS.items():
        repository.stage(f"{name}/prod.env", "")
        (repository.folder / name / "prod.env").write_bytes(encode(f"API_TOKEN={HEX}\n"))
    repository.git("commit", "-qam", "1")
    found = {(each.file, each.line) for each in (await scan(repository.folder)).found}
    assert found == {(f"{name}/prod.env", 1) for name in ENCODINGS}


async def test_the_next_search_begins_where_the_last_one_ended(repository: Repository, cache_folder: Path) -> None:
    first = repository.commit("a.env", f"API_TOKEN={HEX}\n")
    seen = await scan(repository.folder)
    kept = next((cache_folder / "golive").iterdir())
    assert HEX not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert await scan(repository.folder) == seen
    second = repository.commit("b.env", f"OTHER_TOKEN={PASSWORD}\n")
    again = await scan(repository.folder)
    assert [(found.file, found.commit) for found in again.found] == [("a.env", first), ("b.env", second)]
    repository.git("reset", "-q", "--hard", "HEAD~2")
    assert (await scan(repository.folder)).found == (), "what is history no more"


async def test_what_cannot_be_read_is_told_in_gits_words(repository: Repository) -> None:
    repository.commit("a.env", "A=1\n")
    blob = repository.git("rev-parse", "HEAD:a.env")
    (repository.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert (await scan(repository.folder)).unread == (f"a.env: git says: {blob} missing",)


def test_a_history_without_end_is_given_up(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few trees that name each other ten times have more paths than any disk holds."""
    monkeypatch.setattr(secrets_worker, "MAX_PRINTED", 500)
    seen = shadow(str(repository.folder))
    search = secrets_worker.Search(list(seen.git), dict(seen.environ), time.monotonic() + 60)
    assert search.run("log", "--format=%H")
    for number in range(12):
        repository.stage(f"{number}.md", "words\n")
    with pytest.raises(secrets_worker.GitFailedError, match="git ls-files printed more than 500 bytes"):
        search.run("ls-files", "--stage")
    seen.remove()


async def test_objects_of_another_repository_are_not_read(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "-q", "--shared", str(repository.folder), str(tmp_path / "shared"))
    with pytest.raises(Unavailable, match="borrows objects"):
        await scan(tmp_path / "shared")


async def test_golives_own_history_holds_none_but_what_its_profile_allows() -> None:
    own = Path(__file__).parents[4]
    allow = yaml.safe_load((own / ".ci/own.yaml").read_text(encoding="utf-8"))["security"]["git"]["allow"]
    seen = await scan(own, 120)
    assert [each for each in seen.found if each.sure and each.file not in {one["file"] for one in allow}] == []
