"""The reference stack's nginx configuration, rendered in full from the world, for nginx to run and checks to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from golive_lab.parts.certificates import chain_file, key_file, staple_file
from golive_lab.parts.edge import front, site
from golive_lab.parts.edge.contexts import edge_port
from golive_lab.parts.edge.nginx_texts import (
    API_LOCATIONS,
    BROTLI,
    CALLBACKS,
    COMPRESSION,
    DEFAULT,
    FRONT,
    MAIN_FILE,
    MIME_TYPES,
    PLAIN_CONTENT,
    PROXY,
    REDIRECT,
    SERVER,
    TLS,
    UPGRADE,
    UPSTREAM,
    WEBSOCKET,
)
from golive_lab.world.app import WEBHOOK_PATH, WEBSOCKET_PATH
from golive_lab.world.callbacks import MTN_PATH
from golive_lab.world.chat import PATH as CHAT_PATH
from golive_lab.world.names import API, APP, HOSTS, SHOP, WWW
from golive_lab.world.web import COMPRESSED_TYPES, MIN_COMPRESSED_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.proxy import Proxy
    from golive_lab.world.web import PlainPort, Web

MAIN = "conf/nginx.conf"
MODULES = "/usr/lib/nginx/modules"
"""Where Debian's libnginx-mod-http-brotli-filter and -static put their modules."""
UPLOADS_PATH = "/api/v1/uploads/"
GUIDE_PATH = "/guide"


def folder(place: StackPlace) -> Path:
    """Name the folder that nginx runs in: its prefix, with conf, logs and temp below it."""
    return place.folder / "nginx"


def main_file(place: StackPlace) -> Path:
    """Name the file that the profile's `nginx` entry points at."""
    return folder(place) / MAIN


def render(world: World, place: StackPlace) -> dict[str, str]:
    """Render every file of the configuration, by its path below `folder(place)`."""
    proxy, web = world.proxy, world.web
    fronts = {
        host: _fill(FRONT, root=str(front.folder(place, host)), home=front.OLD_HOME, **_caching(web))
        for host in (APP, SHOP)
    }
    return {
        MAIN: _main(web) if proxy.complete else _main(web).rstrip().removesuffix("}"),
        "conf/mime.types": MIME_TYPES,
        "conf/snippets/tls.conf": _tls(world),
        "conf/snippets/compression.conf": _compression(web),
        "conf/snippets/headers.conf": _headers(web, API, place),
        "conf/snippets/page-headers.conf": _headers(web, APP, place),
        "conf/snippets/proxy.conf": _proxy(proxy),
        "conf/snippets/websocket.conf": _websocket(proxy),
        "conf/snippets/chat.conf": _chat(proxy),
        "conf/snippets/api.conf": _api(world, place),
        **{f"conf/snippets/{_short(host)}.conf": text for host, text in fronts.items()},
        "conf/conf.d/00-upstream.conf": _upstream(proxy, place),
        "conf/conf.d/10-default.conf": _default(world, place),
        **{f"conf/conf.d/{_short(host)}.conf": _servers(world, place, host) for host in HOSTS},
        "conf/conf.d/site.conf": _site(world, place),
        **_plain(web.plain, place),
    }


def write(world: World, place: StackPlace) -> Path:
    """Write the configuration below `folder(place)`, in place of any earlier one, and return its main file."""
    for old in folder(place).glob("conf/**/*.conf"):
        old.unlink()
    for name, text in render(world, place).items():
        path = folder(place) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("logs", "temp"):
        (folder(place) / name).mkdir(exist_ok=True)
    return main_file(place)


def _fill(text: str, **values: str) -> str:
    """Put values in a template's <places>; a line that is left with nothing but blanks goes."""
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    return "".join(line for line in text.splitlines(keepends=True) if line.strip() or line == "\n")


def _short(host: str) -> str:
    return host.partition(".")[0]


def _set(directive: str, value: str) -> str:
    """Write a directive, or nothing where it has no value."""
    return f"{directive} {value};" if value else ""


def _on(value: bool) -> str:  # noqa: FBT001 - it is the one thing the function is about
    return "on" if value else "off"


def _listen(place: StackPlace, port: int, options: str = "", *, only: str = "") -> str:
    """Listen on both addresses, or on one of them alone."""
    at = [only] if only else list(place.addresses)
    bracketed = (f"[{address}]" if ":" in address else address for address in at)
    return "\n    ".join(f"listen {address}:{port}{options};" for address in bracketed)


def _main(web: Web) -> str:
    brotli = [f"load_module {MODULES}/ngx_http_brotli_{kind}_module.so;" for kind in ("filter", "static")]
    return _fill(
        MAIN_FILE,
        modules="\n".join(brotli) if web.brotli else "",
        server_tokens=_on(web.shows_version),
    )


def _tls(world: World) -> str:
    return _fill(
        TLS,
        protocols=" ".join(world.tls.protocols),
        ciphers=world.tls.openssl_ciphers,
        prefers_own_order=_on(world.tls.prefers_own_order),
    )


def _compression(web: Web) -> str:
    # text/html is always on, and naming it is a warning
    types = [kind for kind in COMPRESSED_TYPES if kind != "text/html"]
    if web.compresses_images:
        types.append("image/png")
    return _fill(
        COMPRESSION,
        gzip=_on(web.gzip),
        vary=_on(web.vary),
        types=" ".join(types),
        size=str(MIN_COMPRESSED_BYTES),
        brotli=_fill(BROTLI, types=" ".join(types), size=str(MIN_COMPRESSED_BYTES)) if web.brotli else "",
    )


def _headers(web: Web, host: str, place: StackPlace) -> str:
    always = " always" if web.headers.on_errors else ""
    return "".join(f'add_header {name} "{value}"{always};\n' for name, value in web.headers.of(host, place.ports.https))


def _proxy(proxy: Proxy) -> str:
    values = {
        "Host": "$host",
        "X-Forwarded-For": "$proxy_add_x_forwarded_for",
        "X-Forwarded-Proto": "$scheme",
    }
    lines = [f"proxy_set_header {name} {value};" for name, value in values.items() if name not in proxy.dropped_headers]
    return _fill(
        PROXY,
        headers="\n".join(lines),
        connect=_set("proxy_connect_timeout", proxy.connect_timeout),
        send=_set("proxy_send_timeout", proxy.send_timeout),
        read=_set("proxy_read_timeout", proxy.read_timeout),
    )


def _websocket(proxy: Proxy) -> str:
    """Hand on the upgrade, and let the connection be silent for long."""
    timeouts = {"proxy_send_timeout", "proxy_read_timeout"}
    kept = [line for line in _upgradable(proxy).splitlines() if line.split(" ")[0] not in timeouts]
    return (
        "\n".join(kept)
        + "\n"
        + _fill(
            WEBSOCKET,
            upgrade="proxy_set_header Upgrade $http_upgrade;" if proxy.upgrades else "",
            connection="$connection_upgrade" if proxy.upgrades else '""',
            timeout=proxy.websocket_timeout,
        )
    )


def _chat(proxy: Proxy) -> str:
    """Hand on the chat's upgrade. It is never silent for long: Engine.IO's server pings every 25 s."""
    return _upgradable(proxy) + _fill(
        UPGRADE, upgrade="proxy_set_header Upgrade $http_upgrade;", connection="$connection_upgrade"
    )


def _upgradable(proxy: Proxy) -> str:
    """Say the other headers again: a level that sets one inherits none."""
    return "".join(line for line in _proxy(proxy).splitlines(keepends=True) if "Connection" not in line)


def _api(world: World, place: StackPlace) -> str:
    proxy = world.proxy
    port = place.ports.api if proxy.uploads_to == "api" else place.ports.dead
    return _fill(
        API_LOCATIONS,
        body_limit=_set("client_max_body_size", proxy.body_limit),
        cache=_cache_control(world.web.caching.api, " always"),
        webhook=WEBHOOK_PATH,
        websocket=WEBSOCKET_PATH,
        chat=CHAT_PATH,
        chat_port=str(place.ports.messaging),
        uploads=UPLOADS_PATH,
        uploads_port=str(port),
        slashes="" if proxy.merges_slashes else "merge_slashes off;",
        legacy="location /legacy { include snippets/proxy.conf; proxy_pass http://api/api/v1/; }"
        if proxy.legacy_open
        else "",
        guide=f"{GUIDE_PATH}/" if proxy.guide_alias_closed else GUIDE_PATH,
        guide_folder=str(front.folder(place, "guide")),
        guide_headers="include snippets/headers.conf;" if proxy.guide_repeats_headers else "",
    )


def _upstream(proxy: Proxy, place: StackPlace) -> str:
    return _fill(UPSTREAM, port=str(place.ports.api), idle=_set("keepalive_timeout", proxy.upstream_idle))


def _default(world: World, place: StackPlace) -> str:
    options = " ssl http2 default_server" if world.web.http2 else " ssl default_server"
    return _fill(DEFAULT, listen=_listen(place, edge_port(world.tls, place), options))


def _servers(world: World, place: StackPlace, host: str) -> str:
    """Write one server for both addresses, or one for each where they serve different certificates."""
    chains = {address: world.tls.served(host, second=address == place.addresses[1]) for address in place.addresses}
    alone = len(set(chains.values())) > 1
    options = " ssl http2" if world.web.http2 else " ssl"
    port = edge_port(world.tls, place)
    return "\n".join(
        _fill(
            SERVER,
            listen=_listen(place, port, options, only=address if alone else ""),
            host=host,
            certificate=str(chain_file(place, host, address)),
            key=str(key_file(place, host, address)),
            other_key=_other_key(place, host) if host in world.tls.other_key else "",
            staple=_staple(place, host, address) if world.tls.staples(host) else "",
            headers="headers" if host == API else "page-headers",
            locations=f"snippets/{_short(host)}.conf",
        )
        for address in (place.addresses if alone else place.addresses[:1])
    )


def _site(world: World, place: StackPlace) -> str:
    return _fill(site.NGINX, **site.values(world.site, place, str(front.folder(place, WWW))))


def _other_key(place: StackPlace, host: str) -> str:
    return f"ssl_certificate {chain_file(place, host)};\n    ssl_certificate_key {key_file(place, host)};"


def _staple(place: StackPlace, host: str, address: str) -> str:
    return f"ssl_stapling on;\n    ssl_stapling_file {staple_file(place, host, address)};"


def _plain(plain: PlainPort, place: StackPlace) -> dict[str, str]:
    if plain.answers == "nothing":
        return {}
    listen = _listen(place, place.ports.http)
    if plain.answers == "content":
        servers = [
            _fill(PLAIN_CONTENT, listen=listen, host=host, locations=f"snippets/{_short(host)}.conf") for host in HOSTS
        ]
        return {"conf/conf.d/plain.conf": "\n".join(servers)}
    port = place.ports.https if plain.scheme == "https" else place.ports.http
    target = f"{plain.scheme}://{plain.host or '$host'}:{port}$request_uri"
    callbacks = _fill(CALLBACKS, path=MTN_PATH) if plain.takes_callbacks else ""
    texts = [
        _fill(REDIRECT, listen=listen, hosts=hosts, callbacks=taken, status=str(plain.status), target=target)
        for hosts, taken in ((API, callbacks), (f"{APP} {SHOP}", ""))
    ]
    return {"conf/conf.d/plain.conf": "\n".join(texts)}


def _cache_control(value: str, always: str = "") -> str:
    return f'add_header Cache-Control "{value}"{always};' if value else ""


def _caching(web: Web) -> dict[str, str]:
    caching = web.caching
    return {
        "assets": _cache_control(caching.assets),
        "index": _cache_control(caching.index),
        "worker": _cache_control(caching.worker),
        "other": _cache_control(caching.other),
        "cdn": f"add_header X-Cache {'HIT' if web.cdn_caches else 'MISS'};",
    }
