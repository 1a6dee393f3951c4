"""How pgBackRest is asked to restore into a folder of golive's own, and to touch nothing else. Pure."""

import shlex
from dataclasses import dataclass
from pathlib import PurePath

from golive import Unavailable
from golive_checks.subjects.backups import InPgBackRest
from golive_checks.systems.backups.repository import INFO, OTHERS


@dataclass(frozen=True)
class PgBackRestRestore:
    """The commands for one stanza and one scratch folder.

    Its configuration names the real server's data folder, and a lock and a spool folder that the real server's own
    archiving uses; `restore` empties the last. Each is set to one in the scratch folder.
    """

    where: InPgBackRest
    folder: str

    def argv(self, label: str) -> list[str]:
        """Return the command that restores a backup."""
        return [
            *self._program(),
            *self._options(),
            f"--set={label}",
            f"--spool-path={self.folder}/spool",
            f"--tablespace-map-all={self.folder}/tablespaces",
            # Its configuration may lead links and tablespaces to the real server's folders, over what is there.
            "--no-link-all",
            "--reset-link-map",
            "--reset-tablespace-map",
            "--no-delta",
            # The whole of the backup, whatever a restore of the real one leaves out.
            "--reset-db-include",
            "--reset-db-exclude",
            # The copy must never archive its own WAL into the real repository.
            "--archive-mode=off",
            "--type=none",
            "--reset-pg1-host",
            "--log-level-console=off",
            "--log-level-stderr=error",
            "--no-log-timestamp",
            "restore",
        ]

    def restore_command(self) -> str:
        """Return what its server fetches WAL with, as in postgresql.conf."""
        words = [*self._program(), *self._options(), "--no-archive-async", "--log-level-console=off"]
        words += ["--log-level-stderr=error", "archive-get"]
        return f'{shlex.join(words).replace("%", "%%")} %f "%p"'

    def _program(self) -> list[str]:
        command = self.where.command
        if PurePath(command[0]).name != "pgbackrest" or INFO not in command:
            raise Unavailable(
                f"the profile runs pgBackRest by `{command[0]}`, and the drill needs it on this machine",
                fix="Let the source's command begin with pgbackrest: [pgbackrest, --config=…, info, --output=json].",
            )
        return [word for word in command if word != INFO and not OTHERS.fullmatch(word)]

    def _options(self) -> list[str]:
        repo = [f"--repo={self.where.repo}"] if self.where.repo else []
        return [
            f"--stanza={self.where.stanza}",
            f"--pg1-path={self.folder}/data",
            f"--lock-path={self.folder}/lock",
            "--log-level-file=off",
            *repo,
        ]
