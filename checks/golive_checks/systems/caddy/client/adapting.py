"""A Caddyfile as Caddy itself reads it: `caddy adapt` turns it into the JSON that Caddy runs with.

`caddy adapt` opens no connection and starts nothing. It runs without this machine's variables: what it would take from
them on another machine is given by the profile.

Source: https://caddyserver.com/docs/command-line#caddy-adapt
"""

import asyncio
import glob
import itertools
import json
import os
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from golive import Location, Unavailable
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandRunner, Ran
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.nginx.client.parser import BrokenError

MAX_BYTES = 5_000_000
MAX_FILES = 100
"""Caddyfiles that import one another."""
VARIABLE = re.compile(r"\{\$(\w+)\}", re.ASCII)
"""Put in when the file is read, by nothing where it is not set; `{$NAME:default}` has something to fall back on."""
IMPORT = re.compile(r"^\s*import\s+([^\s{#]+)", re.MULTILINE)
AT = re.compile(r"(?:, at |^)([^\s:]+):(\d+)")
NOT_BUILT_IN = re.compile(r"unrecognized directive|unrecognized \w+ option|module not registered|unknown module")


async def configuration(proxy: ReverseProxy, files: Files, command: CommandRunner) -> Mapping[str, Any]:
    """Return the JSON that Caddy runs with.

    Raises:
        BrokenError: Caddy would refuse the configuration.
        Unavailable: it could not be read, or adapted.
    """
    if proxy.command:
        ran = await command.run(proxy.command)
        if ran.code:
            raise Unavailable(f"`{proxy.command[0]}` ended with {ran.code}: {ran.last_words() or 'it printed nothing'}")
        return _json(ran.stdout, f"what `{proxy.command[0]}` printed")
    if proxy.main.endswith(".json"):
        return _json((await files.read(proxy.main, MAX_BYTES)).data, proxy.main)
    unset = (await _variables(proxy.main, files)) - set(dict(proxy.variables))
    # A name in braces is what Caddy itself would put in as it runs: nothing is made of it, and it is seen.
    environ = {**{name: f"{{env.{name}}}" for name in unset}, **dict(proxy.variables)}
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    argv = (proxy.run_as, "adapt", "--config", proxy.main, "--adapter", "caddyfile")
    ran = await command.run(argv, environ={**environ, **kept, "HOME": "/nonexistent"})
    if ran.code:
        raise _problem(proxy, ran, sorted(unset))
    return _json(ran.stdout, f"what `{proxy.run_as} adapt` printed")


async def _variables(main: str, files: Files) -> set[str]:
    """Return the variables without a default that a Caddyfile and those that it imports take from the environment."""
    found, left, seen = set[str](), [main], set[str]()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        if len(seen) > MAX_FILES:
            raise Unavailable(f"{main} imports more than {MAX_FILES} files")
        text = await files.text(name, MAX_BYTES)
        found.update(VARIABLE.findall(text))
        left += [each for pattern in IMPORT.findall(text) for each in await asyncio.to_thread(_imported, name, pattern)]
    return found


def _imported(name: str, pattern: str) -> list[str]:
    """Name the files that an import means; what is none is a snippet's name."""
    found = itertools.islice(glob.iglob(posixpath.join(posixpath.dirname(name), pattern)), MAX_FILES + 1)  # noqa: PTH207 - likewise
    return [each for each in found if Path(each).is_file()]


def _json(data: bytes, what: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Unavailable(f"{what} is not JSON that golive can read") from None
    if not isinstance(found, dict) or not isinstance(found.get("apps"), dict):
        raise Unavailable(f"{what} is not a configuration of Caddy's: it has no apps")
    return found


def _problem(proxy: ReverseProxy, ran: Ran, unset: list[str]) -> BrokenError | Unavailable:
    message = _message(ran)
    if NOT_BUILT_IN.search(message):
        return Unavailable(
            f"this machine's Caddy cannot read {proxy.main}: {message}",
            fix="Name the Caddy that runs, built with the same modules, as `program`, or its JSON as `file`.",
        )
    if unset:
        return Unavailable(
            f"{proxy.main} takes {', '.join(unset)} from the environment, and Caddy cannot read it without: {message}",
            fix="Give their values under `variables` of the profile's entry.",
        )
    at = AT.search(message)
    return BrokenError(message, Location(at[1], int(at[2])) if at else Location(proxy.main))


def _message(ran: Ran) -> str:
    """Return what Caddy says of the problem: its last line is JSON, or `Error: ...`."""
    last = ran.last_words()
    try:
        found = json.loads(last)
    except (ValueError, RecursionError):
        return last.removeprefix("Error: ")
    return str(found.get("msg", last)) if isinstance(found, dict) else last
