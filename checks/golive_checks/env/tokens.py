"""Are the tokens signed with unguessable keys, and do they live as long as they should?"""

from typing import ClassVar, Literal

from pydantic import Field

from golive import Sealed, Settings, Severity, Verdict, check, not_applicable
from golive.wording import duration
from golive_checks.env.defects import Defect, judged, place, set_elsewhere, shown
from golive_checks.sealing import seal
from golive_checks.shapes import duration_has_unit, duration_s
from golive_checks.systems.env.files import EnvFile, Variable, Variables


class Tokens(Settings):
    """How the API signs its tokens, and how long they may live."""

    home: ClassVar[str] = "env.tokens"

    secrets: tuple[str, ...] = ("JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "JWT_RESET_SECRET")
    """The secrets that sign the kinds of token: each must be its own."""
    access_ttl: str = ""
    """The variable that says how long an access token lives, in the words of vercel/ms, such as ACCESS_TTL."""
    refresh_ttl: str = ""
    """The same of a refresh token."""
    signing: Literal["secret", "jwks"] = "secret"
    """`jwks`: tokens are signed by a key pair of an identity provider, so there is no secret to judge."""
    min_secret_bytes: int = Field(default=32, ge=1)
    """HS256 wants a key of at least 256 bits (RFC 7518, section 3.2)."""
    min_secret_bits: float = Field(default=128.0, ge=0)
    """Estimated entropy below which a secret can be guessed offline from any token."""
    max_access_s: float = Field(default=3600.0, gt=0)
    """The longest that an access token may live: it cannot be called back."""
    max_refresh_s: float = Field(default=90 * 86400.0, gt=0)
    """The longest that a refresh token may live."""


@check("env.jwt-secrets-strong", severity=Severity.CRITICAL)
def jwt_secrets_strong(file: EnvFile, seen: Variables, ask: Tokens) -> Verdict:
    """The secrets that sign tokens are long, random and all different.

    Why: Whoever has one token can try secrets offline, billions a second, and forge tokens with the right one. One
    secret for two kinds of token lets a refresh or reset token pass for an access token.

    Fix: Set each to the output of its own `openssl rand -base64 48`. If an identity provider signs the tokens, set
    `env.tokens.signing: jwks`.

    Source: RFC 7518, section 3.2
    """
    if ask.signing == "jwks":
        return not_applicable("tokens are signed by a key pair (env.tokens.signing: jwks)")
    secrets = {name: v for name in ask.secrets if (v := seen.values.get(name)) and v.is_set}
    if not secrets:
        return not_applicable("holds no secret that signs tokens")
    defects = []
    sealed = {name: sealed_value(variable) for name, variable in secrets.items()}
    for name, value in sealed.items():
        # RFC 7518, section 3.2: the key must be at least as long as the hash.
        if value.length < ask.min_secret_bytes:
            text = f"{shown(name, seen)} has {value.length} bytes, HS256 needs {ask.min_secret_bytes}"
        elif value.entropy_bits < ask.min_secret_bits:
            text = (
                f"{shown(name, seen)} has about {value.entropy_bits:.0f} bits of entropy "
                f"for its {value.length} bytes, {ask.min_secret_bits:.0f} are required"
            )
        else:
            continue
        defects.append(Defect(text, place(file, secrets[name])))
    names = list(sealed)
    for index, name in enumerate(names):
        same = [other for other in names[:index] if sealed[other].digest == sealed[name].digest]
        if same:
            defects.append(Defect(f"{shown(name, seen)} equals {shown(same[0], seen)}", place(file, secrets[name])))
    weakest = min(value.entropy_bits for value in sealed.values())
    ok = f"{len(sealed)} secrets, all different, the weakest with about {weakest:.0f} bits"
    return judged(defects, ok=ok, unseen=set_elsewhere(seen))


def sealed_value(variable: Variable) -> Sealed:
    """Measure a value that is shown, as one that is sealed was."""
    return variable.value if isinstance(variable.value, Sealed) else seal(variable.value or "")


@check("env.token-lifetimes-sane", severity=Severity.HIGH)
def token_lifetimes_sane(file: EnvFile, seen: Variables, ask: Tokens) -> Verdict:
    """Access tokens live for minutes, refresh tokens for days, and neither expires at once.

    Why: A stolen access token works until it expires. A number without a unit is read as milliseconds: with
    `ACCESS_TTL=900` every token has expired before it arrives.

    Fix: Write a number with a unit, such as `ACCESS_TTL=15m` and `REFRESH_TTL=30d`. Set other limits in `env.tokens`.

    Source: https://github.com/vercel/ms
    """
    limits = {ask.access_ttl: ask.max_access_s, ask.refresh_ttl: ask.max_refresh_s}
    given = {name: v for name in limits if (v := seen.values.get(name)) and v.is_set}
    if not given:
        return not_applicable("sets no lifetime of tokens")
    defects, lives = [], {}
    for name, variable in given.items():
        text = variable.value if isinstance(variable.value, str) else ""
        lifetime = duration_s(text)
        if lifetime is None:
            defects.append(Defect(f"{shown(name, seen)} is no duration", place(file, variable)))
            continue
        lives[name] = lifetime
        if wrong := _wrong_life(text, lifetime, limits[name]):
            defects.append(Defect(f"{shown(name, seen)}={text} {wrong}", place(file, variable)))
    access, refresh = lives.get(ask.access_ttl), lives.get(ask.refresh_ttl)
    if not defects and access is not None and refresh is not None and access >= refresh:
        texts = ", ".join(f"{name}={given[name].value}" for name in (ask.access_ttl, ask.refresh_ttl))
        defects.append(Defect(f"{texts}: the refresh token is gone first", place(file, given[ask.refresh_ttl])))
    ok = ", ".join(f"{name}={variable.value}" for name, variable in given.items())
    return judged(defects, ok=ok, unseen=set_elsewhere(seen))


def _wrong_life(text: str, lifetime: float, limit: float) -> str:
    if not duration_has_unit(text):
        return f"is read as milliseconds: it lives {duration(lifetime)}"
    if lifetime <= 0:
        return "has expired before it is issued"
    return f"lives {duration(lifetime)}, at most {duration(limit)} is allowed" if lifetime > limit else ""
