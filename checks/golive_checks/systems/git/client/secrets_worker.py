"""The secrets in all that a repository ever tracked, looked for in a process of its own: findings without their values.

Whole files are read, not changes: how git shows a change depends on what the repository says of its files. Git itself
reads them, in golive's own folder (shadow.py): it keeps what many versions of a file are made from, which Kingfisher's
reader does not (12,000 commits of 1.2 million lines: 4 s against 23 s), and can begin where the last search ended.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from golive.wording import data_size
from golive_checks.systems.git.client import secrets_cache as cache
from golive_checks.systems.git.client.new_lines import NewLines
from golive_checks.systems.git.client.secret_rules import Finder
from golive_checks.systems.machine.client.files import at_most

LOG = ("log", "--all", "--raw", "-c", "--no-abbrev", "--no-renames", "--full-index", "--root", "-z", "--format=%x01%H")
STAGED = ("diff-index", "--cached", "--raw", "--no-abbrev", "--no-renames", "-z")
SHORT = 10
"""Of a commit's name so many digits are shown."""
EMPTY_TREE = "hash-object", "-t", "tree", "/dev/null"
REGULAR = b"100"
"""The first digits of a regular file's mode; links and other repositories have others."""
MAX_BYTES = 200_000_000
"""A file that is larger is named as not looked at."""
MAX_PRINTED = 200_000_000
"""The changes of a million files or so."""
MAX_COMPLAINTS = 65_536
MAX_MEMORY = 4_000_000_000
MAX_FOUND = 2000


class GitFailedError(Exception):
    """Git ended with an error: its own words."""


@dataclass
class Search:
    """A search under way, and what it has seen so far."""

    git: list[str]
    environ: dict[str, str]
    end: float
    lines: int = 0
    unread: list[str] = field(default_factory=list)
    complete: bool = True
    _finder: Finder | None = None
    _seen: dict[str, NewLines] = field(default_factory=dict)

    def run(self, *arguments: str) -> bytes:
        """Run git and return what it printed.

        A few objects can name each other so often that their paths are without end: more than a history has is refused.
        """
        # To a file: a second pipe that nobody reads could fill up, and git would stop.
        with tempfile.TemporaryFile() as complaints:
            with subprocess.Popen(  # noqa: S603 - see shadow.py
                [*self.git, *arguments], env=self.environ, stdout=subprocess.PIPE, stderr=complaints
            ) as git:
                reported = at_most(git.stdout, MAX_PRINTED + 1) if git.stdout else b""
                if len(reported) > MAX_PRINTED:
                    git.kill()
                    raise GitFailedError(f"git {arguments[0]} printed more than {data_size(MAX_PRINTED)}")
            complaints.seek(0)
            complaint = complaints.read(MAX_COMPLAINTS)
        if git.returncode:
            raise GitFailedError(_last(complaint) or f"git {arguments[0]} ended with code {git.returncode}")
        return reported

    def over(self) -> bool:
        """Return whether the time is over, and remember that it was."""
        self.complete = self.complete and time.monotonic() < self.end
        return not self.complete

    def look(self, wanted: list[cache.Version], tracked: Container[str] = ()) -> list[cache.SecretInBlob]:
        """Look for secrets in these versions of files, given the newest first, and return them in that order.

        What is tracked is looked through whole, then the history from its beginning: of each version what no older
        one of that file had, so that a secret is found with the commit that brought it.
        """
        if not wanted:
            return []
        self._finder = self._finder or Finder()
        paths: dict[str, dict[str, str]] = {}
        for each in wanted:  # the newest first: the oldest commit stays
            paths.setdefault(each.blob, {})[each.path] = each.commit
        whole = [blob for blob in paths if blob in tracked]
        order = [*whole, *(blob for blob in reversed(paths) if blob not in tracked)]
        found, count = dict[str, list[cache.SecretInBlob]](), 0
        for number, (blob, data) in enumerate(self._contents(order, paths)):
            self.lines += data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
            found[blob] = [
                hit
                for path, commit in paths[blob].items()
                for before, piece in ([(0, data)] if number < len(whole) else self._new_in(path, data))
                for hit in self._hits(cache.Version(path, blob, commit), before, piece)
            ]
            count += len(found[blob])
            if count > MAX_FOUND:
                self.complete = False
            if self.over():
                break
        return [hit for blob in paths for hit in found.get(blob, ())]

    def _new_in(self, path: str, data: bytes) -> Iterator[tuple[int, bytes]]:
        return self._seen.setdefault(path, NewLines()).pieces(data)

    def _hits(self, version: cache.Version, before: int, piece: bytes) -> Iterator[cache.SecretInBlob]:
        path, blob, commit = version.path, version.blob, version.commit
        for hit in self._finder.hits(path, piece) if self._finder else ():
            yield cache.SecretInBlob(path, before + hit.line, hit.rule, hit.sure, commit, blob, cache.digest(hit.value))

    def _contents(self, blobs: list[str], paths: dict[str, dict[str, str]]) -> Iterator[tuple[str, bytes]]:
        command = [*self.git, "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(  # noqa: S603 - see shadow.py
            command, env=self.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as git:
            if not git.stdin or not git.stdout or not git.stderr:
                return
            # From a thread: git reads no more names while its output waits to be read, and neither side would go on.
            feeder = _feed(git.stdin, "".join(f"{blob}\n" for blob in blobs).encode())
            try:
                for _ in blobs:
                    head = git.stdout.readline().split()
                    if len(head) != 3:  # noqa: PLR2004 - object, type and size; else git says what is wrong
                        if not head:
                            raise GitFailedError(_last(git.stderr.read()) or "git cat-file ended early")
                        name = next(iter(paths[head[0].decode()]))
                        self.unread.append(f"{name}: git says: {b' '.join(head).decode('utf-8', 'replace')}")
                        continue
                    blob, size = head[0].decode(), int(head[2])
                    if size > MAX_BYTES:
                        self.unread.append(f"{next(iter(paths[blob]))}: it is larger than {data_size(MAX_BYTES)}")
                        # Read to its end all the same, as the next head follows it; in pieces, out of memory's sake.
                        for _ in range(size // 65_536):
                            git.stdout.read(65_536)
                        git.stdout.read(size % 65_536 + 1)
                        continue
                    data = git.stdout.read(size)
                    git.stdout.read(1)
                    yield blob, data
            finally:
                git.kill()
                feeder.join()


def _feed(stdin: Any, text: bytes) -> Any:
    """Write the questions beside the reading of answers: either pipe holds a little only."""
    import threading

    def write() -> None:
        with suppress(OSError), stdin:
            stdin.write(text)

    feeder = threading.Thread(target=write, daemon=True)
    feeder.start()
    return feeder


def _bound_memory() -> None:
    """Let neither this process nor git take more than a large history needs; not every system has such a bound."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))


def main() -> None:
    """Answer what stdin asks."""
    _bound_memory()
    asked = json.load(sys.stdin)
    search = Search(asked["git"], asked["environ"], time.monotonic() + asked["seconds"])
    try:
        json.dump(scan(search, asked["repository"], keep=asked["keep"]), sys.stdout)
    except GitFailedError as error:
        json.dump({"failed": str(error)}, sys.stdout)


def scan(search: Search, repository: str, *, keep: bool) -> dict[str, Any]:
    """Look through all commits, from where the last search ended, and through what is staged."""
    tips = sorted(set(search.run("rev-list", "--no-walk", "--all").decode().split()))
    past = cache.load(repository) if keep else cache.Past()
    # A rewritten history may have lost the commits where the last search ended; git refuses unknown ones.
    if past.tips and not _still_there(search, past.tips):
        past = cache.Past()
    log = search.run(*LOG, *(f"^{tip}" for tip in past.tips)) if tips else b""
    tracked = _tracked(search)
    hits = [*search.look(list(versions(log)), frozenset(tracked.values())), *past.hits]
    lines = search.lines + past.lines
    # A search that missed something is not kept: the next one would begin after it and never see it.
    if keep and search.complete and not search.unread and tips != past.tips:
        cache.save(repository, cache.Past(tips, lines, hits))
    # Before the first commit there is no HEAD to compare with.
    head = "HEAD" if _has_head(search) else search.run(*EMPTY_TREE).decode().strip()
    staged = list(versions(search.run(*STAGED, head)))
    before = search.lines
    hits += search.look(staged, frozenset(tracked.values()))
    return {
        "found": _each_once(hits, tracked),
        "lines": lines + search.lines - before,
        "complete": search.complete,
        "unread": search.unread[:20],
    }


def versions(raw: bytes) -> Iterator[cache.Version]:
    """Read git's raw changes: which file became what in which commit, the newest first."""
    commit = ""
    fields = iter(raw.split(b"\0"))
    for text in (each.lstrip(b"\n") for each in fields):
        if text.startswith(b"\x01"):
            commit = text[1:].decode("ascii", "replace")[:SHORT]
        elif text.startswith(b":"):
            parents = len(text) - len(text.lstrip(b":"))
            words = text.lstrip(b":").split(b" ")
            mode, blob, path = words[parents], words[2 * parents + 1].decode(), next(fields, b"")
            if mode.startswith(REGULAR):
                yield cache.Version(path.decode("utf-8", "backslashreplace"), blob, commit)


def _still_there(search: Search, tips: list[str]) -> bool:
    """Return whether all that was searched is still history: a branch may have been deleted or rewritten since."""
    try:
        return not search.run("rev-list", "-1", *tips, "--not", "--all").strip()
    except GitFailedError:
        return False


def _has_head(search: Search) -> bool:
    try:
        return bool(search.run("rev-parse", "--verify", "--quiet", "HEAD"))
    except GitFailedError:
        return False


def _tracked(search: Search) -> dict[str, str]:
    """Name the content of every file that the index holds."""
    entries = (entry.partition(b"\t") for entry in search.run("ls-files", "--stage", "-z").split(b"\0") if entry)
    return {path.decode("utf-8", "backslashreplace"): head.split(b" ")[1].decode() for head, _, path in entries}


def _each_once(hits: list[cache.SecretInBlob], tracked: dict[str, str]) -> list[dict[str, Any]]:
    """Tell each secret of a file once: where it stands now, else where it stood, and the oldest commit that had it."""
    once: dict[tuple[str, str], dict[str, Any]] = {}
    for hit in sorted(hits, key=lambda hit: not hit.commit):  # what is staged last, so that its commit is an older one
        still = tracked.get(hit.path) == hit.blob
        entry = once.setdefault(
            (hit.path, hit.digest),
            {
                "file": hit.path,
                "line": hit.line,
                "rule": hit.rule,
                "commit": hit.commit,
                "still": still,
                "sure": hit.sure,
            },
        )
        if not entry["still"]:
            entry["line"] = hit.line
        entry["commit"] = hit.commit or entry["commit"]
        entry["sure"] = entry["sure"] or hit.sure
        if still and not entry["still"]:
            entry |= {"line": hit.line, "still": True}
    return sorted(once.values(), key=lambda each: (each["file"], each["line"]))


def _last(stderr: bytes) -> str:
    """Return git's last words, whole: golive frees them of secrets before it cuts them."""
    return next((line.strip() for line in reversed(stderr.decode("utf-8", "replace").split("\n")) if line.strip()), "")


if __name__ == "__main__":
    main()
