"""The documentation of a check is its docstring: for the engineer who reads it at night, and never thin."""

from __future__ import annotations

import inspect
import re

import pytest

from golive import plugins
from golive.engine.resolve import resolve
from golive.profile.documented import attribute_docs

BLUEPRINT = resolve(plugins.load().modules)
SETTINGS = sorted({s for _, s in BLUEPRINT.settings()}, key=lambda s: s.home)


@pytest.mark.parametrize("check", BLUEPRINT.checks, ids=lambda c: c.info.id)
def test_a_check_says_what_why_and_how_to_mend_it(check):
    info = check.info
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*", info.id)
    assert 10 <= len(info.title) <= 120
    assert len(info.why) >= 60, "Why: is thin"
    assert len(info.fix) >= 30, "Fix: is thin"


@pytest.mark.parametrize("probe", BLUEPRINT.probes.values(), ids=lambda p: p.gives.__name__)
def test_a_probe_says_what_it_looks_at(probe):
    assert 5 <= len(probe.decl.title) <= 100
    assert inspect.getdoc(probe.gives)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: s.home)
def test_every_setting_has_a_default_and_is_documented(settings):
    settings()
    described = attribute_docs(settings)
    assert [name for name in settings.model_fields if name not in described] == []
