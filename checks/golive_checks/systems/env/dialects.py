"""Env files as three readers take them: dotenv libraries, Docker's --env-file, systemd's EnvironmentFile."""

import re
from collections.abc import Callable, Mapping

from golive_checks.systems.env.client.dotenv import Binding, bindings
from golive_checks.systems.env.reading import Reader, Reading

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""POSIX.1-2017, section 8.1, and lower case, which every shell takes."""
PIECE = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9+/]{16,}")
"""A line of base64 that ends in = would otherwise be taken for a name, and be shown."""
EXPANDED = re.compile(r"\$(?:\{[A-Za-z_]|[A-Za-z_])")
"""What Vite, Docker Compose and a shell replace; python-dotenv only with braces, npm's dotenv never."""
QUOTES = ('"', "'", "`")


def read_text(text: str, file: str, dialect: str) -> Reading:
    """Read an env file's text as `dialect` (dotenv, docker, systemd) would, and note where its author is misread."""
    reader = Reader(file)
    text = _look_at_bytes(text, reader)
    DIALECTS[dialect](text, reader)
    return reader.reading()


def _look_at_bytes(text: str, reader: Reader) -> str:
    """Note what an editor on another system leaves, and take the BOM and the carriage returns off."""
    if text.startswith("\ufeff"):
        reader.defect(1, "", "the file begins with a byte order mark, which several readers take into the first name")
    lines = text.removeprefix("\ufeff").split("\n")
    if returns := [number for number, line in enumerate(lines, 1) if line.endswith("\r")]:
        some = f"{len(returns)} lines end" if len(returns) > 1 else "a line ends"
        reader.defect(returns[0], "", f"{some} in CRLF: a shell or an older reader takes the CR into the value")
    for number, line in enumerate(lines, 1):
        if "\r" in line.removesuffix("\r"):
            reader.defect(number, "", "holds a carriage return, which some readers take for the end of the line")
        if "\0" in line:
            reader.defect(number, "", "holds a NUL byte, where every value ends")
        if any("\ud800" <= c <= "\udfff" for c in line):
            reader.defect(number, "", "holds bytes that are not UTF-8")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _dotenv(text: str, reader: Reader) -> None:
    for binding in bindings(text):
        if binding.error:
            reader.defect(binding.line, "", "cannot be read as NAME=value (an unclosed quote, or text behind one)")
        elif "=" not in binding.source:
            reader.defect(binding.line, "", "has no =, so nothing is set")
        elif _name_is_clean(binding.name, binding.line, reader):
            _dotenv_writing(binding, reader)
            reader.assign(binding.name, binding.value or "", binding.line)


def _dotenv_writing(binding: Binding, reader: Reader) -> None:
    """Note where npm's dotenv, Compose or a shell would read the line otherwise than python-dotenv does."""

    def defect(text: str) -> None:
        reader.defect(binding.line, binding.name, text)

    before, _, written = binding.source.lstrip("\r\n").partition("=")
    if re.match(r"\s*export\s", before):
        defect("begins with export, which Docker and systemd take into the name")
    if before != before.strip() or written != written.lstrip():
        defect("has a space beside its name or its =, which a shell, Docker or both refuse")
    quote = written.lstrip()[:1]
    if quote in QUOTES and quote != "`":
        if binding.value is not None and binding.value != binding.value.strip():
            defect("has a space at an end of its value, within the quotes")
    else:
        _unquoted(written, defect)
    if EXPANDED.search(binding.value or "") and (quote != "'" or "${" in (binding.value or "")):
        defect("holds a $ that some readers replace by a variable and others keep")


def _unquoted(written: str, defect: Callable[[str], None]) -> None:
    if written.startswith("`"):
        defect("is quoted in backticks, which only npm's dotenv knows")
    if re.search(r"\S#", written.partition(" #")[0]):
        defect("holds an unquoted #: npm's dotenv ends the value there, python-dotenv keeps it")
    if written != written.rstrip():
        defect("ends in a space, which Docker keeps")


def _docker(text: str, reader: Reader) -> None:
    """Read as docker/cli's pkg/kvfile: nothing is unquoted, expanded or cut; only leading space is dropped."""
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole.lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            reader.defect(number, "", "has no =: Docker takes such a variable from its own shell")
        elif _name_is_clean(name, number, reader):
            for defect in _docker_keeps(value):
                reader.defect(number, name, defect)
            reader.assign(name, value, number)


def _docker_keeps(value: str) -> list[str]:
    bare = value.strip()
    found = {
        "is in quotes, which Docker keeps as part of the value": len(bare) > 1
        and bare[0] in QUOTES
        and bare[0] == bare[-1],
        "has a comment behind it, which Docker keeps as part of the value": " #" in value,
        "has a space at an end of its value, which Docker keeps": value != bare,
        "holds a ${…}, which Docker does not replace": "${" in value,
    }
    return [defect for defect, holds in found.items() if holds]


def _systemd(text: str, reader: Reader) -> None:
    """Read as systemd's src/basic/env-file.c: comments only on lines of their own, quotes joined, backslash escapes."""
    position, line = 0, 1
    while position < len(text):
        end = text.find("\n", position)
        head = text[position : len(text) if end < 0 else end]
        name, equals, written = head.partition("=")
        if not head.strip() or head.lstrip()[0] in "#;" or not equals:
            if head.strip() and head.lstrip()[0] not in "#;":
                reader.defect(line, "", "has no =, and systemd passes over it")
            position, line = position + len(head) + 1, line + 1
            continue
        start = position + len(name) + 1
        value, stop, closed = _systemd_value(text, start)
        name = name.strip()
        if _name_is_clean(name, line, reader):
            if not closed:
                reader.defect(line, name, "opens a quote that nothing closes")
            for defect in _systemd_keeps(written, value):
                reader.defect(line, name, defect)
            reader.assign(name, value, line)
        line += text.count("\n", position, stop) + 1
        position = stop + 1


def _systemd_value(text: str, at: int) -> tuple[str, int, bool]:
    """Return the value that starts at `at`, where it stops, and whether its quotes are closed."""
    value, kept, quote = "", 0, ""  # `kept`: so much of the value is not trailing space
    while at < len(text):
        c, after = text[at], text[at + 1 : at + 2]
        if quote and c == quote:
            quote, kept = "", len(value)
        elif quote == "'" or (quote and c != "\\"):
            value += c
        elif c == "\\":
            value += _systemd_escape(after, quote)
            kept, at = len(value), at + 1
        elif c == "\n":
            break
        elif c in "\"'" and kept == len(value) and (not value or text[at - 1] in "\"' \t"):
            quote = c
        elif not c.isspace() or value:
            value += c
            kept = kept if c.isspace() else len(value)
        at += 1
    return (value if quote else value[:kept]), at, not quote


def _systemd_escape(after: str, quote: str) -> str:
    if after == "\n":
        return ""
    return after if not quote or after in '"\\`$' else "\\" + after


def _systemd_keeps(written: str, value: str) -> list[str]:
    found = {
        "has a comment behind it, which systemd keeps as part of the value": " #" in written and " #" in value,
        "holds a ${…}, which systemd does not replace": "${" in value,
        "holds an unquoted backslash, which systemd removes": "\\" in written and written.lstrip()[:1] not in QUOTES,
    }
    return [defect for defect, holds in found.items() if holds]


def _name_is_clean(name: str, line: int, reader: Reader) -> bool:
    """Tell whether a name is one, and note it where it is not. What may be a piece of a value is not quoted."""
    if PIECE.fullmatch(name):
        reader.defect(line, "", "looks like a piece of a value that was broken over several lines")
        return False
    if NAME.fullmatch(name):
        return True
    if name.startswith("export ") and NAME.fullmatch(bare := name.removeprefix("export ").strip()):
        reader.defect(line, bare, "begins with export, which this reader takes into the name: it is not set")
    elif NAME.fullmatch(name.strip()):
        reader.defect(line, name.strip(), "has a space beside its name, which this reader refuses")
    else:
        reader.defect(line, "", "does not begin with a name of letters, digits and underscores")
    return False


DIALECTS: Mapping[str, Callable[[str, Reader], None]] = {"dotenv": _dotenv, "docker": _docker, "systemd": _systemd}
