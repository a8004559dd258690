"""Every word of a picture has its place: inside, not over another, and whole where there is room."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_worlds import document, trials

from runner.report.chart import Axis, Chart, Line
from runner.report.charts import scores, search
from runner.report.charts.data import features
from runner.report.layout import layout
from runner.report.lettering import Box, placed, shorten, width_of, wrapped
from runner.report.scale import scales, tick_lines
from runner.report.svg import svg
from runner.results.contributions import Importance

LONG = "lightgbm_with_seasonal_lags_and_all_the_holidays_of_the_country"
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)


def many(count: int = 12):
    """A scoreboard of so many models, half of them with long names and nearly the same score."""
    row = document().results[0]
    rows = tuple(
        row.model_copy(
            update={
                "model_name": f"{LONG}_{i}" if i % 2 else f"m{i}",
                "rank": i + 1,
                "scores": type(row.scores)({**row.scores, "wape": 0.1 + 0.001 * i}),
                "tuning_time": 10.0 + i,
            }
        )
        for i in range(count)
    )
    return document().model_copy(update={"results": (*rows, document().results[1])})


def boxes(drawn: str) -> list[tuple[str, float, float, float]]:
    """(text, left, right, line) of every upright text."""
    found = []
    for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):
        if text.get("transform"):
            continue
        kind, said = text.get("class", ""), text.text or ""
        wide, x = width_of(said, bold="value" in kind), float(text.get("x", 0))
        left = x - wide if "end" in kind else x - wide / 2 if "mid" in kind else x
        found.append((said, left, left + wide, float(text.get("y", 0))))
    return found


def charts() -> list[Chart]:
    shares = Importance({f"observed.{LONG}_{i}": 1.0 + i for i in range(9)}, "target", "9 rows")
    parallel = search.parallel(trials(), "wape", "lower")
    assert parallel is not None
    board = many()
    return [scores.scoreboard(board), scores.by_window(board), features("m", shares, "Weekly_Sales"), parallel]


@pytest.mark.parametrize("width", [360, 540, 700, 1080])
def test_no_word_is_cut_off_at_a_side_whatever_the_names(width):
    for chart in charts():
        for said, left, right, _ in boxes(svg(chart, width)):
            assert left >= -0.5, (chart.key, said)
            assert right <= width + 0.5, (chart.key, said)


@pytest.mark.parametrize("width", [360, 540, 1080])
def test_labels_of_points_that_lie_close_do_not_write_over_each_other(width):
    labels = [box for box in boxes(svg(scores.tradeoff(many()), width)) if box[0].startswith(("m", "light"))]
    assert len(labels) == 12
    for (a, left, right, line), (b, start, end, other) in combinations(labels, 2):
        assert right <= start or end <= left or abs(line - other) >= 13, (a, b)


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300), names), min_size=1, max_size=8))
def test_a_label_stays_inside_where_it_can(points):
    inside = Box(-500, -300, 1400, 900)
    for label in placed(points, inside):
        assert Box(label.x - 1, label.y - 12, 2, 12).within(inside)


@given(names, st.floats(30, 400), st.integers(1, 4))
def test_lines_are_never_wider_than_their_room_nor_more_than_allowed(text, room, most):
    lines = wrapped(text, room, most)
    assert 1 <= len(lines) <= most
    assert all(width_of(line) <= room or len(line) <= 2 for line in lines)


@given(names)
def test_what_fits_is_left_as_it_is(text):
    assert shorten(text, width_of(text)) == text
    assert wrapped(text, width_of(text), 1) == [text]


def test_a_long_name_keeps_its_two_ends():
    short = shorten(LONG, 120)
    assert short.startswith("light")
    assert short.endswith("country")


def test_numbers_and_dates_are_not_broken():
    assert wrapped("learning_rate (0.0259 to 0.284)", 60, 4) == ["learning_", "rate", "(0.0259", "to 0.284)"]
    assert wrapped("test-1 (2012-01-27)", 90, 3) == ["test-1", "(2012-01-27)"]


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [("2012-02-03", "2012-10-26", ["2012"]), ("2011-09-02", "2013-01-25", ["2011", "2012", "2013"])],
)
def test_a_month_says_its_year_where_that_changes(first, last, years):
    marks = (Line("a", (first, last), (1.0, 2.0), "blue"),)
    x, _ = scales(Chart("k", "t", Axis("", "time"), Axis(""), marks), (0.0, 900.0), (300.0, 0.0))
    lines = tick_lines(x)
    assert [below for _, below in (line for line in lines if len(line) > 1)] == years
    assert len(lines[0]) == 2
    assert all(a != b for a, b in pairwise(line[0] for line in lines))


def test_an_hour_says_its_day():
    marks = (Line("a", ("2024-01-01T20:00", "2024-01-03T10:00"), (1.0, 2.0), "blue"),)
    x, _ = scales(Chart("k", "t", Axis("", "time"), Axis(""), marks), (0.0, 900.0), (300.0, 0.0))
    assert {line[1] for line in tick_lines(x) if len(line) > 1} >= {"2 Jan 2024", "3 Jan 2024"}


def test_a_drawing_grows_with_the_lines_of_its_names():
    assert layout(scores.scoreboard(many()), 360).height > layout(scores.scoreboard(many()), 1080).height
