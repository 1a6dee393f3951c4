"""Are secrets kept out of the repository?"""

from dataclasses import replace
from fnmatch import fnmatchcase

from golive import Location, Severity, Verdict, check, passed, unknown, verdict
from golive.wording import first_of
from golive_checks.subjects import Repository
from golive_checks.systems.git.client.secrets import FoundSecret
from golive_checks.systems.git.leaks import GitScan, GitSecretsSeen

FETCH = {
    "shallow": (
        "the clone is shallow: it lacks the older commits",
        "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout",
    ),
    "partial": (
        "the clone is partial: it lacks files of older commits",
        "clone without --filter, so that all of the history is there",
    ),
}


@check("secrets.not-in-git", severity=Severity.CRITICAL)
def not_in_git(repository: Repository, seen: GitSecretsSeen, ask: GitScan) -> Verdict:
    """No secret is in the repository or its history.

    Why: Everyone who ever cloned it has its secrets, and so do their laptops, CI machines and backups. What a later
    commit removed is one `git log -p` away; bots look for keys within minutes of a push.

    Fix: Revoke the secret where it was issued: it is known. Then keep the new one in the environment or a secret
    manager. Rewrite the history only after that, if at all. List what is not a secret under security.git.allow, with a
    reason.

    Source: OWASP Secrets Management Cheat Sheet; the forms of tokens are Kingfisher's rules
    """
    scan = seen.scan
    left = [found for found in scan.found if not _allowed(found, ask)]
    allowed = len(scan.found) - len(left)
    left.sort(key=lambda found: not found.still)
    fails = [_described(found) for found in left if found.sure]
    warns = [_described(found) for found in left if not found.sure]
    if not fails and scan.unread:
        return unknown(f"not all of it could be read: {first_of(scan.unread)}", fix="clone the repository again")
    if not fails and scan.cut_off:
        why, fix = FETCH[scan.cut_off]
        return unknown(why, fix=fix)
    if not fails and not scan.complete:
        return unknown(
            f"the search was over before the end of the history, after {scan.lines} lines",
            fix="give it more time (security.git.timeout_s)",
        )
    if not fails and not scan.lines:
        return unknown("the repository has no line of text in it")
    if not fails and not warns:
        but = f", but for {allowed} that the profile allows" if allowed else ""
        return passed(f"{scan.lines} lines of all that was ever committed hold none{but}")
    now = next((Location(f"{repository.path}/{found.file}", found.line) for found in left if found.still), None)
    unseen = (FETCH[scan.cut_off][0],) if scan.cut_off else () if scan.complete else ("the search ended early",)
    return replace(verdict(fails, warns, ok="", at=now), unseen=unseen)


def _allowed(found: FoundSecret, ask: GitScan) -> bool:
    return any(fnmatchcase(found.file, each.file) and fnmatchcase(found.rule, each.rule) for each in ask.allow)


def _described(found: FoundSecret) -> str:
    """Say what lies where, and never what it is."""
    place = f"{found.file}:{found.line}"
    if not found.sure:
        since = f" since commit {found.commit}" if found.commit else ""
        return f"{place} {'has' if found.still else 'had'} what may be a secret ({found.rule}){since}"
    if not found.commit:
        return f"{place} holds a secret ({found.rule}), staged"
    if found.still:
        return f"{place} holds a secret ({found.rule}), since commit {found.commit}"
    return f"{place} held a secret ({found.rule}) in commit {found.commit}: it is removed, and still in the history"
