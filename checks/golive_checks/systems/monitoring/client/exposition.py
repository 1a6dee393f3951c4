"""Reads a page of metrics with Prometheus's own parser for Python."""

from dataclasses import dataclass

from golive import Unavailable

MAX_FAMILIES = 5000


@dataclass(frozen=True)
class Family:
    """A family of metrics: its name as it is exposed, its type, how many samples, which labels they have."""

    name: str
    kind: str
    samples: int
    labels: tuple[str, ...] = ()


def families(text: str, content_type: str) -> tuple[Family, ...]:
    """Parse a page.

    Raises:
        ValueError: it is no page of metrics.
        Unavailable: the parser itself fails, or there are too many families.
    """
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
    from prometheus_client.parser import text_string_to_metric_families as plain

    parse = openmetrics if content_type.startswith("application/openmetrics-text") else plain
    found = []
    try:
        for family in parse(text):
            labels = dict.fromkeys(name for sample in family.samples for name in sample.labels)
            # The parser takes _total off a counter's name: the samples have it still.
            named = [sample.name for sample in family.samples if not sample.name.endswith("_created")]
            name = named[0] if family.type == "counter" and named else family.name
            found.append(Family(name, family.type, len(family.samples), tuple(labels)))
            if len(found) > MAX_FAMILIES:
                raise Unavailable(f"the page has more than {MAX_FAMILIES:,} families of metrics")
    except ValueError:
        raise ValueError("it is no page of metrics") from None
    except (KeyError, IndexError, AttributeError, TypeError, RecursionError) as problem:
        # The parser gives its reasons as ValueError: with any other it stumbled, whatever the page is worth.
        raise Unavailable(f"the parser of metrics fails on this page: {type(problem).__name__}", defect=True) from None
    return tuple(found)
