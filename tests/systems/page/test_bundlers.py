"""What golive finds in what bundlers write today: which scripts start the page, and which come when they are wanted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from env_readers import NODE, PACKAGES
from site_files import html

from golive_checks.systems.http.page import page
from golive_checks.systems.page.bundle import bundle
from golive_checks.systems.page.modules import modules
from golive_lab.parts.asgi import HttpAnswer

Site = Callable[..., AbstractAsyncContextManager[Any]]

BUILDS = ["esbuild", "rollup", "vite", "webpack", "webpack, its runtime apart", "parcel"]
ALL = os.environ.get("GOLIVE_ALL") == "1"
FIRST, LATER, DEEP = "https://first.shop.test", "https://later.shop.test", "https://deep.shop.test"
SOURCES = {
    "main.js": f"""import {{ money }} from "./shared.js";
fetch("{FIRST}/prices").then((got) => got.text()).then((text) => console.log(money(text.length)));
document.querySelector("#cart").onclick = () => import("./cart.js").then((cart) => cart.open());
""",
    "shared.js": "export const money = (n) => new Intl.NumberFormat('en', { style: 'unit', unit: 'gram' }).format(n);",
    "cart.js": f"""import {{ money }} from "./shared.js";
export const open = () => fetch("{LATER}/cart").then(() => import("./checkout.js")).then((c) => c.pay(money(2)));
""",
    "checkout.js": f'export const pay = (n) => fetch("{DEEP}/pay", {{ method: "POST", body: n }});',
}


def built(tool: str, folder: Path) -> dict[str, str]:
    """Build the shop; return what is in dist/ by path."""
    (folder / "src").mkdir(parents=True)
    for name, text in SOURCES.items():
        (folder / "src" / name).write_text(text)
    (folder / "package.json").write_text(
        '{"name": "shop", "version": "1.0.0", "browserslist": "last 1 chrome version"}'
    )
    name, _, more = tool.partition(", ")
    environ = {**os.environ, "NODE_PATH": str(PACKAGES / "node_modules"), "RUNTIME": "single" if more else ""}
    script = Path(__file__).parents[2] / "helpers" / "bundlers.cjs"
    ran = subprocess.run(
        [NODE, script, name, folder], env=environ, cwd=PACKAGES, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    dist = folder / "dist"
    return {f"/{f.relative_to(dist)}": f.read_text() for f in dist.rglob("*") if f.is_file()}


@pytest.mark.parametrize("tool", BUILDS if ALL else BUILDS[:1])
async def test_a_build(tool: str, site: Site, tmp_path: Path) -> None:
    files = built(tool, tmp_path / "shop")

    def respond(path: str, _: Any) -> HttpAnswer:
        if path not in files:
            return html(files["/index.html"])
        return HttpAnswer(200, "text/javascript", files[path].encode())

    async with site(respond) as there:
        fronts = await there.fronts()
        seen = await there.look(page, fronts=fronts)
        read = await there.look(bundle, page=seen, fronts=fronts)
        graph = await there.look(modules, page=seen, fronts=fronts)
    holding = {where: {path for path, text in files.items() if where in text} for where in (FIRST, LATER, DEEP)}
    assert holding[FIRST] <= {script.path for script in graph.initial}
    assert not holding[LATER] & {script.path for script in graph.initial}
    lazy = {script.path for script in graph.lazy}
    assert holding[LATER] <= lazy or graph.webpack_lazy
    assert graph.missed == ()
    unseen = {where for where in holding if where not in read.origins}
    assert unseen == set() or (unseen == {LATER, DEEP} and read.missed), read
