"""Is anything served that was never meant to be?"""

from dataclasses import replace

from golive import Severity, Unavailable, Verdict, check, failed, passed, unknown
from golive.wording import first_of
from golive_checks.subjects import Host
from golive_checks.systems.http.exposed import FirstLeaks, Leaks


@check("web.nothing-exposed", severity=Severity.CRITICAL)
def nothing_exposed(host: Host, first: FirstLeaks, more: Leaks | Unavailable) -> Verdict:
    r"""No secrets, sources, backups, metrics or debug pages are served.

    Why: Within minutes of a certificate's issue, scanners ask its host for /.env and /.git/HEAD. An environment file is
    every key at once; a repository is the source with its history; metrics and debug pages show where to attack next.

    Fix: Serve a folder with nothing but the build's output; in nginx `location ~ /\. { return 404; }` (but for
    /.well-known/), no autoindex, `location = /metrics { deny all; }`; `build: { sourcemap: 'hidden' }` in Vite, with
    the maps sent to the error tracker. Replace every secret that leaked: it is known by now. Reading alone looks at the
    six paths that do the most harm; `allow: [active]` adds what scanners try, source maps and debug pages.

    Source: OWASP Web Security Testing Guide, WSTG-CONF-04 and WSTG-CONF-05
    """
    if isinstance(more, Unavailable) and not more.not_permitted and not first.found:
        raise more
    seen = first if isinstance(more, Unavailable) else more
    if seen.found:
        lines = [f"{leak.path} shows {leak.what}" for leak in seen.found]
        return failed(first_of(lines), *(lines if len(lines) > 1 else ()), *seen.missed)
    if seen.missed and len(seen.missed) >= seen.asked:
        return unknown(f"nothing could be looked at: {seen.missed[0]}", *seen.missed)
    return replace(passed(f"none of {seen.asked} paths shows what it should not"), unseen=seen.missed)
