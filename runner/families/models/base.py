"""What a model is: one Protocol for baselines, boosters and combinations.

A model is started on a task (one window) and grown. A baseline is complete at once; a booster grows by chunks of
rounds, so that `backtest` can grow all windows together and stop on the true metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from runner.families.features.rows import Rows
from runner.families.features.sight import State
from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError
from runner.values.panel import Floats, Forecast, Ints, View


class TableSource(Protocol):
    """Where the rows of a window come from."""

    def tables(self) -> WindowTables:
        """Return the rows to learn from and to forecast."""

    def ahead(self, states: Mapping[str, State], names: Sequence[str]) -> FeatureTable:
        """Return the rows to forecast as a saved model knows them. Raises ModelError when a column cannot be made."""

    def factor(self, some: Rows) -> Floats | None:
        """Return units of the data in one unit of a training prediction, [R]; None where it varies."""


@dataclass(frozen=True)
class Task:
    """One window as a model meets it, in fitting and when saved. Nothing here reaches a value after the cutoff."""

    view: View
    source: TableSource | None = None  # for models that learn from rows
    members: Mapping[str, Forecast] = field(default_factory=dict)  # forecasts a combination is made of

    @property
    def rows(self) -> TableSource:
        """Return the source. Raises ModelError without one."""
        if self.source is None:
            raise ModelError("it learns from rows and has no feature configuration")
        return self.source


class Fit(Protocol):
    """A model on one window."""

    @property
    def shape(self) -> tuple[int, int]:
        """Return rows and columns of the training table; for a baseline its observations, and 0."""

    def grow(self, rounds: int) -> None:
        """Add so many boosting rounds; does nothing for a model that is complete from the start."""

    def forecast(self) -> Forecast:
        """Return the forecast at its present size, [N, H]."""

    def save(self) -> Mapping[str, bytes]:
        """Return file name -> content, in native formats (never pickles)."""


class Model(Protocol):
    """A kind with its parameters."""

    @property
    def grows(self) -> bool:
        """Return whether it is built round by round, so that early stopping finds the number of rounds."""

    @property
    def inputs(self) -> str:
        """Return its inputs: `history` (the view), `rows` (`Task.rows`) or `members` (forecasts of others)."""

    def start(self, task: Task) -> Fit:
        """Begin on one window. Raises `runner.families.models.ModelError` with a one-line reason when it cannot."""


class Rule(Protocol):
    """A model that needs no training, whose path can be the base of a target."""

    def paths(self, history: View, origins: Ints) -> Floats:
        """Return the path from each origin [O, N], of values before it alone: [O, N, H]."""


class SavedModel(Protocol):
    """A model read back from its files; one that needs no training is saved as its parameters."""

    def forecast(self, task: Task) -> Forecast:
        """Return the forecast of a task like the one it was fitted on, [N, H]. Raises ModelError when it cannot."""


@dataclass(frozen=True)
class Contributions:
    """SHAP values: a prediction as a sum of what each column adds. Lundberg et al. (2020), Nature MI 2."""

    values: Floats  # [R, P]
    base: Floats  # [R], what is expected of a row before any column is looked at
    additive: bool
    """Whether a row's sum is the scaled prediction; else it is what the objective's link (log, root) is undone from."""


@runtime_checkable
class SavedTrees(SavedModel, Protocol):
    """A saved model of trees, which can say what each column contributes."""

    def predict(self, table: FeatureTable) -> Floats:
        """Return predictions [R] in training units. Raises ModelError when the columns differ."""

    def contributions(self, table: FeatureTable) -> Contributions:
        """Return what each column adds, by the library. Raises ModelError when its figures do not add up."""

    def explainable(self, work: int) -> int:
        """Return how many rows may be explained for so much work, counted in leaves that TreeSHAP visits."""


def added_up(matrix: Floats, predicted: Floats, raw: Floats) -> Contributions:
    """Return a library's SHAP matrix [R, P+1] as contributions, whose rows must sum to predictions [R].

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
