"""The settings of a restored cluster's server, by which it serves the drill and reaches nobody else. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

EVENT_TRIGGERS_SINCE = 17
"""The first version in which a login can start code of the database's own, and a setting that prevents it."""

ALONE = {
    "external_pid_file": "",
    # nobody can reach it but who may enter its folder
    "listen_addresses": "",
    "port": "5432",
    "ssl": "off",
    # nothing gets into the repository, follows a primary, or takes changes out of a publisher's slot
    "archive_mode": "off",
    "archive_command": "",
    "archive_cleanup_command": "",
    "recovery_end_command": "",
    "primary_conninfo": "",
    "primary_slot_name": "",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    # to the end of the WAL, and no waiting there
    "recovery_target": "",
    "recovery_target_timeline": "latest",
    "recovery_target_action": "promote",
    "hot_standby": "off",
    "autovacuum": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "lc_messages": "C",
}
"""By which the server serves the drill and does nothing else."""


def settings_file(own: Mapping[str, str], folder: str, *, major: int, restore_command: str, prepared: int) -> str:
    """Return a postgresql.conf: the profile's settings first, then those that they may not change.

    Args:
        own: what the profile sets.
        folder: the scratch folder, with `data` and `sockets` in it.
        major: the version.
        restore_command: what fetches WAL; empty: the backup has what it needs.
        prepared: how many prepared transactions the cluster was set up for; a server with fewer does not start.
    """
    at = PurePath(folder)
    fixed = ALONE | {
        "data_directory": str(at / "data"),
        "hba_file": str(at / "pg_hba.conf"),
        "ident_file": str(at / "pg_ident.conf"),
        "unix_socket_directories": str(at / "sockets"),
        "restore_command": restore_command,
        "max_prepared_transactions": str(prepared),
    }
    if major >= EVENT_TRIGGERS_SINCE:
        fixed["event_triggers"] = "off"
    return "".join(f"{name} = {quoted(value)}\n" for name, value in [*own.items(), *fixed.items()])


def quoted(value: str) -> str:
    """Return a text as postgresql.conf takes it."""
    text = value.replace("\\", "\\\\").replace("'", "''").replace("\n", " ")
    return f"'{text}'"


def tablespace_map(links: Mapping[str, str]) -> str:
    """Return a tablespace_map that leads to the copy.

    The server makes the links anew from this file (xlogrecovery.c, read_tablespace_map): as the backup has it, they
    would lead to the real server's tablespaces.
    """
    return "".join(f"{oid} {place}\n" for oid, place in sorted(links.items()))


def unlinked(lines: Sequence[str], links: Mapping[str, str]) -> list[str]:
    """Return the tablespaces that the lines of a tablespace_map name, and that the copy lacks."""
    return sorted({line.split(" ")[0] for line in lines if line} - set(links))
