"""What a host's entry presets."""

import pytest

from golive_checks.subjects import HostEntry, hosts

MANAGED = [
    ({}, False),
    ({"edge": "alb"}, True),
    ({"edge": "vercel"}, True),
    ({"edge": "other"}, False),
    ({"hosting": "self"}, False),
    ({"hosting": "render"}, True),
    ({"hosting": "supabase"}, True),
]


@pytest.mark.parametrize(("entry", "managed"), MANAGED)
def test_a_managed_edge_is_told_by_what_stands_in_front_and_by_who_hosts(entry, managed):
    (host,) = hosts("api", HostEntry(name="api.example.com", **entry))
    assert host.managed_edge is managed
