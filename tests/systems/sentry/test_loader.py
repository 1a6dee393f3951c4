import pytest

from golive_checks.systems.sentry.sentry import LOADER

KEY = "0123456789abcdef" * 2


@pytest.mark.parametrize(("host", "known"), [("js", True), ("js-de", True), ("js-us", True), ("cdn", False)])
def test_sentry_s_loader_is_known_in_every_region(host: str, *, known: bool) -> None:
    assert bool(LOADER.search(f"https://{host}.sentry-cdn.com/{KEY}.min.js")) is known
