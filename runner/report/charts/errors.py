"""Where a model is good and where it is not: error by step, by volume, by holiday, and residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import altair as alt
import numpy as np

from runner.report.charts import marks
from runner.report.charts.marks import Row, quantity
from runner.report.picture import Picture
from runner.report.theme import BASELINE, Look
from runner.results.metric_values import is_share
from runner.results.scored_forecasts import Scored, grouped, point_metric, volumes
from runner.values.panel import Bools, Floats, Ints

MOST_MODELS: Final = 5
"""Lines in one picture."""


def by_step(scored: Scored, metric: str, looks: Mapping[str, Look]) -> Picture:
    """Return the error of each step ahead."""
    steps = list(range(1, int(scored.step.max()) + 1))
    shown = shown_models(scored, looks)
    rows = _rows(scored, metric, shown, scored.step - 1, steps)
    x = alt.X("x:Q", **quantity("steps ahead", whole=True))
    return Picture(
        "steps",
        "Error by horizon step",
        _error_lines(rows, metric, shown, x, alt.Tooltip("x:Q", title="steps ahead")),
        "How fast a forecast ages.",
    )


def by_volume(scored: Scored, metric: str, looks: Mapping[str, Look]) -> Picture | None:
    """Return the error of series by their size, in quarters; None for fewer than eight series."""
    size = volumes(scored)
    if np.isfinite(size).sum() < 8:
        return None
    edges = np.nanquantile(size, [0.25, 0.5, 0.75])
    quarter = np.where(np.isfinite(size), np.searchsorted(edges, size), -1)
    titles = ("smallest\nquarter", "second", "third", "largest\nquarter")
    shown = shown_models(scored, looks)
    return Picture(
        "volume",
        "Error by series volume",
        _error_groups(scored, metric, shown, quarter[scored.series], titles),
        "Series in quarters by their mean absolute target.",
    )


def by_holiday(scored: Scored, metric: str, looks: Mapping[str, Look], holiday: Bools | None) -> Picture | None:
    """Return the error of steps with and without a public holiday; None where one kind is absent or no one knows."""
    if holiday is None or holiday.all() or not holiday.any():
        return None
    counted = np.isfinite(scored.y)
    ordinary, marked = int((counted & ~holiday).sum()), int((counted & holiday).sum())
    titles = (f"ordinary\n{ordinary:,} cells", f"holiday\n{marked:,} cells")
    shown = shown_models(scored, looks)
    return Picture(
        "holidays",
        "Error with and without a holiday",
        _error_groups(scored, metric, shown, holiday.astype(np.int64), titles),
        "A step is a holiday when a public holiday of the spec's country falls into it.",
    )


def residuals(scored: Scored, model: str, color: str) -> Picture:
    """Return how the errors of a model spread, from the 1st to the 99th percentile, relative to each series' size."""
    size = volumes(scored)[scored.series]
    present = np.isfinite(scored.y) & np.isfinite(scored.forecasts[model]) & (size > 0)
    errors = (scored.forecasts[model][present] - scored.y[present]) / size[present]
    counts, edges = spread(errors)
    mean = float(errors.mean()) if len(errors) else 0.0
    x = quantity("(forecast − actual) / mean actual of its series", share=True)
    y = quantity("share of cells", share=True, zero=True)
    bars = marks.histogram(list(counts / max(counts.sum(), 1)), edges, x, y).mark_bar(color=marks.paint(color))
    lines = [*marks.line_across(0.0), *marks.line_across(mean, "red", f"mean {mean:+.1%}")]
    return Picture(
        "residuals",
        f"Residuals of {model}",
        marks.finish_chart([bars, *lines], 260),
        "Right of zero: too high. The outermost bars hold what is beyond.",
    )


def shown_models(scored: Scored, looks: Mapping[str, Look]) -> dict[str, Look]:
    """Return the best models and the baseline."""
    present = {model: look for model, look in looks.items() if model in scored.forecasts}
    baseline = {model: look for model, look in present.items() if look == BASELINE}
    best = [model for model in present if model not in baseline][: MOST_MODELS - len(baseline)]
    return {model: present[model] for model in best} | baseline


def _error_groups(scored: Scored, metric: str, looks: Mapping[str, Look], codes: Ints, titles: Sequence[str]) -> Row:
    rows = _rows(scored, metric, looks, codes, titles)
    return _error_lines(rows, metric, looks, marks.names_along(titles), alt.Tooltip("x:N", title="group"))


def _error_lines(rows: list[Row], metric: str, looks: Mapping[str, Look], x: alt.X, tip: alt.Tooltip) -> Row:
    name = point_metric(metric).name
    y = alt.Y("y:Q", **quantity(name, share=is_share(name), zero=True))
    tips = [alt.Tooltip("model:N"), tip, marks.value_tip(name, share=is_share(name))]
    return marks.finish_chart(marks.model_lines(rows, looks, x, y, tips), 260)


def _rows(scored: Scored, metric: str, models: Mapping[str, Look], codes: Ints, places: Sequence[object]) -> list[Row]:
    return [
        {"model": model, "x": x, "y": y}
        for model in models
        for x, y in zip(places, marks.finite(grouped(metric, scored, model, codes, len(places))), strict=True)
    ]


def spread(errors: Floats) -> tuple[Floats, Floats]:
    """Return counts and edges of 31 bars from the 1st to the 99th percentile; the outermost hold what is beyond."""
    if not len(errors):
        return np.zeros(1), np.array([-1.0, 1.0])
    low, high = np.quantile(errors, [0.01, 0.99])
    if high - low < 1e-9 * max(1.0, abs(low), abs(high)):  # all alike, but for rounding
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(errors, low, high), bins=31, range=(low, high))
    return counts.astype(float), edges
