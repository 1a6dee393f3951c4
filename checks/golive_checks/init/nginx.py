"""nginx's configuration in a repository: whole ones, which golive can judge, and fragments of another machine's."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from golive import Unavailable
from golive_checks.init.hosts import FoundHost, host
from golive_checks.init.tree import MAX_BYTES, Tree
from golive_checks.systems.nginx.client.parser import BrokenError, NginxParser
from golive_checks.systems.nginx.effective import servers

SERVER = re.compile(r"(?:^[ \t]*|[{};]\s*)server\s*\{", re.MULTILINE)
HTTP = re.compile(r"(?:^[ \t]*|[};]\s*)http\s*\{", re.MULTILINE)
NAMES = re.compile(r"(?:^[ \t]*|[{};]\s*)server_name\s++([^;{}]+);", re.MULTILINE)
UPGRADE = re.compile(r"location\s+(?:=\s+|\^~\s+)?(/\S*)\s*\{[^}]*Upgrade")


@dataclass(frozen=True)
class FoundNginx:
    """The main files that golive can read, those that it cannot with why, and the fragments without a main file."""

    mains: tuple[str, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    fragments: tuple[str, ...] = ()
    websocket: tuple[str, str] = ("", "")
    """The first location that takes WebSockets, and its file."""


def nginx(tree: Tree) -> tuple[FoundNginx, list[FoundHost]]:
    """Read what looks like nginx's configuration, and the hosts that it names."""
    texts = {f: t for f in tree.files if _is_named(f) and SERVER.search(t := tree.text(f))}
    mains, broken, hosts = [], [], list[FoundHost]()
    for file in (f for f, text in texts.items() if HTTP.search(text) and tree.may_run(f)):
        try:
            parsed = asyncio.run(NginxParser().files(str(tree.root / file), elsewhere=("*",), max_bytes=MAX_BYTES))
        except (BrokenError, Unavailable) as problem:
            broken.append((file, next(iter(str(problem).splitlines()), "") or "it could not be read"))
            continue
        mains.append(file)
        hosts += [h for server in servers(parsed.main) for name in server.names if (h := host(name, file, "nginx"))]
    read = {*mains, *(file for file, _ in broken)}
    fragments = [f for f in texts if f not in read and tree.may_run(f)]
    for file, text in texts.items():
        if file not in read:
            named = " ".join(NAMES.findall(text)).split()
            hosts += [h for name in named if (h := host(name, file, "nginx"))]
    upgraded = ((found[1], f) for f in [*mains, *fragments] if (found := UPGRADE.search(texts[f])))
    return FoundNginx(tuple(mains), tuple(broken), tuple(fragments), next(upgraded, ("", ""))), hosts


def _is_named(file: str) -> bool:
    path = PurePosixPath(file)
    return path.suffix == ".conf" or any("nginx" in part for part in path.parts)
