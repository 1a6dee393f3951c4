"""Section 1 of the checklist: domains, TLS, the proxy and the CDN."""

from golive import Section
from golive_checks.dated import tables
from golive_checks.domains import (
    caa,
    cdn,
    certificates,
    delegation,
    dns,
    dnssec,
    mail,
    mail_transport,
    name_servers,
    nginx,
    nginx_headers,
    nginx_limits,
    proxy_compression,
    proxy_http,
    proxy_webhook,
    registration,
    revocation,
    tls,
    www,
)

section = Section(
    "domains",
    title="Domains, TLS, CDN",
    number=1,
    modules=(
        dns,
        registration,
        www,
        mail,
        mail_transport,
        name_servers,
        delegation,
        caa,
        dnssec,
        certificates,
        revocation,
        tls,
        proxy_http,
        proxy_compression,
        proxy_webhook,
        nginx_limits,
        nginx_headers,
        nginx,
        cdn,
    ),
    tables=tables("authorities", "browsers", "certificates", "dnssec"),
)
