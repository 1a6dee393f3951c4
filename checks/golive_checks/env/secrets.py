"""Are the secrets that sign sessions and tokens the product's own, and unguessable?"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive import Sealed, Settings, Severity, Unavailable, Verdict, check, not_applicable, not_configured
from golive_checks.env.defects import Defect, judged, place, set_elsewhere, shown
from golive_checks.env.names import pooled
from golive_checks.env.tokens import Tokens, sealed_value
from golive_checks.shapes import SECRET_PATTERNS
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.systems.env.upkeep import Example
from golive_checks.variable_names import is_password, is_secret, is_signing

ELSEWHERE = frozenset({"private-key", "file-path", "reference"})
"""Shapes of what is no guessable secret itself: a key pair's half, or where the secret lies."""
BY_CHANCE_BITS = 20.0
"""Below, a value may be the example's because it is a setting: a number, a region, a short word."""


class Signing(Settings):
    """What signs or encrypts sessions and tokens."""

    home: ClassVar[str] = "env.signing"

    secrets: tuple[str, ...] = ()
    """More names, beside SECRET_KEY, SECRET_KEY_BASE, APP_KEY, NEXTAUTH_SECRET, JWT_SECRET, SESSION_SECRET and such."""
    others: tuple[str, ...] = ()
    """Names that sign nothing, although they look so."""
    min_bits: float = Field(default=112.0, ge=0)
    """Estimated entropy that a key needs (NIST SP 800-131A allows HMAC keys from 112 bits on)."""


@check("env.session-secrets-strong", severity=Severity.CRITICAL)
def session_secrets_strong(
    file: EnvFile,
    seen: Variables,
    everywhere: Mapping[EnvFile, Variables | Unavailable],
    ask: Signing,
    tokens: Tokens,
) -> Verdict:
    """The secrets that sign or encrypt sessions and tokens are set and random, whatever their names.

    Why: Whoever guesses SECRET_KEY, SECRET_KEY_BASE, APP_KEY or NEXTAUTH_SECRET can forge any user's session, and in
    some frameworks run code. A short secret can be brute-forced offline, billions of guesses a second.

    Fix: Set it to the output of `openssl rand -base64 48`, or of the framework's own generator (`rails secret`, `php
    artisan key:generate`). List a name that signs nothing under `env.signing.others`.

    Source: NIST SP 800-131A, section 10; Django's deployment checklist
    """
    mine = {other: v for other, v in everywhere.items() if other.role == file.role}
    there = pooled(mine)
    known = {*tokens.secrets, *file.optional, *ask.others}
    names = [n for n in seen.values if n not in known and (is_signing(n) or n in ask.secrets)]
    defects = []
    for name in names:
        variable = seen.values[name]
        if variable.is_set:
            wrong = _weak(variable, ask.min_bits)
        else:
            wrong = "is empty" if there.get(name, (file, "empty"))[1] == "empty" and variable.value is not None else ""
        if wrong:
            defects.append(Defect(f"{shown(name, seen)} {wrong}", place(file, variable)))
    if not names:
        return not_applicable("holds nothing that is known to sign sessions or tokens")
    return judged(
        defects, ok=f"{len(names)} secrets, each of {ask.min_bits:.0f} bits or more", unseen=set_elsewhere(seen)
    )


def _weak(variable: Variable, min_bits: float) -> str:
    """Say what makes a secret weak; empty where nothing does, and where it is reported as a placeholder."""
    value = sealed_value(variable)
    if value.placeholder:
        return f"is a placeholder: {value.placeholder}"
    if value.shapes & ELSEWHERE or value.entropy_bits >= min_bits:
        return ""
    worth = f"about {value.entropy_bits:.0f} bits of entropy in its {value.length} bytes"
    return f"has {worth}, {min_bits:.0f} are required"


@check("env.secrets-unpublished", severity=Severity.CRITICAL)
def secrets_unpublished(file: EnvFile, seen: Variables, example: Example) -> Verdict:
    """No secret is the one in the example file.

    Why: The example is committed, and in every clone, fork and image of the code: a value in it is known, however
    random it looks.

    Fix: Make a new value for this environment, and write a placeholder into the example.
    """
    if not example.files:
        return not_configured("the profile names no example file", "env_files.*.example")
    secrets = {name: variable for name, variable in seen.values.items() if _secret_digests(name, variable)}
    theirs: dict[str, list[str]] = {}
    for name, variable in example.values.items():
        for digest in _secret_digests(name, variable):
            theirs.setdefault(digest, []).append(name)
    defects = [
        Defect(f"{shown(name, seen)} is the example's {_same(name, theirs[digest])}", place(file, variable))
        for name, variable in secrets.items()
        for digest in _secret_digests(name, variable)[:1]
        if digest in theirs
    ]
    if not secrets:
        return not_applicable("holds no secret")
    return judged(defects, ok=f"none of {len(secrets)} secrets is in the example", unseen=set_elsewhere(seen))


def _same(name: str, theirs: list[str]) -> str:
    """Return the example's name for a value: the same, where it has that."""
    return name if name in theirs else theirs[0]


def _secret_digests(name: str, variable: Variable) -> tuple[str, ...]:
    """Return the digest of what is secret in a variable: a URL's password, or the whole; nothing where it is none."""
    value = variable.value
    if not isinstance(value, Sealed) or not value.length or value.shapes & {"file-path", "reference", "nothing"}:
        return ()
    if variable.password is not None:
        return (variable.password.digest,) if variable.password.length else ()
    by_name = is_signing(name) or is_password(name) or (is_secret(name) and value.entropy_bits >= BY_CHANCE_BITS)
    return (value.digest,) if by_name or value.shapes & set(SECRET_PATTERNS) else ()
