"""Which of gixy-ng's findings count, and how much: its own severities do not."""

FAILS = {
    "alias_traversal": "a path with /../ leaves the folder that alias names",
    "http_splitting": "a request can write headers of its own into an answer or into the upstream's request",
    "ssrf": "a request can choose which host nginx connects to",
    "origins": "a pattern for Origin or Referer lets strangers' hosts through",
    "valid_referers": "`none` lets everyone through who sends no Referer",
    "allow_without_deny": "allow without deny restricts nobody",
    "return_bypasses_allow_deny": "return answers before allow and deny are asked",
    "filesystem_root_exposure": "the whole disk is served",
}
WARNS = {
    "host_spoofing": "the application builds links from a Host that the client chose",
    "status_page_exposed": "anyone may read nginx's counters",
    "regex_redos": "one request can keep a worker busy for minutes",
    "invalid_regex": "a capture that is not in the pattern is always empty",
    "resolver_external": "names are resolved by a server that answers over the open network",
}
"""Left out: what other checks see (add_header_redefinition, version_disclosure, weak_ssl_tls, hsts_header, ssl_*),
what is a matter of speed or taste (try_files_is_evil_too, if_is_evil, low_keepalive_requests, unanchored_regex,
regex_exact_match, worker_rlimit_nofile_vs_connections, default_server_flag, http2_misdirected_request,
hash_without_default, error_log_off, add_header_multiline, add_header_content_type), what most sound configurations
do (proxy_pass_normalized, missing_resolver), and what needs to know nginx's version (nginx_cves, quic_bpf_reuseport,
ssl_ecdh_curve)."""

PLUGINS = (*FAILS, *WARNS)
