"""Do a keeper's settings bound the logs? One judge for each keeper, on the settings that its fact carries."""

from collections.abc import Callable, Mapping

from golive import Verdict, failed, passed
from golive_checks.systems.logs.rotation import Keeper, LogRotation

OFF = frozenset({"", "0", "0s", "none"})
"""How journald and Loki write that there is no limit."""


def judge_keeper(seen: LogRotation, by: Keeper) -> Verdict:
    """Return whether the logs are bounded by what keeps them, and how."""
    return JUDGES[by](seen, seen.settings)


def _bounded(seen: LogRotation, how: str) -> Verdict:
    return passed(f"{seen.by}: {how}")


def _logrotate(seen: LogRotation, settings: Mapping[str, str]) -> Verdict:
    if not seen.covers:
        return failed(f"the configuration of logrotate does not cover {seen.log}")
    size = settings.get("maxsize") or settings.get("size")
    when = f"at {size}" if size else settings.get("interval", "at 1 MB")  # logrotate(8): by size, where nothing is set
    return _bounded(seen, f"{when}, {settings.get('rotate', '0')} kept")


def _journald(seen: LogRotation, settings: Mapping[str, str]) -> Verdict:
    """journald.conf(5): where no limit is set, it keeps to a tenth of the disk and at most 4 GB."""
    if settings.get("storage", "auto").lower() == "none":
        return failed("journald keeps nothing: Storage=none")
    limit, kept = settings.get("systemmaxuse", ""), settings.get("maxretentionsec", "")
    most = f"at most {limit}" if limit else "at most a tenth of the disk, and 4 GB"
    return _bounded(seen, most if kept.lower() in OFF else f"{most}, for {kept}")


def _docker(seen: LogRotation, settings: Mapping[str, str]) -> Verdict:
    """Docker's drivers: json-file has no limit of its own, local keeps 5 files of 20 MB.

    Source: https://docs.docker.com/engine/logging/drivers/json-file/, .../local/
    """
    driver, size = settings["driver"], settings.get("max-size", "")
    if driver == "none":
        return failed("Docker keeps no logs: the driver is none")
    if driver == "local":
        return _bounded(seen, f"{settings.get('max-file', '5')} files of {size or '20m'}")
    if not size or size.startswith("-"):
        return failed("Docker's json-file has no max-size: it grows until the disk is full")
    return _bounded(seen, f"{settings.get('max-file', '1')} files of {size}")


def _cloudwatch(seen: LogRotation, settings: Mapping[str, str]) -> Verdict:
    days = settings.get("retentionInDays")
    return _bounded(seen, f"for {days} days") if days else failed(f"{seen.log} never expires, and grows forever")


def _loki(seen: LogRotation, settings: Mapping[str, str]) -> Verdict:
    if settings.get("retention_enabled") != "true":
        return failed("Loki's compactor.retention_enabled is not true: it keeps everything forever")
    period = settings.get("retention_period", "")
    if period in OFF:
        return failed("Loki's limits_config.retention_period is not set: it keeps everything forever")
    return _bounded(seen, f"for {period}")


JUDGES: Mapping[Keeper, Callable[[LogRotation, Mapping[str, str]], Verdict]] = {
    Keeper.LOGROTATE: _logrotate,
    Keeper.JOURNALD: _journald,
    Keeper.DOCKER: _docker,
    Keeper.CLOUDWATCH: _cloudwatch,
    Keeper.LOKI: _loki,
}
