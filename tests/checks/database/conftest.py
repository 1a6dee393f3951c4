"""What the cases of the database's checks begin from."""

import datetime as dt

import pytest

from golive import Now

NOON = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def now() -> Now:
    return Now(NOON)
