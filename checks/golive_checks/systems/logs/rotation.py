"""What keeps a host's logs from filling the disk: logrotate, journald, Docker, CloudWatch or Loki."""

import configparser
import json
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.aws.client.cloudwatch import CloudWatchLogs
from golive_checks.systems.logs.logrotate import covering
from golive_checks.systems.logs.settings import Logs
from golive_checks.systems.machine.client.command import Command
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.yamlnodes import documents, pairs, scalar

UNASKED = "nothing shows how the logs are kept from growing"
OFF = frozenset({"", "0", "0s", "none"})


@dataclass(frozen=True)
class LogRotation(Fact):
    """What bounds the logs, as a reader is told it; or `lacks`, why nothing does. `attested`: by whose word."""

    by: str = ""
    keeps: str = ""
    lacks: str = ""
    attested: str = ""


@probe("logs.rotation")
async def log_rotation(  # noqa: PLR0911 - one return for each way
    host: Host, ask: Logs, aws: AwsSettings, files: Files, command: Command, cloudwatch: CloudWatchLogs
) -> LogRotation:
    """Read how the logs are rotated, or for how long they are kept."""
    how = ask.rotation
    if how.logrotate:
        return _by_logrotate(await files.text(how.logrotate), ask.file)
    if how.journald:
        return by_journald(await _printed(command, how.journald))
    if how.docker:
        return by_docker(await _printed(command, how.docker))
    if how.loki:
        return by_loki(await files.text(how.loki), how.loki)
    if how.attested:
        return LogRotation("attestation", attested=how.attested)
    if ask.cloudwatch:
        days = await cloudwatch.retention_days(ask.cloudwatch, aws)
        keeps, lacks = (f"for {days} days", "") if days else ("", f"{ask.cloudwatch} never expires, and grows for ever")
        return LogRotation("CloudWatch", keeps, lacks)
    return LogRotation()


async def _printed(command: Command, argv: tuple[str, ...]) -> str:
    ran = await command.run(argv)
    if ran.code:
        raise Unavailable(f"{argv[0]} ended with code {ran.code}: {ran.last_words()}")
    return ran.stdout.decode("utf-8", "replace")


def _by_logrotate(text: str, file: str) -> LogRotation:
    if not file:
        raise Unavailable("logrotate rotates files, and the log is none", fix="name it in security.logs.file")
    block = covering(text, file)
    if block is None:
        return LogRotation("logrotate", lacks=f"the configuration of logrotate does not cover {file}")
    when = block.given("hourly", "daily", "weekly", "monthly", "yearly") or "at 1 MB"  # its default is by size
    size = block.value("maxsize") or block.value("size")
    return LogRotation("logrotate", f"{f'at {size}' if size else when}, {block.value('rotate') or '0'} kept")


def by_journald(text: str) -> LogRotation:
    """Read journald.conf(5). Unless told otherwise, it keeps to a tenth of the disk and at most 4 GB."""
    reader = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True, delimiters="=")
    try:
        reader.read_string(text)
        journal = {name: (value or "").strip() for name, value in reader["Journal"].items()}
    except (configparser.Error, KeyError):
        raise Unavailable("what was printed are no settings of journald: it has no [Journal]") from None
    if journal.get("storage", "auto").lower() == "none":
        return LogRotation("journald", lacks="journald keeps nothing: Storage=none")
    limit = journal.get("systemmaxuse", "")
    kept = journal.get("maxretentionsec", "")
    told = [f"at most {limit}" if limit else "at most a tenth of the disk, and 4 GB"]
    told += [f"for {kept}"] if kept.lower() not in OFF else []
    return LogRotation("journald", ", ".join(told))


def by_docker(text: str) -> LogRotation:
    """Read what docker inspect says of a container's logging driver."""
    try:
        found = json.loads(text)
        config = (found[0] if isinstance(found, list) else found)["HostConfig"]["LogConfig"]
        driver, options = str(config["Type"]), dict(config.get("Config") or {})
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        raise Unavailable("what was printed is not what docker inspect says of a container") from None
    size, files = str(options.get("max-size", "")), str(options.get("max-file", "1"))
    if driver == "json-file":  # https://docs.docker.com/engine/logging/drivers/json-file/: max-size is unlimited
        lacks = (
            ""
            if size and not size.startswith("-")
            else "Docker's json-file has no max-size: it grows until the disk is full"
        )
        return LogRotation("Docker", "" if lacks else f"{files} files of {size}", lacks)
    if driver == "local":  # https://docs.docker.com/engine/logging/drivers/local/: 5 files of 20 MB
        return LogRotation("Docker", f"{options.get('max-file', '5')} files of {size or '20m'}")
    if driver == "none":
        return LogRotation("Docker", lacks="Docker keeps no logs: the driver is none")
    raise Unavailable(f"Docker hands the logs on to {driver[:40]}", fix="Name what bounds them there.")


def by_loki(text: str, file: str) -> LogRotation:
    """Read Loki's own configuration: without the compactor's retention it keeps everything.

    Source: https://grafana.com/docs/loki/latest/operations/storage/retention/
    """
    top = pairs(next(iter(documents(text, file)), None))
    limits, compactor = pairs(top.get("limits_config")), pairs(top.get("compactor"))
    period = (scalar(limits.get("retention_period")) or "").strip()
    if (scalar(compactor.get("retention_enabled")) or "").lower() != "true":
        return LogRotation("Loki", lacks="Loki's compactor.retention_enabled is not true: it keeps everything for ever")
    if period in OFF:
        return LogRotation(
            "Loki", lacks="Loki's limits_config.retention_period is not set: it keeps everything for ever"
        )
    return LogRotation("Loki", f"for {period[:20]}")
