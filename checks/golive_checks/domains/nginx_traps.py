"""What nginx's known traps lead to, by gixy-ng's name, and how much each counts: its own severities do not."""

FAILS = {
    "alias_traversal": "a path with /../ leaves the folder that alias names",
    "http_splitting": "a request can write headers of its own into an answer or into the upstream's request",
    "ssrf": "a request can choose which host nginx connects to",
    "origins": "a pattern for Origin or Referer matches other people's hosts",
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
