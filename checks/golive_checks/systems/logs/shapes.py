"""What a line of text looks like, so that a reader knows which program wrote it. Pure; the line itself is not kept."""

import re
from enum import Enum


class Looks(Enum):
    """The forms that are known."""

    COMBINED = "an access log in the common or combined form (nginx, Apache, morgan)"
    MORGAN_DEV = "morgan's access log (dev)"
    MORGAN_TINY = "morgan's access log (tiny)"
    MORGAN_SHORT = "morgan's access log (short)"
    NGINX_ERROR = "nginx's error log"
    UVICORN = "uvicorn's access log"
    GIN = "Gin's access log"
    PINO_PRETTY = "pino-pretty"
    NEST = "NestJS's own logger"
    RAILS = "Rails' own log"
    SPRING = "Spring Boot's console format"
    LOGBACK = "the pattern of Logback and Log4j"
    LARAVEL = "Monolog's line format (Laravel, Symfony)"
    RUBY = "Ruby's own logger"
    PYTHON = "Python's logging, or loguru, as text"
    GUNICORN = "Gunicorn's own log"
    WERKZEUG = "the access log of a development server (Flask, Django)"
    ZAP = "zap's console format"
    GO = "Go's own log"
    KLOG = "klog"
    SERILOG = "Serilog's console format"
    DOTNET = ".NET's console format"
    WINSTON = "winston's text format"
    ELIXIR = "Elixir's own logger (Phoenix)"
    RUST = "Rust's tracing or env_logger as text"
    CELERY = "Celery's own log"
    PHP = "PHP's own log"
    ZEROLOG = "zerolog's console format"
    LOG4JS = "log4js' own format"
    APACHE_ERROR = "Apache's error log"
    NEXT = "Next.js' own log"
    SIDEKIQ = "Sidekiq's own log"
    JAVA = "java.util.logging"
    HAPROXY = "HAProxy's access log"
    BRACKETS = "the console format of structlog or consola"
    INSPECTED = "an object that console.log prints"
    STACK = "a stack trace"
    LOGFMT = "logfmt"
    PRETTY_JSON = "JSON over several lines"
    BROKEN_JSON = "JSON that is cut off or broken"
    BANNER = "what a package manager prints at the start"
    PLATFORM = "what the platform itself writes"
    TEXT = "plain text"


METHOD = r"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)"
FORMS: tuple[tuple[Looks, re.Pattern[str]], ...] = tuple(
    (looks, re.compile(pattern))
    for looks, pattern in (
        (Looks.COMBINED, r"\S+ \S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \""),
        (Looks.MORGAN_DEV, METHOD + r" \S+ (?:\d{3}|-) (?:[\d.]+|-) ms - (?:\d+|-)$"),
        (Looks.MORGAN_TINY, METHOD + r" \S+ (?:\d{3}|-) (?:\d+|-) - (?:[\d.]+|-) ms$"),
        (Looks.MORGAN_SHORT, r"\S+ \S+ " + METHOD + r" \S+ HTTP/\d(?:\.\d)? (?:\d{3}|-) (?:\d+|-) - (?:[\d.]+|-) ms$"),
        (
            Looks.NGINX_ERROR,
            r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(?:debug|info|notice|warn|error|crit|alert|emerg)\] \d+#",
        ),
        (Looks.UVICORN, r"INFO: +\S+:\d+ - \"" + METHOD),
        (Looks.GIN, r"\[GIN(?:-debug)?\] "),
        (Looks.PINO_PRETTY, r"\[\d\d:\d\d:\d\d\.\d{3}(?: [+-]\d{4})?\] [A-Z]{4,5}\b"),
        (Looks.NEST, r"\[Nest\] \d+ +- "),
        (Looks.RAILS, r"(?:Started " + METHOD + r" \"|Processing by |Completed \d{3} )"),
        (Looks.PLATFORM, r"(?:START|END|REPORT|INIT_START|XRAY) (?:RequestId|TraceId|Runtime Version): "),
        (Looks.WERKZEUG, r"(?:\S+ - - )?\[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] \""),
        (Looks.LARAVEL, r"\[\d{4}-\d\d-\d\d[T ][\d:.+-]{8,30}\] [\w.-]{1,100}\.[A-Z]{4,9}: "),
        (Looks.RUBY, r"[DIWEFA], \[\d{4}-\d\d-\d\dT[\d:.]{8,20} #\d+\] +[A-Z]{3,7} -- "),
        (Looks.GUNICORN, r"\[\d{4}-\d\d-\d\d [\d:]{8} [+-]\d{4}\] \[\d+\] \[[A-Z]+\] "),
        (Looks.KLOG, r"[IWEF]\d{4} [\d:.]{8,15} +\d+ [\w.-]+:\d+\] "),
        (Looks.SERILOG, r"\[[\d:]{8} (?:VRB|DBG|INF|WRN|ERR|FTL)\] "),
        (Looks.DOTNET, r"(?:trce|dbug|info|warn|fail|crit): [\w.]+\[\d+\]"),
        (Looks.LOGBACK, r"(?:[\d:.,]{8,12} )?\[[^\]]{1,100}\] +(?:TRACE|DEBUG|INFO|WARN|ERROR) +[\w.$]+ +- "),
        (Looks.PYTHON, r"(?:- [\w.]+ - |\| )?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)(?::[\w.]+:| +\| [\w.]+:| - )"),
        (Looks.ZAP, r"(?:DEBUG|INFO|WARN|ERROR|DPANIC|FATAL|debug|info|warn|error)\t\S"),
        (Looks.GO, r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d "),
        (Looks.WINSTON, r"(?:silly|debug|verbose|http|info|warn|error): "),
        (Looks.SPRING, r"(?:\S+ +)?(?:TRACE|DEBUG|INFO|WARN|ERROR) \d+ --- \["),
        (Looks.ELIXIR, r"\d\d:\d\d:\d\d\.\d{3} (?:\w{1,50}=\S{1,200} ){0,20}\[[a-z]{4,9}\] "),
        (Looks.RUST, r"(?:\[\S{10,35} )?(?:TRACE|DEBUG|INFO|WARN|ERROR) +[a-z]\w{0,99}(?:::\w{1,99}){0,9}(?:\]|:) "),
        (Looks.CELERY, r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: [A-Z]{4,8}/"),
        (Looks.PHP, r"\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?: [\w/]{1,50})?\] "),
        (Looks.ZEROLOG, r"\d{1,2}:\d\d[AP]M [A-Z]{3} "),
        (Looks.LOG4JS, r"\[\d{4}-\d\d-\d\dT[\d:.]{8,12}\] \[[A-Z]{4,5}\] \S+ - "),
        (Looks.APACHE_ERROR, r"\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d [\d:.]{8,15} \d{4}\] \[[\w-]{0,50}:\w{1,20}\] "),
        (Looks.NEXT, r"(?:\u25b2 Next|\u2713 (?:Ready|Compil|Start)|" + METHOD + r" \S+ \d{3} in \d+(?:\.\d+)?m?s)"),
        (Looks.SIDEKIQ, r"pid=\d+ tid=\w+ "),
        (
            Looks.JAVA,
            r"(?:[A-Z][a-z]{2} \d\d, \d{4} [\d:]{7,8} [AP]M \S|\d\d-[A-Z][a-z]{2}-\d{4} [\d:.]{8,12} [A-Z]{4,7} \[)",
        ),
        (Looks.HAPROXY, r"\S+:\d+ \[\d\d/[A-Z][a-z]{2}/\d{4}:[\d:.]{8,12}\] \S+ \S+ "),
        (Looks.BRACKETS, r"\[(?:debug|info|warn|warning|error|critical|fatal|log) {0,6}\] "),
        (Looks.INSPECTED, r"\{ [\w$]{1,100}: "),
        (
            Looks.STACK,
            r"(?:at \S.{0,500}\(|at (?:async )?\S+:\d+|Traceback \(most|File \".{0,300}\", line|Caused by: )",
        ),
        (
            Looks.LOGFMT,
            r"(?:\S{1,200} ){0,3}?[A-Za-z_][\w.]{0,100}=(?:\"[^\"]{0,2000}\"|[^\s\"]\S{0,2000})? [A-Za-z_][\w.]{0,99}=",
        ),
        (Looks.PRETTY_JSON, r"(?:[{}\]\[],?$|\"[\w.@-]{1,100}\": ?.{0,2000},?$)"),
        (Looks.BROKEN_JSON, r"\{ ?\""),
        (Looks.BANNER, r"(?:> \S+|(?:yarn (?:run )?|pnpm |bun run )v?\S+|\$ \S+|Lifecycle scripts )"),
    )
)
LONGEST = 4000


def looks_like(text: str) -> Looks:
    """Say what a line of text looks like."""
    line = text[:LONGEST].strip()
    return next((looks for looks, pattern in FORMS if pattern.match(line)), Looks.TEXT)
