"""It counts as Google's own library does, in the same browser, on the same pages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from vitals_site import TEXT, page, site

from golive_checks.systems.http.door import over_https
from golive_checks.systems.page.client import browser
from golive_lab.parts.certificates import ca_file

LIBRARY = Path(sys.prefix, "node/node_modules/web-vitals/dist/web-vitals.iife.js")
BESIDE = """
import json, sys, time
from golive_checks.systems.page.client import browser_worker as worker

REPORT = '''
;const theirs = {lcp: null, cls: null};
for (const name of ["LCP", "CLS"])
  webVitals["on" + name](seen => { theirs[name.toLowerCase()] = seen.value }, {reportAllChanges: true});
'''

class Beside(worker.BrowserVisit):
    def prepare(self):
        super().prepare()
        self.call("Page.addScriptToEvaluateOnNewDocument", source=open(sys.argv[1]).read() + REPORT)

    def wait(self, until):
        if self.ask["url"].endswith("/tap"):
            self.chromium.listen(time.monotonic() + 1.5)
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=50, y=50, button="left", clickCount=1)
        counted = super().wait(until)
        told = self.call("Runtime.evaluate", expression="JSON.stringify(theirs)")
        return {**counted, "theirs": json.loads(told["result"]["value"])}

worker.BrowserVisit = Beside
sys.stdout.write(json.dumps(worker.look(json.load(sys.stdin))))
"""

PUSH = """<script>
  const push = (after, high) => setTimeout(() => {
    const div = document.createElement("div");
    div.style.height = high + "px";
    document.body.prepend(div);
  }, after);
</script>"""
PAGES_BESIDE = {
    "/still": TEXT,
    "/late": TEXT
    + "<script>setTimeout(() => document.body.append('Bienvenue et bon travail. '.repeat(30)), 400)</script>",
    "/one-window": f"{TEXT}{PUSH}<script>push(300, 40); push(900, 60); push(1600, 30)</script>",
    "/two-windows": f"{TEXT}{PUSH}<script>push(300, 40); push(1900, 120); push(2300, 10)</script>",
    "/long-window": TEXT + PUSH + "<script>for (let n = 0; n < 9; n++) push(300 + n * 800, 20)</script>",
    "/tap": f"{TEXT}{PUSH}<script>addEventListener('click', () => push(50, 200))</script>",
}


@pytest.mark.parametrize("path", PAGES_BESIDE)
async def test_it_counts_as_googles_own_library_does(path, monkeypatch, tmp_path):
    script = tmp_path / "beside.py"
    script.write_text(BESIDE)
    monkeypatch.setattr(browser, "WORKER", (sys.executable, "-P", str(script), str(LIBRARY)))
    async with site(lambda path: page(PAGES_BESIDE[path]) if path in PAGES_BESIDE else None) as here:
        given = here.asking()
        at = over_https(next(iter(given["fronts"])))
        doors = [browser.BrowserTarget(at, str(ca_file(here.place)))]
        said = await given["browsers"].open(at, path, doors, runs=1, quiet_s=2.0, timeout_s=20)
    ours = said["runs"][0]
    theirs = ours["theirs"]
    assert (ours["lcp"]["ms"], ours["cls"]) == pytest.approx((theirs["lcp"], theirs["cls"]))
    assert (ours["cls"] > 0) is ("window" in path)
