"""The built front end of app and shop, as Vite leaves it: a page, hashed assets, a service worker."""

from __future__ import annotations

import base64
import hashlib
import itertools
import random
import shutil
import struct
import zlib
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from golive_lab.parts.edge.site import files as site_files
from golive_lab.parts.part import Part
from golive_lab.world.leaks import FILES
from golive_lab.world.names import APP, SHOP, WWW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.app import App

OLD_HOME = "/accueil"
"""Where the page once was: it redirects to where it is."""
TITLES = {APP: "AfriGest", SHOP: "AfriGest Boutique"}
SIZES = {"small": (64, 32), "oversized": (320, 160), "huge": (1600, 850)}
SHOWN = 6
"""How many products the page shows."""

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
    "map": "application/json",
}
"""By the ending of a file's name, as nginx's mime.types has them."""


def folder(place: StackPlace, host: str) -> Path:
    """Name the folder with a host's built front end."""
    return place.folder / "www" / host


def files(app: App, place: StackPlace, host: str) -> dict[str, bytes]:
    """Build a front end: its files by path."""
    front = app.front
    title = TITLES[host]
    api_url = front.api_url.format(**{k: v for k, v in asdict(place.ports).items() if isinstance(v, int)})
    assets: dict[str, bytes] = {}

    def asset(name: str, content: bytes) -> str:
        stem, _, ending = name.partition(".")
        path = f"assets/{stem}-{_hash(content)}.{ending}"
        assets[f"/{path}"] = content
        return path

    cart = asset("Cart.js", _script(CART, "labels", 30))
    vendor = asset("vendor.js", _script(VENDOR, "messages", 80))
    script = _fill(
        MAIN if front.splits else MAIN_IN_ONE,
        api=api_url,
        live=api_url.replace("https://", "wss://"),
        cart=cart.removeprefix("assets/"),
        vendor=vendor.removeprefix("assets/"),
    )
    dsn = front.dsn.format(errors=place.ports.errors)
    script += _fill(SENTRY, dsn=dsn) if dsn else ""
    main = asset("index.js", _script(script + front.extra_script + _bulk(front.bulk_kb), "texts", 60))
    style = asset("index.css", _style())
    logo = asset("logo.png", _picture(*SIZES[front.picture]))
    product = _fill(PRODUCT, logo=logo, loading='loading="lazy" ' if front.lazy else "")
    page = _fill(PAGE, title=title, main=main, vendor=vendor, style=style, logo=logo, products=product * SHOWN)
    return {
        "/index.html": _fill(page, tags=front.extra_tags).encode(),
        "/sw.js": WORKER.encode(),
        "/manifest.webmanifest": _fill(MANIFEST, title=title, logo=logo).encode(),
        "/favicon.svg": FAVICON.encode(),
        **assets,
        **({f"{path}.map": MAP.encode() for path in assets if path.endswith(".js")} if app.leaks.source_maps else {}),
        **{path: FILES[path].encode() for path in app.leaks.files},
    }


def _fill(text: str, **values: str) -> str:
    for name, value in values.items():
        text = text.replace(f"%{name}%", value)
    return text


def _hash(content: bytes) -> str:
    """Hash as Vite does: eight characters of base64url, here never without a digit, lest it look like a word."""
    for salt in itertools.count():
        digest = hashlib.sha256(content + bytes([salt])).digest()
        found = base64.urlsafe_b64encode(digest)[:8].decode()
        if any(c.isdigit() for c in found):
            return found
    raise AssertionError


def _script(text: str, name: str, lines: int) -> bytes:
    """Give a script the bulk that texts have in a real one."""
    words = ",".join(f'"{name}.{n}":"Texte numéro {n} de l\'application"' for n in range(lines))
    return f"const {name}={{{words}}};\n{text}".encode()


def _style() -> bytes:
    rules = "".join(f".card-{n}{{display:grid;gap:{n}px;padding:{n}px;border-radius:8px}}\n" for n in range(40))
    place = "#products{min-height:20rem}\n"  # theirs before they come, so that nothing moves
    return f":root{{color-scheme:light dark;font-family:system-ui}}\n{place}{rules}".encode()


def _bulk(kilobytes: int) -> str:
    """Write text of random hex digits, of which half remains when it is compressed."""
    noise = random.Random(2)  # noqa: S311 - a text
    lines = (f'"k{n}":"{noise.randbytes(8).hex()}"' for n in range(kilobytes * 1000 // 25))
    return f"const bulk={{{','.join(lines)}}};\n" if kilobytes else ""


def _picture(width: int, height: int) -> bytes:
    """Draw a PNG that cannot be made smaller: noise."""
    noise = random.Random(1)  # noqa: S311 - a picture
    rows = b"".join(b"\0" + noise.randbytes(width * 3) for _ in range(height))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def write(folder: Path, content: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for path, data in content.items():
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


@contextmanager
def fronts(world: World, place: StackPlace) -> Iterator[None]:
    """Write what nginx serves: both front ends and the guide. Nothing stays for the next world to serve."""
    for host in TITLES:
        write(folder(place, host), files(world.app, place, host))
    write(folder(place, "guide"), {"/index.html": GUIDE.encode()})
    write(folder(place, WWW), site_files(world.site, place))
    try:
        yield
    finally:
        for name in (*TITLES, "guide", WWW):
            shutil.rmtree(folder(place, name), ignore_errors=True)


FRONTS = Part("front ends", fronts, reads=lambda world: (world.app.front, world.app.leaks, world.site))

PAGE = """<!doctype html>
<html lang="fr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%title%</title>
    <meta name="description" content="Gestion commerciale : stocks, ventes, factures et paiements mobiles.">
    <link rel="icon" href="/favicon.svg" type="image/svg+xml">
    <link rel="manifest" href="/manifest.webmanifest">
%tags%    <script type="module" crossorigin src="/%main%"></script>
    <link rel="modulepreload" crossorigin href="/%vendor%">
    <link rel="stylesheet" crossorigin href="/%style%">
  </head>
  <body>
    <div id="root">
      <header class="card-8"><img src="/%logo%" alt="%title%" width="64" height="32"></header>
      <main class="card-12">
        <h1>%title%</h1>
        <p>Suivez vos stocks, vos ventes et vos encaissements, même quand le réseau est lent.</p>
        <ul id="products" aria-live="polite"></ul>
%products%        <button id="cart" type="button">Panier</button>
      </main>
      <footer class="card-4">
        <p>Paiements par carte, PayPal, MTN MoMo et Orange Money.</p>
      </footer>
    </div>
    <noscript>Cette application a besoin de JavaScript.</noscript>
  </body>
</html>
"""

PRODUCT = """        <img src="/%logo%" alt="" %loading%width="64" height="32">
"""

MAP = '{"version":3,"sources":["../../src/main.tsx"],"sourcesContent":["const discount=0.4"],"mappings":"AAAA"}\n'

MAIN = """import{money}from"./%vendor%";
const api="%api%",live="%live%/ws",stripe="https://js.stripe.com/v3/";
const list=document.querySelector("#products");
async function load(){
  const answer=await fetch(`${api}/api/v1/products`);
  const{products}=await answer.json();
  const line=p=>Object.assign(document.createElement("li"),{textContent:`${p.name}: ${money(p.price)}`});
  list.replaceChildren(...products.map(line));
}
function pay(){document.head.append(Object.assign(document.createElement("script"),{src:stripe}));}
document.querySelector("#cart").addEventListener("click",()=>import("./%cart%").then(m=>m.open(texts)).then(pay));
new WebSocket(live).addEventListener("message",load);
if("serviceWorker"in navigator)navigator.serviceWorker.register("/sw.js");
load();
"""
SENTRY = """const dsn=new URL("%dsn%");
const tell=e=>fetch(`${dsn.origin}/api${dsn.pathname}/envelope/?sentry_key=${dsn.username}`,
  {method:"POST",body:`{}\\n{"type":"event"}\\n${JSON.stringify({message:String(e.message)})}\\n`});
addEventListener("error",tell);
"""

MAIN_IN_ONE = 'import*as cart from"./%cart%";' + MAIN.replace('import("./%cart%")', "Promise.resolve(cart)")

VENDOR = """const shown=currency=>new Intl.NumberFormat("fr-GN",{style:"currency",currency});
export const money=({amount,currency})=>shown(currency).format(amount);
export const say=key=>messages[key]??key;
"""

CART = """export function open(texts){
  const cart=document.createElement("dialog");
  cart.textContent=labels["labels.1"]+texts["texts.1"];
  document.body.append(cart);
  cart.showModal();
}
"""

WORKER = """const cache="afrigest-v1";
self.addEventListener("install",event=>event.waitUntil(self.skipWaiting()));
self.addEventListener("activate",event=>event.waitUntil(self.clients.claim()));
self.addEventListener("fetch",event=>{
  if(!new URL(event.request.url).pathname.startsWith("/assets/"))return;
  event.respondWith(caches.open(cache).then(async kept=>{
    const found=await kept.match(event.request);
    if(found)return found;
    const fresh=await fetch(event.request);
    if(fresh.ok)kept.put(event.request,fresh.clone());
    return fresh;
  }));
});
"""

MANIFEST = """{"name":"%title%","start_url":"/","display":"standalone","icons":[{"src":"/%logo%","sizes":"64x32"}]}
"""

FAVICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#0a7"/></svg>
"""

GUIDE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Guide</title></head><body><h1>Guide</h1></body></html>
"""
