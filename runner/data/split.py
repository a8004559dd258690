"""Panel -> windows: a rolling backtest derived from a few numbers, and the cells that count in each.

For each series, with E one past its last step (of the whole panel under `anchor: calendar`, its own under
`series_end`), the last test window ends at E and earlier ones lie `step` apart; the last tuning window ends where the
first test window's history ends. So a tuning target can never be a test target, for any number of windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from runner.errors import DataCode, DataError
from runner.language.sections.evaluation import TuningWindows, Windows
from runner.language.sections.experiment import Experiment
from runner.values.panel import Bools, Floats, Ints, Panel, View, view_until

Part = Literal["tuning", "test"]


@dataclass(frozen=True)
class Window:
    """One cutoff per series and the steps forecast after it."""

    part: Part
    number: int  # from 1, the earliest first
    cutoff: Ints  # [N], steps before it are visible; never negative
    first: Ints  # [N], steps before it are hidden (0 when the window expands)
    gap: int
    horizon: int  # H; less than the spec's only for late tuning windows under `min_horizon`
    cells: Bools  # [N, H], truth present and at least one observation before the cutoff

    @property
    def name(self) -> str:
        return f"{self.part}-{self.number}"


@dataclass(frozen=True)
class Split:
    """All windows of an experiment, the earliest first in each part."""

    tuning: tuple[Window, ...]
    test: tuple[Window, ...]

    def part(self, part: Part) -> tuple[Window, ...]:
        return self.tuning if part == "tuning" else self.test


def split(panel: Panel, spec: Experiment) -> Split:
    """Return the windows of both parts. Raises DataError when no series is long enough."""
    end = _ends(panel, spec)
    horizon, gap = spec.forecast.horizon, spec.forecast.gap
    test_cutoffs = _cutoffs(end, spec.evaluation.test, horizon, gap, last_horizon=horizon)
    tuning = spec.evaluation.tuning
    last = min(tuning.min_horizon or horizon, horizon)
    tuning_cutoffs = _cutoffs(test_cutoffs[0], tuning, horizon, gap, last_horizon=last)
    _check_history(panel, spec, tuning_cutoffs[0])
    return Split(
        _windows(panel, "tuning", tuning, tuning_cutoffs, test_cutoffs[0], horizon, gap),
        _windows(panel, "test", spec.evaluation.test, test_cutoffs, end, horizon, gap),
    )


def keep_series(panel: Panel, spec: Experiment) -> Panel:
    """Return the panel after `data.short_series`: whole, or without the series that no test window can score."""
    if spec.data.short_series == "keep":
        return panel
    scored = np.any([w.cells.any(axis=1) for w in split(panel, spec).test], axis=0)  # [N]
    if scored.all():
        return panel
    names = named(panel, np.flatnonzero(~scored))
    if spec.data.short_series == "error":
        raise DataError(
            f"{int((~scored).sum())} of {panel.n_series} series have no cell that counts in any test window: {names}; "
            "set `data.short_series: keep` or `drop`, or ask for fewer or shorter windows",
            code=DataCode.TOO_SHORT,
            key="data.short_series",
        )
    if not scored.any():
        message = f"no series has a cell that counts in any test window: {names}"
        raise DataError(message, code=DataCode.TOO_SHORT, key="evaluation.test")
    return _select(panel, scored)


def view(panel: Panel, window: Window, season: int) -> View:
    """Return what a model may see of the window."""
    return view_until(panel, window.cutoff, first=window.first, gap=window.gap, horizon=window.horizon, season=season)


def truth(panel: Panel, window: Window) -> Floats:
    """Return the target where it counts, NaN elsewhere, [N, H]."""
    return np.where(window.cells, _at_targets(panel, window.cutoff, window.gap, window.horizon), np.nan)


def known_values(panel: Panel, window: Window, name: str) -> Floats:
    """Return values of a known covariate at the forecast dates, [N, H]. Raises DataError without such a covariate."""
    covariate = next((c for c in panel.covariates if c.role == "known" and c.name == name), None)
    if covariate is None or covariate.categories is not None:
        message = f"evaluation: a metric weighs by {name}, which is no known covariate with numbers"
        raise DataError(message, code=DataCode.UNKNOWN_COLUMN, key="evaluation.metric", column=name)
    at = np.maximum(window.cutoff[:, None] + window.gap + np.arange(window.horizon), 0)
    values = np.broadcast_to(covariate.values, (panel.n_series, len(panel.times)))
    return np.take_along_axis(values, np.minimum(at, len(panel.times) - 1), axis=1)


def future_window(panel: Panel, spec: Experiment) -> Window:
    """Return the window after the data: each cutoff at the end of the panel or of its series. No cell counts."""
    cutoff, history = _ends(panel, spec), spec.evaluation.test.history
    first = np.maximum(cutoff - history, 0) if history else np.zeros_like(cutoff)
    cells = np.zeros((panel.n_series, spec.forecast.horizon), dtype=bool)
    return Window("test", 0, cutoff, first, spec.forecast.gap, spec.forecast.horizon, cells)


def _ends(panel: Panel, spec: Experiment) -> Ints:
    if spec.evaluation.anchor == "series_end":
        return panel.stop.astype(np.int64)
    return np.full(panel.n_series, panel.stop.max(initial=0), dtype=np.int64)


def _cutoffs(end: Ints, part: Windows, horizon: int, gap: int, *, last_horizon: int) -> list[Ints]:
    step = part.step or horizon
    return [end - gap - last_horizon - back * step for back in reversed(range(part.windows))]


def _windows(
    panel: Panel,
    part: Part,
    numbers: Windows | TuningWindows,
    cutoffs: Sequence[Ints],
    end: Ints,
    horizon: int,
    gap: int,
) -> tuple[Window, ...]:
    windows = []
    for number, cutoff in enumerate(cutoffs, start=1):
        reach = min(horizon, int((end - gap - cutoff)[0]))  # the same for all series: all cutoffs move with `end`
        visible = np.maximum(cutoff, 0)
        first = np.maximum(visible - numbers.history, 0) if numbers.history else np.zeros_like(visible)
        cells = _cells(panel, cutoff, first, gap, reach)
        windows.append(Window(part, number, visible, first, gap, reach, cells))
    return tuple(windows)


def _cells(panel: Panel, cutoff: Ints, first: Ints, gap: int, horizon: int) -> Bools:
    """Return where the truth is present and training has an observation before the cutoff."""
    steps = np.arange(panel.n_steps)
    visible = (steps < cutoff[:, None]) & (steps >= first[:, None])  # [N, T]
    has_history = (np.isfinite(panel.y) & visible).any(axis=1) & (cutoff > 0)  # [N]
    return np.isfinite(_at_targets(panel, cutoff, gap, horizon)) & has_history[:, None]


def _at_targets(panel: Panel, cutoff: Ints, gap: int, horizon: int) -> Floats:
    at = cutoff[:, None] + gap + np.arange(horizon)  # [N, H]
    inside = (at >= 0) & (at < panel.n_steps)
    values = np.take_along_axis(panel.y, np.clip(at, 0, panel.n_steps - 1), axis=1)
    return np.where(inside, values, np.nan)


def _check_history(panel: Panel, spec: Experiment, first_cutoff: Ints) -> None:
    """Raise when not one series reaches back to the first tuning cutoff with a step to learn from."""
    room = first_cutoff - panel.start  # [N], steps to learn from
    best = int(np.argmax(room))
    if room[best] >= 1:
        return
    e = spec.evaluation
    raise DataError(
        f"the history is too short by {1 - int(room[best])} steps, even for the longest series {panel.label(best)} "
        f"({int(panel.stop[best] - panel.start[best])} steps): {e.test.windows} test and {e.tuning.windows} tuning "
        f"windows of horizon {spec.forecast.horizon} leave nothing to learn from; ask for fewer windows, a shorter "
        "`forecast.horizon`, a smaller `step`, or set `evaluation.tuning.min_horizon`",
        code=DataCode.TOO_SHORT,
        key="forecast.horizon",
    )


def named(panel: Panel, series: Ints, most: int = 5) -> str:
    """Return the ids of the first of some series."""
    names = ", ".join(panel.label(int(i)) for i in series[:most])
    return f"{names}, ..." if len(series) > most else names


def _select(panel: Panel, keep: Bools) -> Panel:
    def cut(values: Floats, per_series: bool) -> Floats:
        return values[keep] if per_series else values

    return replace(
        panel,
        ids=tuple(name for name, kept in zip(panel.ids, keep, strict=True) if kept),
        y=panel.y[keep],
        start=panel.start[keep],
        stop=panel.stop[keep],
        covariates=tuple(
            replace(c, values=cut(c.values, c.values.ndim == 2 or c.role == "static")) for c in panel.covariates
        ),
    )
