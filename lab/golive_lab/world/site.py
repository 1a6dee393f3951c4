"""The public site: www.demo.test, to which demo.test leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HSTS = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True)
class Site:
    """The site's two names, at ports of their own."""

    apex_leads: bool = True
    """Otherwise both names show the site."""
    apex_status: int = 301
    apex_keeps_path: bool = True
    apex_hsts: bool = True
    apex_in_clear: Literal["apex", "www"] = "apex"
    """Whose https the apex leads to from clear http."""
    missing: Literal["own page", "own page as 200", "server's page", "trace"] = "own page"
    """What a path at which nothing is gets."""
    debugger: bool = False
    """A debugger listens on the machine, open to all."""
    noindex: bool = False
    """Its pages keep staging's noindex, as a meta element."""
    robots: str = "User-agent: *\nDisallow: /panier\nSitemap: https://<www>/sitemap.xml\n"
    canonical: str = "https://<www>/"
    """Of the front page; `<www>` stands for the site's host and port."""
    sitemap: tuple[str, ...] = ("https://<www>/", "https://<www>/tarifs.html")
