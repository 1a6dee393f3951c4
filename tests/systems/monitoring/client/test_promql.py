import pytest
from clocks import cpu_below

from golive_checks.systems.monitoring.client.promql import Matcher, Selector, selectors

RATIO = (
    'sum(rate(a_total{x=~"b|c",y!="d",z!~"e"}[5m] offset 1h)) / sum(rate(a_total[5m])) > 0.05 or absent(up{job="api"})'
)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("vector(1)", ()),
        ("up == 0", (Selector("up"),)),
        (
            RATIO,
            (
                Selector("a_total", (Matcher("x", "=~", "b|c"), Matcher("y", "!=", "d"), Matcher("z", "!~", "e"))),
                Selector("a_total"),
                Selector("up", (Matcher("job", "=", "api"),)),
            ),
        ),
        ('{__name__=~"a.*",b="c"}', (Selector("", (Matcher("__name__", "=~", "a.*"), Matcher("b", "=", "c"))),)),
        ("max_over_time(deriv(a[1m])[5m:1m])", (Selector("a"),)),
        ("histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m])))", (Selector("a_bucket"),)),
        ("((", None),
        ("", None),
        ("not promql at all", None),
        ("a" * 20_000, None),
    ],
)
def test_what_an_expression_reads(expression: str, found: tuple[Selector, ...] | None) -> None:
    assert selectors(expression) == found


BOMBS = {
    "brackets": "(" * 3000 + "1" + ")" * 3000,
    "some brackets": "(a+" * 99 + "a" + ")" * 99,
    "signs": "-" * 4000 + "1",
    "some signs": "-" * 199 + "a",
    "sums": "+".join(["a"] * 2000),
    "some sums": "+".join(["a"] * 199),
    "ands": " and ".join(["a"] * 500),
    "ranges": "a[" * 2000,
    "matchers": "a{" + ",".join(f'b{n}="c"' for n in range(300)) + "}",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_no_expression_takes_long(bomb: str) -> None:
    with cpu_below(2):
        selectors(bomb)
