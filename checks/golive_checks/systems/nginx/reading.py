"""Where nginx's configuration comes from: files, or a command that prints it."""

from golive import Unavailable
from golive_checks.subjects.proxies import ReverseProxy
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.nginx.client.parser import NginxParser, Parsed

MAX_BYTES = 5_000_000
"""A configuration is some 100 kB; tables of addresses may make it larger."""


async def parsed(nginx: ReverseProxy, parser: NginxParser, command: CommandRunner) -> Parsed:
    """Read what the profile names.

    Raises:
        BrokenError: nginx would refuse it.
        Unavailable: it could not be read.
    """
    if not nginx.command:
        return await parser.files(nginx.main, elsewhere=nginx.elsewhere, max_bytes=MAX_BYTES)
    ran = await command.run(nginx.command)
    if ran.code:
        raise Unavailable(
            f"`{nginx.command[0]}` ended with {ran.code}: {ran.last_words() or 'it printed nothing'}",
            fix="Run the profile's command by hand: `nginx -T` must be allowed to read the certificates' keys.",
        )
    return await parser.dump(ran.stdout.decode("utf-8", "replace"))
