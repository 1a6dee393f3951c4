"""golive evidence: sign a report; golive verify: is it what was signed, and does it allow the deploy?"""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.errors import CliError
from golive.cli.target import profile_of

LARGEST = 1024 * 1024 * 1024
"""The bytes of a file that is signed: a fact file of two thousand hosts has a tenth of it."""

SIGN = """\
A key to sign with, and the one to give to those who verify:

  openssl genpkey -algorithm ed25519 -out golive.key

  openssl pkey -in golive.key -pubout -out golive.pub

ssh-keygen's Ed25519 keys will do as well. Its passphrase, if it has one, is
read from GOLIVE_KEY_PASSPHRASE.

Then, where the run's own credentials need not be:

  golive evidence report.json --facts facts.json --sign-with golive.key
"""

VERIFY = """\
In the job that deploys:

  golive verify report.json --signed-by golive.pub --environment production
  --max-age 2h --commit $SHA

Exit codes: 0 the report says GO and all that is asked holds,
1 it does not, or is not what was signed, 2 bad usage.
"""

ReportFile = Annotated[Path, typer.Argument(metavar="REPORT.json", help="A report that -o json:FILE wrote.")]
Facts = Annotated[
    Path | None, typer.Option("--facts", metavar="FILE", help="The facts that it was made from (check --facts).")
]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("evidence", epilog=SIGN)(evidence)
    app.command("verify", epilog=VERIFY)(verify)


def evidence(
    report: ReportFile,
    sign_with: Annotated[
        str, typer.Option("--sign-with", metavar="KEY", help="An Ed25519 key: a file, or env:NAME for a variable.")
    ],
    facts: Facts = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to; beside the report as .intoto.json otherwise."),
    ] = None,
    mode: opt.ReportMode = 0o600,
) -> None:
    """Sign a report, with the facts that it was made from: an in-toto statement in a DSSE envelope."""
    from golive.evidence import EvidenceError, envelope, keys, statement  # noqa: PLC0415 - not needed for help
    from golive.evidence.verify import belong_together  # noqa: PLC0415 - likewise
    from golive.report import ReportError, write  # noqa: PLC0415 - likewise

    key = keys.private_key(sign_with, os.environ)
    files = {"report": _content(report), **({"facts": _content(facts)} if facts else {})}
    document = statement.parsed(files["report"], str(report))
    if facts:
        try:
            belong_together(document, files["facts"])
        except EvidenceError as problem:
            raise CliError(f"{report} and {facts} do not belong together: {problem}") from None
    target = output or _beside(report)
    try:
        write.write_file(str(target), envelope.sealed(statement.write(files["report"], files), key), mode)
    except OSError as problem:
        raise ReportError(f"the evidence cannot be written to {target}: {problem.strerror or problem}") from None
    _say(f"{target}: {document['decision_detail']}, signed by {keys.short_id(key.public_key())}")


def verify(
    report: ReportFile,
    signed_by: Annotated[
        list[str],
        typer.Option("--signed-by", metavar="KEY.pub", help="A public key: a file, or env:NAME. May repeat."),
    ],
    evidence: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What golive evidence wrote; beside the report otherwise.")
    ] = None,
    facts: Facts = None,
    profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="It was made with this profile, as it is now.")
    ] = None,
    environment: Annotated[str, typer.Option(metavar="NAME", help="It is on this environment.")] = "",
    commit: Annotated[str, typer.Option(metavar="SHA", help="It is on this commit (release.commit).")] = "",
    max_age: Annotated[
        float | None, typer.Option(parser=opt.duration, metavar="TIME", help="It began no longer ago, such as 2h.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", metavar="", help="It may be on a part alone (--only, --skip, --shard).")
    ] = False,
) -> None:
    """Say whether a report is what was signed, and allows a deploy: 0 where it does."""
    from golive.evidence import EvidenceError, keys  # noqa: PLC0415 - not needed for help
    from golive.evidence.verify import Demands, verified  # noqa: PLC0415 - likewise

    trusted = [keys.public_key(place, os.environ) for place in signed_by]
    demands = Demands(environment, commit.strip(), max_age, _digest_of(profile) if profile else "", partial)
    content, signed = _content(report), _content(evidence or _beside(report))
    recorded = _content(facts) if facts else None
    try:
        line = verified(content, signed, trusted, recorded, demands, dt.datetime.now(dt.UTC))
    except EvidenceError as problem:
        _say(f"{report}: not verified: {problem}")
        raise typer.Exit(1) from None
    _say(f"{report}: {line}")


def _digest_of(profile: str) -> str:
    """Return the digest of a profile as it is now; its secrets are not fetched, as the digest is without them."""
    from golive import session  # noqa: PLC0415 - not needed for help
    from golive.cli.lab import builtin_profiles  # noqa: PLC0415 - likewise

    name = profile_of(profile)
    loaded = session.load(name, cwd=Path.cwd(), environ=os.environ, builtin=builtin_profiles(), fetch=False)
    return loaded.profile.digest


def _beside(report: Path) -> Path:
    """Name the evidence that lies beside a report."""
    return report.with_suffix(".intoto.json")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        raise CliError(f"{path}: cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    if len(content) > LARGEST:
        raise CliError(f"{path}: too large to be a file of golive's")
    return content


def _say(line: str) -> None:
    from golive.report.escape import visible  # noqa: PLC0415 - not needed for help

    sys.stdout.write(f"{visible(line)}\n")
