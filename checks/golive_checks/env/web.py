"""What is baked into the web app, in its env file and in the bundle that is served."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from golive import Environment, Sealed, Severity, Unavailable, Verdict, check, not_applicable, passed, unknown
from golive.wording import data_size
from golive_checks.env.defects import Defect, judged, place, shown
from golive_checks.env.expected import WebVariables
from golive_checks.shapes import SECRET_PATTERNS, split_url
from golive_checks.subjects import Host
from golive_checks.systems.env.files import EnvFile, Variables
from golive_checks.systems.http.origins import origin_of
from golive_checks.systems.page.bundle import Bundle
from golive_checks.variable_names import BROWSER, reaches_browser

WORDS_OF_SECRETS = ("SECRET", "PASSWORD", "DATABASE_URL", "CREDENTIAL")
"""PRIVATE says nothing: a feature may be private."""
MIN_RANDOM_BITS = 80.0
"""A value of such a name that is this random is no label."""


@check("env.web-holds-no-secrets", severity=Severity.CRITICAL)
def web_holds_no_secrets(
    env: Environment,
    files: Mapping[EnvFile, Variables | Unavailable],
    bundles: Mapping[Host, Bundle | Unavailable],
    ask: WebVariables,
) -> Verdict:
    """No secret is in the web app's variables or in the bundle it serves.

    Why: A build writes every variable of its prefix (VITE_, NEXT_PUBLIC_, REACT_APP_ and the like) into its scripts,
    which everyone can read. A secret that was in one build is public, even after it is removed from the file.

    Fix: Remove it from the web app's variables, build and deploy again, and replace the secret at its provider.
    """
    defects = [*_secrets_in_files(_read(files), (*BROWSER, *ask.prefixes)), *_secrets_in_bundles(bundles)]
    gaps = [*_unread(files), *_gaps(bundles)]
    if not defects and gaps:
        return unknown(f"what the web app shows could not all be read: {gaps[0]}", *gaps)
    read = [bundle for _, bundle in _fronts(bundles) if isinstance(bundle, Bundle)]
    if not defects and not read and not any(file.role == "web" for file in files):
        return not_applicable("the profile names no web app: no env file of role web, no host of role app or shop")
    size = sum(bundle.size_bytes for bundle in read)
    return judged(
        defects, ok=f"no secret in {data_size(size)} of served files and the web app's variables", unseen=gaps
    )


def _secrets_in_files(files: Mapping[EnvFile, Variables], prefixes: tuple[str, ...]) -> Iterator[Defect]:
    for file, seen in files.items():
        for name, variable in seen.values.items():
            if not reaches_browser(variable.name, prefixes) or not isinstance(variable.value, Sealed):
                continue
            shapes = sorted(variable.value.shapes & set(SECRET_PATTERNS))
            if shapes:
                yield Defect(
                    f"{shown(name, seen)} holds what has the shape of a secret ({shapes[0]})", place(file, variable)
                )
            elif any(w in name for w in WORDS_OF_SECRETS) and variable.value.entropy_bits >= MIN_RANDOM_BITS:
                yield Defect(f"{shown(name, seen)} is a secret by its name and looks random", place(file, variable))


def _secrets_in_bundles(bundles: Mapping[Host, Bundle | Unavailable]) -> Iterator[Defect]:
    for host, bundle in _fronts(bundles):
        if isinstance(bundle, Bundle):
            for found in bundle.exposed:
                where = f"at character {found.offset}"
                yield Defect(f"{host.name}{found.path} holds what has the shape of a secret ({found.shape}) {where}")


@check("env.web-points-at-api", severity=Severity.CRITICAL)
def web_points_at_api(
    env: Environment,
    files: Mapping[EnvFile, Variables | Unavailable],
    bundles: Mapping[Host, Bundle | Unavailable],
    ask: WebVariables,
) -> Verdict:
    """The deployed web app calls this environment's API, over https.

    Why: The build bakes the API's URL in: a bundle that was built for staging, or on a laptop, calls staging or
    localhost from every customer's browser, whatever the env file says now.

    Fix: Set the variable that `env.web.api_url` names to the API's https origin, build the web app again with it, and
    deploy the new bundle.
    """
    apis = {origin_of(host): host for host in bundles if host.serves_api}
    if not apis:
        return not_applicable("the profile names no host of role api")
    wanted = " or ".join(apis)
    named = [(file, seen.values.get(name)) for file, seen in _read(files).items() for name in ask.api_url]
    urls = [(file, variable) for file, variable in named if variable and variable.is_set]
    defects = [
        Defect(f"{v.name} is {_origin(v.value) or 'no URL'}, the API is {wanted}", place(file, v))
        for file, v in urls
        if _origin(v.value) not in apis
    ]
    apps = [(h, b) for h, b in bundles.items() if h.role == "app"]
    apps = apps or [(h, b) for h, b in _fronts(bundles) if not h.serves_api]  # a site calls itself, by paths alone
    each = [_of_bundle(host, bundle, apis) for host, bundle in apps]
    defects += [defect for found, _ in each for defect in found]
    gaps = [*_unread(files), *(gap for _, unread in each for gap in unread)]
    if gaps and not defects:
        return unknown(f"where the web app points could not be read: {gaps[0]}", *gaps)
    if not apps and not urls:
        return not_applicable("the profile names no web app: no env file of role web, no host of role app")
    if not defects:
        return replace(passed(f"calls {wanted}"), unseen=tuple(gaps))
    return judged(defects, ok="", unseen=gaps)


def _of_bundle(host: Host, bundle: Bundle | Unavailable, apis: Mapping[str, Host]) -> tuple[list[Defect], list[str]]:
    """Return what is wrong with the origins that a bundle calls, and why they could not be read."""
    if isinstance(bundle, Unavailable):
        return [], [f"{host.name}: {bundle.reason}"]
    if set(bundle.origins) & set(apis):
        clear = {origin.replace("https://", "http://", 1) for origin in apis} & set(bundle.origins)
        return [Defect(f"{host.name}'s bundle also calls {origin}, in clear") for origin in sorted(clear)], []
    if bundle.missed:
        return [], [f"{host.name}: {bundle.missed[0]}"]
    return [Defect(f"{host.name}'s bundle does not call {' or '.join(apis)}{_instead(bundle, apis)}")], []


def _instead(bundle: Bundle, apis: Mapping[str, Host]) -> str:
    """Name the origins it knows that look like an API's: this machine, or a neighbour of the right name."""
    labels = {host.name.partition(".")[0] for host in apis.values()}
    like = [o for o in bundle.origins if "//localhost" in o or "//127.0.0.1" in o or any(f"{x}." in o for x in labels)]
    return f", but {', '.join(sorted(like)[:3])}" if like else ""


def _origin(value: str | Sealed | None) -> str:
    url = split_url(value.lower()) if isinstance(value, str) else None
    if url is None:
        return ""
    port = "" if url.port is None or (url.scheme, url.port) in {("https", 443), ("http", 80)} else f":{url.port}"
    return f"{url.scheme}://{url.hostname}{port}"


def _read(files: Mapping[EnvFile, Variables | Unavailable]) -> dict[EnvFile, Variables]:
    return {file: seen for file, seen in files.items() if isinstance(seen, Variables)}


def _unread(files: Mapping[EnvFile, Variables | Unavailable]) -> list[str]:
    """Tell why a web app's variables were not seen; another app's are no matter of these checks."""
    return [seen.reason for file, seen in files.items() if isinstance(seen, Unavailable) and file.role == "web"]


def _fronts(bundles: Mapping[Host, Bundle | Unavailable]) -> Iterator[tuple[Host, Bundle | Unavailable]]:
    return ((host, bundle) for host, bundle in bundles.items() if host.has_page)


def _gaps(bundles: Mapping[Host, Bundle | Unavailable]) -> list[str]:
    gaps = [f"{host.name}: {bundle.reason}" for host, bundle in _fronts(bundles) if isinstance(bundle, Unavailable)]
    missed = [(host, bundle) for host, bundle in _fronts(bundles) if isinstance(bundle, Bundle) and bundle.missed]
    return gaps + [f"{host.name}: {bundle.missed[0]}" for host, bundle in missed]
