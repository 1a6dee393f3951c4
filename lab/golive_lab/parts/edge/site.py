"""The public site and the name that leads to it: in Python, and as nginx's servers."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.asgi import HttpAnswer, Listener, header, lifespan, serving
from golive_lab.parts.certificates import chain_file, key_file
from golive_lab.parts.part import Part, threaded
from golive_lab.world.names import WWW, ZONE
from golive_lab.world.site import HSTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from golive_lab.parts.asgi import Application, Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.site import Site

NGINX = """\
# The public site, and the name that leads to it.
server {
    listen <address>:<port> ssl http2;
    server_name <www>;
    <tls>
    add_header Strict-Transport-Security "<hsts>" always;
    root <root>;
    <missing>
    location = /404.html {
        internal;
    }
}

server {
    listen <address>:<port> ssl http2;
    server_name <apex>;
    <tls>
    <apex_hsts>
    <apex_answer>
}

server {
    listen <address>:<plain>;
    server_name <www>;
    return 301 https://$host:<port>$request_uri;
}

server {
    listen <address>:<plain>;
    server_name <apex>;
    return 301 https://<in_clear>:<port>$request_uri;
}
"""


def files(site: Site, place: StackPlace) -> Mapping[str, bytes]:
    """Return the site's files by path."""
    www = f"{WWW}:{place.ports.site}"
    robots = NOINDEX if site.noindex else ""
    page = PAGE.replace("<robots>", f'{robots}<link rel="canonical" href="{site.canonical}">')
    pages = "".join(f"<url><loc>{url}</loc></url>" for url in site.sitemap)
    missing = TRACE if site.missing == "trace" else MISSING
    texts = {
        "/index.html": page,
        "/tarifs.html": PAGE.replace("<robots>", robots),
        "/robots.txt": site.robots,
        "/sitemap.xml": SITEMAP.replace("<pages>", pages),
        "/404.html": missing,
    }
    return {path: text.replace("<www>", www).encode() for path, text in texts.items()}


def target(site: Site) -> str:
    """Return whose https the apex leads to from clear http."""
    return {"apex": ZONE, "www": WWW}[site.apex_in_clear]


def values(site: Site, place: StackPlace, root: str) -> dict[str, str]:
    """Return what NGINX is filled with."""
    port = str(place.ports.site)
    leads = f"https://{WWW}:{port}{'$request_uri' if site.apex_keeps_path else '/'}"
    shown, as_200 = site.missing, site.missing == "own page as 200"
    hsts = f'add_header Strict-Transport-Security "{HSTS}" always;'
    return {
        "tls": f"ssl_certificate {chain_file(place, WWW)};\n    ssl_certificate_key {key_file(place, WWW)};",
        "apex_hsts": hsts if site.apex_hsts else "",
        "apex_answer": f"return {site.apex_status} {leads};" if site.apex_leads else "root <root>;",
        "in_clear": target(site),
        "address": place.addresses[0],
        "port": port,
        "plain": str(place.ports.site_plain),
        "apex": ZONE,
        "www": WWW,
        "hsts": HSTS,
        "root": root,
        "missing": "" if shown == "server's page" else f"error_page 404 {'=200 ' if as_200 else ''}/404.html;",
    }


def application(site: Site, place: StackPlace) -> Application:
    """Serve both names, by https and in clear."""
    held, port = files(site, place), place.ports.site

    def answer(host: str, path: str, scheme: str) -> HttpAnswer:
        if scheme == "http":
            to = target(site) if host == ZONE else host
            return HttpAnswer(301, "text/html", b"", (("location", f"https://{to}:{port}{path}"),))
        hsts = (("strict-transport-security", HSTS),) if host == WWW or site.apex_hsts else ()
        if host == ZONE and site.apex_leads:
            to = f"https://{WWW}:{port}{path if site.apex_keeps_path else '/'}"
            return HttpAnswer(site.apex_status, "text/html", b"", (("location", to), *hsts))
        name = "/index.html" if path == "/" else path
        if name not in held:
            status = 200 if site.missing == "own page as 200" else 404
            body = b"<h1>404 Not Found</h1>" if site.missing == "server's page" else held["/404.html"]
            return HttpAnswer(status, "text/html; charset=utf-8", body, hsts)
        return HttpAnswer(200, TYPES[name.rpartition(".")[2]], held[name], hsts)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        await answer(header(scope, "host").partition(":")[0].lower(), scope["path"], scope["scheme"]).send(send)

    return serve


@asynccontextmanager
async def site(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve the site on the first address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.load_cert_chain(chain_file(place, WWW), key_file(place, WWW))
    served, address = application(world.site, place), place.addresses[0]
    doors = [Listener(address, place.ports.site, context), Listener(address, place.ports.site_plain)]
    if world.site.debugger:
        doors.append(Listener(address, place.ports.debugger))
    async with serving([(door, served) for door in doors]):
        yield


SITE = Part("site", threaded(site), reads=lambda world: world.site)

PAGE = """<!doctype html>
<html lang="fr">
  <head>
    <meta charset="utf-8">
    <title>AfriGest</title>
    <robots>
  </head>
  <body>
    <h1>AfriGest</h1>
    <p>La gestion commerciale qui marche aussi quand le réseau est lent.</p>
  </body>
</html>
"""

TYPES = {"html": "text/html; charset=utf-8", "txt": "text/plain", "xml": "text/xml"}
NOINDEX = '<meta name="robots" content="noindex, nofollow">'
SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><pages></urlset>
"""
MISSING = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>AfriGest</title></head><body><h1>Page introuvable</h1></body></html>
"""
TRACE = """<!doctype html>
<html lang="fr"><body><h1>Page introuvable</h1><pre>TypeError: product is undefined
    at show (/srv/site/routes/pages.js:31:9)</pre></body></html>
"""
