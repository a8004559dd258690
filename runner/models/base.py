"""What a model is: one Protocol for baselines, boosters and combinations.

A model is started on a task (one window) and grown. A baseline is complete at once; a booster grows by chunks of
rounds, so that `backtest` can grow all windows together and stop on the true metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from runner.panel import Floats, Forecast, View
from runner.table import FeatureTable, WindowTables


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
        """Begin on one window. Raises `runner.models.ModelError` with a one-line reason when it cannot."""


class Restored(Protocol):
    """A trained model read back from its native files."""

    def predict(self, table: FeatureTable) -> Floats:
        """Predictions [R] in units of the target. Raises ModelError when the columns differ from those learnt from."""


Builder = Callable[[Mapping[str, Any], int], Model]
"""(params, seed) -> Model: what the registry's entries are."""
