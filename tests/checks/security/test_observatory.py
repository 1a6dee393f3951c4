"""Side by side with MDN's HTTP Observatory: golive is at least as strict, or says why it is not."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from golive import Outcome, Unavailable, Verdict
from golive_checks.hsts import HstsPolicy
from golive_checks.security.cookies import CookiePolicy, flagged
from golive_checks.security.cors import foreign_origins_refused
from golive_checks.security.csp import csp
from golive_checks.security.headers import HeaderPolicy, frames, hsts, nosniff, referrer
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import AnswerKind, Answers
from golive_checks.systems.http.cookies import cookies
from golive_checks.systems.http.cors import Asked, Cors, CorsAnswers
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.http.suffixes import SharedSuffixes
from golive_checks.systems.page.document import Document
from golive_checks.systems.page.second_look import SecondLook
from golive_lab.parts.process import program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observatory_cases import Case

sys.path.insert(0, str(Path(__file__).parent))
from observatory_cases import CASES, FOREIGN, HOSTS

PACKAGE = Path(sys.prefix, "node", "node_modules", "@mdn", "mdn-http-observatory")
DRIVER = Path(__file__).with_name("observatory.mjs")
HOST = Host("app.example", role="app")


@pytest.fixture(scope="module")
def observatory() -> Mapping[str, Any]:
    assert PACKAGE.exists(), "make servers installs MDN's HTTP Observatory"
    asked = json.dumps([asdict(case) for case in CASES])
    ran = subprocess.run([program("node"), DRIVER, PACKAGE], input=asked, capture_output=True, text=True, check=True)
    return dict(zip([case.name for case in CASES], json.loads(ran.stdout), strict=True))


def ours(case: Case) -> Verdict:
    given = (("content-type", "text/html"), *((n, v) for n, v in case.headers if n != "set-cookie"))
    reply = HttpReply("/", 200, "HTTP/2", given, 1)
    set_by = tuple(cookies((value for name, value in case.headers if name == "set-cookie"), dt.datetime.now(dt.UTC)))
    seen = Answers("192.0.2.1", (AnswerKind("page", reply, set_by),))
    page = Document(policies=tuple(case.metas.get("content-security-policy", ())))
    cors = CorsAnswers((HOSTS,), "/", asked=(Asked("simple", "unrelated", FOREIGN, reply),))
    judged = {
        "csp": lambda: csp(
            HOST, seen, {}, page, SecondLook(), Unavailable("no bundle"), {HOST: Origin(HOSTS)}, SharedSuffixes()
        ),
        "hsts": lambda: hsts(HOST, seen, {}, HstsPolicy()),
        "frames": lambda: frames(HOST, seen, {}, SharedSuffixes()),
        "nosniff": lambda: nosniff(HOST, seen, {}),
        "referrer": lambda: referrer(HOST, seen, {}, page, HeaderPolicy()),
        "cors": lambda: foreign_origins_refused(HOST, cors, Cors()),
        "cookies": lambda: flagged(HOST, seen, CookiePolicy(session=tuple({c.name for c in set_by} & {"SESSIONID"}))),
    }[case.kind]()
    assert judged.outcome is not Outcome.UNKNOWN, judged
    return judged


def test_no_case_is_asked_twice() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_at_least_as_strict(case: Case, observatory: Mapping[str, Any]) -> None:
    theirs, judged = observatory[case.name], ours(case)
    we_fail, they_fail = judged.outcome is Outcome.FAIL, not theirs["pass"]
    assert (we_fail != they_fail) == bool(case.differs), (case.differs or theirs["result"], judged)
    if case.differs:
        assert case.differs.startswith("stricter" if we_fail else "laxer")
        assert we_fail or judged.outcome is Outcome.WARN or "warns" not in case.differs
