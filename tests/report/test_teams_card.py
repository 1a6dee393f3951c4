"""The card for Teams, read and drawn by Microsoft's own renderer of Adaptive Cards in a real Chromium."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_samples as samples
from chromium_dom import shown

from golive.report import message

RENDERER = Path(sys.prefix, "node/node_modules/adaptivecards/dist/adaptivecards.min.js")
PAGE = """<!doctype html><meta charset="utf-8"><body>
<script type="application/json" id="card">CARD</script><main></main>
<script>RENDERER</script><script>
const card = new AdaptiveCards.AdaptiveCard(), context = new AdaptiveCards.SerializationContext();
card.parse(JSON.parse(document.getElementById("card").textContent), context);
const wrong = [...Array(context.eventCount).keys()].map(n => context.getEventAt(n).message);
wrong.push(...card.validateProperties().validationEvents.map(found => found.message));
document.body.dataset.wrong = JSON.stringify(wrong);
document.querySelector("main").append(card.render());
</script></body>"""


def drawn(card: dict[str, Any], *flags: str) -> tuple[list[str], str, int]:
    """Return what the renderer finds wrong, the text that it shows, and how many links and pictures it made."""
    held = json.dumps(card).replace("<", "\\u003c")
    page = PAGE.replace("CARD", held, 1).replace("RENDERER", RENDERER.read_text("utf-8"), 1)
    body = shown(page, *flags).css_first("body")
    assert body is not None
    main = body.css_first("main")
    assert main is not None
    return json.loads(body.attributes["data-wrong"] or "null"), main.text(), len(main.css("a, img, iframe, script"))


@pytest.mark.parametrize("run", ["healthy", "broken", "hostile"])
def test_the_renderer_finds_nothing_wrong_and_shows_every_line(run: str) -> None:
    report = samples.healthy() if run == "healthy" else samples.broken()
    if run == "hostile":
        report = replace(report, run=replace(report.run, environment=f"[a](https://evil.example) {samples.HOSTILE}"))
    (attachment,) = message.teams(report)["attachments"]
    card = attachment["content"]
    wrong, text, active = drawn(card)
    assert wrong == []
    assert active == 0
    for block in card["body"]:
        for part in block["inlines"]:
            assert "".join(part["text"].split()) in "".join(text.split())


def test_what_is_no_card_is_seen() -> None:
    wrong, _, _ = drawn({"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "NoSuchThing"}]})
    assert wrong
