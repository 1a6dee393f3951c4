"""What must never be served, as it looks where it is: each a file of the front end's or an answer of the API's."""

from __future__ import annotations

import json
from dataclasses import dataclass

GIT_CONFIG = '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@git.test:afrigest/app.git\n'
DUMP = "--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.users (id bigint NOT NULL);\n"
METRICS = (
    "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.\n"
    "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 12.3\n"
)
LISTING = (
    '<html><head><title>Index of /uploads/</title></head><body><a href="../">../</a><a href="a.pdf">a.pdf</a></body>'
)
PHPINFO = "<!DOCTYPE html><html><head><title>PHP 8.2.7 - phpinfo()</title></head><body>PHP Version 8.2.7</body></html>"
ENV = "NODE_ENV=production\nDATABASE_URL=postgres://x\nPORT=3000\n"

FILES = {
    "/.env": ENV,
    "/.env.production": ENV,
    "/.git/HEAD": "ref: refs/heads/main\n",
    "/.git/config": GIT_CONFIG,
    "/dump.sql": DUMP,
    "/.env.bak": ENV,
}
"""What a build or a deploy copies along with the front end."""
ROUTES = {
    "/metrics": ("text/plain; version=0.0.4", METRICS),
    "/uploads/": ("text/html", LISTING),
    "/phpinfo.php": ("text/html", PHPINFO),
    "/actuator/env": ("application/json", json.dumps({"activeProfiles": ["prod"], "propertySources": []})),
    "/debug/vars": ("application/json", json.dumps({"cmdline": ["/srv/api"], "memstats": {"Alloc": 1}})),
    "/graphql": ("application/json", json.dumps({"data": {"__schema": {"types": [{"name": "Query"}]}}})),
    "/.env": ("text/plain", ENV),
}
"""What an API answers by itself."""
TRACE = "TypeError: Cannot read properties of undefined (reading 'id')\n    at handler (/srv/api/dist/app.js:41:17)\n"


@dataclass(frozen=True)
class ServedFiles:
    """The paths that are served: of the front ends, and of the API; and whether errors show where they come from."""

    files: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    source_maps: bool = False
    traces: bool = False
