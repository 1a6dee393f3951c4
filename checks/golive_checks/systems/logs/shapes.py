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
    STACK = "a stack trace"
    LOGFMT = "logfmt"
    PRETTY_JSON = "JSON over several lines"
    BROKEN_JSON = "JSON that is cut off or broken"
    BANNER = "what a package manager prints at the start"
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
        (Looks.SPRING, r"\S+ +(?:TRACE|DEBUG|INFO|WARN|ERROR) \d+ --- \["),
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
