"""Does the app run as one that is open to the internet: no debugging, nothing open to all, no address of a laptop?"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import ClassVar

from golive import Environment, Sealed, Settings, Severity, Unavailable, Verdict, check, not_applicable
from golive_checks.env.defects import Defect, judged, place, set_elsewhere, shown
from golive_checks.env.expected import OriginsOf
from golive_checks.env.names import pooled
from golive_checks.systems.env.files import EnvFile, Variable, Variables
from golive_checks.variable_names import (
    BESIDE,
    FALSE_TO,
    FALSE_TO_LARAVEL,
    LISTENING,
    LOCAL_HOSTS,
    OPEN_CORS,
    ORIGINS,
    OWN_NAME,
    SERVICE_HOST,
    debug_switch,
    development,
    is_mode,
    truth,
    upper,
)


class Running(Settings):
    """What decides how the app runs."""

    home: ClassVar[str] = "env.running"

    demanded: tuple[str, ...] = ()
    """Variables without which the framework runs in development, such as NODE_ENV with Express; a preset names them."""
    switches: tuple[str, ...] = ()
    """More names that must not be on in production, beside those with DEBUG in them."""
    only_false_is_off: tuple[str, ...] = ()
    """Switches that any word but false, 0, null and nothing turns on, as Laravel reads APP_DEBUG: `off` is on."""
    allow: tuple[str, ...] = ()
    """Names, with `*` and `?`, that may be on, or say development, in this environment."""


@check("env.runs-as-production", severity=Severity.CRITICAL)
def runs_as_production(
    file: EnvFile,
    seen: Variables,
    everywhere: Mapping[EnvFile, Variables | Unavailable],
    env: Environment,
    ask: Running,
) -> Verdict:
    """Debugging is off, and no mode is development, test or local.

    Why: In debug mode a framework shows its settings, its code and its errors to whoever makes it fail; Werkzeug's
    debugger even runs what it is given. Express and Rails default to development.

    Fix: Set DEBUG, APP_DEBUG and the like to false, and NODE_ENV, RAILS_ENV, APP_ENV and the like to production. List
    an intended one under `env.running.allow`, and a mode that is set elsewhere, as in the image, under `optional:`.

    Source: https://expressjs.com/en/advanced/best-practice-performance.html; Django's deployment checklist
    """
    named = [(n, v) for n, v in seen.values.items() if not any(fnmatchcase(n, pattern) for pattern in ask.allow)]
    defects = [defect for name, v in named for defect in _wrong_mode(file, name, v, seen)]
    defects += [defect for name, v in named for defect in _switched_on(file, name, v, ask, seen)]
    if file.role != "web":
        defects += [
            Defect(f"{name} is not set: the framework runs in development", place(file))
            for name in _unset(file, everywhere, ask)
        ]
    judged_names = [n for n, v in named if v.is_set and (is_mode(n) or debug_switch(n) or n in ask.switches)]
    if not defects and not judged_names:
        return not_applicable("sets no mode and no debug switch")
    if not env.production:
        defects = [Defect(each.text, each.at, mild=True) for each in defects]
    return judged(
        defects, ok=f"{len(judged_names)} modes and switches are those of production", unseen=set_elsewhere(seen)
    )


def _wrong_mode(file: EnvFile, name: str, variable: Variable, seen: Variables) -> Iterator[Defect]:
    value = variable.value
    if not isinstance(value, str) or not value:
        return
    setting, at = f"{shown(name, seen)}={value}", place(file, variable)
    is_framework = is_mode(name)
    if (is_framework or upper(name).endswith(("_ENV", "_ENVIRONMENT"))) and development(name, value):
        yield Defect(f"{setting} is a mode of development", at, mild=not is_framework)
    elif upper(name) == "NODE_ENV" and value != "production":
        yield Defect(f"{setting}: Express, React and their kin take no word but `production` for production", at)


def _switched_on(file: EnvFile, name: str, variable: Variable, ask: Running, seen: Variables) -> Iterator[Defect]:
    what, value = ("product" if name in ask.switches else debug_switch(name)), variable.value
    if not what or not variable.is_set:
        return
    at = place(file, variable)
    off = FALSE_TO.get(upper(name)) or (FALSE_TO_LARAVEL if name in ask.only_false_is_off else None)
    if off and isinstance(value, str) and value.strip().lower() not in off:
        why = "" if truth(value) else ", which this framework takes for on"
        yield Defect(f"{shown(name, seen)}={value}{why}", at)
    elif off and isinstance(value, str):
        return
    elif isinstance(value, Sealed) and "on" in value.shapes:
        yield Defect(f"{shown(name, seen)} is on", at, mild=what == "part")
    elif isinstance(value, Sealed) and "boolean" not in value.shapes:
        yield Defect(f"{shown(name, seen)} names what is to write debug output", at, mild=True)
    elif isinstance(value, Sealed):
        return
    elif truth(value or "") is True or (what == "product" and _counts(value or "")):
        yield Defect(f"{shown(name, seen)}={value}", at, mild=what == "part")
    # DEBUG=app:* of npm's debug is a list of namespaces, not a switch.
    elif truth(value or "") is None and not (value or "").isdigit():
        yield Defect(f"{shown(name, seen)}={value} names what is to write debug output", at, mild=True)


def _counts(value: str) -> bool:
    """Return whether it is a number that is not zero, which some readers take for on (django-environ: DEBUG=2)."""
    return value.isascii() and value.isdigit() and int(value) != 0


def _unset(file: EnvFile, everywhere: Mapping[EnvFile, Variables | Unavailable], ask: Running) -> list[str]:
    """Name the demanded modes that no source of the role sets; what could not be seen may set them."""
    mine = {other: seen for other, seen in everywhere.items() if other.role == file.role}
    if any(isinstance(seen, Unavailable) for seen in mine.values()):
        return []
    there = pooled(mine)
    unset = {
        wanted: wanted.split("|")
        for wanted in ask.demanded
        if not any(there.get(name, (file, "empty"))[1] != "empty" for name in wanted.split("|"))
    }
    return [" or ".join(names) for names in unset.values() if not set(names) & set(file.optional)]


class Local(Settings):
    """Which addresses may be this machine's own."""

    home: ClassVar[str] = "env.local"

    allow: tuple[str, ...] = ()
    """Names, with `*` and `?`, of what runs beside the app on one machine: `[REDIS_URL]`."""


@check("env.addresses-not-local", severity=Severity.HIGH)
def addresses_not_local(file: EnvFile, seen: Variables, env: Environment, ask: Local, origins: OriginsOf) -> Verdict:
    """No URL points to the machine that uses it.

    Why: http://localhost:3000 was right on the laptop that it was written on. In production it is a dead link in a
    mail, a callback that never comes, or a database that does not exist.

    Fix: Use the address of the service in this environment. List what does run on the app's machine under
    `env.local.allow`.
    """
    defects, counted = list[Defect](), 0
    for name, variable in seen.values.items():
        if name == origins.variable or any(fnmatchcase(name, pattern) for pattern in ask.allow):
            continue
        if LISTENING.fullmatch(upper(name)):
            continue
        counted += bool({"local-url", "url"} & variable.shapes) or bool(OWN_NAME.fullmatch(upper(name)))
        defects += _local(file, name, variable, seen, production=env.production)
    if not defects and not counted:
        return not_applicable("holds no URL")
    return judged(defects, ok=f"none of {counted} URLs is this machine's", unseen=set_elsewhere(seen))


def _local(file: EnvFile, name: str, variable: Variable, seen: Variables, *, production: bool) -> Iterator[Defect]:
    at, plain = place(file, variable), upper(name)
    if "local-url" in variable.shapes:
        mild = not production or bool(BESIDE.fullmatch(plain))
        yield Defect(f"{shown(name, seen)} leads to this machine", at, mild=mild)
    elif OWN_NAME.fullmatch(plain) and variable.value in LOCAL_HOSTS:
        text = f"{shown(name, seen)}={variable.value} is a name that nobody else can reach"
        yield Defect(text, at, mild=not production)
    elif SERVICE_HOST.fullmatch(plain) and variable.value in LOCAL_HOSTS:
        yield Defect(f"{shown(name, seen)}={variable.value} is this machine", at, mild=True)


@check("env.lists-closed", severity=Severity.HIGH)
def lists_closed(file: EnvFile, seen: Variables, env: Environment, origins: OriginsOf) -> Verdict:
    """No list of hosts or origins allows everyone.

    Why: With ALLOWED_HOSTS=* an attacker's Host header ends up in links that the app mails, such as password resets;
    with a CORS list of `*` any page may call the API.

    Fix: List the real names: `app.example.com,www.example.com`, or the origins with https://.

    Source: https://docs.djangoproject.com/en/stable/ref/settings/#allowed-hosts
    """
    defects, counted = [], 0
    for name, variable in seen.values.items():
        plain, value = upper(name), variable.value
        if name == origins.variable or not variable.is_set or not isinstance(value, str):
            continue
        is_list, is_switch = bool(ORIGINS.fullmatch(plain)), bool(OPEN_CORS.fullmatch(plain))
        counted += is_list or is_switch
        entries = {part.strip("\"'[]() ") for part in value.replace(";", ",").replace(" ", ",").split(",")}
        if is_list and "*" in entries:
            text = f"{shown(name, seen)} lets in everyone (*)"
        elif is_switch and truth(value):
            text = f"{shown(name, seen)}={value} lets in every origin"
        # Django answers 400 to every other Host: an outage that is seen at once, not a hole.
        elif is_list and plain.endswith("HOSTS") and entries - {""} and entries - {""} <= LOCAL_HOSTS | {"0.0.0.0"}:  # noqa: S104 - looked for
            text = f"{shown(name, seen)} names this machine alone: requests by the site's own name are refused"
            defects.append(Defect(text, place(file, variable), mild=True))
            continue
        else:
            continue
        defects.append(Defect(text, place(file, variable), mild=not env.production))
    if not counted:
        return not_applicable("holds no list of hosts or origins")
    return judged(defects, ok=f"{counted} lists name what they allow", unseen=set_elsewhere(seen))
