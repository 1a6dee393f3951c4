"""Does only what is meant to answer the world?"""

from golive import Severity, Verdict, check, verdict
from golive_checks.systems.http.open_ports import ExposedMachine, PortLooks


@check("web.ports-closed", severity=Severity.CRITICAL)
def ports_closed(machine: ExposedMachine, seen: PortLooks) -> Verdict:
    """No database, cache, queue, metric or debugger takes connections from the world.

    Why: Scanners try these ports of every address within hours. A Redis or a debugger without a password is a shell;
    a database with one is tried with leaked passwords until it opens.

    Fix: Let the service listen on 127.0.0.1 or a private address, and drop all but 80 and 443 in the provider's
    firewall. Docker publishes ports past the machine's own firewall: write `127.0.0.1:5432:5432`, or no `ports:`.

    Source: OWASP Web Security Testing Guide, WSTG-CONF-01
    """
    opened = [
        f"{machine.host} takes connections on port {look.port} ({look.ip})"
        for look in seen.looks
        if look.state == "open"
    ]
    count = len({look.port for look in seen.looks})
    lines = [f"{look.ip} port {look.port}: {look.state}" for look in seen.looks]
    return verdict(opened, ok=f"{count} ports are closed to the place where golive runs", evidence=lines)
