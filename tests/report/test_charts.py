"""Charts are Vega-Lite specifications without colors, and what a run names is a value in them and never markup."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import altair as alt
import numpy as np
import pytest
from run_worlds import MARKUP, document, parquet, trials

from runner.report.charts import data, errors, marks, scores, search, series
from runner.report.charts.pairs import against, over_rows, spread
from runner.report.picture import Picture, browser_spec, draw_png, draw_svg
from runner.report.theme import COLORS, MODEL_COLORS, apply_theme, css_variables, model_looks
from runner.results.contributions import Importance
from runner.results.scored_forecasts import read_cells

SVG = "{http://www.w3.org/2000/svg}"
LONG = "lightgbm_with_seasonal_lags_and_all_the_holidays_of_the_country"
OVERVIEW = {
    "n_series": 3,
    "n_steps": 4,
    "freq": "D",
    "observations": 11,
    "missing": 1,
    "step": 2,
    "times": ["2024-01-01T00:00", "2024-01-03T00:00"],
    "total": [10.0, 12.0],
    "alive": [3.0, 2.0],
    "low": [9.0, 11.0],
    "high": [11.0, 13.0],
    "lengths": {"counts": [1, 2], "edges": [3.0, 3.5, 4.0]},
    "gap_shares": {"counts": [2, 1], "edges": [0.0, 0.1, 0.25]},
    "zero_shares": {"counts": [3, 0], "edges": [0.0, 0.5, 1.0]},
}


@pytest.fixture
def cells(tmp_path):
    for name, error in (("good", 0.1), ("seasonal_naive", 0.2)):
        (tmp_path / f"{name}.parquet").write_bytes(parquet(error))
    return read_cells({name: tmp_path / f"{name}.parquet" for name in ("good", "seasonal_naive")})


def renamed(name: str):
    """The document whose best model is called like that."""
    rows = document().results
    compared = document().comparisons[0].model_copy(update={"against": name})
    results = (rows[0].model_copy(update={"model_name": name}), *rows[1:])
    return document().model_copy(update={"results": results, "comparisons": (compared,)})


def pictures(cells, name: str = "good") -> list[Picture]:
    """One picture of every kind; the best model has that name."""
    board, looks = renamed(name), scores.looks_of(renamed(name))
    cells = replace(
        cells,
        forecasts={name: cells.forecasts["good"], "seasonal_naive": cells.forecasts["seasonal_naive"]},
        quantiles={name: cells.quantiles["good"]},
        labels=(name, *cells.labels[1:]),
    )
    y = np.array([1.0, 2.0, 3.0])
    shares = Importance({name: 2.0, f"{LONG}_1": 1.0, f"{LONG}_2": 0.5}, "target", "9 rows")
    made = [
        scores.scoreboard(board, {name: (0.08, 0.12)}, "series"),
        scores.by_window(board),
        scores.tradeoff(board),
        scores.significance(board),
        scores.side_by_side({name: board, "other": document()}, "wape"),
        errors.by_step(cells, "wape", looks),
        errors.by_holiday(cells, "wape", looks, np.arange(len(cells.y)) % 2 == 0),
        errors.residuals(cells, name, "blue"),
        series.forecast(cells, name, list(looks), looks, target=name),
        series.series_residuals(cells, name, list(looks), looks),
        search.history(trials(), "wape", "lower"),
        search.curves(trials(), "wape", "lower"),
        search.importance({f"params.{name}": 0.7, "params.depth": 0.3}),
        search.parallel(trials(), "wape", "lower"),
        *search.slices(trials(), "wape"),
        data.total(OVERVIEW),
        data.alive(OVERVIEW),
        data.lengths(OVERVIEW),
        data.gaps(OVERVIEW),
        data.zeros(OVERVIEW),
        data.features(name, shares, name),
        over_rows(y, y + 1, ["2024-01-01Z", "2024-01-02Z", "2024-01-03Z"]),
        against(y, y + 1, (name, "b", "c")),
        spread(y),
    ]
    assert all(made)
    return [picture for picture in made if picture]


def texts(drawing: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(drawing).iter(f"{SVG}text")]


def rows_of(picture: Picture) -> list[dict]:
    """Every row of every layer."""
    rows = [row for values in picture.spec["datasets"].values() for row in values]
    assert rows
    return rows


# looks


def test_baseline_of_any_rank_has_one_look():
    assert model_looks(["a", "base", "b"], "base")["base"] == model_looks(["base", "a"], "base")["base"]


def test_looks_of_35_models_all_differ():
    looks = model_looks([f"m{i}" for i in range(35)], "none")
    for kind in ("color", "dash", "shape"):
        assert len({getattr(look, kind) for look in looks.values()}) >= 4
    assert len({(look.color, look.shape) for look in looks.values()}) == 35
    assert len({looks[f"m{i}"].color for i in range(7)}) == 7


def test_grounds_all_have_the_same_roles():
    assert set(COLORS["light"]) == set(COLORS["dark"]) == set(COLORS["page"]) > set(MODEL_COLORS)
    assert "--blue: #0072B2;" in css_variables("light")


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_text_on_both_grounds_has_contrast(ground):
    colors = COLORS[ground]
    for role in ("ink", "muted"):
        pair = sorted((luminance(colors[role]), luminance(colors["paper"])))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


def test_themed_colors_are_parameters_of_the_chart():
    spec = scores.scoreboard(document()).spec
    assert "#0072B2" not in json.dumps(spec)
    assert {"name": "blue", "value": "#3C9BDC"} in apply_theme(spec, "dark")["params"]
    assert {"name": "blue", "value": "var(--blue)"} in apply_theme(spec, "page")["params"]


# every kind of picture


@pytest.mark.slow
@pytest.mark.parametrize("name", [MARKUP, "a\"b'c\\d[0].e:f", "<img src=x onerror='alert(1)'>"])
def test_pictures_with_hostile_names_stay_text(cells, name):
    for picture in pictures(cells, name):
        drawing = draw_svg(picture)
        assert "<script" not in drawing
        assert "<img" not in drawing
        assert ET.fromstring(drawing) is not None
        assert draw_png(picture)[:4] == b"\x89PNG"


def test_fields_of_pictures_are_never_names_of_runs(cells):
    fields = {"x", "y", "y2", "low", "high", "name", "model", "run", "kind", "size", "text", "window", "shade"}
    for picture in pictures(cells, MARKUP):
        assert {field for row in rows_of(picture) for field in row} <= fields | {"trial", "at"}


@pytest.mark.slow
def test_pictures_of_same_facts_are_same_bytes(cells):
    first, second = pictures(cells), pictures(cells)
    assert json.dumps([browser_spec(p, "page") for p in first]) == json.dumps([browser_spec(p, "page") for p in second])
    assert [draw_svg(p) for p in first] == [draw_svg(p) for p in second]
    assert draw_png(first[0]) == draw_png(second[0])


@pytest.mark.parametrize("width", [340, 1080])
def test_drawings_of_long_names_are_as_wide_as_asked(cells, width):
    for picture in pictures(cells, LONG):
        root = ET.fromstring(draw_svg(picture, width=width))
        assert float(root.get("width", 0)) <= width + 1, picture.key


def test_label_of_long_name_keeps_its_two_ends():
    shown = texts(draw_svg(scores.scoreboard(renamed(LONG))))
    assert "lightgbm_with…_the_country" in shown


def test_stills_leave_out_what_a_pointer_finds():
    picture = data.total(OVERVIEW)
    layers = [layer for layer in picture.spec["layer"] if layer.get("name") != "hover"]
    assert len(layers) == len(picture.spec["layer"]) - 1
    assert draw_svg(picture) == draw_svg(replace(picture, spec={**picture.spec, "layer": layers}))


def test_specs_of_pictures_load_nothing(cells):
    for picture in pictures(cells):
        assert "url" not in json.dumps(picture.spec["layer"])


# scores


def test_scoreboard_says_what_whiskers_are_drawn_over():
    assert scores.scoreboard(document(), {"good": (0.08, 0.12)}, "dates").note.endswith("intervals over dates.")


def test_scoreboard_shows_names_and_scores():
    shown = texts(draw_svg(scores.scoreboard(document())))
    assert {"good", "seasonal_naive", "10.00%", "20.00%"} <= set(shown)


def test_scores_without_results_have_no_pictures():
    failed = document().model_copy(update={"results": document().results[2:]})
    assert [scores.scoreboard(failed), scores.by_window(failed), scores.tradeoff(failed)] == [None] * 3


def test_significance_surer_difference_has_fuller_color():
    shades = [scores.p_shade(p) for p in (1.0, 0.2, 0.026, 0.0047, 0.0005, None)]
    assert shades[-1] is None
    assert (shades[0], shades[4]) == (0, 1)
    assert all(after - before > 0.15 for before, after in pairwise(shades[:5]))


def test_significance_without_a_test_says_so():
    untested = document().comparisons[0].model_copy(update={"p_value": None})
    grid = scores.significance(document().model_copy(update={"comparisons": (untested,)}))
    assert "n/a" in texts(draw_svg(grid))


def test_cost_of_blend_is_that_of_its_members():
    rows = document().results
    blend = rows[0].model_copy(update={"model_name": "blend", "weights": {"good": 0.5, "seasonal_naive": 0.5}})
    board = document().model_copy(update={"results": (*rows, blend)})
    own = blend.tuning_time + blend.training_time + blend.prediction_time
    assert scores.cost(board, "blend") == own + scores.cost(board, "good") + scores.cost(board, "seasonal_naive")


def test_many_models_leave_the_best_and_baseline():
    row = document().results[0]
    many = [row.model_copy(update={"model_name": f"m{i}"}) for i in range(12)]
    picture = scores.by_window(document().model_copy(update={"results": (*many, document().results[1])}))
    assert {row["model"] for row in rows_of(picture)} == {*(f"m{i}" for i in range(6)), "seasonal_naive"}
    assert "6 more are in the table" in picture.note


# search


def test_running_best_never_gets_worse():
    assert search.running_best([0.3, 0.5, 0.2, 0.4], "lower") == [0.3, 0.3, 0.2, 0.2]
    assert search.running_best([0.3, 0.5], "higher") == [0.3, 0.5]
    assert search.running_best([0.3, -0.1], "zero") == [0.3, -0.1]


def test_history_shows_pruned_trials_apart():
    kinds = {row["kind"] for row in rows_of(search.history(trials(), "wape", "lower"))}
    assert kinds == {"best so far", "complete", "pruned"}
    assert search.history((), "wape", "lower") is None


def test_curves_without_rounds_have_no_picture():
    bare = [trial.model_copy(update={"curve": ()}) for trial in trials()]
    assert search.curves(bare, "wape", "lower") is None


def test_parallel_of_one_parameter_has_no_picture():
    one = [t.model_copy(update={"params": {"params.depth": t.number}}) for t in trials()]
    assert search.parallel(one, "wape", "lower") is None


def test_parallel_values_stay_between_zero_and_one():
    values = [row["x"] for row in rows_of(search.parallel(trials(), "wape", "lower"))]
    assert len(values) == 24
    assert all(0 <= value <= 1 and math.isfinite(value) for value in values)


def test_slice_of_words_has_categories():
    types = {p.title: p.spec["layer"][0]["encoding"]["x"]["type"] for p in search.slices(trials(), "wape")}
    assert types == {"depth": "quantitative", "rate": "quantitative", "kind": "nominal"}


# axes


def test_times_are_drawn_in_utc_whatever_the_zone():
    hours = np.arange("2024-03-31T00:00", "2024-03-31T05:00", dtype="datetime64[h]")
    moments = marks.moments(hours)
    assert (moments[2], len(set(moments))) == ("2024-03-31T02:00Z", 5)
    assert marks.time_axis(moments).to_dict()["scale"] == {"type": "utc"}
    assert marks.moments(np.arange(3)) == [0, 1, 2]


def test_axis_of_counts_has_no_ticks_between():
    shown = texts(draw_svg(search.history(trials()[:2], "wape", "lower")))
    assert {"0", "1"} <= set(shown)
    assert "0.5" not in shown


def test_legend_takes_the_rows_that_its_names_need():
    many = model_looks([f"{LONG}_{i}" for i in range(6)], "none")
    rows = [{"model": name, "x": i, "y": i} for i, name in enumerate(many)]
    lines = marks.model_lines(rows, many, alt.X("x:Q"), alt.Y("y:Q"), [])
    picture = Picture("k", "t", marks.finish_chart(lines, 100))
    heights = [float(ET.fromstring(draw_svg(picture, width=width)).get("height", 0)) for width in (340, 560, 1400)]
    assert heights[0] > heights[1] + 30 > heights[2] + 45
