"""Every source of variables, read for real, and no value of a secret in what comes of it."""

from __future__ import annotations

import base64
import dataclasses
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from golive import Location, RunInfo, Sealed, Unavailable
from golive_checks.env.names import OF_GATEWAYS
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.env.files import EnvFile, EnvFileEntry, Variables, env_files, variables
from golive_checks.systems.env.sources import EnvSources
from golive_checks.systems.env.upkeep import Elsewhere, Example, Guard, elsewhere, example, guard
from golive_checks.systems.git.client.git import Git
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.process import ProcessEnvironment

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4n4ry-W8kq2VzT5mXe9RbY"
NAMES = (*OF_GATEWAYS, "VITE_ANYTHING", "NODE_ENV", "HOST", "TZ", "LOG_LEVEL", "OTHER")
FORMS = (
    CANARY,
    f"sk_live_{CANARY.replace('-', '')}",
    f"postgresql://u:{CANARY}@db.test/master",
    f"https://u:{CANARY}@app.test",
    f"https://app.test/?key={CANARY}",
    f"'{CANARY}",
    f'"{CANARY}" {CANARY}',
    f"${{{CANARY}}}",
    f"a#{CANARY} ",
    f"*{CANARY}",
    f"[{CANARY}",
    f"https://{CANARY}{CANARY}.test",
)


def sources() -> EnvSources:
    return EnvSources(Files(), ProcessEnvironment(), Aws(Sessions(RunInfo("0123abcd", "9.9"))))


def subject(**entry: Any) -> EnvFile:
    (found,) = env_files("api", EnvFileEntry(**entry))
    return found


async def read(**entry: Any) -> Variables:
    return await variables(subject(**entry), sources(), AwsSettings())


def recorded(fact: object) -> str:
    """The fact as a record holds it; it must come back as it was."""
    adapter: TypeAdapter[Any] = TypeAdapter(type(fact))
    text = adapter.dump_json(fact)
    assert adapter.validate_json(text) == fact
    return text.decode()


async def test_public_values_are_shown_and_all_others_sealed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=4000\nJWT_ACCESS_SECRET=q7w\nFEATURE_X=on\nMINE=on\nNODE_ENV=production\n")
    seen = await read(path=str(tmp_path / ".env"), public=["FEATURE_*"])
    shown = {name: v.value for name, v in seen.values.items() if isinstance(v.value, str)}
    assert shown == {"PORT": "4000", "FEATURE_X": "on", "NODE_ENV": "production"}
    assert seen.values["MINE"].at == Location(str(tmp_path / ".env"), 4)
    sealed = seen.values["JWT_ACCESS_SECRET"].value
    assert isinstance(sealed, Sealed)
    assert (sealed.length, sealed.placeholder) == (3, "")


@pytest.mark.parametrize(
    "text", ["A=" + "x" * 250_000, "".join(f"A{n}={n}\n" for n in range(1999)), "A=" + "ab" * 512 + "\n"]
)
async def test_a_large_file_is_sealed_in_no_time(text: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(text)
    started = time.process_time()
    assert (await read(path=str(tmp_path / ".env"))).values
    assert time.process_time() - started < 3  # a second or less on an idle machine


async def test_what_is_no_env_file_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"A{n}=1\n" for n in range(3000)))
    with pytest.raises(Unavailable, match="3000 variables"):
        await read(path=str(tmp_path / ".env"))
    (tmp_path / ".env").write_text("no variable\n" * 9000)
    assert len((await read(path=str(tmp_path / ".env"))).odd) == 2000


async def test_names_are_mapped(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=x\n")
    seen = await read(path=str(tmp_path / ".env"), names={"DATABASE_URL": "MASTER_DATABASE_URL"})
    assert seen.values["MASTER_DATABASE_URL"].name == "DATABASE_URL"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dialect", ["dotenv", "docker", "systemd"])
async def test_no_secret_leaves_an_env_file(form: str, dialect: str, tmp_path: Path) -> None:
    text = "".join(f"{name}={form}\n" for name in NAMES) + f"{CANARY}\nexport {CANARY}\n{CANARY}=\n = {CANARY}\n"
    path = str(tmp_path / ".env")
    (tmp_path / ".env").write_text(text)
    facts: list[object] = []
    file = subject(path=path, read_as=dialect, public=["*"], compare_with={"other": {"path": path}})
    seen = await variables(file, sources(), AwsSettings())
    facts += [seen, await elsewhere(file, sources(), AwsSettings())]
    facts += [await guard(file, seen, Files(), Git(CommandRunner(CommandLimits())))]
    for fact in facts:
        assert CANARY.replace("-", "") not in recorded(fact).replace("-", "")


@pytest.mark.parametrize("form", FORMS)
async def test_no_secret_leaves_a_manifest(form: str, tmp_path: Path) -> None:
    quoted = {name: json.dumps(form) for name in NAMES}
    lines = {
        "compose": "services:\n  api:\n    environment:\n" + "".join(f"      {n}: {v}\n" for n, v in quoted.items()),
        "kubernetes": "kind: Secret\ndata:\n"
        + "".join(f"  {n}: {base64.b64encode(form.encode()).decode()}\n" for n in NAMES)
        + "".join(f"  X{n}: {v}\n" for n, v in quoted.items()),
        "render": "services:\n- name: api\n  envVars:\n"
        + "".join(f"  - {{key: {n}, value: {v}}}\n" for n, v in quoted.items()),
        "broken": f"services:\n  api: {form}\n",
    }
    for kind, text in lines.items():
        path = tmp_path / f"{kind}.yaml"
        path.write_text(text)
        place = {"file": str(path)}
        how = "compose" if kind == "broken" else kind
        try:
            seen = await read(**{how: place if how == "kubernetes" else place | {"service": "api"}})
        except Unavailable as gap:
            said = gap.reason + gap.fix
        else:
            said = recorded(seen)
        assert CANARY.replace("-", "") not in said.replace("-", "")


async def test_a_urls_password_is_sealed_by_itself(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"A=postgresql://u:{CANARY}@db.test/x\nB=https://a.test\n")
    values = (await read(path=str(tmp_path / ".env"))).values
    assert values["A"].password is not None
    assert values["A"].password.length == len(CANARY)
    assert values["B"].password is None


async def test_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_ACCESS_SECRET", CANARY)
    monkeypatch.setenv("PORT", "4000")
    seen = await read(process=True)
    assert seen.values["PORT"].value == "4000"
    assert seen.values["PORT"].at is None
    assert CANARY not in recorded(seen)


async def test_compose_lays_its_sources_over_one_another(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "services:\n  api:\n    env_file: [one.env, two.env]\n    environment:\n      LOG_LEVEL: ${LEVEL}\n"
    )
    (tmp_path / "one.env").write_text("PORT=1\nHOST=one\nTZ=one\n")
    (tmp_path / "two.env").write_text("PORT=2\nHOST=two\nLOG_LEVEL=info\nHOST=three\n")
    (tmp_path / ".env").write_text("LEVEL=debug\n")
    seen = await read(compose={"file": str(tmp_path / "compose.yaml"), "service": "api"})
    assert {n: v.value for n, v in seen.values.items()} == {
        "PORT": "2",
        "HOST": "three",
        "TZ": "one",
        "LOG_LEVEL": "debug",
    }
    assert [(d.name, d.at.file.rpartition("/")[2]) for d in seen.odd] == [("HOST", "two.env")]


async def test_an_absent_env_file_of_compose_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {api: {env_file: gone.env}}\n")
    with pytest.raises(Unavailable, match=r"gone\.env does not exist"):
        await read(compose={"file": str(tmp_path / "compose.yaml"), "service": "api"})


@pytest.mark.parametrize("entry", [{}, {"path": "a", "process": True}])
def test_exactly_one_source_is_wanted(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="needs exactly one of path, compose"):
        EnvFileEntry(**entry)


async def test_the_example_gives_names_alone(tmp_path: Path) -> None:
    (tmp_path / "x.example").write_text(f"A={CANARY}\n# comment\nB=\n")
    seen = await example(subject(process=True, example=str(tmp_path / "x.example")), Files())
    path = str(tmp_path / "x.example")
    assert seen.files == {path: {"A": Location(path, 1), "B": Location(path, 3)}}
    assert all(isinstance(variable.value, Sealed) for variable in seen.values.values())
    assert CANARY not in recorded(seen)
    assert await example(subject(process=True), Files()) == Example({})


async def test_elsewhere_is_sealed_with_the_same_key(tmp_path: Path) -> None:
    (tmp_path / "here.env").write_text(f"A={CANARY}\n")
    (tmp_path / "there.env").write_text(f"B='{CANARY}'\n")
    file = subject(path=str(tmp_path / "here.env"), compare_with={"there": {"path": str(tmp_path / "there.env")}})
    mine = (await variables(file, sources(), AwsSettings())).values["A"].value
    seen = await elsewhere(file, sources(), AwsSettings())
    assert isinstance(mine, Sealed)
    theirs = seen.values["there"]["B"].value
    assert isinstance(theirs, Sealed)
    assert theirs.digest == mine.digest
    assert await elsewhere(dataclasses.replace(file, compare_with=()), sources(), AwsSettings()) == Elsewhere({})


async def test_only_files_that_hold_secrets_are_guarded(tmp_path: Path) -> None:
    git = Git(CommandRunner(CommandLimits()))
    (tmp_path / "web.env").write_text("VITE_API_URL=https://a.test\nVITE_STRIPE_PUBLISHABLE_KEY=pk_live_" + "Zq8" * 9)
    (tmp_path / "web.env").chmod(0o644)
    file = subject(path=str(tmp_path / "web.env"), role="web")
    seen = await variables(file, sources(), AwsSettings())
    assert await guard(file, seen, Files(), git) == Guard(())
    (tmp_path / "api.env").write_text(f"A={CANARY}\n")
    (tmp_path / "api.env").chmod(0o640)
    file = subject(path=str(tmp_path / "api.env"))
    (guarded,) = (await guard(file, await variables(file, sources(), AwsSettings()), Files(), git)).files
    assert (guarded.mode, guarded.repository, guarded.tracked) == (0o640, "", False)
