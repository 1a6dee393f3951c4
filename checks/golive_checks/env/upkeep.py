"""Are the env files kept as they should be: in step with their example, to themselves, out of sight?"""

from typing import ClassVar

from golive import Location, Sealed, Settings, Severity, Verdict, check, not_applicable, not_configured, unknown
from golive.wording import listed
from golive_checks.env.defects import Defect, judged, place, set_elsewhere, shown
from golive_checks.env.expected import Expected
from golive_checks.shapes import SECRET_PATTERNS
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.systems.env.upkeep import Elsewhere, Example, Guard, GuardedFile
from golive_checks.variable_names import is_secret

GROUP_AND_WORLD = 0o077
MIN_SECRET_BITS = 40.0
"""Below, two environments may have the same value by chance or on purpose: a region, a bucket, a user's name."""


class Sharing(Settings):
    """Which secrets two environments may share."""

    home: ClassVar[str] = "env.sharing"

    allow: tuple[str, ...] = ()
    """Names whose values may be the same in another environment."""


@check("env.example-in-step", severity=Severity.MEDIUM)
def example_in_step(file: EnvFile, seen: Variables, example: Example, ask: Expected) -> Verdict:
    """The example files and the real one define the same names.

    Why: The next environment is made from the example. A name that is only in the real file will be missing there; one
    that is only in the example is missing here; of two examples that differ, one is out of date.

    Fix: Add the name to the example, without its value; set it in the real file, or take it out of the example.
    """
    if not example.files:
        return not_configured("the profile names no example file", "env_files.*.example")
    optional = {*file.optional, *ask.optional}
    everywhere = {name: at for names in reversed(list(example.files.values())) for name, at in names.items()}
    defects = [
        Defect(f"{shown(name, seen)} is not in the example", place(file, variable))
        for name, variable in seen.values.items()
        if name not in everywhere and file.source.kind != "process"  # which holds much that is not the app's
    ]
    defects += [
        Defect(f"{name} is in the example and not in the real file", at)
        for name, at in everywhere.items()
        if name not in seen.values and name not in optional
    ]
    defects += _between(example)
    several = f"{len(example.files)} example files and the real one" if len(example.files) > 1 else "both"
    return judged(defects, ok=f"{len(everywhere)} names in {several}")


def _between(example: Example) -> list[Defect]:
    """Name what one example file has and another lacks."""
    return [
        Defect(f"{name} is in {at.file} and not in {other}", at)
        for names in example.files.values()
        for name, at in names.items()
        for other, theirs in example.files.items()
        if name not in theirs
    ]


@check("env.secrets-not-shared", severity=Severity.CRITICAL)
def secrets_not_shared(file: EnvFile, seen: Variables, others: Elsewhere, ask: Sharing) -> Verdict:
    """No secret is shared with another environment.

    Why: Many more people and machines know staging's secrets than production's. If they are the same, a token that
    staging signed is valid in production.

    Fix: Make a new secret for one of the two; list a value that may be shared under `env.sharing.allow`.
    """
    if not others.values:
        return not_configured("the profile names no other environment to compare with", "env_files.*.compare_with")
    mine = [
        (name, what, sealed)
        for name, variable in seen.values.items()
        if name not in ask.allow
        for what, sealed in _secrets(name, variable)
    ]
    defects = [
        Defect(
            f"{shown(name, seen)}{what} is the same as {environment}'s {other}{whose}", place(file, seen.values[name])
        )
        for name, what, sealed in mine
        for environment, theirs in others.values.items()
        for other, variable in theirs.items()
        for whose, there in _secrets(other, variable)
        # Both sides are sealed under the key of this process, so equal digests mean equal secrets.
        if there.digest == sealed.digest
    ]
    ok = f"none of {len(mine)} secrets is in {listed(others.values)}"
    return judged(defects, ok=ok, unseen=set_elsewhere(seen))


def _secrets(name: str, variable: Variable) -> list[tuple[str, Sealed]]:
    """Return what of a variable is secret: a URL's password, else the whole value by its shape or its name."""
    value, password = variable.value, variable.password
    if not isinstance(value, Sealed) or value.placeholder or not value.length:
        return []  # a placeholder is reported by its own check
    if password is not None:
        return [("'s password", password)] if password.length else []
    shaped = bool(value.shapes & set(SECRET_PATTERNS))
    by_name = value.entropy_bits >= MIN_SECRET_BITS and is_secret(name)
    return [("", value)] if shaped or by_name else []


@check("env.files-guarded", severity=Severity.CRITICAL)
def files_guarded(file: EnvFile, guard: Guard) -> Verdict:
    """Only its owner may read the file, and it was never in git.

    Why: Every process on the machine can read a file of mode 0644. What was once committed stays in the history of
    every clone, even after it is removed.

    Fix: `chmod 600` the file; `git rm --cached` it and list it in .gitignore. If it was ever committed, replace every
    secret in it: rewriting the history does not reach the clones.
    """
    if not guard.files:
        return not_applicable("no file holds one of its secrets")
    defects = [defect for guarded in guard.files for defect in _unguarded(guarded)]
    shallow = [guarded for guarded in guard.files if guarded.shallow and not guarded.tracked]
    if shallow and not defects:
        return unknown(
            f"the history of {shallow[0].repository} is cut off: whether it ever had {shallow[0].file} cannot be seen",
            fix="Check out the whole history: `fetch-depth: 0` of actions/checkout, or `git fetch --unshallow`.",
        )
    outside = [guarded.file for guarded in guard.files if not guarded.repository]
    no_git = "; it is in no git repository" if outside else ", unknown to git"
    return judged(defects, ok=f"{guard.files[0].file}: mode {_mode(guard.files[0])}{no_git}")


def _unguarded(guarded: GuardedFile) -> list[Defect]:
    at = Location(guarded.file)
    defects = []
    if guarded.mode is not None and guarded.mode & GROUP_AND_WORLD:
        defects.append(Defect(f"others may read or write it (mode {_mode(guarded)})", at))
    if guarded.tracked:
        defects.append(Defect("git tracks it", at))
    elif guarded.added_in:
        defects.append(Defect(f"git has had it: commit {guarded.added_in} added it", at))
    return defects


def _mode(guarded: GuardedFile) -> str:
    return "not reported by this system" if guarded.mode is None else f"{guarded.mode:04o}"
