"""What is a secret, among what looks like one: by the name it stands under, its value and the kind of file. Pure."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from enum import Enum

from golive_checks.placeholders import PASSWORDS, placeholder
from golive_checks.strength import entropy_bits


class FileKind(Enum):
    """What a file is for, by its path."""

    ORDINARY = "ordinary"
    EXAMPLE = "example"
    """Tests, documentation and templates: their values are mostly made up."""
    MADE = "made"
    """Translations, minified bundles and lock files: text for people, and what programs wrote."""


class Weight(Enum):
    """What a find is worth."""

    NOTHING = "nothing"
    SUSPICIOUS = "suspicious"
    SECRET = "secret"  # noqa: S105 - a weight


TONGUES = (
    "ar|az|be|bg|bn|bs|ca|cs|cy|da|de|el|en|eo|es|et|eu|fa|fi|fr|ga|gl|gu|he|hi|hr|hu|hy|id|it|ja|ka|kk|km|kn|ko|ku|ky"
    "|lo|lt|lv|mk|ml|mn|mr|ms|nb|ne|nl|nn|no|pa|pl|ps|pt|ro|ru|si|sk|sl|sq|sr|sv|sw|ta|te|th|tl|tr|uk|ur|uz|vi|zh"
)
"""Languages that programs are translated into (ISO 639-1). A db.js and an io.ts are no translations."""
MADE = re.compile(
    r"(?:^|/)(?:locales?|i18n|lang|langs|languages|translations?|l10n|messages)/|\.(?:po|pot|xliff?|arb|strings|resx)$"
    r"|(?:^|/)\.yarn/(?:releases|plugins|sdks|patches)/"
    r"|\.min\.(?:js|css|mjs)$|\.(?:map|svg|lock|sum)$|(?:^|/)(?:package-lock|npm-shrinkwrap|composer\.lock)"
    r"|(?:^|/)(?:pnpm-lock|yarn|bun)\.(?:yaml|lock)$|(?:^|/)(?:node_modules|vendor|dist|build|\.next|bower_components)/"
    r"|(?:^|/)(?:messages|translations?|strings)[._-][a-z]{2}(?:[_-][A-Za-z]{2})?\.(?:json|ya?ml|properties|ts|js)$"
    rf"|(?:^|/)(?:{TONGUES})(?:[_-][A-Z]{{2}})?\.(?:json|ya?ml|po|ts|js|properties)$",
    re.IGNORECASE,
)
EXAMPLE = re.compile(
    r"(?:^|/)(?:tests?|__tests__|__mocks__|specs?|testdata|test-data|fixtures?|mocks?|cypress|e2e|docs?"
    r"|examples?|samples?)/"
    r"|(?:^|/)test_[^/]*$|(?:^|/)conftest\.py$|[._-](?:test|tests|spec|mock|stories)\.[a-z]+$|_test\.go$"
    r"|Tests?\.(?:java|cs|kt)$"
    r"|\.(?:md|mdx|rst|adoc|ipynb)$|(?:^|/)(?:readme|changelog|license|contributing)[^/]*$"
    r"|[._-](?:example|sample|template|dist|tpl|defaults?)(?:$|[._-])"
    r"|(?:^|/)\.?env[\w.-]*[._-](?:test|testing|ci|e2e)(?:$|[._-])|(?:^|/)phpunit[^/]*\.xml$",
    re.IGNORECASE,
)
CODE = re.compile(
    r".*\.(?:[mc]?[jt]s|[jt]sx|py|go|java|kt|rb|php|c|h|cc|cpp|cs|rs|swift|scala|vue|svelte|dart|graphql|gql|proto)",
    re.IGNORECASE,
)
"""In these a value without quotes is an expression."""
SAYS_SECRET = re.compile(
    r"pass(?:word|wd|phrase|wort)?$|passw|pwd|secret|token|credential|contrase|mot_?de_?passe|auth$|^identified$"
    r"|(?:api|access|private|encrypt(?:ion)?|signing|sign|subscription|master|secret|session|service|account"
    r"|storage|shared"
    r"|admin|app|deploy|webhook|ssh|auth|cipher|crypt|crypto|hmac|jwt|cookie|aes|license|client|root"
    r"|server)[-_.]?keys?(?:base)?$",
)
UPPER_KEY = re.compile(r"[A-Z][A-Z0-9_]*_KEY")
SAYS_NONE = re.compile(
    r"public|publishable|site_?key|primary_?key|foreign_?key|cache_?key|sort_?key|storage_?key$|local_?storage"
    r"|key_?id|keyword|keyboard"
    r"|token(?:izer|ize|ization|_?type|_?url|_?uri|_?endpoint|_?name|_?count|_?limit)|max_?tokens|csrf|xsrf"
    r"|digest|hash|checksum"
    r"|fingerprint|sha\d|(?:url|uri|path|file|dir|name|id|arn|ttl|days|age|expiry|expires|expiration|header"
    r"|type|length|policy"
    r"|label|title|hint|placeholder|message|text|error|field|column|regex|pattern|format|version|prefix|suffix"
    r"|env|ref|selector"
    r"|min|max|size|count|strength|class|icon|input|button|rotat\w{0,40}|provider|issuer|audience|algorithm|enabled"
    r"|required)$",
)
REFERENCE = re.compile(
    r"[${<(@\[=]|%[A-Za-z_]+%|[&*][A-Za-z_]\w*$|(?:\.\.?)?/|ENC\[|vault:|ssm:|arn:|sha\d+[-:]|secrets?[./:]"
    r"|process\.env|os\.environ|env[.:(\[]|var\.|local\."
    r"|data\.|self\.|this\.|config\.|settings\.|request\.|ref\+|op:|gcp:|azure:|file:|base64:$|urn:|data:"
)
PATHLIKE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[./:-][A-Za-z_][A-Za-z0-9_]*)+\(?\)?")
"""`request.body.password`, `token-issuer`, `app/secrets`: names, as long as none of them is random."""
WRITTEN = re.compile(
    r"\$\{|\$\(|#\{|\{\{|%[({]|\.\.\.|\u2026|\*\*\*|\.\*|\]\{\d|\(\?[:i]|^[\^~<>=v]{1,2}\d{1,5}(?:\.\d{1,5}){1,3}"
)
"""In these a program puts something in or a person left it out; or it is a pattern, or a range of versions."""
COUNTED = re.compile(
    r"[a-z]{2,12}[_-](?:[a-z]{2,12}[_-])?(?:abc|def|ghi|jkl|mno|pqr|stu|vwx|xyz|012|123|456|789|890|0)+", re.IGNORECASE
)
"""A token that someone made up as one counts: sk_live_abc123def456."""
PUBLIC = re.compile(r"(?:phc_|pk_(?:live|test)_|pk\.eyJ)")
"""PostHog's, Stripe's and Mapbox's keys for pages begin so: they are public by design."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
"""What a name such as billingPlanId, PLAN_ID or required|max:255 is made of."""
CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]{6}", re.IGNORECASE)
WORD_LETTERS, WORD_VOWELS, NAME_DIGITS = 3.2, 0.28, 0.15
"""Words have some five letters each, two fifths of them vowels; of random letters a fifth are."""
JOINED = re.compile(r"\\r|\\n|,|[\"'](?:[ \t]{0,9}[+.])?|(?:^|\n)[ \t]{0,99}\+[ \t]{0,9}(?=[\"'])")
"""Between the lines of a key in a program's text: `\\n" +`. A plus alone is one of base64's own letters."""
LOCAL = re.compile(
    r"localhost|127\.[\d.]+|0\.0\.0\.0|\[?::1\]?|[A-Za-z0-9_-]+|(?:.+\.)?(?:test|example|invalid|localhost"
    r"|local)|(?:.+\.)?example\.\w+"
)
"""Hosts that are only there on one machine, in one network of containers, or in documentation."""
MIN_TOKEN_BITS, MIN_NAMED_BITS, RANDOM_BITS, MIN_BITS_A_CHARACTER = 40.0, 24.0, 60.0, 3.2
SAYS_PASSWORD = re.compile(r"pass|pwd|secret|contrase")
RELEASE = re.compile(r"[~^]?\d{1,4}\.\d{1,4}\.\d{1,4}(?:[-+.][\w.+-]{0,40})?")
"""A version, as package.json has for `next-auth`."""
LEET = str.maketrans("013457@$!", "oleastasi")
PUBLISHED_WORDS = re.compile(
    r"pass|passw|secret|admin|root|user|guest|demo|test|dev|local|example|sample|dummy|default|change|welcome|letmein"
    r"|qwert|asdf|abc|foo|bar|your|postgres|mysql|maria|redis|mongo|rabbit|minio|elastic|oracle|server|token|key|strong"
    r"|1234|abcd"
)
"""Words in passwords that everybody writes into templates, `P@ssw0rd1!` among them."""
MIN_CHOSEN, MIN_KINDS = 8, 3
LONGEST_TEMPLATE = 15
"""Characters up to which a value with such a word in it is a template's; longer ones hold one by chance."""
MIN_IN_URL = 6
EXAMPLE_BITS = 90.0
"""In tests and documentation people make up what is less."""
PUBLISHED_ISSUERS = {"supabase-demo"}
PUBLISHED = ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw",)
"""The key of Azure's storage emulator (learn.microsoft.com/azure/storage/common/storage-use-azurite)."""
PUBLISHED_KEYS = (b"your-256-bit-secret", b"a-string-secret-at-least-256-bits-long", b"secret", b"shhhhh")
"""Of the examples of jwt.io and of jsonwebtoken."""


def kind_of(path: str) -> FileKind:
    """Tell what a file is for."""
    if MADE.search(path):
        return FileKind.MADE
    return FileKind.EXAMPLE if EXAMPLE.search(path) else FileKind.ORDINARY


def quoted_only(path: str) -> bool:
    """Return whether a value without quotes is no value in such a file."""
    return CODE.fullmatch(path) is not None


def says_secret(name: str) -> bool:
    """Return whether a variable's name promises a secret."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.rsplit(".", 1)[-1].strip("_-"))
    low = snake.lower().replace("-", "_")
    if SAYS_NONE.search(low):
        return False
    return bool(SAYS_SECRET.search(low)) or bool(UPPER_KEY.fullmatch(snake))


def weigh_named(value: str, kind: FileKind, name: str = "", *, code: bool = False) -> Weight:
    """Weigh what stands under a name that promises a secret; in `code` words and UUIDs name things."""
    if kind is FileKind.MADE or _filled_in(value) or REFERENCE.match(value) or _is_no_value(value):
        return Weight.NOTHING
    if kind is FileKind.ORDINARY and SAYS_PASSWORD.search(name.lower()) and _chosen(value, code=code):
        return Weight.SECRET
    if code and _made_of_words(value):
        return Weight.NOTHING
    if _random(value):
        if kind is FileKind.ORDINARY and not (code and UUID.fullmatch(value)):
            return Weight.SUSPICIOUS if len(value) <= LONGEST_TEMPLATE and _published(value) else Weight.SECRET
        return Weight.SUSPICIOUS if entropy_bits(value) >= EXAMPLE_BITS else Weight.NOTHING
    random_enough = (
        kind is FileKind.ORDINARY
        and entropy_bits(value) >= MIN_NAMED_BITS
        and any(c.isdigit() for c in value)
        and not says_secret(value.rstrip("0123456789"))  # the name of another: new_password2
    )
    return Weight.SUSPICIOUS if random_enough else Weight.NOTHING


def _is_no_value(value: str) -> bool:
    """Return whether it is a text, a list, a version, an address or a name."""
    return (
        "://" in value
        or not value.isascii()
        or any(c.isspace() for c in value)
        or value.count(",") > 1
        or bool(RELEASE.fullmatch(value))
        or (bool(PATHLIKE.fullmatch(value)) and not _random(value))
    )


def weigh_url(user: str, password: str, host: str, kind: FileKind) -> Weight:
    """Weigh the password in a URL."""
    low = password.lower()
    if (
        kind is FileKind.MADE
        or _filled_in(password)
        or REFERENCE.match(password)
        or low in PASSWORDS
        or low == user.lower()
    ):
        return Weight.NOTHING
    local = LOCAL.fullmatch(host) is not None
    if _random(password) and not (local and kind is FileKind.EXAMPLE):
        return Weight.SECRET if kind is FileKind.ORDINARY else Weight.SUSPICIOUS
    if kind is not FileKind.ORDINARY or local:
        return Weight.NOTHING
    own = len(password) >= MIN_IN_URL and any(not c.isalpha() for c in password) and not _published(password)
    return Weight.SECRET if own else Weight.SUSPICIOUS


def weigh_token(token: str, before: str, after: str) -> Weight:
    """Weigh what has the form of a provider's token, with the characters that stand beside it."""
    if _filled_in(token) or "EXAMPLE" in token or COUNTED.fullmatch(token) or entropy_bits(token) < MIN_TOKEN_BITS:
        return Weight.NOTHING
    longest = max(re.findall(r"[A-Za-z0-9]+", token), key=len, default="")
    if len(set(longest)) == 1:  # as Slack writes its webhooks in documentation: /services/T00000000/B00000000/XXXXXXXX
        return Weight.NOTHING
    inside = bool(re.search(r"[A-Za-z0-9+/=]$", before)) or bool(re.match(r"[A-Za-z0-9+/]", after))
    return Weight.NOTHING if inside else Weight.SECRET


def weigh_key(block: str) -> Weight:
    """Weigh a private key from its first line to its last: one that is only spoken of has nothing, or dots, inside."""
    lines = JOINED.sub("\n", block).split("\n")[1:-1]
    body = "".join(line.strip() for line in lines if ":" not in line)
    try:
        inside = base64.b64decode(re.sub(r"\s", "", body), validate=True)
    except (binascii.Error, ValueError):
        return Weight.NOTHING
    real = len(inside) >= 40 and len(set(inside)) > len(inside) ** 0.5  # noqa: PLR2004 - an Ed25519 key has 48
    return Weight.SECRET if real else Weight.NOTHING


def weigh_jwt(token: str, kind: FileKind) -> Weight:
    """Weigh a JSON Web Token: one that a library's own example signs, or that is public by design, is no secret."""
    try:
        claims = json.loads(_unpadded(token.split(".")[1]))
    except (ValueError, IndexError, RecursionError):
        return Weight.NOTHING
    if not isinstance(claims, dict) or claims.get("role") == "anon" or claims.get("iss") in PUBLISHED_ISSUERS:
        return Weight.NOTHING
    if claims.get("sub") == "1234567890" or _signed_by_example(token):
        return Weight.NOTHING
    return Weight.SECRET if kind is FileKind.ORDINARY else Weight.SUSPICIOUS


def user_and_password(text: str) -> str:
    """Return the password in the base64 form that Docker and HTTP write logins in; empty where it is none."""
    try:
        user, colon, password = _unpadded(text).decode().partition(":")
    except (ValueError, UnicodeDecodeError):
        return ""
    return password if colon and user.isprintable() and password.isprintable() and not _filled_in(password) else ""


def _signed_by_example(token: str) -> bool:
    signed, _, signature = token.rpartition(".")
    made = {base64.urlsafe_b64encode(hmac.digest(key, signed.encode(), hashlib.sha256)) for key in PUBLISHED_KEYS}
    return signature.rstrip("=").encode() in {each.rstrip(b"=") for each in made}


def _unpadded(text: str) -> bytes:
    return base64.b64decode(
        text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4),
        altchars=b"-_" if set(text) & set("-_") else None,
        validate=True,
    )


def _random(value: str) -> bool:
    if _made_of_words(value):
        return False
    bits = entropy_bits(value)
    mixed = any(c.isdigit() for c in value) or (len(value) >= 20 and not value.islower() and not value.isupper())  # noqa: PLR2004
    return bits >= RANDOM_BITS and bits / len(value) >= MIN_BITS_A_CHARACTER and mixed


def _made_of_words(value: str) -> bool:
    """Return whether it is a name in a program, a list of words, or words with a number behind them."""
    if value.isupper() and "_" not in value:  # as base32 is
        return False
    pieces = PIECE.findall(value)
    words = [piece for piece in pieces if piece.isalpha()]
    letters = "".join(words)
    if len(pieces) < 2 or not words or CONSONANTS.search(" ".join(words)):  # noqa: PLR2004 - one word is no list
        return False
    vowels = sum(letter in "aeiouyAEIOUY" for letter in letters) / len(letters)
    digits = sum(map(len, pieces)) - len(letters)
    long = len(letters) >= WORD_LETTERS * len(words)
    return long and vowels >= WORD_VOWELS and digits <= NAME_DIGITS * len(value)


def _chosen(value: str, *, code: bool) -> bool:
    """Return whether a person made it up as a password: of several kinds of characters, and no template's.

    In code, names have several kinds of characters too, but none of those that only passwords have.
    """
    if code and not set(value) & set("!@#%^&*+~"):
        return False
    kinds = [any(map(of_kind, value)) for of_kind in (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())]
    return len(value) >= MIN_CHOSEN and sum(kinds) >= MIN_KINDS and value[0] not in "?-:+" and not _published(value)


def _published(password: str) -> bool:
    low = password.lower()
    return any(PUBLISHED_WORDS.search(each) for each in (low, low.translate(LEET), low.replace("1", "i")))


def _filled_in(value: str) -> bool:
    """Return whether someone or something is to fill a value in, or everybody knows it."""
    if len(value) < 2 or value.startswith(("$", "%", "{", "<")) or WRITTEN.search(value):  # noqa: PLR2004 - no value
        return True
    return bool(placeholder(value)) or bool(PUBLIC.match(value)) or value.rstrip("=") in PUBLISHED
