"""The picture of trends: what it shows, that nothing in it acts, and what a real renderer makes of it."""

import datetime as dt
import re
import struct
import subprocess
import zlib
from dataclasses import replace
from itertools import pairwise

import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from golive.model import Finding, Series, Trend, passed
from golive.report import picture, trends
from golive.report.escape import visible
from golive_lab.parts.process import program

SVG = "{http://www.w3.org/2000/svg}"
OURS = {"svg", "title", "desc", "style", "g", "text", "rect", "line", "polyline", "circle"}
PLACES = {
    *("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height", "viewBox", "points", "transform"),
    *("class", "text-anchor", "role", "aria-labelledby", "id"),
}


def report(*measured, red=()):
    """A report with a finding for each pair of a subject and a trend."""
    found = tuple(Finding(samples.SPEED, "bench", name, replace(passed("x"), trend=t)) for name, t in measured)
    return replace(samples.healthy(), findings=found, red=frozenset(f.id for f in found if f.subject in red))


def trend(*p95, limit=120.0, usual=100.0, **others):
    at = tuple(samples.STARTED + dt.timedelta(days=n) for n in range(len(p95)))
    lines = {**{k: v for k, v in others.items() if k == "p50"}, "p95": p95, **others}
    return Trend("ms", at, tuple(Series(name, tuple(values)) for name, values in lines.items()), "p95", usual, limit)


def drawn(*measured, red=()):
    return etree.fromstring(picture.draw(report(*measured, red=red)))


def texts(root):
    return [each.text for each in root.iter(f"{SVG}text")]


def assert_inert(root):
    """Nothing in it runs, loads, or links: the words alone come from outside."""
    for element in root.iter():
        assert isinstance(element.tag, str)  # no comment, no instruction
        assert element.tag.removeprefix(SVG) in OURS
        for name, value in element.attrib.items():
            assert name in PLACES
            assert re.fullmatch(r"[-\w ., ()]*", value), value
    assert [each.text for each in root.iter(f"{SVG}style")] == [picture.STYLE]
    assert not re.search(r"url|import|http", picture.STYLE)


HOSTILE = [samples.HOSTILE, "</text><script>alert(1)</script>", "]]>\x00\ud800", "&xxe;", "x" * 100_000, ""]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_words(text):
    made = replace(trend(100, 101), unit=text, judged=text, series=(Series(text, (100, 101)), Series("b", (1, 2))))
    made = report((text, made))
    written = picture.draw(replace(made, run=replace(made.run, environment=text)))
    assert len(written) < 20_000
    root = etree.fromstring(written)
    assert_inert(root)
    assert root[1].text == visible(trends.caption(trends.measured(made)), 4000)


def test_it_can_be_read_without_being_seen():
    root = drawn(("search", trend(98, 130)))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]
    assert root[0].text == "Trends of staging, 2026-11-23 09:30:05 UTC"
    assert root[1].text == (
        "search: p95 is 130 ms, above its limit of 120 ms (100 ms is usual); "
        "in 2 runs from 2026-11-23 to 2026-11-24 it lay between 98 and 130 ms."
    )


def test_the_last_run_is_named_with_its_figures_and_the_limit():
    root = drawn(("search", trend(98, 104, p50=(40, 41), p99=(150, None))))
    labels = [t.text for t in root.iter(f"{SVG}text") if float(t.get("x")) > picture.RIGHT and not t.get("text-anchor")]
    assert labels == ["limit 120 ms", "p95 104 ms", "p50 41 ms"]  # in the order in which the lines end


def test_what_is_red_comes_first_then_what_is_nearest_to_its_limit():
    measured = [("a", trend(100, 90)), ("b", trend(100, 115)), ("c", trend(1, 2, limit=None, usual=None))]
    root = drawn(*measured, ("d", trend(100, 300)), ("e", trend(100, 50)), red=("e",))
    assert [t.text for t in root.iter(f"{SVG}text") if t.get("class") == "name"] == ["e", "d", "b", "a", "c"]


def test_many_are_left_out_and_that_is_said():
    root = drawn(*((f"route {n}", trend(100, 100 - n)) for n in range(100)))
    names = [t.text for t in root.iter(f"{SVG}text") if t.get("class") == "name"]
    assert names == [f"route {n}" for n in range(trends.SHOWN)]
    told = f"{100 - trends.SHOWN} more, the least pressing, are left out; the JSON report has their figures."
    assert texts(root)[-1] == told
    assert root[1].text.endswith(told)


def test_a_line_has_a_gap_where_nothing_was_measured():
    root = drawn(("x", trend(100, 101, 102, 103, 104, p50=(50, 51, None, 53, None))))
    lines = [p.get("points").split() for p in root.iter(f"{SVG}polyline") if p.get("class") == "line low"]
    assert [len(line) for line in lines] == [2, 2]
    assert lines[1][0] == lines[1][1]  # one run is a dot


def test_a_long_history_is_cut_at_its_start():
    root = drawn(("x", trend(*range(1000, 1500))))
    (line,) = [p.get("points").split() for p in root.iter(f"{SVG}polyline")]
    assert len(line) == trends.RUNS


def test_runs_of_one_day_are_told_by_the_hour():
    made = trend(1, 2, 3)
    one_day = replace(made, at=tuple(samples.STARTED + dt.timedelta(hours=n) for n in range(3)))
    shown = texts(drawn(("x", one_day)))
    assert [t for t in shown if re.search(r"\d\d:\d\d$", t)] == ["2026-11-23 09:30", "10:30", "11:30"]


NOTHING = {
    "no runs": trend(),
    "no figure in the last run": trend(100, None),
    "no number": trend(100, float("nan")),
    "without end": trend(100, float("inf")),
    "too few figures": replace(trend(100, 101), at=(samples.STARTED,)),
    "nothing of what is judged": replace(trend(100, 101), judged="p90"),
}


@pytest.mark.parametrize("nothing", NOTHING.values(), ids=NOTHING)
def test_nothing_is_drawn_of_nothing(nothing):
    assert picture.draw(report(("x", nothing))) == ""
    assert picture.draw(samples.healthy()) == ""


FIGURES = st.one_of(st.none(), st.floats(), st.floats(0, 1e4), st.just(0.0))


@given(runs=st.lists(st.tuples(FIGURES, FIGURES, FIGURES), min_size=1, max_size=80), limit=FIGURES, usual=FIGURES)
def test_whatever_was_measured_stays_within_the_picture(runs, limit, usual):
    p50, p95, p99 = zip(*runs, strict=True)
    written = picture.draw(report(("x", trend(*p95, p50=p50, p99=p99, limit=limit, usual=usual))))
    if not written:
        return
    root = etree.fromstring(written)
    assert_inert(root)
    _, _, width, height = map(float, root.get("viewBox").split())
    for element in root.iter(f"{SVG}text", f"{SVG}circle", f"{SVG}rect", f"{SVG}line"):
        for name in set(element.keys()) & {"x", "x1", "x2", "cx"}:
            assert 0 <= float(element.get(name)) <= width
        for name in set(element.keys()) & {"y", "y1", "y2", "cy"}:
            assert 0 <= float(element.get(name)) <= height
    places = sorted(float(t.get("y")) for t in root.iter(f"{SVG}text") if float(t.get("x")) == picture.RIGHT + 10)
    assert all(b - a > picture.LABEL_GAP - 0.2 for a, b in pairwise(places))


# --- what a renderer makes of it ------------------------------------------------------------------------------------


def rendered(svg):
    """The picture as librsvg draws it: its width, and its rows of RGBA pixels."""
    png = subprocess.run([program("rsvg-convert")], input=svg.encode(), stdout=subprocess.PIPE, check=True).stdout
    width, height, depth, colours = struct.unpack(">IIBB", png[16:26])
    assert (depth, colours) == (8, 6)  # RGBA
    data, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        data += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += size + 12
    return unfiltered(zlib.decompress(data), width, height)


def unfiltered(raw, width, height):
    """Undo PNG's filters (w3.org/TR/png, section 9)."""
    stride, rows, above = width * 4, [], bytes(width * 4)
    for n in range(height):
        kind, row = raw[n * (stride + 1)], bytearray(raw[n * (stride + 1) + 1 : (n + 1) * (stride + 1)])
        for i in range(stride):
            a, b, c = (row[i - 4] if i > 3 else 0), above[i], (above[i - 4] if i > 3 else 0)
            nearest = min((a, b, c), key=lambda x, p=a + b - c: abs(p - x))
            row[i] = (row[i] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
        rows.append(row)
        above = row
    return [[tuple(row[x * 4 : x * 4 + 3]) for x in range(width)] for row in rows]


def colour(word):
    return tuple(bytes.fromhex(word.removeprefix("#")))


def near(got, wanted):
    return sum(abs(a - b) for a, b in zip(got, wanted, strict=True)) < 60


@pytest.mark.parametrize("dark", [False, True])
def test_a_real_renderer_draws_the_line_the_band_and_the_mark_where_the_figures_say(dark):
    made = report(("search", trend(100, 100, 100, 100, 150, limit=120)))
    svg = picture.draw(made)
    rules = dict.fromkeys(("ground", "judged", "above"), "")
    light, _, prefers_dark = picture.STYLE.partition("@media (prefers-color-scheme: dark) {")
    for rule in rules:
        found = re.search(rf"^\.{rule} {{ (?:fill|stroke): (#\w+)", prefers_dark if dark else light, re.MULTILINE)
        rules[rule] = found and colour(found[1])
    if dark:  # as a viewer that prefers dark reads it; librsvg does not know of it
        svg = svg.replace(picture.STYLE, light + prefers_dark.rstrip().removesuffix("}"))
    rows = rendered(svg)
    assert len(rows[0]) == picture.WIDTH
    (each,) = trends.measured(made)
    scale = picture.scale_of(each)

    def pixel(x, y):
        return rows[round(picture.HEAD + y)][round(x)]

    ground = pixel(picture.LEFT + 40, picture.BOTTOM - 10)
    assert near(ground, rules["ground"])
    assert near(pixel(picture.LEFT + 40, scale.y(100)), rules["judged"])
    assert pixel(picture.LEFT + 40, scale.y(110)) != ground  # the band
    assert near(pixel(picture.LEFT + 40, scale.y(135)), ground)
    mark = [pixel(picture.RIGHT + dx, scale.y(150)) for dx in (-4, 4)]
    assert any(near(each, rules["above"]) for each in mark), mark
