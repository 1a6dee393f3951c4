"""A Postgres of this machine for the tests of its client, with TLS, and pgBouncer before it."""

from collections.abc import Iterator

import pytest

from golive_lab.certificates import CERTIFICATES
from golive_lab.pgbouncer import POOLER
from golive_lab.ports import Place, standing
from golive_lab.postgres_parts import parts
from golive_lab.stack import Stack
from golive_lab.world import healthy


@pytest.fixture(scope="module")
def lab() -> Iterator[Place]:
    """The real stack's database, its content and its pooler, and nothing else."""
    servers, content = parts("real")
    with standing() as place:
        stack = Stack(((CERTIFICATES,), servers, (*content, POOLER)), place)
        try:
            stack.become(healthy())
            yield place
        finally:
            stack.close()
