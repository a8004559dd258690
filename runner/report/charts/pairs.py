"""Pictures of actual and predicted values, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import altair as alt
import numpy as np

from runner.report.charts import marks
from runner.report.charts.marks import Row, plot, quantity
from runner.report.picture import Picture
from runner.report.theme import Look
from runner.values.panel import Floats

MOST_POINTS: Final = 2000
"""Rows that are drawn; of more one in so many."""
LOOKS: Final = {"actual": Look("ink"), "predicted": Look("blue", (6, 4))}


def over_rows(actual: Floats, predicted: Floats, times: Sequence[str] | None) -> Picture:
    """Return both over ISO times that ascend, or over the numbers of the rows."""
    step = _step(actual)
    at = list(times) if times else list(range(1, len(actual) + 1))
    rows: list[Row] = [
        {"model": name, "x": x, "y": float(y)}
        for name, values in (("actual", actual), ("predicted", predicted))
        for x, y in zip(at[::step], values[::step], strict=True)
    ]
    x = marks.time_axis(at, "" if times else "row")
    tips = [alt.Tooltip("model:N"), marks.time_tip(at), marks.value_tip("value", share=False)]
    lines = marks.model_lines(rows, LOOKS, x, alt.Y("y:Q", **quantity("value")), tips)
    note = f"One row in {step} is drawn." if step > 1 else ""
    return Picture("upload-lines", "Actual and predicted", marks.finish_chart(lines, 260), note)


def against(actual: Floats, predicted: Floats, labels: Sequence[str]) -> Picture:
    """Return predicted against actual."""
    step = _step(actual)
    rows = [
        {"x": float(x), "y": float(y), "text": label}
        for x, y, label in zip(actual[::step], predicted[::step], labels[::step], strict=True)
    ]
    both = np.concatenate([actual, predicted])
    ends = [{"x": value, "y": value} for value in (float(both.min()), float(both.max()))]
    x, y = alt.X("x:Q", **quantity("actual")), alt.Y("y:Q", **quantity("predicted"))
    tips = [
        marks.text_tip(),
        marks.value_tip("actual", share=False, field="x"),
        marks.value_tip("predicted", share=False),
    ]
    equal = plot(ends).mark_line(color=marks.paint("muted"), strokeDash=[6, 4], strokeWidth=1).encode(x=x, y=y)
    points = plot(rows).mark_point(color=marks.paint("blue")).encode(x=x, y=y, tooltip=tips)
    return Picture("upload-scatter", "Predicted against actual", marks.finish_chart([equal, points], 260))


def spread(errors: Floats) -> Picture:
    """Return how predicted minus actual spreads."""
    ends = (float(errors.min()), float(errors.max()))
    if ends[1] - ends[0] < 1e-9 * max(1.0, *map(abs, ends)):  # all alike, but for rounding
        ends = (ends[0] - 0.5, ends[1] + 0.5)
    counts, edges = np.histogram(errors, bins=min(31, max(5, len(errors) // 5)), range=ends)
    x, y = quantity("predicted − actual"), quantity("rows", whole=True, zero=True)
    bars = marks.histogram(list(counts), edges, x, y).mark_bar(color=marks.paint("blue"))
    return Picture("upload-errors", "Errors", marks.finish_chart([bars, *marks.line_across(0.0)], 260))


def _step(values: Floats) -> int:
    """Return the interval of drawn rows."""
    return max(1, len(values) // MOST_POINTS)
