"""Which of gixy-ng's plugins are run."""

PLUGINS = (
    "alias_traversal",
    "http_splitting",
    "ssrf",
    "origins",
    "valid_referers",
    "allow_without_deny",
    "return_bypasses_allow_deny",
    "filesystem_root_exposure",
    "host_spoofing",
    "status_page_exposed",
    "regex_redos",
    "invalid_regex",
    "resolver_external",
)
"""Left out: what other checks see (add_header_redefinition, version_disclosure, weak_ssl_tls, hsts_header, ssl_*),
what is a matter of speed or taste (try_files_is_evil_too, if_is_evil, low_keepalive_requests, unanchored_regex,
regex_exact_match, worker_rlimit_nofile_vs_connections, default_server_flag, http2_misdirected_request,
hash_without_default, error_log_off, add_header_multiline, add_header_content_type), what most sound configurations
do (proxy_pass_normalized, missing_resolver), and what needs to know nginx's version (nginx_cves, quic_bpf_reuseport,
ssl_ecdh_curve)."""
