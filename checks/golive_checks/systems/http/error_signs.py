"""By what an error page gives away more than the error: a trace, a debug page, a framework, a version. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["trace", "debug", "framework", "version", "plain"]
"""`framework`: its page names itself; `plain`: the page is the framework's, and names nothing."""


@dataclass(frozen=True)
class ErrorSign:
    """What an answer shows. Nothing of its content."""

    kind: Kind
    what: str


_NODE = rb"\bat (?:async |new )?[\w.<>$ \[\]]{0,80}\(?(?:file:///|node:|/|[A-Za-z]:\\)[\w./@\\-]{1,200}:\d{1,6}:\d{1,6}"
_PYTHON = rb"Traceback \(most recent call last\)|File (?:\"|&quot;|&#34;)[^\"&\n]{1,200}(?:\"|&quot;|&#34;), line \d"
_JAVA = rb"\bat [\w$.]{3,120}\((?:[\w$]{1,80}\.(?:java|kt|scala|groovy):\d|Native Method|Unknown Source)"
_PHP = rb"\.php(?:</b>)? on line (?:<b>)?\d|#\d{1,3} [\w/.-]{1,200}\.php\(\d"
_DATABASE = (
    rb"SQLSTATE\[|\bORA-\d{5}|PG::[A-Z]\w{1,40}:|psycopg2?\.errors|You have an error in your SQL syntax"
    rb"|PrismaClient\w{1,40}Error|QueryFailedError|SequelizeDatabaseError"
)
_VERSION = (
    rb"\b(?:nginx|openresty|Apache|Microsoft-IIS|PHP|Werkzeug|Python|gunicorn|Kestrel|OpenSSL|lighttpd"
    rb"|Phusion Passenger|Caddy|WEBrick|Puma|Varnish|Express|Node\.js|Undertow|GlassFish|LiteSpeed|Jetty)(?:/|://)v?\d{1,3}\.\d"
    rb"|\bApache Tomcat[/ ]\d{1,3}\.\d|\bJetty(?:://)? ?\d{1,3}\.\d"
)
SIGNS: tuple[tuple[Kind, str, re.Pattern[bytes]], ...] = (
    ("trace", "a stack trace of Node's", re.compile(_NODE)),
    ("trace", "a stack trace of Python's", re.compile(_PYTHON)),
    ("trace", "a stack trace of Java's", re.compile(_JAVA)),
    ("trace", "a stack trace of .NET's", re.compile(rb"\.(?:cs|vb|fs):line \d")),
    ("trace", "an error of PHP's, with its file", re.compile(_PHP)),
    ("trace", "a stack trace of Ruby's", re.compile(rb"\.rb:\d{1,6}:in (?:`|'|&#39;)")),
    ("trace", "a stack trace of Go's", re.compile(rb"\bgoroutine \d{1,9} \[")),
    ("trace", "a panic of Rust's", re.compile(rb"thread '[^'\n]{1,80}' panicked at")),
    ("trace", "a database's error", re.compile(_DATABASE)),
    (
        "debug",
        "Django's debug page",
        re.compile(rb"DEBUG = True</code>|DJANGO_SETTINGS_MODULE|Using the URLconf defined"),
    ),
    ("debug", "Werkzeug's debugger", re.compile(rb"Werkzeug Debugger|__debugger__=yes")),
    (
        "debug",
        "Laravel's debug page",
        re.compile(rb"Whoops, looks like something went wrong|laravel-ignition|window\.ignite"),
    ),
    ("debug", "Symfony's debug page", re.compile(rb"Symfony Exception|sf-exceptions|sf-toolbar")),
    ("debug", "Rails' debug page", re.compile(rb"Action Controller: Exception caught|<code>Rails\.root:")),
    ("debug", "Starlette's debug page", re.compile(rb"Starlette Debugger")),
    ("debug", "Next.js' debug page", re.compile(rb"react-dev-overlay|__nextjs_original-stack|next-devtools")),
    ("debug", "ASP.NET's debug page", re.compile(rb"Server Error in '[^'\n]{1,80}' Application|<b>Stack Trace:</b>")),
    ("framework", "Express' own page", re.compile(rb"<pre>Cannot [A-Z]{3,10} /")),
    ("framework", "Spring's own page", re.compile(rb"Whitelabel Error Page")),
    ("framework", "Tomcat's own page", re.compile(rb"<h1>HTTP Status \d{3}|<title>Apache Tomcat")),
    ("framework", "Jetty's own page", re.compile(rb"Powered by Jetty")),
    ("framework", "IIS' detailed page", re.compile(rb"IIS \d{1,2}\.\d Detailed Error")),
    ("framework", "Sinatra's own page", re.compile(rb"Sinatra doesn.{1,8}t know this ditty")),
    ("framework", "Phoenix' own page", re.compile(rb"Phoenix\.Router\.NoRouteError")),
    ("framework", "Play's own page", re.compile(rb"<h1>Action Not Found</h1>", re.IGNORECASE)),
    ("version", "a server's version", re.compile(_VERSION)),
    ("plain", "Flask's default page", re.compile(rb"was not found on the server\. If you entered the URL manually")),
    ("plain", "Django's default page", re.compile(rb"<h1>Not Found</h1><p>The requested resource was not found")),
    ("plain", "Rails' default page", re.compile(rb"The page you were looking for doesn.{1,8}t exist")),
    ("plain", "Laravel's default page", re.compile(rb"px-4 text-lg text-gray-500 border-r border-gray-400")),
    ("plain", "Next.js' default page", re.compile(rb"class=\"next-error-h1\"")),
    ("plain", "Symfony's default page", re.compile(rb"<h1>Oops! An [Ee]rror [Oo]ccurred</h1>")),
    ("plain", "Go's default page", re.compile(rb"\A404 page not found\s{0,4}\Z")),
)
"""What each shows, the worst first. A page that a server sends without its version is none: it tells nothing."""
VERSION = re.compile(r"/\s?v?\d|(?<!\d)\d{1,6}\.\d")
TELLING = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-runtime")


def body_signs(body: bytes) -> Iterator[ErrorSign]:
    """Yield what a body shows; of default pages only where it shows nothing worse."""
    found = [ErrorSign(kind, what) for kind, what, pattern in SIGNS if pattern.search(body)]
    lines = [sign for sign in found if sign.kind != "plain"]
    yield from lines or found


def header_signs(headers: Iterable[tuple[str, str]]) -> Iterator[ErrorSign]:
    """Yield the headers that give a version away; their names are in lower case."""
    for name in dict.fromkeys(name for name, value in headers if name in TELLING and VERSION.search(value)):
        yield ErrorSign("version", f"a version in {name.title()}")
