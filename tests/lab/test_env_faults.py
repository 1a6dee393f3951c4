"""Every fault of the env files against every check of section 2, without a server."""

import fnmatch
from collections.abc import Mapping
from pathlib import Path

import pytest

from golive import Environment, Outcome, RunInfo, Verdict
from golive_checks.env import gateways, presence, syntax, tokens, upkeep, values, web
from golive_checks.env.tokens import Tokens
from golive_checks.env.upkeep import Sharing
from golive_checks.shapes import secrets_in
from golive_checks.subjects import Host
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.env.files import EnvFile, EnvFileEntry, SourceEntry, Variables, env_files, variables
from golive_checks.systems.env.sources import EnvSources
from golive_checks.systems.env.upkeep import elsewhere, example, guard
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.git.client.git import Git
from golive_checks.systems.http.origins import Origin, origin_of
from golive_checks.systems.machine.client.command import Command, CommandLimits
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.process import ProcessEnvironment
from golive_checks.systems.page.bundle import Bundle, Exposed
from golive_lab.fault import Fault
from golive_lab.faults.env import FAULTS
from golive_lab.parts.env import API_FILE, ELSEWHERE, OTHER_FILE, REPOSITORY, WEB_FILE, write
from golive_lab.world import World, healthy

ENV = Environment("demo")
PORTS = {"{https}": "443", "{api}": "4000", "{postgres}": "5432", "{folder}": "/srv"}
API_HOST, APP, SHOP = (Host(f"{role}.demo.test", key=role, role=role) for role in ("api", "app", "shop"))
ORIGINS = {host: Origin(origin_of(host)) for host in (API_HOST, APP, SHOP)}


def entries(folder: Path) -> dict[str, EnvFileEntry]:
    top = folder / REPOSITORY
    other = SourceEntry(path=str(folder / ELSEWHERE / OTHER_FILE))
    api, site = top / API_FILE, top / WEB_FILE
    return {
        "api": EnvFileEntry(path=str(api), role="api", example=f"{api}.example", compare_with={"staging": other}),
        "web": EnvFileEntry(path=str(site), role="web", example=f"{site}.example"),
    }


def bundle_of(world: World) -> Bundle:
    """What the bundle's probe would see of the described front end."""
    url = world.app.front.api_url.replace(":{https}", "")
    exposed = tuple(Exposed(shape, "/assets/index.js", 9) for shape in secrets_in(world.app.front.extra_script))
    return Bundle(("/assets/index.js",), 9000, {url: "/assets/index.js"}, exposed, ())


async def outcomes(world: World, folder: Path) -> dict[str, Outcome]:
    """Judge a world: each check's id and subject, with the outcome."""
    write(world.env, folder, PORTS | {"{webhook_secret}": world.app.webhook_secret})
    files = Files()
    sources, git, ask = (
        EnvSources(files, ProcessEnvironment(), Aws(Sessions(RunInfo("0123abcd", "9.9")))),
        Git(Command(CommandLimits())),
        AwsSettings(),
    )
    subjects = [subject for key, entry in entries(folder).items() for subject in env_files(key, entry)]
    seen: Mapping[EnvFile, Variables] = {subject: await variables(subject, sources, ask) for subject in subjects}
    bundles = dict.fromkeys((API_HOST, APP, SHOP), bundle_of(world))
    found: dict[str, Verdict] = {
        "env.gateway-set-complete": presence.gateway_set_complete(ENV, seen, Gateways(enabled=EVERY)),
        "env.stripe-keys-pair": gateways.stripe_keys_pair(ENV, seen),
        "env.web-holds-no-secrets": web.web_holds_no_secrets(ENV, seen, bundles),
        "env.web-points-at-api": web.web_points_at_api(ENV, seen, bundles),
    }
    for file, v in seen.items():
        for id_, verdict in {
            "env.variables-present": presence.variables_present(file, v, seen, Gateways(enabled=EVERY), Tokens()),
            "env.values-wellformed": values.values_wellformed(file, v),
            "env.no-placeholders": values.no_placeholders(file, v),
            "env.syntax-clean": syntax.syntax_clean(file, v),
            "env.origins-exact": values.origins_exact(file, v, ENV, ORIGINS),
            "env.jwt-secrets-strong": tokens.jwt_secrets_strong(file, v, Tokens()),
            "env.token-lifetimes-sane": tokens.token_lifetimes_sane(file, v, Tokens()),
            "env.modes-match-environment": gateways.modes_match_environment(file, v, ENV, Gateways(enabled=EVERY)),
            "env.example-in-step": upkeep.example_in_step(file, v, await example(file, files)),
            "env.secrets-not-shared": upkeep.secrets_not_shared(
                file, v, await elsewhere(file, sources, ask), Sharing()
            ),
            "env.files-guarded": upkeep.files_guarded(file, await guard(file, v, files, git)),
        }.items():
            found[f"{id_} {file.name}"] = verdict
    return {name: verdict.outcome for name, verdict in found.items()}


async def test_healthy_is_green(tmp_path: Path) -> None:
    assert set((await outcomes(healthy(), tmp_path)).values()) <= {Outcome.PASS, Outcome.NA}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
async def test_fault_turns_its_check_red_and_no_other(fault: Fault, tmp_path: Path) -> None:
    good = await outcomes(healthy(), tmp_path / "healthy")
    bad = await outcomes(fault.change(healthy()), tmp_path / "faulty")
    changed = {name: outcome for name, outcome in bad.items() if outcome != good[name]}
    assert fault.outcome in [outcome for name, outcome in changed.items() if name.split()[0] == fault.turns_red]
    expected = (fault.turns_red, *fault.also)
    assert [
        name for name in changed if not any(fnmatch.fnmatch(name.split()[0], pattern) for pattern in expected)
    ] == []
    unused = [
        also for also in fault.also if also.startswith("env.") and also not in {name.split()[0] for name in changed}
    ]
    assert unused == []
