"""What pgBackRest and a server say of a cluster that does not come up: the backup's own fault, or something else."""

import re

from golive import Unavailable, shortened
from golive_checks.systems.drill.record import NotRestored, RestoreFault

MAX_QUOTED = 200
FORMAT, CHECKSUM, FILE_MISSING = 29, 26, 55
"""pgBackRest's exit codes for a file of the repository that does not unpack, has another checksum, or is gone
(error.yaml of its source); all others are about its configuration, the network or the scratch folder."""
FATAL = re.compile(r"(?:FATAL|PANIC): +(.*)")
NO_SYSTEM = "could not find the database system"
"""Without its control file a server ends with this, and no FATAL (postmaster.c, checkControlFile)."""
AROUND = (
    (
        r"ERROR: +(\[\d+\]: .*)",
        "pgBackRest could not fetch its WAL: {}",
        "Let drill.cluster.run_as be a user that may read the repository.",
    ),
    (r"No space left on device|could not extend file", "the disk of the scratch folder is full", "Give it more room."),
    (
        r"could not (?:create|map|open) .*shared memory|could not create semaphores",
        "there is too little shared memory for its server",
        "Set drill.cluster.settings: {shared_buffers: 16MB}.",
    ),
    (
        r'could not (?:access file|load library) "([^"]+)"',
        "the server here lacks the library {}",
        "Install it, or leave it out of drill.cluster.settings.",
    ),
    (
        r'unrecognized configuration parameter "([^"]+)"|invalid value for parameter "([^"]+)"',
        "drill.cluster.settings holds {}, which this server does not take",
        "Correct drill.cluster.settings.",
    ),
    (
        r"database files are incompatible with server",
        "the server here was built with other options than the cluster's",
        "Name the folder of one like it in drill.bin_dir.",
    ),
    (r"Permission denied", "its server may not read what it needs", "Name another drill.temp_dir or run_as."),
)
"""What a server complains of that says nothing of the backup, and how to fix it."""


def fault_of_pgbackrest(code: int, said: str) -> NotRestored:
    """Return what is wrong with a backup.

    Raises:
        Unavailable: it is something else.
    """
    if code in {FORMAT, CHECKSUM, FILE_MISSING}:
        return NotRestored(RestoreFault.REPORTED, "pgbackrest restore", said)
    raise Unavailable(
        f"`pgbackrest restore` ended with {code}: {said}",
        fix="Run golive where pgBackRest reaches the repository, as a user that may read it.",
    )


def fault_of_server(complaints: str, by: str) -> NotRestored:
    """Return what is wrong with a cluster whose server did not start.

    Raises:
        Unavailable: it is something around it.
    """
    for pattern, words, fix in AROUND:
        if found := re.search(pattern, complaints):
            what = next((group for group in found.groups() if group), "")
            raise Unavailable(f"the restored cluster cannot be started here: {words.format(what)} ({by})", fix=fix)
    if NO_SYSTEM in complaints:
        return NotRestored(RestoreFault.NO_CLUSTER, by)
    fatal = FATAL.search(complaints)
    if not fatal:
        raise Unavailable(f"the restored cluster's server ended without a word of why ({by})")
    return NotRestored(RestoreFault.REPORTED, by, shortened(" ".join(fatal[1].split()), MAX_QUOTED))
