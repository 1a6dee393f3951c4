"""How a protected route takes tokens that are signed with what stands in the example file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive import Effect, Fact, Now, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.env.dialects import read_text
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.env.upkeep import Example
from golive_checks.systems.http.answers import Routes
from golive_checks.systems.http.forged_tokens import alg_of, hmac_signed
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.http.tokens import Jwt, answers_to, claims_of_good
from golive_checks.systems.machine.client.files import Files
from golive_checks.variable_names import is_signing

MOST = 10
"""An example has two or three secrets that sign."""


@dataclass(frozen=True)
class ExampleTokenAnswers(Fact):
    """The status that a token got, by what it was signed with; nothing where no example file holds a key."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    untried: int = 0
    """How many more values sign in the examples than were tried."""


def _requests(routes: Routes) -> int:
    return 3 if routes.protected else 0


@probe("env.example-token-answers", requests=_requests, effect=Effect.ACTIVE)
async def example_token_answers(
    host: Host,
    door: HostDoor,
    routes: Routes,
    examples: Mapping[EnvFile, Example | Unavailable],
    ask: Jwt,
    files: Files,
    now: Now,
) -> ExampleTokenAnswers:
    """Ask a protected route with tokens that are signed with the example files' values."""
    keys: dict[str, str] = {}
    for file in examples if routes.protected else ():
        for path in file.examples:
            found = read_text(await files.text(path), path, file.source.read_as).values
            keys |= {
                f"signed with the example's {name}": assigned.value
                for name, assigned in found.items()
                if assigned.value and is_signing(name)
            }
    if not keys:
        return ExampleTokenAnswers()
    claims = claims_of_good(ask, int(now.at.timestamp()))
    alg = alg_of(ask.token.get_secret_value())
    tokens = {name: hmac_signed(claims, key.encode(), alg) for name, key in list(keys.items())[:MOST]}
    answers = await answers_to(tokens, door, routes.protected)
    return ExampleTokenAnswers(answers, untried=len(keys) - len(tokens))
