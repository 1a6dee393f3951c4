"""What in a text is a secret: Kingfisher's rules for the tokens of providers, golive's for what a name gives away.

Nothing here can reach the network: Kingfisher's validation is a class of its own, which golive does not make.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from golive_checks.systems.git.client import weigh
from golive_checks.systems.git.client.weigh import FileKind, Weight

NAMED, IN_URL, KEY, JWT, DOCKER, HEADER, PASSWORD_FILE = (
    "secret-keyword",
    "basic-auth-credentials",
    "private-key",
    "jwt",
    "docker-login",
    "authorization-header",
    "password-file",
)
OWN_WORDS = "pass|pwd|secret|token|key|auth|credential|contrase"
LOGIN_WORDS = "curl|mysql|mariadb|identified"
"""What each name has in it."""
QUOTED = r"\"([^\"\r\n]{6,})\"|'([^'\r\n]{6,})'|`([^`\r\n]{6,})`"
BARE = r"([^\s\"'`,;#<>(){}\[\]][^\s\"'`,;<>(){}]{5,})"
NAME = rf"([A-Za-z0-9_.\-]*(?:{OWN_WORDS})[A-Za-z0-9_\-]*)"
WRITTEN = rf"(?:[@bBuU]|\([ \t]*[bBuU]?)?(?:{QUOTED})"
"""A value in quotes, with what a language may put before them. Raw texts are left out: they are patterns."""
NEVER = r"(\z.)"
"""In the place of a bare value, where there can be none."""
ASSIGNED = (
    r"(?::[ \t]*[&A-Za-z][\w<>|&\[\]?. ]{0,40}=|[ \t]As[ \t]+\w{1,20}[ \t]*=|\|\|=|\?\?=|\?=|=>|:=|={1,3}|:)[ \t]*"
)
ELSE = r"(?:\|\||\?\?|\?:|\bor\b)"
FORMS = (
    # NAME=value, name: value, 'name' => 'value', name: string = "value", ENV['name'] ||= 'value', name As T = "value"
    rf"(?i){NAME}[\"'`\]]*[ \t]*{ASSIGNED}(?:{WRITTEN}|{BARE})",
    # What another place lacks, as in JavaScript's process.env.NAME || "value" and PHP's getenv('NAME') ?: 'value'
    rf"(?i){NAME}[\"'`\])]*[ \t]*{ELSE}[ \t]*(?:{WRITTEN}|{NEVER})",
    rf"(?i){NAME}[\"'`\])]*[ \t]*:?[=:][ \t]*[\w.$()\[\]\"'\-]{{1,80}}[ \t]*{ELSE}[ \t]*(?:{WRITTEN}|{NEVER})",
    # Arguments of a call: PHP's define('NAME', 'value'), Python's os.environ.get("NAME", "value"), Go's os.Setenv
    rf"(?i)[\"'`]{NAME}[\"'`][ \t]*,[ \t]*(?:{WRITTEN}|{NEVER})",
    # #define NAME "value"; Clojure's :name "value"
    rf"(?i)(?:#define[ \t]+|:){NAME}[ \t]+(?:{QUOTED}|{NEVER})",
    # a container's list of variables, in YAML and in JSON
    rf"(?i)name:[ \t]*[\"']?{NAME}[\"']?[ \t]*\r?\n[ \t]*value:[ \t]*(?:{QUOTED}|{BARE})",
    rf"(?i)\"(?:name|key)\"[ \t]*:[ \t]*\"{NAME}\"[ \t]*,[ \t\r\n]*\"value\"[ \t]*:[ \t]*(?:{QUOTED}|{NEVER})",
    # ENV NAME value; --password value; machine x login y password z; requirepass value
    rf"(?i)(?:^|\n)[ \t]*(?:ENV|ARG|export|setx?)[ \t]+{NAME}[ \t]+(?:{QUOTED}|{BARE})",
    rf"(?i)--?{NAME}[ \t]+(?:{QUOTED}|{BARE})",
    rf"(?i)\blogin[ \t]+\S+[ \t]+(password)[ \t]+(?:{QUOTED}|{BARE})",
    rf"(?i)(?:^|\n)[ \t]*(requirepass|masterauth)[ \t]+(?:{QUOTED}|{BARE})",
    # SQL
    rf"(?i)\b(password|identified)(?:[ \t]+with[ \t]+\S{{1,60}})?(?:[ \t]+by)?[ \t]+(?:{QUOTED}|{NEVER})",
    # XML
    rf"(?i)[\"']{NAME}[\"'][ \t]+value[ \t]*=[ \t]*(?:{QUOTED}|{BARE})",
    rf"(?i)<{NAME}>(?:{QUOTED}|{BARE})</",
)
LOGINS = (
    # ${NAME:-value} of a shell or Compose, ${NAME:value} of Spring
    rf"(?i)\$\{{{NAME}:[-=]?(?:{QUOTED}|{BARE})",
    # curl's -u user:value, mysql's -pvalue, sshpass' -p value
    rf"(?i)\bcurl\b[^\n]{{0,300}}?[ \t](?:-u|--user)[ \t=]*[\"']?([^\s:\"'$]{{1,100}}):(?:{QUOTED}|{BARE})",
    rf"(?i)\b((?:mysql|mariadb)[a-z\-]{{0,20}})[ \t][^\n]{{0,300}}?-p(?:{QUOTED}|{BARE})",
    rf"(?i)\b(sshpass)[ \t]+-p[ \t]*(?:{QUOTED}|{BARE})",
    # Python's requests: user and password in parentheses
    rf"(?i)\bauth[ \t]*=[ \t]*\([ \t]*[\"']([^\"'\r\n]{{1,100}})[\"'][ \t]*,[ \t]*(?:{QUOTED}|{NEVER})",
)
"""These take a password and nothing else, so one without quotes counts in code as well."""
URL = r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://([^\s:/@\"'<>]{0,200}):([^\s@/\"'<>]{1,200})@([A-Za-z0-9_.\-\[\]:]{1,253})"
AUTHORIZATION = r"(?i)\b(bearer|basic)[ \t]+([A-Za-z0-9._~+/=\-]{16,})"
DOCKER_AUTH = r"\"auth\"[ \t]*:[ \t]*\"([A-Za-z0-9+/=]{8,})\""
PRIVATE_KEY = r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[^-]*-----END"
OWN_TOKENS = {
    "stripe-webhook-secret": r"\bwhsec_[A-Za-z0-9+/=]{16,100}",
    "stripe-restricted-test": r"\brk_test_[A-Za-z0-9]{16,200}",
    "stripe-secret-test": r"\bsk_test_[A-Za-z0-9]{16,200}",
    "stripe-secret-live": r"\b[rs]k_live_[A-Za-z0-9]{16,200}",
    "github-token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255}"
    r"|ghs_[0-9]+_[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+)",
    "aws-access-key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
}
PGPASS = r"(?m)^[^#:\s][^:\n]*:(?:\d+|\*):[^:\n]*:[^:\n]*:([^\s]{4,200})$"
UTF16_SHARE = 0.3
"""Of a text's bytes that are NUL where it is UTF-16 without a mark."""
LOCALLY = frozenset(
    {
        "generic-credential-uri",
        "private-key",
        "jwt",
        "jwt-base64",
        "aws-access-token",
        "curl-auth-header",
        "curl-auth-user",
    }
)
"""Kingfisher's rules that golive's take the place of: they weigh the value, its place and the file."""
PUBLIC = frozenset({"posthog-project-api-key"})
"""Its rules for what is public by design: it is in every page (https://posthog.com/docs/privacy)."""


@dataclass(frozen=True)
class SecretInText:
    """A secret in a text. Its value goes no further than to tell it from others."""

    rule: str
    line: int
    value: str
    sure: bool


def as_text(data: bytes) -> bytes:
    """Return a file as UTF-8 without NUL: neither a character set nor a stray byte hides what people can read."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode("utf-8", "replace")
    head = data[:4000]
    for start, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) > UTF16_SHARE * len(head):
            return data.decode(codec, "replace").encode("utf-8", "replace")
    return data.replace(b"\0", b" ")


class Finder:
    """Finds secrets in texts. Making one takes a second, and more where Kingfisher's rules were never compiled."""

    def __init__(self) -> None:
        import re2
        from kingfisher_sdk import DetectionPolicy, Rules, Scanner

        # an ignore comment in the repository is the repository's word, not the profile's
        self._scanner: Any = Scanner(Rules(), policy=DetectionPolicy(inline_ignores=False, markup_context=False))
        options: Any = re2.Options()  # the library has no types
        options.encoding = re2.Options.Encoding.LATIN1

        def compiled(pattern: str) -> Any:
            return re2.compile(pattern.encode(), options)

        self._forms = [(compiled(form), form in LOGINS) for form in (*FORMS, *LOGINS)]
        self._word = compiled(rf"(?i)(?:{OWN_WORDS}|{LOGIN_WORDS})")
        self._url, self._authorization, self._docker = compiled(URL), compiled(AUTHORIZATION), compiled(DOCKER_AUTH)
        self._key, self._pgpass = compiled(PRIVATE_KEY), compiled(PGPASS)
        self._tokens = {rule: compiled(pattern) for rule, pattern in OWN_TOKENS.items()}
        self._any_token = compiled("|".join(OWN_TOKENS.values()))

    def hits(self, path: str, data: bytes) -> list[SecretInText]:
        """Return the secrets in a file, each value once."""
        text = as_text(data)
        kind = weigh.kind_of(path)
        found: dict[str, SecretInText] = {}
        for rule, start, value, weight in self._all(path, kind, text):
            if weight is not Weight.NOTHING and (
                value not in found or (weight is Weight.SECRET and not found[value].sure)
            ):
                found[value] = SecretInText(rule, text.count(b"\n", 0, start) + 1, value, weight is Weight.SECRET)
        # A provider's rule knows more about the same value than one that went by the name of the variable.
        sure = [hit.value for hit in found.values() if hit.rule != NAMED]
        return [
            hit
            for hit in found.values()
            if hit.rule != NAMED or not any(hit.value in other or other in hit.value for other in sure)
        ]

    def _all(self, path: str, kind: FileKind, text: bytes) -> Iterator[tuple[str, int, str, Weight]]:
        yield from self._of_providers(kind, text)
        # A plain search costs far less than the expression, and few files have any of these.
        if b"PRIVATE KEY" in text:
            for match in self._key.finditer(text):
                yield KEY, match.start(), (block := _decoded(match[0])), weigh.weigh_key(block)
        if b"://" in text:
            for match in self._url.finditer(text):
                user, password, host = map(_decoded, match.groups())
                yield IN_URL, match.start(), password, weigh.weigh_url(user, password, host.partition(":")[0], kind)
        if b'"auth"' in text:
            for match in self._docker.finditer(text):
                weight = Weight.SECRET if weigh.user_and_password(_decoded(match[1])) else Weight.NOTHING
                yield DOCKER, match.start(), _decoded(match[1]), weight
        if path.rsplit("/", 1)[-1] in {".pgpass", "pgpass.conf", "pgpass"}:
            for match in self._pgpass.finditer(text):
                weight = weigh.weigh_url("", _decoded(match[1]), "a.b.c", FileKind.ORDINARY)
                yield PASSWORD_FILE, match.start(), _decoded(match[1]), weight
        yield from self._in_headers(kind, text)
        yield from self._by_name(path, kind, text)

    def _of_providers(self, kind: FileKind, text: bytes) -> Iterator[tuple[str, int, str, Weight]]:
        for rule, pattern in self._tokens.items() if self._any_token.search(text) else ():
            for match in pattern.finditer(text):
                token = _decoded(match[0])
                yield rule, match.start(), token, _beside(text, match.start(), match.end(), token)
        for found in self._scanner.scan(text):
            rule = re.split(r"[./]", found.rule_id, maxsplit=1)[-1].removeprefix("secrets/")
            if (
                rule.partition(".")[0] in PUBLIC
                or not found.visible
                or (found.is_base64_encoded and kind is not FileKind.ORDINARY)
            ):
                continue
            start, value = found.location["start_offset"], found.secret
            if rule in {JWT, "jwt-base64"}:
                yield rule, start, value, weigh.weigh_jwt(value, kind)
            elif rule not in LOCALLY:
                weight = _beside(text, start, found.location["end_offset"], value)
                own_form = any(other.rule_id == found.rule_id for other in self._scanner.scan(value))
                yield rule, start, value, weight if own_form else _least(weight, weigh.weigh_named(value, kind))

    def _in_headers(self, kind: FileKind, text: bytes) -> Iterator[tuple[str, int, str, Weight]]:
        for match in self._authorization.finditer(text):
            value = _decoded(match[2])
            if _decoded(match[1]).lower() == "basic":
                password = weigh.user_and_password(value)
                yield HEADER, match.start(), value, weigh.weigh_named(password, kind) if password else Weight.NOTHING
            elif not value.startswith("eyJ"):
                yield HEADER, match.start(), value, weigh.weigh_named(value, kind)

    def _by_name(self, path: str, kind: FileKind, text: bytes) -> Iterator[tuple[str, int, str, Weight]]:
        if kind is FileKind.MADE or not self._word.search(text):
            return
        code = weigh.quoted_only(path)
        for form, login in self._forms:
            for match in form.finditer(text):
                name, *values = match.groups()
                quoted, bare = next((v for v in values[:-1] if v), None), values[-1]
                says = "password" if login else _decoded(name)
                if (quoted or (bare and (login or not code))) and weigh.says_secret(says):
                    value = _decoded(quoted or bare).rstrip("\\")
                    yield NAMED, match.start(1), value, weigh.weigh_named(value, kind, says, code=code and not login)


def _beside(text: bytes, start: int, end: int, token: str) -> Weight:
    return weigh.weigh_token(token, _decoded(text[max(0, start - 1) : start]), _decoded(text[end : end + 1]))


def _least(one: Weight, other: Weight) -> Weight:
    order = (Weight.NOTHING, Weight.SUSPICIOUS, Weight.SECRET)
    return min(one, other, key=order.index)


def _decoded(found: bytes) -> str:
    return found.decode("utf-8", "replace")
