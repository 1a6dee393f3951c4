"""What can be wrong with the public site and its two names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from golive_lab.world import World

WWW, ERRORS, SEARCH = "www.one-site", "web.error-pages", "web.search-engines"


def site(**changes: Any) -> Callable[[World], World]:
    """Change the site, and nothing else."""
    return lambda world: replace(world, site=replace(world.site, **changes))


FAULTS = (
    Fault("www.two-sites", WWW, "The site is shown with www and without", site(apex_leads=False)),
    Fault("www.apex-without-hsts", WWW, "The apex leads on without HSTS", site(apex_hsts=False)),
    Fault("www.not-https-first", WWW, "From http the apex leads to www at once", site(apex_in_clear="www")),
    Fault("www.temporary", WWW, "The apex leads to www for now", site(apex_status=302), outcome="warn"),
    Fault("ports.debugger", "web.ports-closed", "A debugger is open to all", site(debugger=True), stacks=("demo",)),
    Fault("error-pages.found", ERRORS, "A path at which nothing is answers 200", site(missing="own page as 200")),
    Fault("error-pages.trace", ERRORS, "The error page shows a stack trace", site(missing="trace")),
    Fault("error-pages.server", ERRORS, "The error page is the server's", site(missing="server's page")),
    Fault("search-engines.noindex", SEARCH, "Staging's noindex is left on the pages", site(noindex=True)),
    Fault(
        "search-engines.disallowed",
        SEARCH,
        "robots.txt keeps all crawlers out",
        site(robots="User-agent: *\nDisallow: /\n"),
    ),
    Fault(
        "search-engines.canonical",
        SEARCH,
        "The canonical leads to staging",
        site(canonical="https://staging.demo.test/"),
    ),
    Fault(
        "search-engines.sitemap",
        SEARCH,
        "The sitemap names a page that is gone",
        site(sitemap=("https://<www>/", "https://<www>/old.html")),
    ),
    Fault(
        "www.forgets-path",
        WWW,
        "The apex leads every link to the front page",
        site(apex_keeps_path=False),
        outcome="warn",
    ),
)
