"""Are the values what they should be: of the right type, meant in earnest, read as they were written?"""

from collections.abc import Mapping

from golive import Environment, Sealed, Severity, Verdict, check, not_applicable
from golive.wording import duration
from golive_checks.env.defects import Defect, judged, place, set_elsewhere, shown
from golive_checks.env.expected import Expected, OriginsOf
from golive_checks.env.names import kind_of
from golive_checks.placeholders import ENGINES, NOTHING, placeholder
from golive_checks.shapes import duration_s, split_url
from golive_checks.subjects import Host
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.systems.gateways.gateways import Gateways
from golive_checks.systems.http.origins import Origin

LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "[::1]"})  # noqa: S104 - looked for, never bound
DEFAULT_PORTS = {"https": 443, "http": 80}


@check("env.values-wellformed", severity=Severity.HIGH)
def values_wellformed(file: EnvFile, seen: Variables, ask: Expected, gateways: Gateways) -> Verdict:
    """Every value has its variable's type.

    Why: A port that is not a number, a URL without its scheme, a key pasted into the wrong line: the app finds out in
    production. No value is shown: a finding names the variable, its length and the expected type.

    Fix: Write the value in its type's format; copy keys whole from the provider's dashboard.
    """
    kinds = {name: kind for name in seen.values if (kind := kind_of(name, ask.types, gateways.enabled))}
    set_here = {name: v for name, v in seen.values.items() if v.is_set and name in kinds}
    if not set_here:
        return not_applicable("holds no variable of a known type")
    defects = [
        Defect(f"{shown(name, seen)} is not {kinds[name].says}{_hint(name, v)}", place(file, v))
        for name, v in set_here.items()
        if v.value is not None and not kinds[name].fits(v.value)
    ]
    return judged(defects, ok=f"{len(set_here)} values have their types", unseen=set_elsewhere(seen))


def _hint(name: str, variable: Variable) -> str:
    """Say more where a type is often missed in the same way; a sealed value only by its length."""
    value = variable.value
    if isinstance(value, Sealed):
        edges = ", with blanks at an end" if "blank-edges" in value.shapes else ""
        return f" ({value.length} characters{edges})"
    if name.endswith("_TTL") and value and (lifetime := duration_s(value)) is not None:
        return f": {value} is read as milliseconds and lives {duration(lifetime)}"
    if name == "MTN_MOMO_TARGET_ENVIRONMENT" and value == "production":
        return ": `production` is a mode; X-Target-Environment names the country's operator"
    return f": {value}"


@check("env.no-placeholders", severity=Severity.CRITICAL)
def no_placeholders(file: EnvFile, seen: Variables) -> Verdict:
    """No value is a placeholder or a published default.

    Why: `change_me` and `sk_live_...` were meant to be replaced, and a default from public documentation is the first
    thing an attacker tries. Only whole values and the parts of a URL count: a random value that happens to contain
    `xxx` is not a placeholder.

    Fix: Replace it with the real value; make secrets with `openssl rand -base64 48`.
    """
    defects = []
    for name, variable in seen.values.items():
        value = variable.value
        reason = value.placeholder if isinstance(value, Sealed) else _of_public(value or "")
        if reason:
            defects.append(Defect(f"{shown(name, seen)} is a placeholder: {reason}", place(file, variable)))
    if not seen.values:
        return not_applicable("holds no variable")
    return judged(defects, ok=f"none of {len(seen.values)} values is a placeholder", unseen=set_elsewhere(seen))


def _of_public(value: str) -> str:
    return "" if value in ENGINES or value.lower() in NOTHING else placeholder(value)


@check("env.origins-exact", severity=Severity.CRITICAL)
def origins_exact(
    file: EnvFile, seen: Variables, env: Environment, hosts: Mapping[Host, Origin], ask: OriginsOf
) -> Verdict:
    """The allowed origins are exactly those of the apps, over https.

    Why: The API lets the pages of these origins act for its users. `*` allows every page, http anyone on the way; an
    origin with a path or a trailing slash matches none that a browser sends.

    Fix: List each origin as the browser sends it, `https://app.example.com`, separated by commas, and no others.

    Source: RFC 6454, section 6.2; https://developer.mozilla.org/docs/Web/HTTP/Headers/Access-Control-Allow-Origin
    """
    variable = seen.values.get(ask.variable)
    if variable is None or not variable.is_set:
        return not_applicable(
            f"sets no {ask.variable}" if ask.variable else "the profile names no env.origins.variable"
        )
    at = place(file, variable)
    if not isinstance(variable.value, str):
        return judged([Defect(f"{ask.variable} is no list of origins", at)], ok="")
    given = [part.strip() for part in variable.value.split(",")]
    defects = [
        Defect(f"{origin or 'an empty entry'} {wrong}", at) for origin in given if (wrong := _wrong_origin(origin))
    ]
    local = [origin for origin in given if _is_local(origin)]
    defects += [Defect(f"{o} is this machine, not a user's app", at, mild=not env.production) for o in local]
    needed = {seen_at.origin: host for host, seen_at in hosts.items() if host.role in {"app", "shop"}}
    have = {_normal(origin) for origin in given}
    defects += [Defect(f"{o}, the {host.role}, is not among them", at) for o, host in needed.items() if o not in have]
    return judged(defects, ok=", ".join(given))


def _wrong_origin(origin: str) -> str:
    """Say what keeps it from being an exact https origin; local ones are reported elsewhere."""
    url = split_url(origin)
    if "*" in origin:
        return "is a wildcard"
    if url is None or url.scheme not in {"http", "https"}:
        return "is not an origin: https:// and a host"
    if url.scheme == "http" and not _is_local(origin):
        return "is not https"
    if url.path == "/":
        return "ends in a slash, which no browser sends"
    if url.path or url.query or url.fragment:
        return "has a path, which no browser sends"
    return ""


def _is_local(origin: str) -> bool:
    url = split_url(origin)
    host = (url.hostname or "") if url else ""
    return host in LOCAL or host.endswith(".localhost")


def _normal(origin: str) -> str:
    """Write an origin as a browser does: lower case, without the scheme's usual port."""
    url = split_url(origin.lower())
    if url is None:
        return origin
    port = "" if url.port in {None, DEFAULT_PORTS.get(url.scheme)} else f":{url.port}"
    return f"{url.scheme}://{url.hostname}{port}"
