"""Is everything set that the apps and their payment gateways need?"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from golive import Environment, Location, Severity, Unavailable, Verdict, check, not_applicable, unknown
from golive.wording import listed
from golive_checks.env.defects import Defect, judged, place, shown
from golive_checks.env.expected import Expected
from golive_checks.env.names import STATES, as_needed, pooled, pooled_plainly
from golive_checks.env.tokens import Tokens
from golive_checks.subjects.repository import Repository
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.systems.env.upkeep import Example
from golive_checks.systems.gateways.gateways import Gateways, any_in_use
from golive_checks.systems.gateways.variables import NamedInCode, needs

NOTHING_SAYS = "nothing says what an app of role"
OFF = frozenset({"false", "0", "no", "off"})


@check("env.variables-present", severity=Severity.CRITICAL)
def variables_present(
    file: EnvFile,
    seen: Variables,
    everywhere: Mapping[EnvFile, Variables | Unavailable],
    gateways: Gateways,
    tokens: Tokens,
    ask: Expected,
) -> Verdict:
    """Every variable that the app needs is set and not empty.

    Why: An app without one of its variables fails when it starts, or worse: when the first customer pays. Sources with
    the same role count together, so an app may keep its secrets in a separate one.

    Fix: Set it in the environment's source. List one that this environment does not need under `optional:` of the env
    file's entry, and a different name for one under `names:`.
    """
    wanted = _required(file, seen, gateways, tokens, ask)
    if not wanted:
        return not_applicable(f"{NOTHING_SAYS} {file.role} needs: name it under required, or extend a preset")
    of_role = {other: v for other, v in everywhere.items() if other.role == file.role}
    there = {name: state for name, (_, state) in pooled(of_role).items()}
    defects = [
        Defect(
            f"{_either(name, seen)} is {'empty' if _best(name, there) else 'not set'}", place(file, _held(name, seen))
        )
        for name in wanted
        if _best(name, there) in {"", "empty"}
    ]
    # The source that was not seen may be the one that sets them.
    gaps = [v.reason for v in of_role.values() if isinstance(v, Unavailable)]
    if gaps and defects:
        return unknown(f"{defects[0].text} here, and another source of the {file.role} was not seen: {gaps[0]}", *gaps)
    hidden = [_either(name, seen) for name in wanted if _best(name, there) == "elsewhere"]
    if hidden and not defects:
        return unknown(
            f"{listed(hidden)}: set elsewhere, so golive did not see a value",
            fix="Let golive read the source that sets them, as a further env file of the same role.",
        )
    return judged(defects, ok=f"all {len(wanted)} variables are set", unseen=hidden)


def _required(file: EnvFile, seen: Variables, gateways: Gateways, tokens: Tokens, ask: Expected) -> tuple[str, ...]:
    """Name what a file's role needs, less what the profile or the file itself switches off."""
    used = tuple(gateway for gateway in gateways.enabled if not _switched_off(gateway, seen))
    spared = {*file.optional, *(tokens.secrets if tokens.signing == "jwks" else ())}
    wanted = dict.fromkeys((*ask.of(file.role, used), *file.required))
    return tuple(name for name in wanted if not spared & {name, *name.split("|")})


def _switched_off(gateway: str, seen: Variables) -> bool:
    """Return whether the app itself has a switch that keeps a gateway off, such as VITE_ENABLE_STRIPE=false."""
    switches = (v.value for name, v in seen.values.items() if name.endswith(f"ENABLE_{gateway.upper()}"))
    return any(isinstance(value, str) and value.lower() in OFF for value in switches)


def _best(wanted: str, there: Mapping[str, str]) -> str:
    """Return the best state of a name, or of one of several (`A|B`); empty where none is there."""
    return max((there[name] for name in wanted.split("|") if name in there), key=STATES.index, default="")


def _either(wanted: str, seen: Variables) -> str:
    return " or ".join(shown(name, seen) for name in wanted.split("|"))


def _held(wanted: str, seen: Variables) -> Variable | None:
    return next((seen.values[name] for name in wanted.split("|") if name in seen.values), None)


@check("env.gateway-set-complete", when=any_in_use, severity=Severity.CRITICAL)
def gateway_set_complete(
    env: Environment,
    files: Mapping[EnvFile, Variables],
    examples: Mapping[EnvFile, Example | Unavailable],
    code: Mapping[Repository, NamedInCode | Unavailable] | Unavailable,
    gateways: Gateways,
    ask: Expected,
) -> Verdict:
    """Every payment gateway in use has all that the app reads of its credentials.

    Why: With half a set of credentials the app starts, and fails at the first payment: MTN needs a subscription key and
    a target environment beside user and key, Orange WebPay client id, secret and merchant key, PayPal the webhook's id
    to verify events, Stripe the webhook's secret and a publishable key in the web app.

    Fix: Add what is missing from the gateway's dashboard, or take the gateway out of `env.gateways.enabled`. A
    variable that no code, no example and no `env.expected` names warns only: where the app reads it under another
    name, say so under `names:` of the env file; where it needs none, under `optional:`. Where the
    repository or an example cannot be read, golive does not know which names the app reads, and the check is red.
    """
    there = pooled_plainly(files)
    optional = {as_needed(name) for file in files for name in file.optional}
    named = _named(files, examples, code, ask, gateways)
    defects: list[Defect] = []
    hidden: list[str] = []
    counted: list[str] = []
    for gateway in gateways.enabled:
        wanted = [name for name in needs(gateway, gateways) if name not in optional]
        missing = [name for name in wanted if there.get(name, (None, "empty"))[1] == "empty"]
        hidden += [name for name in wanted if name in there and there[name][1] == "elsewhere"]
        counted.append(f"{gateway} {len(wanted)}")
        have = [there[name][0] for name in wanted if name in there and there[name][1] == "set"]
        defects += _lacking(gateway, len(wanted), missing, named, at=place(have[0]) if have else None)
    if all(defect.mild for defect in defects):
        if hidden:
            return unknown(f"{listed(hidden)}: set elsewhere, so golive did not see a value")
        if defects and (gap := _unread(examples, code)):
            return unknown(f"{defects[0].text}; whether the app reads it is not known: {gap.reason}", fix=gap.fix)
    return judged(defects, ok=f"each gateway in use has all it needs ({', '.join(counted)})", unseen=hidden)


def _lacking(
    gateway: str, needed: int, missing: Sequence[str], named: Collection[str], at: Location | None
) -> Iterator[Defect]:
    """Yield what a gateway lacks: what the app is known to read, and apart from it what nothing of the app names."""
    for mild in (False, True):
        if names := [name for name in missing if (name in named) is not mild]:
            text = f"{gateway} lacks {listed(names)} of the {needed} it needs"
            yield Defect(text + (", which nothing of the app names" if mild else ""), at, mild=mild)


def _unread(
    examples: Mapping[EnvFile, Example | Unavailable],
    code: Mapping[Repository, NamedInCode | Unavailable] | Unavailable,
) -> Unavailable | None:
    """Return why an example or a repository that the profile names could not be read."""
    seen = (*examples.values(), *(() if isinstance(code, Unavailable) else code.values()))
    return next((gap for gap in seen if isinstance(gap, Unavailable)), None)


def _named(
    files: Mapping[EnvFile, Variables],
    examples: Mapping[EnvFile, Example | Unavailable],
    code: Mapping[Repository, NamedInCode | Unavailable] | Unavailable,
    ask: Expected,
    gateways: Gateways,
) -> set[str]:
    """Name the variables that the app is known to read: by its code, its examples, its sources, or the profile."""
    found = {
        name for role in ("api", "web", "other") for each in ask.of(role, gateways.enabled) for name in each.split("|")
    }
    found |= {name for file in files for name in (*file.required, *dict(file.names).values())}
    found |= {name for seen in files.values() for name in seen.values}
    for example in examples.values():
        if isinstance(example, Example):
            found |= {name for names in example.files.values() for name in names}
    for seen in code.values() if not isinstance(code, Unavailable) else ():
        found |= seen.names if isinstance(seen, NamedInCode) else set()
    return {as_needed(name) for name in found}
