"""What git knows of a file, in real repositories."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from golive import Unavailable
from golive_checks.systems.git.client.git import Git, History
from golive_checks.systems.machine.client.command import Command, CommandLimits

if TYPE_CHECKING:
    from pathlib import Path

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


async def history(path: Path) -> History | None:
    return await Git(Command(CommandLimits())).history(str(path))


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
    assert found == History(str(tmp_path / "clone"), tracked=False, added_in="", shallow=True)


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
