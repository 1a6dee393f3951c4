import pytest

from golive_checks.systems.http.client.walls import wall

WALLS = {
    "429": (429, [], "429, too many requests", True),
    "cloudflare challenge": (403, [("cf-mitigated", "challenge")], "a bot challenge", True),
    "aws challenge": (202, [("x-amzn-waf-action", "challenge")], "a bot challenge", True),
    "vercel challenge": (429, [("x-vercel-mitigated", "challenge")], "429", True),
    "cloudflare access": (
        302,
        [("location", "https://x.cloudflareaccess.com/cdn-cgi/access/login/app?kid=1")],
        "(x.cloudflareaccess.com)",
        False,
    ),
    "vercel": (401, [("set-cookie", "_vercel_sso_nonce=x; Path=/")], "a login wall", False),
    "basic": (401, [("www-authenticate", 'Basic realm="x"')], "asks for a password", False),
}
OPEN = {
    "ok": (200, [("server", "cloudflare")]),
    "bearer": (401, [("www-authenticate", "Bearer")]),
    "refused": (403, []),
    "own login": (302, [("location", "/login")]),
    "look-alike": (302, [("location", "https://notcloudflareaccess.com/")]),
    "not a redirect": (200, [("location", "https://x.cloudflareaccess.com/")]),
    "no URL": (302, [("location", "https://[")]),
}


@pytest.mark.parametrize(("status", "headers", "reason", "provoked"), WALLS.values(), ids=WALLS)
def test_a_wall_is_recognised(status: int, headers: list[tuple[str, str]], reason: str, *, provoked: bool) -> None:
    stands = wall(status, headers)
    assert stands
    assert reason in stands.reason
    assert stands.provoked is provoked
    assert stands.fix


@pytest.mark.parametrize(("status", "headers"), OPEN.values(), ids=OPEN)
def test_the_apps_own_answer_is_no_wall(status: int, headers: list[tuple[str, str]]) -> None:
    assert wall(status, headers) is None
