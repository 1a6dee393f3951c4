import prometheus_client.parser
import pytest

from golive import Unavailable
from golive_checks.systems.monitoring.client.exposition import Family, families

HISTOGRAM = '# TYPE b histogram\nb_bucket{le="+Inf"} 1\nb_sum 1\nb_count 1\n'
PLAIN = f'# TYPE a_total counter\na_total{{x="1"}} 1\na_total{{x="2"}} 2\n{HISTOGRAM}'
OPEN = '# TYPE a counter\na_total{x="1"} 1\n# TYPE b gauge\nb 1\n# EOF\n'


def test_pages_of_both_formats() -> None:
    assert families(PLAIN, "text/plain; version=0.0.4") == (
        Family("a_total", "counter", 2, ("x",)),
        Family("b", "histogram", 3, ("le",)),
    )
    kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert [f.name for f in families(OPEN, kind)] == ["a_total", "b"]


def test_a_page_on_which_the_parser_stumbles_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(_: str) -> None:
        raise IndexError

    monkeypatch.setattr(prometheus_client.parser, "text_string_to_metric_families", stumbles)
    with pytest.raises(Unavailable, match="the parser of metrics fails on this page: IndexError"):
        families(PLAIN, "text/plain")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('a{x="1" 1\n', "text/plain"),
        ("a b c d\n", "text/plain"),
        ("hello world\n", "text/plain"),
        ('{"a": 1}\n', "text/plain"),
        ("a 1\n", "application/openmetrics-text"),
        ("\0\0\0", "text/plain"),
    ],
)
def test_what_is_no_page(text: str, kind: str) -> None:
    with pytest.raises(ValueError, match="no page of metrics"):
        families(text, kind)
