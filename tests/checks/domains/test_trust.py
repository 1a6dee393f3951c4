"""Whatever a search for a trusted root comes to, there are words for it, and advice where it takes more than a look."""

import pytest

from golive_checks.domains.trust import OF_A_CA, obstacle, oddity, remedy
from golive_checks.systems.tls.client.strictness import Breach
from golive_checks.systems.tls.client.trust_path import Broken, Obstacle, Odd, Oddity


@pytest.mark.parametrize("by", Obstacle)
def test_every_obstacle_is_put_in_words(by: Obstacle) -> None:
    broken = Broken(by, "Middle", "2026-11-01", "http://ca.test/x.crt")
    assert len(obstacle(broken)) > 20
    assert "{" not in obstacle(broken)
    assert bool(remedy(broken)) is (by not in OF_A_CA)


def test_it_is_said_where_the_issuer_can_be_had() -> None:
    assert "is at http://ca.test/x.crt" in remedy(Broken(Obstacle.INCOMPLETE, "a", "b", "http://ca.test/x.crt"))
    assert "is at" not in remedy(Broken(Obstacle.INCOMPLETE, "a", "b"))


@pytest.mark.parametrize("breach", Breach)
def test_every_breach_is_put_in_words(breach: Breach) -> None:
    said = oddity(Odd(Oddity.NOT_STRICT, name="Middle", breach=breach), 3)
    assert said.startswith("Python 3.13 and later refuse Middle: it")


def test_what_else_is_odd() -> None:
    assert oddity(Odd(Oddity.NOT_PART, 1), 3) == "1 of the 3 certificates sent are not part of its chain"
    assert oddity(Odd(Oddity.OUT_OF_ORDER), 3).startswith("the chain is sent out of order")
