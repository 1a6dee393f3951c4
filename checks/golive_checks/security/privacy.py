"""Can people be given their data, and have it deleted?"""

from golive import Verdict, check, failed, not_applicable, not_configured, passed, unknown
from golive.wording import listed
from golive_checks.subjects import Host
from golive_checks.systems.http.privacy import Privacy, PrivacyRoutes, RouteSeen, What

REFUSED, ABSENT, OTHER_METHOD = frozenset({401, 403}), frozenset({404, 410}), 405
SHOWN = 3
"""Routes of a document that are named."""
SHOW = "serve the OpenAPI document, and name its path in security.privacy.openapi_path"


@check("privacy.export-exists")
def export_exists(host: Host, seen: PrivacyRoutes, ask: Privacy) -> Verdict:
    """There is a route through which people get their data, and it is not open to everyone.

    Why: Anyone may ask for a copy of the data that is kept about them (GDPR, article 15 and 20; Guinea's law L/2016/037
    and Senegal's 2008-12 likewise). By hand, from a database with tenants, that takes days each time.

    Fix: Build it, behind a login; name it under security.privacy.export of the profile, such as `GET
    /api/v1/me/export`, and let the served OpenAPI document list it.
    """
    return _exists(host, seen, "export", ask.export, "by which people are given their data")


@check("privacy.delete-exists")
def delete_exists(host: Host, seen: PrivacyRoutes, ask: Privacy) -> Verdict:
    """There is a route through which people can have their data deleted.

    Why: Anyone may have the data about them deleted (GDPR, article 17); invoices that the law requires are kept without
    their name. Without a route it is not done in time. golive looks for the route, and never asks it to delete
    anything.

    Fix: Build it, behind a login; name it under security.privacy.delete of the profile, such as `DELETE /api/v1/me`,
    and let the served OpenAPI document list it.
    """
    return _exists(host, seen, "delete", ask.delete, "by which people have their data deleted")


def _exists(host: Host, routes: PrivacyRoutes, what: What, named: str, whose: str) -> Verdict:
    if not host.serves_api:
        return not_applicable("it is no API: its role is not api")
    if named == "none":
        return failed(f"there is no route {whose}, by the profile")
    if what not in routes.seen:
        return _unnamed(routes, what, whose)
    seen = routes.seen[what]
    route = f"{seen.method} {seen.path}"
    evidence = (
        f"{routes.document} {'lists' if seen.documented else 'does not list'} it"
        if routes.document
        else "no OpenAPI document",
        f"GET {seen.get}, OPTIONS {seen.options}{' (Allow: ' + ', '.join(seen.allowed) + ')' if seen.allowed else ''}",
        f"a path beside it that does not exist: GET {seen.beside_get}, OPTIONS {seen.beside_options}",
    )
    if wrong := _wrong(seen, routes.document):
        return failed(f"{route} {wrong}", *evidence)
    if text := f"listed by {routes.document}" if seen.documented else _by_answers(seen):
        return passed(f"{route} is there: {text}", *evidence)
    same = f"{seen.get}, as what is not there does" if seen.get == seen.beside_get else f"{seen.get}"
    if seen.others:
        same += f", and {routes.document} lists that path for {', '.join(seen.others)} alone"
    return unknown(f"it is not clear whether {route} exists: it answers {same}", *evidence, fix=SHOW)


def _unnamed(routes: PrivacyRoutes, what: What, whose: str) -> Verdict:
    """Tell a route that is not there from one that is there and not named."""
    key = f"security.privacy.{what}"
    found = routes.listed.get(what)
    if found is None:
        return not_configured(f"the profile names no route {whose} (`none`, where there is none)", key)
    if not found:
        return failed(f"there is no route {whose}: {routes.document} lists none")
    shown = listed(found, SHOWN)
    return not_configured(f"the profile names no route {whose}; {routes.document} lists {shown}", key)


def _wrong(seen: RouteSeen, document: str) -> str:
    """Tell what is wrong with a route; empty for nothing that was seen."""
    if seen.method == "GET" and 200 <= seen.get < 300:  # noqa: PLR2004 - success
        return f"answers {seen.get} to anyone, without a login"
    if seen.get not in ABSENT or seen.beside_get not in ABSENT:
        return ""
    if seen.method == "GET":
        return f"answers {seen.get}" + (f", though {document} lists it" if seen.documented else "")
    # A path with another method alone often answers GET with 404: that alone proves nothing.
    unlisted = bool(document) and not seen.documented
    if unlisted or (not seen.documented and seen.options in ABSENT):
        says = f"{document} does not list it" if document else "no document lists it"
        return f"is not there: it answers {seen.get}, and {says}"
    return ""


def _by_answers(seen: RouteSeen) -> str:
    """Tell by what a route is seen to be there, where a path that nobody made is seen not to be; empty by nothing.

    What GET answers is about GET where the document lists that path for other methods alone.
    """
    of_another = seen.method != "GET" and bool(seen.others) and not seen.documented
    if not of_another and seen.beside_get in ABSENT and seen.get in {*REFUSED, OTHER_METHOD}:
        return f"GET answers {seen.get}, and beside it {seen.beside_get}"
    if seen.beside_options in ABSENT and (seen.options in REFUSED or seen.method in seen.allowed):
        return f"OPTIONS answers {seen.options}, and beside it {seen.beside_options}"
    return ""
