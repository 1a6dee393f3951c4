"""The paths that scanners try first, and by what the content there gives itself away. Pure."""

import re
from dataclasses import dataclass

ENV = rb"^(?:export )?[A-Z][A-Z0-9_]{2,60}=\S"
SQL = rb"^(?:-- (?:PostgreSQL database|MySQL|MariaDB) dump|CREATE TABLE |INSERT INTO |COPY [\w.\"]+ \()"
ARCHIVE = rb"\A(?:PK\x03\x04|\x1f\x8b\x08|BZh|7z\xbc\xaf|\xfd7zXZ)"
TRACE = re.compile(
    rb"(?:^|\\n|\")\s{0,8}at (?:async )?[\w.<>$ \[\]]{0,80}\(?(?:file://)?/[\w./@-]{3,200}\.[cm]?[jt]sx?:\d+:\d+"
    rb"|Traceback \(most recent call last\)|Whoops, looks like something went wrong|Werkzeug Debugger"
    rb"|DJANGO_SETTINGS_MODULE|org\.springframework\.[\w.]{3,80}Exception",
    re.MULTILINE,
)
"""A stack trace of Node's, in text or in JSON; Python's; and the debug pages of Laravel, Flask, Django, Spring."""


@dataclass(frozen=True)
class Sign:
    """A path, what it would be, and the bytes by which it is that. `page`: it comes as HTML."""

    path: str
    what: str
    pattern: bytes
    page: bool = False

    @property
    def first(self) -> bool:
        """True where reading alone may ask for it."""
        return self.path in FIRST


FIRST = frozenset({"/.env", "/.git/HEAD", "/dump.sql", "/metrics", "/phpinfo.php", "/actuator/env"})
"""What does the most harm where it is open. Few, since firewalls ban whoever asks for many such paths."""


SIGNS = (
    *(Sign(path, "environment variables", ENV) for path in ("/.env", "/.env.production", "/.env.local", "/.env.bak")),
    Sign("/.git/HEAD", "the Git repository", rb"\A(?:ref: refs/|[0-9a-f]{40}\s*\Z)"),
    Sign("/.git/config", "the Git repository's settings", rb"^\[core\]"),
    *(Sign(path, "a database dump", SQL) for path in ("/dump.sql", "/backup.sql", "/db.sql")),
    *(Sign(path, "a backup", ARCHIVE) for path in ("/backup.zip", "/backup.tar.gz", "/dump.sql.gz")),
    Sign("/docker-compose.yml", "the containers' description", rb"^services:"),
    Sign("/.DS_Store", "a folder's list of names", rb"\A\x00\x00\x00\x01Bud1"),
    Sign("/metrics", "Prometheus metrics", rb"^# (?:HELP|TYPE) [a-zA-Z_:]"),
    Sign("/debug", "a debug page", TRACE.pattern, page=True),
    Sign("/debug/vars", "Go's variables", rb'"(?:cmdline|memstats)"\s*:'),
    Sign("/debug/pprof/", "Go's profiler", rb"<title>/debug/pprof/|Types of profiles available", page=True),
    Sign("/phpinfo.php", "phpinfo()", rb"phpinfo\(\)|PHP Version \d", page=True),
    Sign("/server-status", "Apache's status", rb"Apache (?:Server )?Status", page=True),
    Sign("/actuator/env", "Spring's environment", rb'"propertySources"\s*:'),
    *(
        Sign(path, "a list of files", rb"<title>Index of /|<title>Directory listing for /", page=True)
        for path in ("/uploads/", "/assets/", "/backup/")
    ),
)
"""The most harmful first. Each costs a request: what is rare is for security.exposed.others."""
