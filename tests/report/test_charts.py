"""Charts are values that three renderers draw alike; what a run says is never markup in any of them."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_worlds import MARKUP, document, trials

from runner.report.chart import Axis, Bars, Chart, Grid, Line, Points, Rule
from runner.report.charts import scores, search
from runner.report.figures import figure
from runner.report.palette import BASELINE, INKS, MODELS, OKABE_ITO, colour, model_roles
from runner.report.plots import png
from runner.report.scale import round_ticks, scales, tick_lines
from runner.report.svg import svg

SVG = "{http://www.w3.org/2000/svg}"


def lines(*values: float | None, kind: str = "number") -> Chart:
    x = tuple(range(1, len(values) + 1))
    return Chart("k", "Title", Axis("x", kind), Axis("y"), (Line("one", x, values, "blue"),))  # type: ignore[arg-type]


def texts(drawn: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawn).iter(f"{SVG}text")]


def test_the_baseline_has_one_colour_whatever_its_rank():
    assert model_roles(["a", "base", "b"], "base")["base"] == BASELINE == model_roles(["base", "a"], "base")["base"]


def test_the_first_seven_models_differ_in_colour():
    roles = model_roles([f"m{i}" for i in range(7)], "none")
    assert len(set(roles.values())) == 7


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_role_has_a_colour_on_both_grounds(theme):
    for role in (*OKABE_ITO, *INKS["light"], *MODELS):
        assert colour(role, theme).startswith("#")


def test_an_svg_is_well_formed_and_says_what_it_shows():
    root = ET.fromstring(svg(scores.scoreboard(document())))
    assert root.get("role") == "img"
    assert "good is best" in root.get("aria-label")


@pytest.mark.parametrize("draw", [svg, lambda chart: figure(chart).to_json()])
def test_markup_in_names_stays_text(draw):
    chart = Chart(
        "k",
        MARKUP,
        Axis(MARKUP),
        Axis("", "category", (MARKUP,)),
        (Bars(MARKUP, (MARKUP,), (1.0,), ("blue",), (MARKUP,)), Points(MARKUP, (1.0,), (MARKUP,), "ink", (MARKUP,))),
    )
    assert "<script" not in draw(chart)


def test_a_gap_breaks_a_line():
    drawn = ET.fromstring(svg(lines(1.0, 2.0, None, 3.0, 4.0)))
    assert len(list(drawn.iter(f"{SVG}polyline"))) == 2


def test_a_chart_without_values_is_drawn_empty():
    assert ET.fromstring(svg(lines(None, None))) is not None
    assert png(lines(None, None))[:4] == b"\x89PNG"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_mark_becomes_a_png(theme):
    for chart in (scores.scoreboard(document(), {"good": (0.08, 0.12)}), scores.significance(document())):
        assert png(chart, theme)[:4] == b"\x89PNG"


def test_the_same_chart_gives_the_same_png():
    assert png(lines(1.0, 2.0)) == png(lines(1.0, 2.0))


def test_a_dollar_sign_is_no_formula():
    assert png(Chart("k", "cost $a and $b", Axis("$"), Axis("$"), (Rule("y", 1.0, "red"),)))


@given(st.floats(-1e6, 1e6), st.floats(1e-2, 1e9))
def test_ticks_lie_inside_and_are_few(low, span):
    found = round_ticks(low, low + span)
    assert len(found) <= 13
    assert all(low - span * 1e-3 <= tick <= low + span * 1.001 for tick in found)


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=8))
def test_values_are_drawn_inside_the_axes(values):
    x, y = scales(lines(*values, kind="log"), (10.0, 110.0), (200.0, 100.0))
    assert all(100 <= y(value) <= 200 for value in values)
    assert all(10 <= x(place) <= 110 for place in range(1, len(values) + 1))


def test_a_tick_says_what_it_is_in_percent():
    bars = Bars("b", at=("m",), size=(0.015,), roles=("blue",))
    chart = Chart("k", "t", Axis("x", percent=True, zero=True), Axis("", "category", ("m",)), (bars,))
    ticks = scales(chart, (0, 370), (0, 100))[0]
    shown = [line for (line,) in tick_lines(ticks)]
    assert [float(text.rstrip("%")) / 100 for text in shown] == pytest.approx(list(ticks.ticks))
    assert shown[1] == "0.25%"


def test_labels_of_points_that_are_close_do_not_lie_upon_each_other():
    points = tuple(
        Points("m", (x,), (0.1,), "blue", labels=(name,)) for x, name in ((1.0, "blend"), (1.01, "lightgbm"))
    )
    far = Points("m", (9.0,), (0.2,), "blue", labels=("naive",))
    first, second, _ = figure(Chart("k", "t", Axis("s"), Axis("e"), (*points, far))).layout.annotations
    apart = [abs((a or 0) - (b or 0)) for a, b in ((first.xshift, second.xshift), (first.yshift, second.yshift))]
    assert apart[0] > 30 or apart[1] > 12


def test_what_is_counted_has_no_ticks_between():
    line = Line("best", (0, 1, 2), (0.1, 0.2, 0.15), "blue")
    drawn = figure(Chart("k", "t", Axis("trial"), Axis("e"), (line,)))
    assert (drawn.layout.xaxis.dtick, drawn.layout.yaxis.dtick) == (1, None)


def test_steps_of_an_axis_that_begins_at_zero_are_few_from_there_on():
    line = Line("sum", (0, 1, 2), (400.0, 520.0, 430.0), "blue")
    drawn = figure(Chart("k", "t", Axis("", "number"), Axis("sum", zero=True), (line,)))
    assert drawn.layout.yaxis.dtick == 100


def test_the_values_of_lying_bars_stand_right_of_them_on_pages_too():
    bars = Bars("b", at=("a", "b"), size=(500.0, 0.1), roles=("blue", "blue"), texts=("500", "0.1"))
    drawn = figure(Chart("k", "t", Axis("x", zero=True), Axis("", "category", ("a", "b")), (bars,)))
    assert drawn.data[0].text is None
    assert [(note.x, note.xref, note.y, note.text) for note in drawn.layout.annotations] == [
        (1, "paper", "a", "<b>500</b>"),
        (1, "paper", "b", "<b>0.1</b>"),
    ]
    assert drawn.layout.margin.r > 8


def test_the_surer_a_difference_the_fuller_its_colour():
    compared = document().comparisons[0]
    ps = (1.0, 0.2, 0.026, 0.0047, 0.0005, None)
    several = tuple(compared.model_copy(update={"model": f"m{p}", "p_value": p}) for p in ps)
    grid = scores.significance(document().model_copy(update={"comparisons": several})).marks[0]
    shades = [shade for (shade,) in grid.shades]
    assert shades[-1] is None
    assert shades[0] == 0
    assert shades[4] == 1
    assert all(after - before > 0.15 for before, after in pairwise(shades[:5]))


def test_whiskers_say_what_they_are_drawn_over():
    assert scores.scoreboard(document(), {"good": (0.08, 0.12)}, "dates").note.endswith("intervals over dates.")


def test_a_blend_costs_what_its_members_cost():
    rows = document().results
    blend = rows[0].model_copy(update={"model_name": "blend", "weights": {"good": 0.5, "seasonal_naive": 0.5}})
    made = document().model_copy(update={"results": (*rows, blend)})
    own = blend.tuning_time + blend.training_time + blend.prediction_time
    assert scores.cost(made, "blend") == own + scores.cost(made, "good") + scores.cost(made, "seasonal_naive")


def test_the_best_so_far_never_gets_worse():
    found = search.running_best([0.3, 0.5, 0.2, 0.4], "lower")
    assert found == [0.3, 0.3, 0.2, 0.2]
    assert search.running_best([0.3, 0.5], "higher") == [0.3, 0.5]
    assert search.running_best([0.3, -0.1], "zero") == [0.3, -0.1]


def test_the_history_shows_pruned_trials_apart():
    names = [mark.name for mark in search.history(trials(), "wape", "lower").marks]
    assert names == ["best so far", "complete", "pruned"]


def test_parallel_coordinates_need_two_parameters():
    one = [t.model_copy(update={"params": {"params.depth": t.number}}) for t in trials()]
    assert search.parallel(one, "wape", "lower") is None
    assert search.parallel(trials(), "wape", "lower") is not None


def test_parallel_coordinates_stay_between_zero_and_one():
    chart = search.parallel(trials(), "wape", "lower")
    values = [v for mark in chart.marks for v in mark.y if v is not None]
    assert all(0 <= v <= 1 and math.isfinite(v) for v in values)


def test_a_slice_of_words_has_categories():
    kinds = {chart.title: chart.x.kind for chart in search.slices(trials(), "wape")}
    assert kinds == {"depth": "number", "rate": "number", "kind": "category"}


def test_an_empty_cell_of_a_grid_is_no_mistake():
    chart = Chart(
        "k",
        "t",
        Axis("", "category", ("a",)),
        Axis("", "category", ("b",)),
        (Grid(("a",), ("b",), ((None,),), (("n/a",),)),),
    )
    assert "n/a" in texts(svg(chart))
    assert png(chart)
    assert figure(chart).data[0].z[0][0] is None
    assert not figure(chart).layout.xaxis.showgrid
