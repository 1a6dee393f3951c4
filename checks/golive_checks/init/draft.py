"""A survey as a profile: what was seen with where it was seen, and what no file says as comments to fill in."""

import os
from dataclasses import dataclass
from pathlib import Path

from golive.wording import listed
from golive_checks.init.draft_data import data
from golive_checks.init.draft_optional import optional
from golive_checks.init.presets import fitting
from golive_checks.init.scope import left_out, serves
from golive_checks.init.survey import Survey
from golive_checks.init.text import FILL_IN, comment, value

SCHEMA = "golive.schema.json"


@dataclass(frozen=True)
class Draft:
    """The text of a profile for `environment`, to be written to `folder`."""

    found: Survey
    environment: str
    folder: Path

    def text(self) -> str:
        """Return the whole profile."""
        name = comment(self.found.tree.root.name)
        head = [
            f"# yaml-language-server: $schema=./{SCHEMA}",
            f"# Drafted by golive init from the files{f' in {name}/' if name else ''}. What they lack is off below,",
            "# each with its reason: take it out there to have golive look. FILL IN marks what no file says.",
            "",
            f"environment: {value(self.environment)}",
            *self._extends(),
        ]
        parts = (
            self._effects(),
            self._repository(),
            self._hosts(),
            optional(self.found),
            self._envs(),
            data(self.found, self.path),
            self._nginx(),
            self._other_proxies(),
            self._rollout(),
            self._watching(),
            self._documents(),
            self._payments(),
            self._ci(),
            self._off(),
        )
        return "\n".join([*head, *(line for part in parts for line in part)]) + "\n"

    def path(self, file: str) -> str:
        """Return a path of the repository as the profile's folder sees it."""
        return value(Path(os.path.relpath(self.found.tree.root / file, self.folder)).as_posix())

    def _extends(self) -> list[str]:
        """Name the presets that demand only what was seen; the others are named beside what they would demand."""
        found = fitting(self.found)
        taken = [each for each in found if not each.lacks]
        lines = [
            f"# extends: {each.name}  {FILL_IN} {comment(each.seen.what)}, {comment(each.seen.where)};"
            f" it also demands {', '.join(each.lacks)}"
            for each in found
            if each.lacks
        ]
        if taken:
            why = " and ".join(f"{comment(each.seen.what)}, seen in {comment(each.seen.where)}" for each in taken)
            lines.insert(0, f"extends: [{', '.join(value(each.name) for each in taken)}]  # {why}")
        return lines

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
        if (self.found.tree.root / ".git").exists():
            return ["", f"repository: {{path: {self.path('.')}}}  # searched for secrets, with all of its history"]
        return []

    def _hosts(self) -> list[str]:
        lines = ["", "hosts:"] if self.found.hosts else ["", f"# hosts:  {FILL_IN} no file names this environment's"]
        taken: set[str] = set()
        for host in self.found.hosts:
            role = host.role or serves(self.found)
            key = role if role and role not in taken else host.name.replace(".", "-")
            taken.add(key)
            framework = self.found.frameworks.get(role)
            why = f"  # {framework.what}, {comment(framework.where)}" if framework and not host.role else ""
            lines += [
                f"  {value(key)}:  # seen in {comment(host.where)}",
                f"    name: {value(host.name)}",
                f"    role: {role}{why}" if role else f"    # role: site  {FILL_IN} api, app, shop or site",
                f"    edge: {host.edge}",
            ]
            path, where = self.found.nginx.websocket
            if role in {"api", "site"} and path and where == host.where:
                lines.append(f"    proxy: {{websocket_path: {value(path)}}}  # seen in {comment(where)}")
        if not self.found.hosts:
            lines.append("#   site: {name: www.example.com, role: site}")
        lines += [
            f"  # seen in {comment(h.where)}, which this environment does not run: {h.name}"
            for h in self.found.other_hosts[:10]
        ]
        return lines

    def _envs(self) -> list[str]:
        real = [env for env in self.found.envs if env.path and not env.developers]
        lines = ["", "env_files:" if real else "# env_files:"] if self.found.envs else []
        taken: set[str] = set()
        for env in self.found.envs:
            folder = Path(env.folder).name
            key = folder if folder.replace("-", "").replace("_", "").isalnum() else "app"
            key = key if key not in taken else env.path or env.example
            taken.add(key)
            pair = f", example: {self.path(env.example)}" if env.example else ""
            if env in real:
                lines.append(f"  {value(key)}: {{path: {self.path(env.path)}{pair}}}  # seen there")
            elif env.path:
                why = (
                    f"{FILL_IN} this environment's file; {comment(env.path)} reads like a developer's: {env.developers}"
                )
                lines.append(f"  # {value(key)}: {{path: {self.path(env.path)}{pair}}}  {why}")
            else:
                why = f"{FILL_IN} this environment's file; only its example was seen"
                lines.append(f"  # {value(key)}: {{path: …{pair}}}  {why}")
        for service in self.found.services:
            if service.built and service.environment:
                entry = f"{{compose: {{file: {self.path(service.file)}, service: {value(service.name)}}}}}"
                lines.append(f"  # {value(service.name)}: {entry}  # if that is what runs")
        return lines

    def _nginx(self) -> list[str]:
        seen = self.found.nginx
        lines = ["", "nginx:"] if seen.mains else [""] if seen.broken or seen.fragments else []
        for number, main in enumerate(seen.mains, start=1):
            lines += [f"  {'edge' if number == 1 else f'edge-{number}'}:", f"    main: {self.path(main)}"]
            lines.append('    elsewhere: ["/etc/*"]  # included files that are on the machine alone')
        lines += [f"# {comment(file)} could not be read: {comment(why)}" for file, why in seen.broken]
        if seen.fragments and not seen.mains:
            named = ", ".join(map(comment, seen.fragments[:5]))
            lines.append(f"# {named}: parts of a configuration. What runs is better looked at whole:")
            lines.append(f"# nginx: {{edge: {{command: [ssh, web1, sudo, nginx, -T]}}}}  {FILL_IN} the machine")
        return lines

    def _other_proxies(self) -> list[str]:
        seen, lines = self.found.proxies, list[str]()
        for number, file in enumerate(seen.caddyfiles, start=1):
            lines += ["", "caddy:"] if number == 1 else []
            lines.append(f"  {'edge' if number == 1 else f'edge-{number}'}: {{file: {self.path(file)}}}")
        if seen.labelled:
            static = f"static: {self.path(seen.static)}, " if seen.static else ""
            files = ", ".join(self.path(file) for file in seen.labelled)
            if seen.installed:
                lines += ["", "traefik:", f"  edge: {{{static}compose: [{files}]}}"]
            else:
                entry = f"{{edge: {{static: traefik.yml, compose: [{files}]}}}}"
                lines += ["", f"# traefik: {entry}  {FILL_IN} Traefik's own file, which is not here"]
        return lines

    def _rollout(self) -> list[str]:
        seen = {"live": self.found.live, "ready": self.found.ready}
        given = {key: route for key, route in seen.items() if route}
        if not given:
            return []
        mark = "" if self.found.hosts else "# "
        lines = ["", f"{mark}rollout:", f"{mark}  health:"]
        lines += [
            f"{mark}    {key}: {value(route.what)}  # seen in {comment(route.where)}" for key, route in given.items()
        ]
        return lines

    def _watching(self) -> list[str]:
        lines = []
        if seen := self.found.prometheus:
            lines.append(
                f"# prometheus: {{url: https://…}}  {FILL_IN} {comment(seen.where)} configures one: its address"
            )
        if seen := self.found.load:
            lines.append(f"# benches: {{…}}  {FILL_IN} {comment(seen.where)} is a load test; golive has its own")
        if seen := self.found.smoke:
            lines.append(f"# smoke: {{…}}  {FILL_IN} {comment(seen.where)} looks like a smoke test: its command")
        if seen := self.found.vendors.get("Sentry"):
            lines.append(f"# Sentry: {comment(seen.what)}, seen in {comment(seen.where)}")
        if seen := self.found.vendors.get("Redis"):
            lines.append(f"# Redis: {comment(seen.what)}, seen in {comment(seen.where)}; golive does not look at it")
        return ["", *lines] if lines else []

    def _documents(self) -> list[str]:
        found = {key: file for key, file in self.found.documents.items() if key != "recovery"}
        lines = ["", "runbooks:"] if found else []
        lines += [f"  {key}: {{path: {self.path(file)}}}  # seen there" for key, file in found.items()]
        if recovery := self.found.documents.get("recovery"):
            lines += ["", f"backups: {{document: {{path: {self.path(recovery)}}}}}  # seen there"]
        return lines

    def _payments(self) -> list[str]:
        keys = {"Stripe": 'secret_key: "${STRIPE_SECRET_KEY}", webhook_path: /…', "PayPal": "…"}
        found = {name: self.found.vendors[name] for name in keys if name in self.found.vendors}
        lines = [
            f"# {name.lower()}: {{{keys[name]}}}  {FILL_IN} {comment(seen.what)} was seen in {comment(seen.where)}"
            for name, seen in found.items()
        ]
        return ["", *lines] if lines else []

    def _ci(self) -> list[str]:
        seen = self.found.ci
        if not seen.workflows:
            return []
        lines = ["", f"ci:  # seen: {listed([*map(comment, seen.workflows)])}"]
        lines.append(f"  workflows: {{folder: {self.path('.')}}}")
        if seen.suites:
            lines.append(f"  suites:  {FILL_IN} gates: true for each whose failure must stop a release")
            lines += [f"    {value(name)}: {{spec: {value(spec)}, gates: false}}" for name, spec in seen.suites.items()]
        for name, tool in (("Playwright", seen.playwright), ("Cypress", seen.cypress)):
            if tool and not seen.suites:
                specs = f"; specs: {', '.join(map(comment, seen.specs[:5]))}" if seen.specs else ""
                lines.append(f"  # suites: {{…}}  {FILL_IN} {name} was seen in {comment(tool.where)}{specs}")
        return lines

    def _off(self) -> list[str]:
        off = left_out(self.found)
        cut = (
            ["# This repository has more files than golive init reads: it may have missed some."]
            if self.found.tree.cut
            else []
        )
        return ["", *cut, "checklist:", "  off:", *(f"    {value(key)}: {value(why)}" for key, why in off.items())]
