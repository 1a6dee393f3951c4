"""Do wrong requests get an error, and nothing but the error?"""

from collections.abc import Iterator, Sequence

from golive import Unavailable, Verdict, check, unknown, verdict
from golive_checks.systems.http.error_pages import ErrorAnswer, ErrorAnswers, ErrorSite, LongHeaderAnswer
from golive_checks.systems.http.front import REDIRECTS

PROTECTING = frozenset({"strict-transport-security", "x-content-type-options", "x-frame-options", "referrer-policy"})
ERROR = 400
NOT_THERE = frozenset({404, 410})
SUCCESS, SERVER_ERROR = range(200, 300), 500


@check("web.error-pages")
def error_pages(site: ErrorSite, seen: ErrorAnswers, long: LongHeaderAnswer | Unavailable) -> Verdict:
    """An unknown path is answered with 404, and no error shows how the product is made.

    Why: A page for every path fills search engines with copies, hides broken links from monitoring, and lets a deploy
    without its files look healthy. Traces, debug pages and versions show an attacker files, queries and known holes.

    Fix: Answer what no route takes with 404 and a page of your own (nginx: `error_page 404 /404.html;`, without `=200`;
    a single-page app: list its routes, or `try_files $uri =404` outside of them). Switch debugging off
    (NODE_ENV=production, DEBUG = False, APP_DEBUG=false), handle errors in one place, and hide versions
    (`server_tokens off;`). Headers that protect belong into nginx's server block, each with `always`.

    Source: RFC 9110, section 15.5.5; OWASP Web Security Testing Guide, WSTG-ERRH-01 and WSTG-ERRH-02
    """
    answers = [*seen.answers, *([long.answer] if isinstance(long, LongHeaderAnswer) and long.answer else [])]
    defects = [defect for answer in answers for defect in (*_status(answer), *_shown(answer), *_own(site, answer))]
    defects += _lost(answers)
    fails = list(dict.fromkeys(text for fails, text in defects if fails))
    lines = [f"{each.path} ({each.asked}): {each.reply.status}" for each in answers]
    lines += [f"{path}: the connection was closed" for path in seen.unanswered]
    if isinstance(long, Unavailable) and not long.not_permitted and not fails:
        return unknown(f"an over-long header could not be sent: {long.reason}", *lines)
    warns = list(dict.fromkeys(text for fails, text in defects if not fails))
    return verdict(fails, warns, ok="unknown paths answer 404, and no error shows more", evidence=lines)


def _status(answer: ErrorAnswer) -> Iterator[tuple[bool, str]]:
    status, path = answer.reply.status, answer.path
    if answer.asked != "unknown path":
        if status >= SERVER_ERROR:
            yield False, f"{path} ({answer.asked}) answers {status}: it is the request that is wrong, not the server"
    elif status in SUCCESS:
        yield True, f"{path} answers {status}, though nothing is there"
    elif status >= SERVER_ERROR:
        yield True, f"{path} answers {status}, where nothing is there"
    elif status in REDIRECTS:
        yield False, f"{path} redirects ({status}) to {answer.reply.header('location')}, where nothing is there"
    elif status not in NOT_THERE:
        yield False, f"{path} answers {status}, where nothing is there"


def _shown(answer: ErrorAnswer) -> Iterator[tuple[bool, str]]:
    for sign in answer.signs:
        yield sign.kind != "plain", f"{answer.path} ({answer.asked}) shows {sign.what}"


def _lost(answers: Sequence[ErrorAnswer]) -> Iterator[tuple[bool, str]]:
    """Name the headers that the app's error has and the proxy's own has not, where the proxy adds any by itself.

    nginx adds those without `always`, and those of a location, to none of the errors that it makes of a request line.
    """
    usual = {name for answer in answers if answer.asked == "unknown path" for name in PROTECTING & _names(answer)}
    for answer in (each for each in answers if each.asked != "unknown path" and each.reply.status >= ERROR):
        lost = sorted(usual - _names(answer))
        if lost and usual & _names(answer):
            yield False, f"{answer.path} ({answer.asked}) answers {answer.reply.status} without {', '.join(lost)}"


def _names(answer: ErrorAnswer) -> set[str]:
    return {name for name, _ in answer.reply.headers}


def _own(site: ErrorSite, answer: ErrorAnswer) -> Iterator[tuple[bool, str]]:
    if site.text and answer.asked == "unknown path" and answer.reply.status in NOT_THERE and not answer.own_text:
        yield True, f"{answer.path} does not show the product's own page ({site.text})"
