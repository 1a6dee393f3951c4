"""What is said of a line of an env file."""

import pytest

from golive_checks.env.oddities import sentence
from golive_checks.systems.env.oddities import EnvOddity, OddityKind


@pytest.mark.parametrize("kind", OddityKind)
def test_each_kind_has_a_sentence(kind: OddityKind) -> None:
    said = sentence(EnvOddity(kind, ("A", "B")))
    assert " " in said
    assert not {"{", "}"} & set(said.replace("${…}", "").replace("a ${ that", ""))


@pytest.mark.parametrize(
    ("oddity", "said"),
    [
        (EnvOddity(OddityKind.CRLF, (1,)), "a line ends in CRLF: "),
        (EnvOddity(OddityKind.CRLF, (12,)), "12 lines end in CRLF: "),
        (EnvOddity(OddityKind.NO_NAME, ends="Docker"), "has no name before its =, for which Docker refuses the whole"),
        (EnvOddity(OddityKind.PARENTHESIS, ends="the shell"), "outside quotes: the shell reads no further"),
        (EnvOddity(OddityKind.REPLACED_BY_NOTHING, ("A", "B")), "replaces A, B, set nowhere before, by nothing"),
    ],
)
def test_numbers_names_and_who_gives_up(oddity: EnvOddity, said: str) -> None:
    assert said in sentence(oddity)
