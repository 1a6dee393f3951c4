"""What backups there are at each place: the newest ones whole, of all others the day."""

from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import BackupSource
from golive_checks.subjects.backups import InBarman, InCommand, InPgBackRest, InRds
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.aws.client.rds import Described, Rds
from golive_checks.systems.backups import printed as backup_printed
from golive_checks.systems.backups import tools as backup_tools
from golive_checks.systems.backups.listing import Backup, BackupList, Listing
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.machine.client.command import CommandRunner

__all__ = ["Backup", "Backups"]


@dataclass(frozen=True)
class Backups(BackupList, Fact):
    """The backups of a source."""


@probe("backups.listed")
async def backups(
    source: BackupSource, store: BackupStore, command: CommandRunner, rds: Rds, ask: AwsSettings
) -> Backups:
    """List the backups of a source."""
    match source.where:
        case InPgBackRest() as where:
            listed = backup_tools.pgbackrest(await _output_of(command, where.command), where, source.timezone)
        case InBarman() as where:
            listed = backup_tools.barman(await _output_of(command, where.command), where, source.timezone)
        case InRds() as where:
            server, snapshots = await _of_rds(rds, where, ask)
            listed = backup_tools.rds(server, snapshots, source.timezone)
        case InCommand() as where:
            listed = backup_printed.printed(await _output_of(command, where.command), where, source.timezone)
        case _:
            listing = Listing(source.pattern, source.timezone)
            async for files in store.walk(source):
                for file in files:
                    listing.add(file)
            listed = listing.done()
    return Backups(**vars(listed))


async def _output_of(command: CommandRunner, argv: tuple[str, ...]) -> bytes:
    ran = await command.run(argv)
    if ran.code:
        raise Unavailable(
            f"`{argv[0]}` ended with {ran.code}: {ran.last_words() or 'it printed nothing'}",
            fix="Run the profile's command by hand: it may have to be run as another user, or through sudo.",
        )
    return ran.stdout


async def _of_rds(rds: Rds, where: InRds, ask: AwsSettings) -> tuple[Described, list[Described]]:
    if where.cluster:
        return await rds.cluster(where.cluster, ask), await rds.cluster_snapshots(where.cluster, ask)
    return await rds.instance(where.instance, ask), await rds.instance_snapshots(where.instance, ask)
