"""What git knows of a file, in real repositories."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.systems.git.client.git import FileHistory, Git
from golive_checks.systems.git.client.secrets import GitSecrets
from golive_checks.systems.git.client.shadow import shadow
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner

WHO = ("-c", "user.name=T", "-c", "user.email=t@x.test", "-c", "commit.gpgSign=false", "-c", "init.defaultBranch=main")


class Repository:
    """A repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q")

    def git(self, *arguments: str) -> str:
        ran = subprocess.run(["git", *WHO, *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    def commit(self, name: str, text: str = "A=1\n") -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.git("add", "--force", name)
        self.git("commit", "-qm", name)


async def history(path: Path) -> FileHistory | None:
    return await Git(CommandRunner(CommandLimits())).history(str(path))


async def look(repository: Repository, name: str = "apps/.env") -> tuple[bool, bool, bool]:
    found = await history(repository.folder / name)
    assert found is not None
    return found.tracked, bool(found.added_in), found.shallow


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "r")
    made.commit("readme")
    return made


async def test_never_now_and_once(repository: Repository) -> None:
    (repository.folder / "apps").mkdir()
    (repository.folder / "apps/.env").write_text("A=1\n")
    assert await look(repository) == (False, False, False)
    repository.commit("apps/.env")
    assert await look(repository) == (True, True, False)
    repository.git("rm", "-q", "--cached", "apps/.env")
    repository.git("commit", "-qm", "gone")
    assert await look(repository) == (False, True, False)


async def test_staged_alone_counts_as_tracked(repository: Repository) -> None:
    (repository.folder / ".env").write_text("A=1\n")
    repository.git("add", ".env")
    assert await look(repository, ".env") == (True, False, False)


async def test_another_branch_and_a_merge_that_dropped_it(repository: Repository) -> None:
    repository.git("checkout", "-qb", "side")
    repository.commit(".env")
    repository.git("checkout", "-q", "-")
    assert await look(repository, ".env") == (False, True, False)
    repository.git("merge", "-q", "-s", "ours", "-m", "drop it", "side")
    repository.git("branch", "-D", "side")
    assert await look(repository, ".env") == (False, True, False)


async def test_a_shallow_clone_says_so(repository: Repository, tmp_path: Path) -> None:
    repository.commit(".env")
    repository.git("rm", "-q", ".env")
    repository.git("commit", "-qm", "gone")
    repository.git("clone", "-q", "--depth", "1", repository.folder.as_uri(), str(tmp_path / "clone"))
    found = await history(tmp_path / "clone" / ".env")
    assert found == FileHistory(str(tmp_path / "clone"), tracked=False, added_in="", shallow=True)


async def test_a_repository_without_a_commit_and_a_worktree(repository: Repository, tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    assert await look(empty, ".env") == (False, False, False)
    repository.git("worktree", "add", "-q", str(tmp_path / "tree"))
    found = await history(tmp_path / "tree" / "readme")
    assert found is not None
    assert (found.tracked, found.repository) == (True, str(tmp_path / "tree"))


async def test_no_repository(tmp_path: Path) -> None:
    assert await history(tmp_path / ".env") is None


async def test_names_are_taken_literally(repository: Repository) -> None:
    repository.commit("a.env")
    assert await look(repository, "*.env") == (False, False, False)
    assert await look(repository, "-a.env") == (False, False, False)


async def test_a_link_is_followed_to_the_file(repository: Repository, tmp_path: Path) -> None:
    repository.commit(".env")
    (tmp_path / "link").symlink_to(repository.folder / ".env")
    found = await history(tmp_path / "link")
    assert found is not None
    assert found.tracked


async def test_a_hooks_environment_does_not_mislead(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    repository.commit(".env")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    assert await look(repository, ".env") == (True, True, False)


async def test_a_repositorys_own_programs_are_not_run(repository: Repository, tmp_path: Path) -> None:
    repository.commit(".env")
    ran = tmp_path / "ran"
    repository.git("config", "core.fsmonitor", f"touch {ran}; false")
    repository.git("config", "core.pager", f"touch {ran}")
    assert await look(repository, ".env") == (True, True, False)
    assert not ran.exists()


async def test_a_broken_repository_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(Unavailable, match="git could not look"):
        await history(tmp_path / ".env")


@pytest.mark.parametrize(
    "name",
    [
        *(".git/HEAD", ".git/config", ".git/index", ".git/packed-refs", ".git/refs/heads/main", ".git/refs/heads/odd"),
        *(".git/shallow", ".git/commondir", ".git/objects/info/alternates", ".git/objects/pack/multi-pack-index"),
        ".git",
    ],
)
async def test_a_pipe_in_place_of_a_file_is_not_waited_for(repository: Repository, name: str) -> None:
    path = repository.folder / name
    if path.exists():
        path.rename(repository.folder / "away")
    os.mkfifo(path)
    with pytest.raises(Unavailable, match=r"is a pipe, not a file|is no file"):
        await history(repository.folder / ".env")


async def test_a_device_in_place_of_the_index_is_not_read(repository: Repository) -> None:
    (repository.folder / ".git/index").unlink()
    (repository.folder / ".git/index").symlink_to("/dev/zero")
    with pytest.raises(Unavailable, match="is no file"):
        await history(repository.folder / ".env")


RUNS_A_PROGRAM = (
    *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass"),
    *("core.alternateRefsCommand", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.clean"),
    *("filter.x.smudge", "filter.x.process", "gpg.program", "gpg.ssh.program", "credential.helper", "pager.log"),
    *("pager.tag", "pager.diff", "remote.o.uploadpack", "uploadpack.packObjectsHook", "sequence.editor"),
    *("alias.log", "alias.ls-files", "alias.rev-parse", "trailer.x.command", "core.hooksPath", "include.path"),
)


def booby_trap(repository: Repository, ran: Path) -> None:
    """Name a program wherever a repository's configuration can, and make git want one."""
    repository.commit(".env")
    (repository.folder / ".gitattributes").write_text("* diff=x filter=x\n")
    hooks = repository.folder / "hooks"
    hooks.mkdir()
    script = hooks / "post-index-change"
    script.write_text(f"#!/bin/sh\ntouch {ran}\n")
    script.chmod(0o755)
    tree = repository.git("rev-parse", "HEAD~1^{tree}")
    for name in RUNS_A_PROGRAM:
        repository.git("config", name, f"touch {ran};false")
    more = {"core.hooksPath": str(hooks), "include.path": str(repository.folder / "more"), "log.showSignature": "true"}
    partial = {"core.repositoryFormatVersion": "1", "extensions.partialClone": "o", "remote.o.url": "/nowhere"}
    config = repository.folder / ".git/config"
    for name, value in {**more, **partial}.items():
        subprocess.run(["git", "config", "--file", str(config), name, value], check=True)
    (repository.folder / "more").write_text(f'[core]\n\tfsmonitor = "touch {ran};false"\n')
    (repository.folder / ".git/objects" / tree[:2] / tree[2:]).unlink()


def fall_into(repository: Repository) -> None:
    subprocess.run(["git", "-C", str(repository.folder), "status"], capture_output=True, check=False)


async def test_no_key_of_a_repositorys_configuration_runs_a_program(repository: Repository, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    booby_trap(repository, ran)
    git = Git(CommandRunner(CommandLimits()))
    for ask in (git.history, git.changed, lambda path: git.tagged(path, ("v1",))):
        with suppress(Unavailable):  # a tree is missing
            await ask(str(repository.folder / "gone.env"))
    await git.aclose()
    with suppress(Unavailable):
        await GitSecrets(CommandRunner(CommandLimits())).scan(str(repository.folder), 30)
    assert not ran.exists()
    fall_into(repository)
    assert ran.exists(), "the trap works: plain git falls into it"


def test_nothing_of_the_users_is_handed_to_git(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("DATABASE_URL", "postgres://canary")
    made = shadow(str(repository.folder))
    assert "DATABASE_URL" not in made.environ
    assert "GIT_TRACE" not in made.environ
    made.remove()
    assert not Path(made.folder).exists()


async def test_words_that_the_code_has(repository: Repository) -> None:
    repository.commit(
        "src/pay.ts", "const id = process.env.PAYPAL_CLIENT_ID;\nconst k = import.meta.env.VITE_STRIPE_KEY\n"
    )
    repository.commit("docs/setup.MD", "Set PAYPAL_WEBHOOK_ID and MTN_TARGET.\n")
    repository.commit("old.ts", "OLD_PAYPAL_CLIENT_IDS MTN_TARGET_2 xMTN_TARGET\n")
    (repository.folder / "new.ts").write_text("process.env.MTN_TARGET")
    git = Git(CommandRunner(CommandLimits()))
    wanted = ("PAYPAL_CLIENT_ID", "STRIPE_KEY", "PAYPAL_WEBHOOK_ID", "MTN_TARGET")
    try:
        assert await git.words(str(repository.folder), wanted) == {"PAYPAL_CLIENT_ID", "STRIPE_KEY"}
        assert await git.words(str(repository.folder), ("NOWHERE",)) == set()
        with pytest.raises(Unavailable, match="no git repository"):
            await git.words("/nowhere", wanted)
    finally:
        await git.aclose()
