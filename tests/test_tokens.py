"""What has the form of a provider's token is masked, whether golive was given it or not."""

from __future__ import annotations

import random
import re
import re._constants as kind  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import string
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from golive.tokens import MASK, TABLE, without_tokens

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import token_shapes

HELD = tomllib.loads(TABLE.read_text("utf-8"))
SEED = 20261129


def test_the_table_is_that_of_the_rules_that_repositories_are_searched_by() -> None:
    assert HELD["version"] == version(token_shapes.PACKAGE), "run tools/token_shapes.py"
    assert HELD["forms"] == token_shapes.shapes(), "run tools/token_shapes.py"
    assert len(HELD["forms"]) > 200


class Maker:
    """Makes up a text that a pattern matches."""

    def __init__(self, seed: str) -> None:
        self.source = random.Random(seed)  # noqa: S311 - it must be foreseeable

    def text(self, parsed: Any) -> str:
        return "".join(self._one(op, value) for op, value in parsed)

    def _one(self, op: Any, value: Any) -> str:
        if op is kind.LITERAL:
            return chr(value)
        if op is kind.IN:
            return self.source.choice(sorted(self._letters(value)))
        if op in {kind.MAX_REPEAT, kind.MIN_REPEAT}:
            least, most, inner = value
            return "".join(self.text(inner) for _ in range(max(least, min(most, 1))))
        if op is kind.SUBPATTERN:
            return self.text(value[-1])
        if op is kind.BRANCH:
            return self.text(self.source.choice(value[1]))
        return "" if op is kind.AT else "x"

    def _letters(self, items: Any) -> set[str]:
        plain = set(string.ascii_letters + string.digits)
        found: set[str] = set()
        for op, value in items:
            if op is kind.NEGATE:
                return plain - self._letters(items[1:])
            if op is kind.LITERAL:
                found.add(chr(value))
            elif op is kind.RANGE:
                found |= {chr(code) for code in range(max(value[0], 33), min(value[1], 126) + 1)}
            else:
                found |= {" "} if value is kind.CATEGORY_SPACE else set(string.digits)
        return found


def made_up(name: str) -> str:
    form = re.sub(r"\(\?-?i\)|(?<=\(\?)-i", "", HELD["forms"][name])
    return Maker(f"{SEED} {name}").text(parser.parse(form.replace("[[:alnum:]]", "[A-Za-z0-9]").replace(r"\z", r"\Z")))


@pytest.mark.parametrize("name", HELD["forms"])
def test_a_token_of_each_form_is_masked(name: str) -> None:
    token = made_up(name)
    for around in ("the command says {} and ends", "token={}", '{{"t": "{}"}}', "é{}é", "line\n{}\nline"):
        shown = without_tokens(around.format(token))
        left = [token[at : at + 9] for at in range(6, len(token) - 9) if token[at : at + 9] in shown]
        assert MASK in shown, (SEED, token)
        assert not left or "bedrock" in name, (SEED, token, shown)


@pytest.mark.parametrize(
    "token",
    [
        "ghs_1234567_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NTY3In0." + "c2lnbmVk" * 8,
        "ghp_" + "a1B2c3D4e" * 4 + "LongerThanTheRuleSays",
        "redis://:x7Kq9TmWvB2n@cache.demo.test:6379/0",
        "Authorization: Bearer x7Kq9TmWvB2nRfL4sDp6",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----",
    ],
)
def test_what_golive_knows_by_itself(token: str) -> None:
    shown = without_tokens(f"before {token} after")
    assert MASK in shown
    assert not re.search("c2lnbmVk|LongerThan|x7Kq9|MIIE", shown)


@pytest.mark.parametrize(
    "honest",
    [
        "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5 is the commit",
        "postgresql://user:password@db.demo.test/app, redis://:${REDIS_PASSWORD}@cache/0",
        "https://api.demo.test:8443/v1?x=a@b.test",
        "/assets/index-B7xKq9Tm.js, /_next/static/chunks/0f8c1d9a47e6b3d1.js",
        "Set `add_header Strict-Transport-Security` and basic authentication",
        "3f2b8c1d-9a47-4e6b-8d15-7c0e92ab46f3",
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "half a letter \ud800 and the rest of a line",
    ],
)
def test_what_is_no_token_stays(honest: str) -> None:
    assert without_tokens(honest) == honest
