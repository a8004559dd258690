"""Weights of a blend, learnt on the tuning windows: the convex combination with the least absolute error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from scipy.optimize import linprog

from runner.families.models import ModelError
from runner.values.panel import Floats

_MOST_CELLS: Final = 50_000


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
