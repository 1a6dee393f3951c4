"""Backups as facts, without any place that holds them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from golive import Now
from golive_checks.systems.backups.facts import Backup, Backups

NOW = dt.datetime(2026, 3, 15, 12, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def now() -> Now:
    return Now(NOW)


def backup(age_h: float = 10, size: int | None = 1000, **more: Any) -> Backup:
    at = NOW - age_h * HOUR
    return Backup(f"main-{at:%Y-%m-%dT%H%M}.dump", at, size, **more)


def backups(*ages_h: float, size: int | None = 1000, **more: Any) -> Backups:
    """Return backups of these ages, all of one size."""
    return of([backup(age, size) for age in ages_h], **more)


def of(found: list[Backup], **more: Any) -> Backups:
    days = sorted({b.taken_at.date() for b in found if not b.error}, reverse=True)
    newest = tuple(sorted(found, key=lambda b: b.taken_at, reverse=True))
    return replace(Backups(newest, tuple(days), len(found)), **more)
