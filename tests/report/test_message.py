"""Messages to Slack and Teams: at most a screen, plain text, and the words of others harmless."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import report_samples as samples
from slack_sdk.models.blocks import Block

from golive.report import message


def test_slack_takes_the_blocks() -> None:
    for report in (samples.broken(), samples.healthy(), samples.big(500, red=1.0, checks=500)):
        sent = message.slack(report)
        blocks = Block.parse_all(sent["blocks"])
        assert len(blocks) == len(sent["blocks"])
        for block in blocks:
            block.validate_json()
        words = " ".join(text["text"] for text in texts(sent["blocks"]))
        assert len(words) < 2500, "a screen"


def texts(value: object) -> list[dict]:
    """Every text object of a message."""
    if isinstance(value, dict):
        return [value] if "text" in value and isinstance(value["text"], str) else texts(list(value.values()))
    return [each for part in value for each in texts(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("service", message.SERVICES)
def test_what_others_sent_is_plain_text(service: str) -> None:
    broken = samples.broken()
    hostile = replace(broken, run=replace(broken.run, environment=f"<!channel> {samples.HOSTILE}"))
    sent = message.SERVICES[service](hostile)
    found = texts(sent["blocks"] if service == "slack" else sent["attachments"])
    assert {each["type"] for each in found} == {"plain_text" if service == "slack" else "TextRun"}
    assert "<" not in sent.get("text", "")
    assert "\x1b" not in json.loads(json.dumps(" ".join(each["text"] for each in found)))


@pytest.mark.parametrize("service", message.SERVICES)
def test_the_decision_the_gravest_and_the_count_of_the_rest(service: str) -> None:
    sent = message.SERVICES[service](samples.big(500, red=1.0, checks=500))
    words = [each["text"] for each in texts(sent["blocks"] if service == "slack" else sent["attachments"])]
    lines = "\n".join(words).splitlines()
    assert lines[0] == "NO-GO: staging"
    assert lines[1].startswith("336 blockers") or " blockers" in lines[1]
    assert sum(line.startswith("s") for line in lines) == message.SHOWN
    assert any(line.startswith("and ") and line.endswith(" more blockers") for line in lines)
    assert len(lines) <= 14
    assert len(json.dumps(sent)) < 28_000, "Teams takes 28 kB"
