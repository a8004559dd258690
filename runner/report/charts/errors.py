"""Where a model is good and where it is not: error by step, by volume, by holiday, and residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from runner.report.chart import Axis, Bars, Chart, Line, Rule, clean
from runner.report.palette import second_sign
from runner.results.metric_values import is_share
from runner.results.scored_forecasts import Scored, grouped, point_metric, volumes
from runner.values.panel import Bools, Floats

MOST_MODELS = 5
"""Lines in one picture."""


def by_step(scored: Scored, metric: str, roles: Mapping[str, str]) -> Chart:
    """The error of each step ahead."""
    name = point_metric(metric).name
    steps = int(scored.step.max())
    marks = tuple(
        Line(
            model,
            tuple(range(1, steps + 1)),
            clean(grouped(metric, scored, model, scored.step - 1, steps)),
            roles[model],
            second_sign(roles[model])[0],
            markers=steps <= 24,
        )
        for model in _shown(scored, roles)
    )
    return Chart(
        "steps",
        "Error by horizon step",
        Axis("steps ahead"),
        Axis(name, percent=is_share(name), zero=True),
        marks,
        "How fast a forecast ages.",
    )


def by_volume(scored: Scored, metric: str, roles: Mapping[str, str]) -> Chart | None:
    """The error of series by their size, in quarters; None for fewer than eight series."""
    size = volumes(scored)
    if np.isfinite(size).sum() < 8:
        return None
    edges = np.nanquantile(size, [0.25, 0.5, 0.75])
    quarter = np.where(np.isfinite(size), np.searchsorted(edges, size), -1)
    titles = ("smallest quarter", "second", "third", "largest quarter")
    return _by_group(
        scored, metric, roles, quarter[scored.series], titles, "volume", "Error by series volume",
        "Series in quarters by their mean absolute target.",
    )  # fmt: skip


def by_holiday(scored: Scored, metric: str, roles: Mapping[str, str], holiday: Bools | None) -> Chart | None:
    """The error of steps with and without a public holiday; None when nobody knows, or one kind is absent."""
    if holiday is None or holiday.all() or not holiday.any():
        return None
    counted = np.isfinite(scored.y)
    ordinary, marked = int((counted & ~holiday).sum()), int((counted & holiday).sum())
    titles = (f"ordinary ({ordinary:,} cells)", f"holiday ({marked:,} cells)")
    return _by_group(
        scored, metric, roles, holiday.astype(np.int64), titles, "holidays", "Error with and without a holiday",
        "A step is a holiday when a public holiday of the spec's country falls into it.",
    )  # fmt: skip


def residuals(scored: Scored, model: str, role: str) -> Chart:
    """How the errors of a model are spread, from the 1st to the 99th percentile, relative to each series' size."""
    size = volumes(scored)[scored.series]
    present = np.isfinite(scored.y) & np.isfinite(scored.forecasts[model]) & (size > 0)
    errors = (scored.forecasts[model][present] - scored.y[present]) / size[present]
    counts, edges = _histogram(errors)
    share = counts / max(counts.sum(), 1)
    centres = (edges[:-1] + edges[1:]) / 2
    mean = float(errors.mean()) if len(errors) else 0.0
    return Chart(
        "residuals",
        f"Residuals of {model}",
        Axis("(forecast − actual) / mean actual of its series", percent=True),
        Axis("share of cells", percent=True, zero=True),
        (
            Bars("residuals", tuple(map(float, centres)), tuple(map(float, share)), (role,) * len(share)),
            Rule("x", 0.0, "muted"),
            Rule("x", mean, "red", f"mean {mean:+.1%}"),
        ),
        "Right of zero: too high. The outermost bars hold what lies beyond.",
    )


def _by_group(
    scored: Scored,
    metric: str,
    roles: Mapping[str, str],
    codes: np.ndarray,
    titles: Sequence[str],
    key: str,
    title: str,
    note: str,
) -> Chart:
    name = point_metric(metric).name
    marks = tuple(
        Line(
            model,
            tuple(titles),
            clean(grouped(metric, scored, model, codes, len(titles))),
            roles[model],
            second_sign(roles[model])[0],
            markers=True,
        )
        for model in _shown(scored, roles)
    )
    return Chart(
        key, title, Axis("", "category", tuple(titles)), Axis(name, percent=is_share(name), zero=True), marks, note
    )


def _shown(scored: Scored, roles: Mapping[str, str]) -> list[str]:
    """The best models and the baseline."""
    known = [model for model in roles if model in scored.forecasts]
    baseline = [model for model in known if roles[model] == "orange"]
    best = [model for model in known if model not in baseline]
    return [*best[: MOST_MODELS - len(baseline)], *baseline]


def _histogram(errors: Floats) -> tuple[Floats, Floats]:
    if not len(errors):
        return np.zeros(1), np.array([-1.0, 1.0])
    low, high = np.quantile(errors, [0.01, 0.99])
    if high - low < 1e-9 * max(1.0, abs(low), abs(high)):  # all alike, but for rounding
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(errors, low, high), bins=31, range=(low, high))
    return counts.astype(float), edges
