"""Section 1 of the checklist: domains, TLS, the proxy and the CDN."""

from golive import Section
from golive_checks.domains import caa, certificates, dns, dnssec, name_servers, tls

section = Section(
    "domains", title="Domains, TLS, CDN", number=1, modules=(dns, name_servers, caa, dnssec, certificates, tls)
)
