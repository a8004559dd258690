"""Forecast against actual for single series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from runner.report.chart import Axis, Band, Chart, Line, Mark, Rule, clean
from runner.report.palette import second_sign
from runner.results.scored_forecasts import Scored, grouped
from runner.values.panel import Floats


def telling(scored: Scored, metric: str, model: str) -> dict[str, str]:
    """`best`, `median` and `worst` -> label of that series by the model's error; fewer when there are few series.

    Of those that are scored in at least half as many cells as the fullest: one lucky cell tells nothing.
    """
    errors = grouped(metric, scored, model, scored.series, len(scored.labels))
    counts = np.bincount(scored.series[np.isfinite(scored.y)], minlength=len(errors))  # [N]
    known = np.flatnonzero(np.isfinite(errors) & (2 * counts >= counts.max(initial=0)))
    order = known[np.argsort(errors[known], kind="stable")]
    if not len(order):
        return {}
    places = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    found: dict[str, str] = {}
    for name, place in places.items():
        if scored.labels[place] not in found.values():
            found[name] = scored.labels[place]
    return found


def forecast(
    scored: Scored,
    label: str,
    models: Sequence[str],
    roles: Mapping[str, str],
    *,
    title: str = "",
    key: str = "series",
    target: str = "target",
) -> Chart:
    """Actual values and forecasts of one series over all test windows, with the band of the first model."""
    at = np.flatnonzero(scored.series == scored.labels.index(label))
    at = at[np.lexsort((scored.step[at], scored.window[at]))]
    marks: list[Mark] = []
    for model in models[:1]:
        marks += _bands(scored, at, model, roles[model])
    times, first = np.unique(scored.time[at], return_index=True)
    actual = scored.y[at][first]
    marks.append(Line("actual", _moments(times), clean(actual), "ink", width=2.2, markers=len(times) <= 60))
    for model in models:
        x, y = _broken(scored, at, scored.forecasts[model])
        marks.append(Line(model, x, y, roles[model], second_sign(roles[model])[0], markers=False))
    marks += [Rule("x", moment, "muted") for moment in _moments(np.unique(scored.cutoff[at]))]
    timed = np.issubdtype(scored.time.dtype, np.datetime64)
    return Chart(
        key,
        title or f"Series {label}",
        Axis("", "time" if timed else "number"),
        Axis(target),
        tuple(marks),
        "Dotted lines: cut-offs; what is right of one was not known when the forecast was made.",
    )


def series_residuals(scored: Scored, label: str, models: Sequence[str], roles: Mapping[str, str]) -> Chart:
    """Forecast minus actual of one series over time."""
    at = np.flatnonzero(scored.series == scored.labels.index(label))
    at = at[np.lexsort((scored.step[at], scored.window[at]))]
    marks: list[Mark] = [Rule("y", 0.0, "muted")]
    for model in models:
        x, y = _broken(scored, at, scored.forecasts[model] - scored.y)
        marks.append(Line(model, x, y, roles[model], second_sign(roles[model])[0], markers=True))
    timed = np.issubdtype(scored.time.dtype, np.datetime64)
    return Chart(
        "series-residuals",
        f"Residuals of {label}",
        Axis("", "time" if timed else "number"),
        Axis("forecast − actual"),
        tuple(marks),
        "Above zero: too high.",
        height=220,
    )


def _bands(scored: Scored, at: Any, model: str, role: str) -> list[Mark]:
    """The widest pair of quantiles, as one band a window."""
    columns = sorted(scored.quantiles.get(model, {}), key=lambda name: float(name[1:]))
    if len(columns) < 2:
        return []
    low, high = scored.quantiles[model][columns[0]], scored.quantiles[model][columns[-1]]
    share = float(columns[-1][1:]) - float(columns[0][1:])
    name = f"{share:.0%} band of {model}"
    bands: list[Mark] = []
    for window in np.unique(scored.window[at]):
        part = at[scored.window[at] == window]
        bands.append(Band(name, _moments(scored.time[part]), clean(low[part]), clean(high[part]), role))
    return bands


def _broken(scored: Scored, at: Any, values: Floats) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """x and y with a gap between windows."""
    x: list[Any] = []
    y: list[Any] = []
    for window in np.unique(scored.window[at]):
        part = at[scored.window[at] == window]
        moments = _moments(scored.time[part])
        x += [*moments, moments[-1]]
        y += [*clean(values[part]), None]
    return tuple(x[:-1]), tuple(y[:-1])


def _moments(times: Any) -> tuple[Any, ...]:
    """ISO texts of times, or the integers."""
    if np.issubdtype(times.dtype, np.datetime64):
        return tuple(str(text) for text in times.astype("datetime64[m]"))
    return tuple(int(time) for time in times)
