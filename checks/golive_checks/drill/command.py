"""The command `golive drill`: the restore drill alone, with what it is at, and its report."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.errors import CliError, say
from golive.cli.lab import builtin_profiles, standing
from golive.cli.show import end_with, publish
from golive.session import Session

CHECKS = ("restore.drilled",)
EVERY_S = 1.0
"""How often the same kind of step is repeated."""

EPILOG = """\
Examples:

  golive drill staging

  golive drill staging -o markdown:drill.md -o json:drill.json

Exit codes: 0 the backup is proven, 1 it is not, 2 bad usage or profile,
3 the drill could not be done, 130 interrupted.
"""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill", epilog=EPILOG)(drill)


def drill(
    profile: opt.NamedProfile,
    output: opt.Outputs = None,
    timeout: Annotated[
        float | None,
        typer.Option(parser=opt.duration, metavar="TIME", help="Its deadline (default: drill.timeout_s)."),
    ] = None,
    mode: opt.ReportMode = 0o600,
    verbose: opt.Verbose = False,  # noqa: FBT002 - an option
    fault: Annotated[
        str | None,
        typer.Option(help="With the demo profile: break the reference stack in this way first.", metavar="ID"),
    ] = None,
) -> None:
    """Restore the newest backup into a scratch place, ask it, measure RTO and RPO, keep the evidence, remove it.

    The profile's `drill:` says how. It stores something, so the profile must allow it: `allow: [write]`, and in
    production `confirm:` too. golive check does the same with all other checks.
    """
    from golive import live, session  # noqa: PLC0415 - not needed for help
    from golive.report.write import check_places, parse_all  # noqa: PLC0415 - likewise
    from golive_checks.systems.drill.steps import listener  # noqa: PLC0415 - likewise

    check_places(parse_all(output or []))
    with ExitStack() as held:
        environ = held.enter_context(standing(profile, fault, os.environ))
        loaded = session.load(profile, cwd=Path.cwd(), environ=environ, builtin=builtin_profiles())
        limit_s = _ready(loaded, profile)
        listener.set(teller())
        options = session.Options(only=CHECKS, timeout_s=timeout or limit_s)

        def shown(outcomes: live.Outcomes) -> None:
            publish(outcomes.report, output or [], mode=mode, secrets=loaded.profile.secrets, verbose=verbose)

        try:
            outcomes = live.check(loaded, options, publish=lambda so_far: end_with(lambda: shown(so_far)))
        except SystemExit:
            raise CliError("a plugin tried to end golive; it was ended without a report") from None
    shown(outcomes)


def _ready(loaded: Session, name: str) -> float:
    """Refuse what cannot drill, and return how long it may take."""
    from golive.model import Effect  # noqa: PLC0415 - not needed for help
    from golive.session import allowed_effects  # noqa: PLC0415 - likewise

    data = loaded.profile.data
    asked = getattr(data, "drill", None)
    if asked is None or not (asked.url.get_secret_value() or asked.cluster):
        lacks = "no drill:" if asked is None else "neither drill.url nor drill.cluster"
        raise CliError(f"the profile {name} has {lacks}; see golive schema, and golive explain restore.drilled")
    if Effect.WRITE not in allowed_effects(loaded.profile):
        if "write" in data.allow:
            raise CliError(f"the profile {name} is production: a drill also needs `confirm: {data.environment}` in it")
        raise CliError(f"the profile {name} does not allow it: a drill stores something; add `allow: [write]`")
    return float(asked.timeout_s)


def teller() -> Callable[[str], None]:
    """Return what tells each step on standard error, one kind of step no more than once a second."""
    kind_before, told_at = "", 0.0

    def tell(step: str) -> None:
        nonlocal kind_before, told_at
        kind, now = step.partition(" ")[0], time.monotonic()
        if kind != kind_before or now - told_at >= EVERY_S:
            kind_before, told_at = kind, now
            say(step)
            sys.stderr.flush()

    return tell
