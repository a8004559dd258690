"""Candidate, windows -> results. `tune` and `benchmark` hand it different windows and nothing else.

All windows of a candidate grow together, chunk by chunk, and are scored together on the tuned metric over the whole
horizon. That curve ends the growth (`growth.py`), and it is what a pruner sees.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from runner.data.split import Window, known_values, truth, view
from runner.families import metrics
from runner.families.features.build import TableBuilder
from runner.families.features.cache import Cache
from runner.families.metrics.base import Cells, Metric
from runner.families.models import ModelError
from runner.families.models import build as build_model
from runner.families.models.base import Fit, Model, Task
from runner.run.early_stopping import Finish, Grow, Growth, ShouldStop
from runner.run.plan import Candidate, Setup
from runner.values.panel import Forecast, last_observed
from runner.values.records import CurvePoint, Score, WindowScore
from runner.values.section import FrozenMap

Members = Mapping[str, Sequence[Forecast]]
"""Name -> one forecast a window: what a combination is made of."""


@dataclass(frozen=True)
class Result:
    """Forecasts and scores of a candidate; of a pruned one those at its best so far."""

    forecasts: tuple[Forecast, ...]  # one a window
    windows: tuple[WindowScore, ...]
    scores: Mapping[str, Score]  # over all windows
    curve: tuple[CurvePoint, ...] = ()
    rounds: int | None = None
    pruned: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)  # name -> content, of the last window's model when saved


def backtest(
    candidate: Candidate,
    windows: Sequence[Window],
    setup: Setup,
    *,
    members: Members | None = None,
    should_stop: ShouldStop | None = None,
    save: bool = False,
) -> Result:
    """Fit and score a candidate on every window; `save` returns the last window's model as files.

    Raises ModelError, with the window, when one of them fails.
    """
    model = build_model(candidate.kind, candidate.params, candidate.seed)
    tracks = [
        _Track.start(model, _task(candidate, window, number, setup, members or {}), window)
        for number, window in enumerate(windows)
    ]
    growth = Growth(candidate.limits, setup.metric.direction, should_stop)
    if model.grows and candidate.rounds is None:
        forecasts, growth = _grow_until_stopped(tracks, growth, setup)
        rounds = growth.best_rounds
    else:
        rounds = candidate.rounds or 0
        forecasts = _grow_to(tracks, rounds)
    result = Result(
        forecasts=forecasts,
        windows=tuple(_window_row(track, forecast) for track, forecast in zip(tracks, forecasts, strict=True)),
        scores=FrozenMap(),
        curve=growth.curve,
        rounds=rounds if model.grows else None,
        pruned=growth.next() == Finish("pruned"),
        files=tracks[-1].fit.save() if save else {},
    )
    return score_result(result, windows, setup)


def score_result(result: Result, windows: Sequence[Window], setup: Setup) -> Result:
    """Return the result with the scores of its forecasts: per window, and over all of them."""
    scored = [cells(window, forecast, setup) for window, forecast in zip(windows, result.forecasts, strict=True)]
    return replace(
        result,
        windows=tuple(
            row.model_copy(update={"scores": score_all(setup.metrics, [one])})
            for row, one in zip(result.windows, scored, strict=True)
        ),
        scores=score_all(setup.metrics, scored),
    )


def cells(window: Window, forecast: Forecast, setup: Setup) -> Cells:
    """Return what the metrics need of one window. Raises ModelError for a hole in the forecast of a counting cell."""
    hole = window.cells & ~np.isfinite(forecast.point)
    if hole.any():
        series, step = (int(i) for i in np.argwhere(hole)[0])
        raise ModelError(
            f"{window.name}: no finite forecast for series {setup.panel.label(series)}, step {step + 1}"
            + (f", and {int(hole.sum()) - 1} more cells" if hole.sum() > 1 else "")
        )
    past = view(setup.panel, window, setup.season).panel.y
    known = partial(known_values, setup.panel, window)
    return Cells(truth(setup.panel, window), forecast, past, last_observed(past), setup.season, setup.quantiles, known)


def score_all(family: Sequence[Metric], scored: Sequence[Cells]) -> FrozenMap[str, Score]:
    """Return every metric over all cells; null where no cell counts, or a float cannot hold the score."""
    return FrozenMap({metric.name: _score(metric, scored) for metric in family})


def _score(metric: Metric, scored: Sequence[Cells]) -> Score:
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return metrics.score(metric, scored)
    except metrics.NonFinite:  # the forecast is finite, as `cells` has seen to; its square need not be
        return None


def _task(candidate: Candidate, window: Window, number: int, setup: Setup, members: Members) -> Task:
    seen = view(setup.panel, window, setup.season)
    parts = (setup.key, window.cutoff.tobytes().hex(), window.first.tobytes().hex(), window.gap, window.horizon)
    cache = Cache(setup.tables, "|".join(map(str, (*parts, setup.season))))
    source = TableBuilder(seen, candidate.tables, cache) if candidate.tables else None
    return Task(seen, source, {name: forecasts[number] for name, forecasts in members.items()})


@dataclass
class _Track:
    """A model growing on one window, and the time it took."""

    window: Window
    fit: Fit
    fit_seconds: float = 0.0
    rounds: int = 0
    predict_seconds: float = 0.0

    @classmethod
    def start(cls, model: Model, task: Task, window: Window) -> _Track:
        began = time.monotonic()
        with _name_window(window):
            fit = model.start(task)
        return cls(window, fit, time.monotonic() - began)

    def grow_to(self, rounds: int) -> None:
        if rounds <= self.rounds:
            return
        began = time.monotonic()
        with _name_window(self.window):
            self.fit.grow(rounds - self.rounds)
        self.rounds = rounds
        self.fit_seconds += time.monotonic() - began

    def forecast(self) -> Forecast:
        began = time.monotonic()
        with _name_window(self.window):
            forecast = self.fit.forecast()
        self.predict_seconds += time.monotonic() - began
        return forecast


@contextmanager
def _name_window(window: Window) -> Iterator[None]:
    """Add the window to a model's reason, in this one place."""
    try:
        yield
    except ModelError as error:
        raise ModelError(f"{window.name}: {error}") from error


def _grow_until_stopped(tracks: Sequence[_Track], growth: Growth, setup: Setup) -> tuple[tuple[Forecast, ...], Growth]:
    """Grow all windows together; return the forecasts of the best look, and the growth as it ended."""
    best: tuple[Forecast, ...] = ()
    while isinstance(step := growth.next(), Grow):
        forecasts = _grow_to(tracks, step.to)
        growth = growth.observe(_tuned_value(tracks, forecasts, setup))
        if growth.best_rounds == step.to:
            best = forecasts
    return best, growth


def _grow_to(tracks: Sequence[_Track], rounds: int) -> tuple[Forecast, ...]:
    for track in tracks:
        track.grow_to(rounds)
    return tuple(track.forecast() for track in tracks)


def _tuned_value(tracks: Sequence[_Track], forecasts: Sequence[Forecast], setup: Setup) -> float:
    scored = [cells(track.window, forecast, setup) for track, forecast in zip(tracks, forecasts, strict=True)]
    value = _score(setup.metric, scored)
    if value is None:
        raise ModelError(f"{setup.metric.name} is n/a on these windows: every truth is 0, or a value is too large")
    return value


def _window_row(track: _Track, forecast: Forecast) -> WindowScore:
    """Return the row of a window before it is scored: counts and seconds."""
    counting = track.window.cells
    fallback = forecast.fallback if forecast.fallback is not None else np.zeros_like(counting)
    rows, columns = track.fit.shape
    return WindowScore(
        window=track.window.name,
        scores=FrozenMap(),
        n_cells=int(counting.sum()),
        fit_seconds=round(track.fit_seconds, 6),
        predict_seconds=round(track.predict_seconds, 6),
        n_train_rows=rows,
        n_features=columns,
        fallbacks=int((fallback & counting).sum()),
    )
