"""Which browser it is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from vitals_site import TEXT, page, site

from golive import Unavailable
from golive_checks.systems.page.client import browser
from golive_checks.systems.page.client.browser import BrowserSettings


async def test_without_a_browser_it_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match="no Chromium on this machine") as gap:
            await here.open()
        assert here.asked == []
    assert gap.value.fix.startswith("apt-get install chromium-headless-shell")


def test_golive_itself_imports_nothing_that_speaks_to_a_browser():
    code = (
        "import sys, golive_checks.observability; print([m for m in sys.modules if 'devtools' in m or 'browser_' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_playwrights_own_is_found_the_newest_first(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    for version in ("1148", "1155"):
        program = tmp_path / f".cache/ms-playwright/chromium_headless_shell-{version}/chrome-linux/headless_shell"
        program.parent.mkdir(parents=True)
        program.touch()
    assert "-1155/" in browser.executable(BrowserSettings())


@pytest.mark.parametrize(
    ("program", "reason"),
    [("/bin/true", "the browser has ended"), ("/etc/passwd", "is no program"), ("/nowhere/chrome", "is no program")],
)
async def test_a_browser_that_is_none_is_a_gap(program, reason):
    async with site(page(TEXT)) as here:
        with pytest.raises(Unavailable, match=reason):
            await here.open(settings=BrowserSettings(executable=program))
