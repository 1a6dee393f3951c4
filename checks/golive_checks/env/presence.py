"""Is everything set that the apps and their payment gateways need?"""

from collections.abc import Mapping

from golive import Environment, Severity, Unavailable, Verdict, check, not_applicable, unknown
from golive_checks.env.defects import Defect, judged, place, shown
from golive_checks.env.expected import Expected
from golive_checks.env.names import STATES, gateway_needs, listed, pooled, pooled_plainly
from golive_checks.env.tokens import Tokens
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.systems.gateways.gateways import Gateways, any_in_use

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

    Why: An app without one of its variables fails when it starts, or worse: when the first customer pays. Sources of
    the same role count together, so that an app may have its secrets apart.

    Fix: Set it in the environment's source. One that this environment can do without goes under `optional:` of the env
    file's entry; another name of yours under `names:`.
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
    """Tell whether the app itself has a switch that keeps a gateway off, such as VITE_ENABLE_STRIPE=false."""
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
def gateway_set_complete(env: Environment, files: Mapping[EnvFile, Variables], gateways: Gateways) -> Verdict:
    """Every payment gateway in use has all that it needs to work.

    Why: Half a set of credentials lets the app start and fails at the first payment: MTN wants a subscription key and
    a target environment beside user and key, Orange WebPay client id, secret and merchant key, PayPal the webhook's
    id to verify events, Stripe the webhook's secret and a publishable key in the web app.

    Fix: Add what is missing from the gateway's dashboard, or take the gateway out of `env.gateways.enabled`.
    """
    there = pooled_plainly(files)
    optional = {name for file in files for name in file.optional}
    defects, hidden, counted = [], [], []
    for gateway in gateways.enabled:
        needs = [group for group in gateway_needs(gateway, gateways) if not optional & set(group)]
        states = {group: {there[name][1] for name in group if name in there} for group in needs}
        missing = [" or ".join(group) for group, state in states.items() if not state & {"set", "elsewhere"}]
        hidden += [listed(group) for group, state in states.items() if state and not state & {"set", "empty"}]
        counted.append(f"{gateway} {len(needs)}")
        if missing:
            have = [there[n][0] for group in needs for n in group if n in there and there[n][1] == "set"]
            at = place(have[0]) if have else None
            defects.append(Defect(f"{gateway} lacks {listed(missing)} of the {len(needs)} it needs", at))
    if hidden and not defects:
        return unknown(f"{listed(hidden)}: set elsewhere, so golive did not see a value")
    return judged(defects, ok=f"each gateway in use has all it needs ({', '.join(counted)})", unseen=hidden)
