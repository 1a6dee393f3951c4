"""What keeps a host's logs from filling the disk: logrotate, journald, Docker, CloudWatch or Loki."""

import configparser
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.aws.client.cloudwatch import CloudWatchLogs
from golive_checks.systems.logs.logrotate import covering
from golive_checks.systems.logs.settings import Logs
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.yamlnodes import documents, pairs, scalar

JOURNAL = ("storage", "systemmaxuse", "maxretentionsec")
DRIVERS = ("json-file", "local", "none")
"""The logging drivers that keep logs on the machine itself (docs.docker.com/engine/logging/configure)."""


class Keeper(StrEnum):
    """What rotates logs, or keeps them for a time."""

    LOGROTATE = "logrotate"
    JOURNALD = "journald"
    DOCKER = "Docker"
    CLOUDWATCH = "CloudWatch"
    LOKI = "Loki"


@dataclass(frozen=True)
class LogRotation(Fact):
    """Who keeps a host's logs, and by which settings, in the keeper's own names; one that is not set is not there.

    `log`: the file or log group that this is about. `attested`: the attestation that stands in for a look.
    """

    by: Keeper | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    log: str = ""
    covers: bool = True
    """The keeper's configuration names the log."""
    attested: str = ""


@probe("logs.rotation")
async def log_rotation(  # noqa: PLR0911 - one return for each way
    host: Host, ask: Logs, aws: AwsSettings, files: Files, command: CommandRunner, cloudwatch: CloudWatchLogs
) -> LogRotation:
    """Read how the logs are rotated, or for how long they are kept."""
    how = ask.rotation
    if how.logrotate:
        return by_logrotate(await files.text(how.logrotate), ask.file)
    if how.journald:
        return by_journald(await _output_of(command, how.journald))
    if how.docker:
        return by_docker(await _output_of(command, how.docker))
    if how.loki:
        return by_loki(await files.text(how.loki), how.loki)
    if how.attested:
        return LogRotation(attested=how.attested)
    if ask.cloudwatch:
        days = await cloudwatch.retention_days(ask.cloudwatch, aws)
        return LogRotation(Keeper.CLOUDWATCH, {"retentionInDays": str(days)} if days else {}, ask.cloudwatch)
    return LogRotation()


async def _output_of(command: CommandRunner, argv: tuple[str, ...]) -> str:
    ran = await command.run(argv)
    if ran.code:
        raise Unavailable(f"{argv[0]} ended with code {ran.code}: {ran.last_words()}")
    return ran.stdout.decode("utf-8", "replace")


def by_logrotate(text: str, file: str) -> LogRotation:
    """Read the directives that apply to a file: logrotate(8)."""
    if not file:
        raise Unavailable("logrotate rotates files, and the log is none", fix="name it in security.logs.file")
    block = covering(text, file)
    if block is None:
        return LogRotation(Keeper.LOGROTATE, log=file, covers=False)
    settings = {name: value for name in ("maxsize", "size", "rotate") if (value := block.value(name))}
    if when := block.given("hourly", "daily", "weekly", "monthly", "yearly"):
        settings["interval"] = when
    return LogRotation(Keeper.LOGROTATE, settings, file)


def by_journald(text: str) -> LogRotation:
    """Read journald.conf(5); names of settings in lower case, as systemd takes them in any."""
    reader = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True, delimiters="=")
    try:
        reader.read_string(text)
        journal = {name: (value or "").strip() for name, value in reader["Journal"].items()}
    except (configparser.Error, KeyError):
        raise Unavailable("what was printed are no settings of journald: it has no [Journal]") from None
    return LogRotation(
        Keeper.JOURNALD, {name: value[:40] for name, value in journal.items() if name in JOURNAL and value}
    )


def by_docker(text: str) -> LogRotation:
    """Read a container's logging driver and its options from docker inspect."""
    try:
        found = json.loads(text)
        config = (found[0] if isinstance(found, list) else found)["HostConfig"]["LogConfig"]
        driver, options = str(config["Type"]), dict(config.get("Config") or {})
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        raise Unavailable("what was printed is not what docker inspect says of a container") from None
    if driver not in DRIVERS:
        raise Unavailable(f"Docker hands the logs on to {driver[:40]}", fix="Name what bounds them there.")
    given = {name: str(options[name])[:40] for name in ("max-size", "max-file") if options.get(name)}
    return LogRotation(Keeper.DOCKER, {"driver": driver, **given})


def by_loki(text: str, file: str) -> LogRotation:
    """Read Loki's own configuration: what turns retention on, and for how long.

    Source: https://grafana.com/docs/loki/latest/operations/storage/retention/
    """
    top = pairs(next(iter(documents(text, file)), None))
    limits, compactor = pairs(top.get("limits_config")), pairs(top.get("compactor"))
    found = {
        "retention_enabled": (scalar(compactor.get("retention_enabled")) or "").lower(),
        "retention_period": (scalar(limits.get("retention_period")) or "").strip()[:20],
    }
    return LogRotation(Keeper.LOKI, {name: value for name, value in found.items() if value})
