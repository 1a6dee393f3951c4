"""The texts of nginx's files, with `<name>` where the description fills something in."""

from __future__ import annotations

MAIN_FILE = """\
# Paths are relative to the prefix; nothing here needs root.
<modules>
worker_processes 1;
pid nginx.pid;
error_log logs/error.log warn;

events {
    worker_connections 256;
}

http {
    include mime.types;
    default_type application/octet-stream;
    charset utf-8;
    charset_types text/css text/javascript application/json;

    access_log logs/access.log combined;
    client_body_temp_path temp/body;
    proxy_temp_path temp/proxy;
    fastcgi_temp_path temp/fastcgi;
    uwsgi_temp_path temp/uwsgi;
    scgi_temp_path temp/scgi;

    server_tokens <server_tokens>;
    sendfile on;
    keepalive_timeout 65s;

    include snippets/tls.conf;
    include snippets/compression.conf;

    # The WebSocket's upstream gets what the client asked for; no other connection is touched.
    map $http_upgrade $connection_upgrade {
        default upgrade;
        "" close;
    }

    include conf.d/*.conf;
}
"""

MIME_TYPES = """\
types {
    text/html html htm;
    text/css css;
    text/javascript js mjs;
    text/plain txt;
    text/xml xml;
    application/json json map;
    application/manifest+json webmanifest;
    image/svg+xml svg;
    image/png png;
    image/x-icon ico;
    font/woff2 woff2;
}
"""

TLS = """\
ssl_protocols <protocols>;
ssl_ciphers <ciphers>;
ssl_prefer_server_ciphers <prefers_own_order>;
ssl_session_timeout 1d;
ssl_session_cache shared:tls:1m;
ssl_session_tickets off;
"""

COMPRESSION = """\
gzip <gzip>;
gzip_vary <vary>;
gzip_proxied any;
gzip_comp_level 5;
gzip_min_length <size>;
gzip_types <types>;
<brotli>
"""

BROTLI = """\
brotli on;
brotli_comp_level 5;
brotli_min_length <size>;
brotli_types <types>;
"""

PROXY = """\
proxy_http_version 1.1;
proxy_set_header Connection "";
<headers>
<connect>
<send>
<read>
"""

UPGRADE = """\
<upgrade>
proxy_set_header Connection <connection>;
"""

WEBSOCKET = f"""\
{UPGRADE}\
proxy_send_timeout <timeout>;
proxy_read_timeout <timeout>;
"""

UPSTREAM = """\
upstream api {
    server 127.0.0.1:<port>;
    keepalive 16;
    <idle>
}
"""

DEFAULT = """\
# A name that is not ours gets no certificate.
server {
    <listen>
    server_name _;
    ssl_reject_handshake on;
}
"""

SERVER = """\
server {
    <listen>
    server_name <host>;
    ssl_certificate <certificate>;
    ssl_certificate_key <key>;
    <other_key>
    <staple>
    include snippets/<headers>.conf;
    include <locations>;
}
"""

PLAIN_CONTENT = """\
server {
    <listen>
    server_name <host>;
    include <locations>;
}
"""

CALLBACKS = """\
# MTN's sandbox calls over http.
    location = <path> {
        include snippets/proxy.conf;
        proxy_pass http://api;
    }
"""

REDIRECT = """\
server {
    <listen>
    server_name <hosts>;
    <callbacks>
    location / {
        return <status> <target>;
    }
}
"""

API_LOCATIONS = """\
<body_limit>

location / {
    include snippets/headers.conf;
    <cache>
    include snippets/proxy.conf;
    proxy_pass http://api;
}

# The signature is over the bytes as they were sent: they are handed on untouched.
location = <webhook> {
    client_max_body_size 1m;
    include snippets/proxy.conf;
    proxy_pass http://api;
}

location <chat> {
    include snippets/chat.conf;
    proxy_pass http://127.0.0.1:<chat_port>;
}

location <uploads> {
    include snippets/proxy.conf;
    proxy_request_buffering off;
    proxy_pass http://127.0.0.1:<uploads_port>;
}

location <websocket> {
    include snippets/websocket.conf;
    proxy_pass http://api;
}

<slashes>
location /internal {
    deny all;
}

<legacy>
location <guide> {
    <guide_headers>
    add_header Cache-Control no-cache;
    alias <guide_folder>/;
}
"""

FRONT = """\
root <root>;
index index.html;

location / {
    include snippets/page-headers.conf;
    <other>
    try_files $uri $uri/ /index.html;
}

location = /index.html {
    include snippets/page-headers.conf;
    <index>
}

location = <home> {
    include snippets/page-headers.conf;
    return 308 /;
}

location = /sw.js {
    include snippets/page-headers.conf;
    <worker>
}

location /assets/ {
    include snippets/page-headers.conf;
    <assets>
    <cdn>
    try_files $uri =404;
}
"""
