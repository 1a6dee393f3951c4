"""Section 1 of the checklist: domains, TLS, the proxy and the CDN."""

from golive import Section

section = Section("domains", title="Domains, TLS, CDN", number=1, modules=())
