"""A survey as a profile: what was found with where it was found, and what could not be known marked as such."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from golive_checks.init.survey import RUNBOOKS, Env, HostFound, Survey

FILL_IN = "# FILL IN:"
PLACEHOLDERS = {"api": "api.example.com", "app": "app.example.com", "bucket": "example-files"}
OPTIONAL = {"api": ("TENANT_DATABASE_URL",), "web": ("VITE_ENABLE_ECOMMERCE", "VITE_ENABLE_STRIPE"), "other": ()}
"""The checklist's variables that an app may do without (its section 2)."""


@dataclass(frozen=True)
class Draft:
    """The text of a profile for `environment`, to lie in `folder`."""

    found: Survey
    environment: str
    folder: Path

    def text(self) -> str:
        """Return the whole profile."""
        head = [
            "# yaml-language-server: $schema=./golive.schema.json",
            f"# Drafted by golive init from what {_comment(self.found.root.name)}/ holds; it can be checked as it is.",
            "# Lines marked FILL IN are what no file said. golive profile check tells what is wrong with it.",
            "",
            f"environment: {_value(self.environment)}",
        ]
        parts = [
            self._effects(),
            self._repository(),
            self._hosts(),
            self._envs(),
            self._databases(),
            self._buckets(),
            self._nginx(),
            self._rollout(),
            self._runbooks(),
            self._ci(),
        ]
        return "\n".join([*head, *(line for part in parts for line in part)]) + "\n"

    def _path(self, file: str) -> str:
        return _value(os.path.relpath(self.found.root / file, self.folder))

    def _effects(self) -> list[str]:
        if self.environment == "production":
            return [
                "production: true",
                "# allow: [active]      # send what an attacker or a provider would; it counts only with",
                "# confirm: production  # this beside it",
            ]
        return [
            f"production: false  {FILL_IN} true where real users depend on it",
            "# allow: [active]  # also send what an attacker or a provider would",
        ]

    def _repository(self) -> list[str]:
        if (self.found.root / ".git").exists():
            return ["", f"repository: {{path: {self._path('.')}}}  # searched for secrets, with all of its history"]
        return ["", f"# repository: {{path: ..}}  {FILL_IN} no git repository was found"]

    def _hosts(self) -> list[str]:
        lines = ["", "hosts:"]
        taken: set[str] = set()
        for host in self.found.hosts:
            key = host.role if host.role not in {*taken, "other"} else host.name.replace(".", "-")
            taken.add(key)
            lines += self._host(key, host)
        web = any(app.role == "web" for app in self.found.apps)
        for role in ("api", "app") if web else ("api",):
            if role not in taken:
                lines += [
                    f"  {role}:",
                    f"    name: {PLACEHOLDERS[role]}  {FILL_IN} no file names the {role}'s host",
                    f"    role: {role}",
                ]
        return [*lines, f"    # edge: nginx  {FILL_IN} alb, cloudflare or vercel where one of them stands in front"]

    def _host(self, key: str, host: HostFound) -> list[str]:
        lines = [f"  {_value(key)}:  # found in {_comment(host.source)}", f"    name: {_value(host.name)}"]
        lines.append(
            f"    role: {host.role}" + (f"  {FILL_IN} api, app or shop, if it is one" * (host.role == "other"))
        )
        if host.role == "api" and self.found.websocket_path:
            lines.append(f"    proxy: {{websocket_path: {_value(self.found.websocket_path)}}}")
        if host.role == "api":
            lines.append(
                f"    # logs: {{command: [docker, logs, --since, 2m, api]}}  {FILL_IN} or file, cloudwatch, loki"
            )
        return lines

    def _envs(self) -> list[str]:
        lines = ["", "env_files:"] if self.found.envs else ["", "# env_files:"]
        taken: set[str] = set()
        for env in self.found.envs:
            key = _key(env.path) if _key(env.path) not in taken else env.path
            taken.add(key)
            lines += self._env(key, env)
        for file, service, role in self.found.composes:
            lines += [
                f"#   {_comment(service)}:  # its variables in the Compose file, if that is what runs",
                f"#     compose: {{file: {self._path(file)}, service: {_value(service)}}}",
                f"#     role: {role}",
            ]
        if not self.found.envs and not self.found.composes:
            lines.append(f"#   api: {{path: ../apps/api/.env, role: api}}  {FILL_IN} no env file or example was found")
        return lines

    def _env(self, key: str, env: Env) -> list[str]:
        lines = [f"  {_value(key)}:", f"    path: {self._path(env.path)}"]
        if not (self.found.root / env.path).exists():
            lines[-1] += f"  {FILL_IN} only {_comment(env.example)} is here; name this environment's file"
        lines.append(f"    role: {env.role}" + (f"  {FILL_IN} api or web, if it is one" * (env.role == "other")))
        if env.example and env.example != env.path:
            lines.append(f"    example: {self._path(env.example)}")
        missing = [name for name in OPTIONAL[env.role] if name not in env.names]
        if missing and env.names:
            lines.append(f"    optional: [{', '.join(missing)}]  # not among its names")
        return lines

    def _buckets(self) -> list[str]:
        lines = ["", "buckets:"] if self.found.buckets else []
        for number, bucket in enumerate(self.found.buckets, start=1):
            lines.append(f"  {'files' if number == 1 else f'files-{number}'}:  # found in {_comment(bucket.source)}")
            unsaid = "" if bucket.name else f"  {FILL_IN} no file says its name"
            lines.append(f"    bucket: {_value(bucket.name or PLACEHOLDERS['bucket'])}{unsaid}")
            lines += [f"    endpoint_url: {_value(bucket.endpoint_url)}"] if bucket.endpoint_url else []
            lines += (
                [f"    region: {_value(bucket.region)}"] if bucket.region else [f"    # region: {FILL_IN} no file says"]
            )
            lines += [
                '    # key: {access_key_id: "${S3_KEY_ID}", secret_access_key: "${S3_SECRET}"}  # the application\'s',
                "    # audit_key: {}  # likewise, of one who may read its settings",
                "    # Without either, credentials are found as the AWS command line finds them.",
            ]
        return lines

    def _databases(self) -> list[str]:
        """Draft an entry for each variable that a schema of Prisma names; a folder of tenants belongs to a master."""
        if not self.found.migrations:
            return []
        theirs = [each for each in self.found.migrations if "tenant" in each.folder.lower()]
        masters = [each for each in self.found.migrations if each not in theirs]
        if not masters:
            masters, theirs = theirs, []
        files = sorted({each.set_in for each in masters if each.set_in})
        lines = ["", f"variables: {{dotenv: [{', '.join(map(self._path, files))}]}}"] if files else []
        lines += ["", "databases:"]
        for number, each in enumerate(masters, start=1):
            lines.append("  master:" if number == 1 else f"  database-{number}:")
            lines.append(f'    url: "${{{each.variable}:-}}"')
            if not each.set_in:
                lines[-1] += f"  {FILL_IN} no env file here sets it: name one under variables: dotenv, or a secret"
            lines.append(f"    migrations: {self._path(each.folder)}")
        their = f", migrations: {self._path(theirs[0].folder)}" if theirs else ""
        where = "query: SELECT schema_name FROM tenants"
        note = "where its tenants are: names, a query or a pattern"
        return [*lines, f"    # tenants: {{kept_as: schema, {where}{their}}}  {FILL_IN} {note}"]

    def _nginx(self) -> list[str]:
        if not self.found.nginx:
            return [
                "",
                f"# nginx: {{edge: {{command: [ssh, web1, sudo, nginx, -T]}}}}  {FILL_IN} no nginx file was found",
            ]
        lines = ["", "nginx:"]
        for number, each in enumerate(self.found.nginx, start=1):
            lines += [f"  {'edge' if number == 1 else f'edge-{number}'}:", f"    main: {self._path(each.main)}"]
            if each.broken:
                lines.append(f"    # it could not be read: {_comment(each.broken)}")
            lines.append('    elsewhere: ["/etc/*"]  # included files that lie on the machine alone')
        return [
            *lines,
            "    # command: [ssh, web1, sudo, nginx, -T]  # better: what runs, not what the repository says",
        ]

    def _rollout(self) -> list[str]:
        return [
            "",
            f"# rollout:  {FILL_IN} no file says where the API tells of its health, and which release it runs",
            "#   health: {live: /health/live, ready: /health/ready}",
            "#   version: {path: /health/live, field: version}",
        ]

    def _runbooks(self) -> list[str]:
        lines = ["", "runbooks:" if self.found.runbooks else f"# runbooks:  {FILL_IN} none was found"]
        lines += [f"  {key}: {{path: {self._path(file)}}}" for key, file in self.found.runbooks.items()]
        missing = [key for key in RUNBOOKS if key not in self.found.runbooks]
        return [*lines, *(f"  # {key}: {{path: ../docs/{key}.md}}" for key in missing)]

    def _ci(self) -> list[str]:
        found = [*(f"# CI workflow: {_comment(file)}" for file in self.found.workflows)]
        found += [f"# Playwright: {_comment(file)}" for file in self.found.playwright]
        if self.found.stopped:
            found.append("# This repository has more files than golive init reads: it may have missed some.")
        if not self.found.workflows:
            return ["", *found] if found else []
        lines = ["", *found, "ci:", f"  workflows: {{folder: {self._path('.')}}}", "  suites:"]
        lines += [f"    {key}: {_value(file)}" for key, file in self.found.suites.items()]
        told = f"{FILL_IN} where the report of the suites' run lies, with its commit"
        return [
            *lines,
            "    required_checks: []  # of the protected branch",
            f"    # results: [../results/e2e.json]  {told}",
        ]


def _value(text: str) -> str:
    """Write a value: plain where YAML reads it as text, else quoted, for JSON's strings are YAML's."""
    plain = text.replace("-", "").replace("_", "").replace(".", "").replace("/", "")
    safe = plain.isascii() and plain.isalnum() and not plain.isdigit() and text[0] not in "-0123456789"
    words = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
    return text if safe and text.lower() not in words else json.dumps(text)


def _key(path: str) -> str:
    """Name an env file after its app's folder."""
    folder = Path(path).parent.name
    return folder if folder.replace("-", "").replace("_", "").isalnum() else "root"


def _comment(text: str) -> str:
    """Return a text that stays on its comment's line."""
    return " ".join(text.split())[:200]
