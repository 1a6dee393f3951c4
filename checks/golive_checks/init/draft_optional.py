"""The optional lines of a draft: what the files show a sign of, beyond the checklist."""

from collections.abc import Iterator

from golive_checks.init.hosts import FoundHost
from golive_checks.init.scope import PAGES, serves
from golive_checks.init.survey import Survey
from golive_checks.init.text import comment, value
from golive_checks.init.tree import Tree

SEARCH = r"robots\.(?:txt|[cm]?[jt]s)|sitemap\.(?:xml|[cm]?[jt]s|rb)|sitemaps\.py|next-sitemap\.config\.[cm]?js"
NOT_FOUND = r"404\.(?:html|[jt]sx|vue|astro|blade\.php|html\.(?:erb|twig|jinja2?))|not-found\.[jt]sx"
"""How files that make robots.txt, a sitemap and the page for unknown paths are usually called."""


def optional(found: Survey) -> list[str]:
    """Return the lines that ask for what a file or a pair of hosts shows a sign of."""
    return [*_search(found), *_errors(found), *_www(found)]


def _search(found: Survey) -> Iterator[str]:
    host, file = _first_page(found), _sign(found.tree, SEARCH)
    if host and file:
        yield from ("", f"search_engines:  # {comment(file)}; production's pages belong into them, no others do")
        yield f"  {_entry(host)}"


def _errors(found: Survey) -> Iterator[str]:
    host, file = _first_page(found), _sign(found.tree, NOT_FOUND)
    if host and file:
        yield from ("", f"error_pages:  # {comment(file)}")
        yield f"  {_entry(host)}"


def _www(found: Survey) -> Iterator[str]:
    where = {host.name: host.where for host in found.hosts}
    apex = next((name for name in where if f"www.{name}" in where), "")
    if apex:
        yield from ("", f"www:  # {comment(where[apex])} and {comment(where[f'www.{apex}'])}")
        yield f"  site: {{apex: {value(apex)}}}"


def _entry(host: FoundHost) -> str:
    return f"site: {{url: {value(f'https://{host.name}')}}}"


def _first_page(found: Survey) -> FoundHost | None:
    """Return the first host that serves pages."""
    return next((host for host in found.hosts if (host.role or serves(found)) in PAGES), None)


def _sign(tree: Tree, pattern: str) -> str:
    """Return the first of the product's own files that is called so; empty where none is."""
    return next((file for file in tree.called(pattern) if tree.in_product(file)), "")
