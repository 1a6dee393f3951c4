import subprocess
from pathlib import Path

import pytest

from golive_checks.systems.nginx.values import seconds, size
from golive_lab.parts.process import program

TIMES = [
    ("60", 60),
    ("0", 0),
    ("1m", 60),
    ("1h", 3600),
    ("1d", 86_400),
    ("1w", 604_800),
    ("500ms", 0.5),
    ("1h30m", 5400),
    ("1h 30m", 5400),
    ("1m30", 90),
    ("1s500ms", 1.5),
    ("1w2d3h", 788_400),
    ("10ms5", 5.01),
    ("5m  3s", 303),
    ("5s ", 5),
    ("5 ", 5),
    ("00060", 60),
    ("30m1h", None),
    ("1m1m", None),
    ("1M", None),
    ("1y", None),
    ("1H", None),
    ("1.5s", None),
    ("-1", None),
    ("5 m", None),
    ("m", None),
    ("", None),
    ("off", None),
]
SIZES = [
    ("0", 0),
    ("1", 1),
    ("1k", 1024),
    ("1K", 1024),
    ("1m", 1_048_576),
    ("10M", 10_485_760),
    ("1g", 1_073_741_824),
    ("1.5m", None),
    ("1kb", None),
    ("1 m", None),
    ("1t", None),
    ("-1", None),
    ("", None),
    ("off", None),
]


@pytest.mark.parametrize(("text", "wanted"), TIMES)
def test_times(text: str, wanted: float | None) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), SIZES)
def test_sizes(text: str, wanted: int | None) -> None:
    assert size(text) == wanted


def test_a_megabyte_of_digits_is_refused_at_once() -> None:
    assert seconds("9" * 1_000_000) is None
    assert size("9" * 1_000_000) is None


@pytest.mark.parametrize(
    ("directive", "text", "accepted"),
    [("proxy_read_timeout", text, wanted is not None) for text, wanted in TIMES]
    + [("client_max_body_size", text, wanted is not None) for text, wanted in SIZES],
)
def test_the_real_nginx_agrees(directive: str, text: str, accepted: object, tmp_path: Path) -> None:
    config = f'pid pid; error_log log; events {{}} http {{ access_log off; {directive} "{text}"; }}'
    (tmp_path / "nginx.conf").write_text(config)
    argv = [program("nginx"), "-t", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "log"]
    said = subprocess.run(argv, capture_output=True, text=True, check=False).stderr
    assert (f'"{directive}" directive invalid value' not in said) is accepted, said
