"""Are tokens that nobody issued refused?"""

from dataclasses import replace

from golive import Severity, Unavailable, Verdict, check, failed, not_configured, unknown, verdict
from golive_checks.subjects import Host
from golive_checks.systems.env.example_tokens import ExampleTokenAnswers
from golive_checks.systems.http.known_keys import KnownKey
from golive_checks.systems.http.tokens import AUDIENCE, EXPIRED, NO_TOKEN, VALID, Jwt, TokenAnswers

REFUSED = frozenset({401, 403})
ANOTHER = "name another one in routes.protected of the host's entry"


def accepted(status: int) -> bool:
    """Return whether a status says that the caller was accepted."""
    return 200 <= status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


NOT_A_VERDICT = "set security.jwt.token, or secret and claims, so that golive can tell an accepted token from others"


@check("jwt.forgery-refused", severity=Severity.CRITICAL)
def forgery_refused(host: Host, seen: TokenAnswers, examples: ExampleTokenAnswers | Unavailable, ask: Jwt) -> Verdict:
    """Forged and expired tokens and those for another audience get 401 or 403.

    Why: A verifier that accepts `alg: none`, a secret from a tutorial or the example file, or an expired token lets
    anyone act as any customer, cashier or administrator. Of a token that the profile gives, golive also tries the key
    offline, as anyone may who has one: published keys, words of templates, short ones.

    Fix: Name the algorithm and the audience where tokens are verified (`jwt.verify(token, secret, { algorithms:
    ['HS256'], audience: 'api' })`), take the secret from 32 random bytes, never decode without verifying.

    Source: RFC 8725, sections 2 and 3
    """
    if not seen.path:
        return not_configured("it names no protected route", "hosts.*.routes.protected")
    of_examples = {} if isinstance(examples, Unavailable) else examples.statuses
    statuses = {**seen.statuses, **of_examples}
    evidence = [f"{name}: {status}" for name, status in statuses.items()]
    bad = {name: status for name, status in statuses.items() if name not in {NO_TOKEN, VALID}}
    let_in = [f"{seen.path} accepts a token {_of(name)}" for name, status in bad.items() if accepted(status)]
    let_in += [f"the key that signed the token of {name} is {_known(key)}" for name, key in seen.keys.items()]
    # First: a route that asks for no token at all says nothing about how it treats forged ones.
    if accepted(seen.statuses[NO_TOKEN]):
        return failed(
            f"{seen.path} answers {seen.statuses[NO_TOKEN]} without any token: it is not protected", *evidence
        )
    if let_in:
        return verdict(let_in, ok="", evidence=evidence)
    why, fix = _nothing_told(seen)
    if why:
        return unknown(f"{seen.path} {why}", *evidence, fix=fix)
    odd = [
        f"{seen.path} answers {s} to a token {_of(n)}: expected 401 or 403" for n, s in bad.items() if s not in REFUSED
    ]
    missing = [EXPIRED] if EXPIRED not in bad else []
    missing += [AUDIENCE] if ask.audience and AUDIENCE not in bad else []
    lines = tuple(
        f"{seen.path}: a token {_of(name)} (security.jwt.secret would let golive issue one)" for name in missing
    )
    judged = verdict(odd, ok=f"{seen.path} refuses {len(bad)} bad tokens and accepts a good one", evidence=evidence)
    return replace(judged, unseen=(*lines, *_untried(examples)))


def _known(key: KnownKey) -> str:
    """Say what kind of key it is: the key itself stays unsaid."""
    return {
        "published": f"{key.published_by}: anyone can sign",
        "guessable": "one of the words that templates and tutorials have: it is found offline at once",
        "short": f"{key.length} characters long: it is found offline at once",
    }[key.kind]


def _untried(examples: ExampleTokenAnswers | Unavailable) -> tuple[str, ...]:
    if isinstance(examples, Unavailable):
        return (f"keys of the example files: {examples.reason}",)
    return (f"{examples.untried} more keys of the example files",) if examples.untried else ()


def _nothing_told(seen: TokenAnswers) -> tuple[str, str]:
    """Tell why refusals mean nothing here, and how to fix that."""
    bare, good = seen.statuses[NO_TOKEN], seen.statuses.get(VALID)
    if bare not in REFUSED:
        return f"answers {bare} without a token, neither 401 nor 403", ANOTHER
    if good is None:
        return "refuses every token that was tried, and none of them is a good one", NOT_A_VERDICT
    return ("", "") if accepted(good) else (f"refuses a good token too ({good})", NOT_A_VERDICT)


def _of(name: str) -> str:
    if name.startswith("alg "):
        return f"with {name} and no signature"
    return {EXPIRED: "that has expired", AUDIENCE: "for another audience"}.get(name, name)
