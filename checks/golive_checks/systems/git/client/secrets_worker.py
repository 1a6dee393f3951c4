"""detect-secrets over all that a repository ever added, in a process of its own: its findings without their values.

detect-secrets keeps its settings in globals and imports for a quarter of a second; here that is apart from golive, on
another processor, and ends at its limit. What it finds is held against golive's own knowledge of placeholders.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from golive_checks.placeholders import PASSWORDS, placeholder
from golive_checks.shapes import SECRET_PATTERNS
from golive_checks.strength import entropy_bits

LOG = (
    *("log", "--all", "-c", "--patch", "--unified=0", "--inter-hunk-context=0", "--format=%x00%h"),  # -c: merges too
    *("--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/"),
)
STAGED = ("diff", "--cached", *LOG[3:5], *LOG[6:])
"""What is in the index and in no commit yet, which the repository tracks too."""
NOT_ASKED = {"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector", "KeywordDetector"}
"""Digests, ids and addresses are no secrets; a keyword is asked about where the line has one."""
OWN = ("stripe-secret-test", "stripe-restricted-test", "stripe-webhook-secret")
"""What detect-secrets does not know."""
KEYWORD = re.compile("key|pass|pwd|secret|contrase", re.IGNORECASE)
"""What each of the keyword detector's names has in it, so that most lines need not be looked at."""
PROMISING = re.compile(r"://|[A-Za-z0-9_+/=.:-]{16}|PRIVATE KEY")
"""What each token has: no detector's is shorter, but for a password in a URL."""
DIGEST = re.compile(r"(?:sha-?\d*|hash|digest|checksum|fingerprint)['\"]?\s*[:=]", re.IGNORECASE)
"""A name for what tells a secret and is none, such as golive's own webhook_secret_sha256."""
BASIC_AUTH, PRIVATE_KEY, NAMED = "basic-auth-credentials", "private-key", "secret-keyword"
MIN_BITS, MIN_NAMED_BITS, MIN_BITS_A_CHARACTER = 40.0, 48.0, 3.2
"""Less is a word, a name or an example, such as the name of a secret where its value could stand."""
PIECE, OVERLAP = 2000, 300
"""Of a long line so many characters are looked at at a time: some of the patterns take quadratic time."""
MAX_FOUND = 500
HUNK = re.compile(rb"@@+ .*?\+(\d+)")


@dataclass(frozen=True)
class Added:
    """A line that a commit added (none: it is staged)."""

    commit: str
    file: str
    number: int
    text: str


class Detectors:
    """detect-secrets' own plugins, and golive's patterns for what they do not know."""

    def __init__(self) -> None:
        from detect_secrets.core.plugins import initialize
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
        from detect_secrets.filters import heuristic
        from detect_secrets.settings import get_settings

        get_settings().disable_filters(*get_settings().filters)  # none may ask a provider whether a key is good
        known: Mapping[str, type] = get_mapping_from_secret_type_to_class()
        names = {kind.__name__ for kind in known.values()}
        self._tokens: list[Any] = [initialize.from_plugin_classname(name) for name in sorted(names - NOT_ASKED)]
        self._keyword: Any = initialize.from_plugin_classname("KeywordDetector")
        self._heuristic = heuristic

    def secrets(self, file: str, text: str) -> Iterator[tuple[str, str]]:
        """Yield rule and value of each secret in a line."""
        for start in range(0, max(len(text), 1), PIECE):
            piece = text[start : start + PIECE + OVERLAP]
            if PROMISING.search(piece):
                yield from self._tokens_in(piece)
                if KEYWORD.search(piece) and not DIGEST.search(piece):
                    yield from self._named_in(file, piece)

    def _tokens_in(self, piece: str) -> Iterator[tuple[str, str]]:
        for plugin in self._tokens:
            if not any(plugin.analyze_string(piece)):
                continue
            rule = plugin.secret_type.lower().replace(" ", "-")
            # analyze_string gives of some tokens a part only, such as `ghp`
            for match in (match for pattern in plugin.denylist for match in pattern.finditer(piece)):
                if _is_token(rule, match):
                    yield rule, match[0]
        for rule in OWN:
            yield from ((rule, match[0]) for match in SECRET_PATTERNS[rule].finditer(piece) if _is_token(rule, match))

    def _named_in(self, file: str, piece: str) -> Iterator[tuple[str, str]]:
        """Yield what a name calls a secret, unless it is a name itself, or a reference to where the secret stands."""
        # in an env file values stand without quotes, as in an .ini
        read_as = f"{file}.ini" if PurePath(file).name.startswith(".env") else file
        for secret in self._keyword.analyze_line(filename=read_as, line=piece):
            value = (secret.secret_value or "").strip()
            refers = (
                "://" in value or value.startswith(("/", "./", "../")) or self._heuristic.is_indirect_reference(piece)
            )
            if _filled_in(value) or refers or any(c.isspace() for c in value):
                continue
            bits = entropy_bits(value)
            if bits >= MIN_NAMED_BITS and bits / len(value) >= MIN_BITS_A_CHARACTER:
                yield NAMED, value


def _is_token(rule: str, match: re.Match[str]) -> bool:
    """Tell a token from a placeholder, a template's mark and a word."""
    if any(map(_filled_in, (match[0], *filter(None, match.groups())))):
        return False
    if rule == BASIC_AUTH:
        return match[1].lower() not in PASSWORDS
    return rule == PRIVATE_KEY or entropy_bits(match[0]) >= MIN_BITS


def _filled_in(value: str) -> bool:
    """Tell whether someone or something is to fill a value in."""
    return len(value) < 2 or value.startswith(("$", "%", "{", "<")) or bool(placeholder(value))  # noqa: PLR2004 - no value


def added(lines: Iterable[bytes]) -> Iterator[Added]:
    """Read the output of git log or git diff: what each commit added, in a merge what it added to all its parents."""
    commit = file = ""
    number, columns, in_hunk = 0, 1, False
    for raw in lines:
        line = raw.rstrip(b"\n")
        if line.startswith(b"\0"):
            commit, in_hunk = line[1:].decode("ascii", "replace"), False
        elif line.startswith(b"diff "):
            in_hunk = False
        elif line.startswith(b"@@"):
            found = HUNK.match(line)
            number, in_hunk = int(found[1]) if found else 0, True
            columns = len(line) - len(line.lstrip(b"@")) - 1
        elif not in_hunk:
            if line.startswith(b"+++ "):
                file = line[4:].rstrip(b"\t").decode("utf-8", "replace").removeprefix("b/")
        elif b"-" not in line[:columns] and not line.startswith(b"\\"):
            if line[:columns] == b"+" * columns:
                yield Added(commit, file, number, line[columns:].decode("utf-8", "replace"))
            number += 1


def main() -> None:
    """Answer what stdin asks."""
    asked = json.load(sys.stdin)
    json.dump(scan(asked["git"], asked["seconds"]), sys.stdout)


def scan(git: list[str], seconds: float) -> dict[str, Any]:
    """Look through what is staged and every commit, the newest first, until the time is over.

    Of each secret the oldest commit that added it stays, and whether the repository still tracks it in that file.
    """
    end = time.monotonic() + seconds
    detectors = Detectors()
    found: dict[tuple[str, str], tuple[str, Added]] = {}
    lines, complete = 0, True
    for command in (STAGED, LOG):
        with subprocess.Popen([*git, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as asked:  # noqa: S603 - the client's own git
            for line in added(asked.stdout or ()):
                lines += 1
                for rule, value in detectors.secrets(line.file, line.text):
                    first = found.get((line.file, value), (rule, line))[0]
                    found[line.file, value] = (first, line)
                if time.monotonic() > end or len(found) > MAX_FOUND:
                    complete = False
                    asked.kill()
                    break
        if asked.returncode and complete:
            return {"failed": asked.returncode}
        if not complete:
            break
    tracked = {file: _tracked(git, file) for file in sorted({file for file, _ in found})}
    told = [_told(tracked[file], value, rule, line) for (file, value), (rule, line) in found.items()]
    return {"found": sorted(told, key=lambda each: (each["file"], each["line"])), "lines": lines, "complete": complete}


def _tracked(git: list[str], file: str) -> list[str]:
    """Return the lines of a file as the index has it; none where it has it no more."""
    ran = subprocess.run([*git, "show", "--no-textconv", f":{file}"], capture_output=True, check=False)  # noqa: S603 - as above
    return ran.stdout.decode("utf-8", "replace").split("\n") if not ran.returncode else []


def _told(now: list[str], value: str, rule: str, line: Added) -> dict[str, Any]:
    number = next((number for number, text in enumerate(now, 1) if value in text), 0)
    return {
        "file": line.file,
        "line": number or line.number,
        "rule": rule,
        "commit": line.commit,
        "still": number > 0,
    }


if __name__ == "__main__":
    main()
