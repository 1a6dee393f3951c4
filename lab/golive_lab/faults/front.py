"""What can make the web app slow to start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World


def front(**changes: Any) -> Callable[[World], World]:
    """Change how the front end is built, and nothing else."""

    def change(world: World) -> World:
        return replace(world, app=replace(world.app, front=replace(world.app.front, **changes)))

    return change


LATE = """setTimeout(()=>{
  const offer=document.createElement("p");
  offer.textContent="Votre commerce, vos stocks et vos ventes dans votre poche, en ville comme au village. ".repeat(12);
  offer.style.position="fixed";
  offer.style.inset=0;
  document.body.append(offer);
},2000);
"""
"""Over all else, so that nothing moves."""

BANNER = """setTimeout(()=>{
  const banner=document.createElement("div");
  banner.style.height="320px";
  document.body.prepend(banner);
},1500);
"""
"""Empty, so that it is painted as nothing."""

CDN = '    <script defer src="https://cdn.jsdelivr.net/npm/dayjs@1.11.13/dayjs.min.js" crossorigin></script>\n'

FAULTS = (
    Fault(
        "scripts.without-integrity",
        "scripts.pinned",
        "The page loads a script from a public CDN, held to no hash",
        front(extra_tags=CDN),
        outcome="warn",
        also=("headers.csp",),  # which lets no script in from there
    ),
    Fault("front.3-mb-bundle", "front.within-budget", "The main bundle has 3 MB", front(bulk_kb=3000)),
    Fault(
        "front.over-budget",
        "front.within-budget",
        "The scripts have 200 kB with gzip",
        front(bulk_kb=390),
        outcome="warn",
    ),
    Fault("front.not-split", "front.code-split", "Every script is imported at once", front(splits=False)),
    Fault("front.4-mb-picture", "front.images-optimised", "The logo is a PNG of 4 MB", front(picture="huge")),
    Fault(
        "front.oversized-picture",
        "front.images-optimised",
        "The logo has 25 times the pixels that are shown",
        front(picture="oversized"),
    ),
    Fault("front.not-lazy", "front.lazy", "All pictures of the page load at once", front(lazy=False)),
    Fault(
        "front.late-headline",
        "front.web-vitals",
        "A script writes the largest text of the page seconds later",
        front(extra_script=LATE),
        stacks=("real",),  # which a browser looks at: the demo needs none
    ),
    Fault(
        "front.banner-pushes-down",
        "front.web-vitals",
        "A banner comes late and pushes the page down",
        front(extra_script=BANNER),
        stacks=("real",),
    ),
)
