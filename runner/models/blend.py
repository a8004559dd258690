"""A weighted mean of other members' forecasts. Timmermann (2006), "Forecast combinations", Handbook of Economic
Forecasting 1."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import linprog

from runner.models import ModelError
from runner.models.base import Task
from runner.panel import Bools, Floats, Forecast, View, last_observed

_MOST_CELLS: Final = 50_000


@dataclass(frozen=True)
class BlendFit:
    """A blend on one window, complete from the start."""

    weights: Mapping[str, float]
    blended: Forecast
    shape: tuple[int, int] = (0, 0)
    """It learns from no row."""

    def grow(self, rounds: int) -> None:
        """Nothing to grow."""

    def forecast(self) -> Forecast:
        """The forecast, [N, H]."""
        return self.blended

    def save(self, folder: Path) -> None:
        """Write `blend.json`: the weight of each member."""
        document = {"kind": "blend", "weights": dict(self.weights)}
        (folder / "blend.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Blend:
    """A weighted mean of the task's members."""

    of: tuple[str, ...] | None
    """Names of the members; all that the task brings when None."""
    weights: Mapping[str, float] | None
    """Member -> weight, not negative and summing to one; equal when None."""
    grows: bool = False
    needs_tables: bool = False

    def start(self, task: Task) -> BlendFit:
        """Combine. Raises ModelError when a member is absent or has no forecast where there is history."""
        names = tuple(task.members) if self.of is None else self.of
        absent = [name for name in names if name not in task.members]
        if absent or not names:
            raise ModelError(f"no forecast of {', '.join(absent) or 'any member'} to blend")
        members = {name: task.members[name] for name in names}
        _refuse_holes(members, task.view)
        weights = self.weights or dict.fromkeys(names, 1 / len(names))
        return BlendFit(weights, _combine(members, weights))


def blend(params: Mapping[str, Any], _seed: int) -> Blend:
    """The blend of `of` with `weights`: `equal`, or member -> weight. Raises ModelError for weights that do not fit."""
    unknown = sorted(set(params) - {"of", "weights"})
    if unknown:
        raise ModelError(f"blend takes `of` and `weights`, not {', '.join(unknown)}")
    of = tuple(params["of"]) if params.get("of") is not None else None
    weights = params.get("weights", "equal")
    if weights == "equal" or weights is None:
        return Blend(of, None)
    if not isinstance(weights, Mapping):
        raise ModelError(f"weights of a blend are `equal` or a number for each member, not {weights!r}")
    if of is not None and set(weights) != set(of):
        raise ModelError(f"weights are given for {', '.join(sorted(weights))} but members are {', '.join(sorted(of))}")
    if min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > 1e-6:
        raise ModelError("weights of a blend must not be negative and must sum to one")
    return Blend(of or tuple(weights), dict(weights))


def _refuse_holes(members: Mapping[str, Forecast], view: View) -> None:
    """A series without any history may be empty; no other may, because a blend is not renormalised."""
    has_history = np.isfinite(last_observed(view.panel.y))  # [N]
    for name, member in members.items():
        holes = has_history[:, None] & ~np.isfinite(member.point)  # [N, H]
        if holes.any():
            series = int(np.argwhere(holes)[0, 0])
            raise ModelError(
                f"member {name} has no forecast in {int(holes.sum())} cells, first for {view.panel.label(series)}"
            )


def _combine(members: Mapping[str, Forecast], weights: Mapping[str, float]) -> Forecast:
    point = _weighted([(weights[name], member.point) for name, member in members.items()])  # [N, H]
    spread = [(weights[name], m.quantiles) for name, m in members.items() if m.quantiles is not None]
    marks: list[Bools] = [m.fallback for m in members.values() if m.fallback is not None]
    return Forecast(
        point,
        quantiles=_weighted(spread) if len(spread) == len(members) else None,  # [N, H, Q]
        fallback=reduce(np.logical_or, marks) if marks else None,
    )


def _weighted(terms: Sequence[tuple[float, Floats]]) -> Floats:
    total: Floats = reduce(np.add, [weight * values for weight, values in terms])
    return total


def learn_weights(forecasts: Mapping[str, Sequence[Floats]], truths: Sequence[Floats]) -> dict[str, float]:
    """Member -> weight with the least absolute error over all windows; not negative and summing to one.

    `forecasts` and `truths` have one [N, H] a window; a cell without truth does not count. Of more than 50,000 cells
    as many are taken at even distances, so that the answer needs no seed and about a second. Raises ModelError
    without any cell, or when a member is not finite in one that counts. Solved as the linear program of Koenker and
    Bassett (1978), Econometrica 46(1).
    """
    truth = np.concatenate([t.ravel() for t in truths]) if truths else np.empty(0)  # [C]
    counts = np.isfinite(truth)  # [C]
    if not counts.any():
        raise ModelError("no cell to learn the weights of a blend from")
    columns = [np.concatenate([f.ravel() for f in windows])[counts] for windows in forecasts.values()]
    predicted = np.column_stack(columns)  # [C, M]
    for name, complete in zip(forecasts, np.isfinite(predicted).all(axis=0), strict=True):
        if not complete:
            raise ModelError(f"member {name} has no forecast in a cell that the weights are learnt from")
    chosen = _evenly(len(predicted))
    weights = _least_absolute(predicted[chosen], truth[counts][chosen])
    return {name: float(weight) for name, weight in zip(forecasts, weights, strict=True)}


def _evenly(count: int) -> Any:
    if count <= _MOST_CELLS:
        return slice(None)
    return np.linspace(0, count - 1, _MOST_CELLS).round().astype(np.int64)


def _least_absolute(predicted: Floats, truth: Floats) -> Floats:
    """Weights [M] that minimise the sum of |truth - predicted @ weights|.

    The dual program has M rows instead of one for each cell and is thirty times as fast: maximise truth @ d - t over
    |d| <= 1 with predicted.T @ d <= t. The weights are the prices of its rows.
    """
    cells, members = predicted.shape
    size = np.abs(truth).mean() or 1.0
    answer = linprog(
        np.append(-truth / size, 1.0),
        A_ub=np.hstack([predicted.T / size, -np.ones((members, 1))]),
        b_ub=np.zeros(members),
        bounds=[(-1, 1)] * cells + [(None, None)],
        method="highs-ds",
    )
    if answer.status != 0:
        raise ModelError(f"the weights of the blend could not be learnt: {answer.message}")
    weights = np.maximum(-answer.ineqlin.marginals, 0.0)
    normed: Floats = weights / weights.sum()
    return normed
