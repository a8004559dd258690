"""What a model of rows needs apart from its arithmetic, when it is complete from the start and saved as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError
from runner.families.models.base import Task
from runner.families.models.booster_rows import Learnt, check_columns, learnt_shape, save_learnt, to_forecast
from runner.families.models.files import Files
from runner.values.panel import Floats, Forecast, View

MODEL: Final = "model.json"


class Predictor(Protocol):
    """What was learnt: a dataclass of values that JSON has."""

    def predict(self, table: FeatureTable) -> Floats:
        """Return predictions [R] in what was learnt."""


@dataclass(frozen=True)
class TabularModel:
    """A kind with its parameters; `learn` makes a predictor of rows that all have a target."""

    kind: str
    params: Mapping[str, Any]
    learn: Callable[[FeatureTable], Predictor]
    grows: bool = False
    inputs: str = "rows"

    def start(self, task: Task) -> TabularFit:
        """Fit. Raises ModelError when there is no row to learn from."""
        tables = task.rows.tables()
        train = tables.train.take(~np.isnan(tables.train.y))
        if not len(train):
            raise ModelError("no row to learn from: the history before the cutoff is too short for these features")
        return TabularFit(self, tables, task.view, self.learn(train))


@dataclass(frozen=True)
class TabularFit:
    """A model on one window."""

    model: TabularModel
    tables: WindowTables
    view: View
    predictor: Predictor

    @property
    def shape(self) -> tuple[int, int]:
        """Return the numbers of rows and columns in training."""
        return learnt_shape(self.tables.train)

    def grow(self, rounds: int) -> None:
        """Do nothing: the model is complete."""

    def forecast(self) -> Forecast:
        """Return the forecast, [N, H]."""
        return to_forecast(self.tables.ahead, self.predictor.predict(self.tables.ahead), self.view)

    def save(self) -> dict[str, bytes]:
        """Return `model.json`, `meta.json` and `state.npz`."""
        text = json.dumps(vars(self.predictor), indent=1)
        return {MODEL: f"{text}\n".encode(), **save_learnt(self.model.kind, self.model.params, 0, self.tables)}


@dataclass(frozen=True)
class SavedTabular:
    """A model read back from its files."""

    learnt: Learnt
    predictor: Predictor

    def forecast(self, task: Task) -> Forecast:
        """Return the forecast, [N, H]. Raises ModelError when a column cannot be made."""
        return self.learnt.forecast(task, self.predict)

    def predict(self, table: FeatureTable) -> Floats:
        """Return predictions [R] in what it learnt. Raises ModelError when the columns differ."""
        check_columns(table, self.learnt.features)
        return self.predictor.predict(table)


def load_tabular(kind: str, files: Files, read: Callable[..., Predictor]) -> SavedTabular:
    """Return the model that `save` has written. Raises ModelError when it is absent or not readable."""
    learnt = Learnt.read(files, kind)
    try:
        return SavedTabular(learnt, read(**json.loads(files[MODEL])))
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(f"{MODEL} cannot be read: {error}") from error
