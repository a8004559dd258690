"""What a model is: one Protocol for baselines, boosters and combinations.

A model is started on a task (one window) and grown. A baseline is complete at once; a booster grows by chunks of
rounds, so that `backtest` can grow all windows together and stop on the true metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError
from runner.values.panel import Floats, Forecast, View


@dataclass(frozen=True)
class Task:
    """One window as a model meets it. There is no way from here to a value after the cut-off."""

    view: View
    tables: Callable[[], WindowTables]  # built, or read from the cache, when first asked for
    members: Mapping[str, Forecast] = field(default_factory=dict)  # forecasts a combination is made of


class Fit(Protocol):
    """A model on one window."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns learnt from; for a baseline the observations it saw, and 0."""

    def grow(self, rounds: int) -> None:
        """Add so many boosting rounds; does nothing for a model that is complete from the start."""

    def forecast(self) -> Forecast:
        """The forecast at its present size, [N, H]."""

    def save(self, folder: Path) -> None:
        """Write native files (never pickles) into an existing folder."""


class Model(Protocol):
    """A kind with its parameters."""

    @property
    def grows(self) -> bool:
        """Whether it is built round by round, so that the number of rounds is found by early stopping."""

    @property
    def needs_tables(self) -> bool:
        """Whether it learns from feature rows (`Task.tables`) or from the view alone."""

    def start(self, task: Task) -> Fit:
        """Begin on one window. Raises `runner.families.models.ModelError` with a one-line reason when it cannot."""


@dataclass(frozen=True)
class Contributions:
    """SHAP values: a prediction as a sum of what each column adds. Lundberg et al. (2020), Nature MI 2."""

    values: Floats  # [R, P]
    base: Floats  # [R], what is expected of a row before any column is looked at
    additive: bool
    """Whether a row's sum is the scaled prediction; else it is what the objective's link (log, root) is undone from."""


class Restored(Protocol):
    """A trained model read back from its native files."""

    def predict(self, table: FeatureTable) -> Floats:
        """Predictions [R] in units of the target. Raises ModelError when the columns differ from those learnt from."""

    def contributions(self, table: FeatureTable) -> Contributions:
        """What each column adds, by the library. Raises ModelError when it cannot say, or its figures do not add up."""

    def explainable(self, work: int) -> int:
        """How many rows' contributions cost at most so much work, counted in leaves that TreeSHAP looks at."""


def added_up(matrix: Floats, predicted: Floats, raw: Floats) -> Contributions:
    """A library's SHAP matrix [R, P+1] as contributions. Raises ModelError unless rows sum to a prediction, [R] each.

    The check is needed: CatBoost 1.2.10 gives values that do not for trees that are not symmetric.
    """
    total = matrix.sum(axis=1)
    tolerance = 1e-6 * max(1.0, float(np.abs(total).max(initial=0.0)))
    for additive, target in ((True, predicted), (False, raw)):
        if np.allclose(total, target, rtol=1e-6, atol=tolerance):
            return Contributions(matrix[:, :-1], matrix[:, -1], additive)
    raise ModelError("the library's contributions do not add up to its predictions")


Builder = Callable[[Mapping[str, Any], int], Model]
"""(params, seed) -> Model: what the registry's entries are."""
