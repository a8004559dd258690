"""Forecast against actual for single series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import numpy as np

from runner.report.charts import marks
from runner.report.charts.marks import Row, paint, plot, quantity
from runner.report.picture import Picture
from runner.report.theme import Look
from runner.results.scored_forecasts import Scored, grouped
from runner.values.panel import Floats, Ints

ACTUAL: Final = "actual"


def pick_series(scored: Scored, metric: str, model: str) -> dict[str, str]:
    """Return `best`, `median` and `worst` -> label of that series by the model's error; fewer for few series.

    Of those that are scored in at least half as many cells as the fullest: one lucky cell says nothing.
    """
    errors = grouped(metric, scored, model, scored.series, len(scored.labels))
    counts = np.bincount(scored.series[np.isfinite(scored.y)], minlength=len(errors))  # [N]
    scored_enough = np.flatnonzero(np.isfinite(errors) & (2 * counts >= counts.max(initial=0)))
    order = scored_enough[np.argsort(errors[scored_enough], kind="stable")]
    if not len(order):
        return {}
    places = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    labels: dict[str, str] = {}
    for name, place in places.items():
        if scored.labels[place] not in labels.values():
            labels[name] = scored.labels[place]
    return labels


def forecast(
    scored: Scored,
    label: str,
    models: Sequence[str],
    looks: Mapping[str, Look],
    *,
    title: str = "",
    key: str = "series",
    target: str = "target",
) -> Picture:
    """Return actual values and forecasts of one series over all test windows, with the band of the first model."""
    at = _cells_of(scored, label)
    times, first = np.unique(scored.time[at], return_index=True)
    name = ACTUAL if ACTUAL not in models else "actual values"
    rows = [
        {"model": name, "x": x, "y": y}
        for x, y in zip(marks.moments(times), marks.finite(scored.y[at][first]), strict=True)
    ]
    for model in models:
        rows += _forecast_rows(scored, at, model, scored.forecasts[model])
    shown = {name: Look("ink")} | {model: looks[model] for model in models}
    band, note = _band(scored, at, models[0], looks[models[0]].color) if models else (None, "")
    cutoffs = plot([{"x": moment} for moment in marks.moments(np.unique(scored.cutoff[at]))])
    rules = cutoffs.mark_rule(strokeDash=[2, 3], color=paint("muted"))
    x = marks.time_axis([row["x"] for row in rows])
    lines = _lines(rows, shown, x, target)
    layers = [*([band.encode(x=x)] if band is not None else []), rules.encode(x=x), *lines]
    return Picture(
        key,
        title or f"Series {label}",
        marks.finish_chart(layers, 300),
        f"Dotted lines: cutoffs; what is right of one was not known when the forecast was made.{note}",
        wide=True,
    )


def series_residuals(scored: Scored, label: str, models: Sequence[str], looks: Mapping[str, Look]) -> Picture:
    """Return forecast minus actual of one series over time."""
    at = _cells_of(scored, label)
    rows = [
        row for model in models for row in _forecast_rows(scored, at, model, scored.forecasts[model] - scored.y)
    ]  # fmt: skip
    x = marks.time_axis([row["x"] for row in rows])
    lines = _lines(rows, {model: looks[model] for model in models}, x, "forecast − actual")
    zero = marks.line_across(0.0, along="y")
    return Picture(
        "series-residuals",
        f"Residuals of {label}",
        marks.finish_chart([*zero, *lines], 220),
        "Above zero: too high.",
    )


def _lines(rows: list[Row], looks: Mapping[str, Look], x: alt.X, title: str) -> list[alt.Chart]:
    y = alt.Y("y:Q", **quantity(title))
    tips = [alt.Tooltip("model:N"), marks.time_tip([row["x"] for row in rows]), marks.value_tip(title, share=False)]
    return marks.model_lines(rows, looks, x, y, tips, "window")


def _cells_of(scored: Scored, label: str) -> Ints:
    """Return the positions of the cells of a series, by window and step."""
    at = np.flatnonzero(scored.series == scored.labels.index(label))
    return at[np.lexsort((scored.step[at], scored.window[at]))]


def _forecast_rows(scored: Scored, at: Ints, model: str, values: Floats) -> list[Row]:
    moments = marks.moments(scored.time[at])
    return [
        {"model": model, "x": x, "y": y, "window": int(window)}
        for x, y, window in zip(moments, marks.finite(values[at]), scored.window[at], strict=True)
    ]


def _band(scored: Scored, at: Ints, model: str, color: str) -> tuple[Any, str]:
    """Draw the widest pair of quantiles, one area a window, with a note for the reader."""
    columns = sorted(scored.quantiles.get(model, {}), key=lambda name: float(name[1:]))
    if len(columns) < 2:
        return None, ""
    low, high = scored.quantiles[model][columns[0]], scored.quantiles[model][columns[-1]]
    share = float(columns[-1][1:]) - float(columns[0][1:])
    rows = [
        {"x": x, "y": lower, "y2": upper, "window": int(window)}
        for x, lower, upper, window in zip(
            marks.moments(scored.time[at]),
            marks.finite(low[at]),
            marks.finite(high[at]),
            scored.window[at],
            strict=True,
        )
    ]
    area = plot(rows).mark_area(color=paint(color), opacity=0.2)
    return area.encode(y="y:Q", y2="y2:Q", detail="window:N"), f" Shaded: the {share:.0%} band of {model}."
