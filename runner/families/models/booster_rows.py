"""What the boosters share: rows to learn from, predictions brought back to [N, H], and what is saved with a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runner.families.features.sight import State
from runner.families.features.table import FeatureTable, WindowTables
from runner.families.models import ModelError
from runner.families.models.base import Task
from runner.families.models.files import Files, read_meta, read_states, write_meta, write_states
from runner.values.panel import Floats, Forecast, View

_BLOCK: Final = 25
_SOURCE_LINE: Final = re.compile(r"\S+\.(?:cpp|h):\d+: ")


@dataclass(frozen=True)
class Learnable:
    """What a library is given to learn from."""

    x: NDArray[np.float32]  # [R, P]
    y: Floats  # [R]
    weight: Floats | None  # [R]


def learnable(table: FeatureTable) -> Learnable:
    """Return the rows with a target. Raises ModelError without one, or for an infinite number."""
    if not len(table.names):
        raise ModelError("no feature is left to learn from")
    x = table.x
    _refuse_infinite(table, x)
    has_target = ~np.isnan(table.y)  # [R]
    if not has_target.any():
        raise ModelError("no row to learn from: the history before the cutoff is too short for these features")
    if has_target.all():
        return Learnable(x, table.y, table.weight)
    return Learnable(x[has_target], table.y[has_target], None if table.weight is None else table.weight[has_target])


def learnt_shape(table: FeatureTable) -> tuple[int, int]:
    """Return the number of rows with a target, and of columns."""
    return int((~np.isnan(table.y)).sum()), len(table.names)


def _refuse_infinite(table: FeatureTable, x: NDArray[np.float32]) -> None:
    """Raise for an infinite number: both libraries continue after one, and forecast 1e36 or worse."""
    if np.isinf(table.y).any():
        raise ModelError("the scaled target is infinite in a training row")
    infinite = np.isinf(x).any(axis=0)  # [P]
    if infinite.any():
        raise ModelError(f"feature {table.names[int(infinite.argmax())]} is infinite in some row")


def to_forecast(ahead: FeatureTable, predicted: Floats, view: View) -> Forecast:
    """Return predictions of the rows to forecast [R] in the units of the data, [N, H]; NaN without a row."""
    point = np.full((view.panel.n_series, view.horizon), np.nan)  # [N, H]
    point[ahead.series, ahead.step - 1] = ahead.undo(predicted)
    return Forecast(point)


def plain(predicted: Any) -> Floats:
    """Return predictions as [R]. Raises ModelError when the objective gives several values a row."""
    values = np.asarray(predicted, dtype=np.float64)
    if values.ndim != 1:
        raise ModelError("the objective gives several values a row; a forecast needs one")
    return values


@dataclass
class BlockSum:
    """A sum over trees that grows with the booster, without predicting again what is behind.

    Blocks begin at fixed places, so that the sum depends on the number of rounds alone, to the last bit, and not on
    the chunks in which they were grown.
    """

    trees: Callable[[int, int], Floats]
    """(first round, number of rounds) -> the sum of their trees, [R]."""
    total: Floats | None = None  # [R], over the blocks that are complete
    done: int = 0
    """Rounds in `total`."""

    def at(self, rounds: int) -> Floats:
        """Return the sum [R] over so many rounds, at least one."""
        while rounds - self.done >= _BLOCK:
            self.total = self._with(self.trees(self.done, _BLOCK))
            self.done += _BLOCK
        if self.total is not None and rounds == self.done:
            return self.total
        return self._with(self.trees(self.done, rounds - self.done))

    def _with(self, more: Floats) -> Floats:
        return more if self.total is None else self.total + more


@contextmanager
def library_errors(library: str, *kinds: type[Exception]) -> Iterator[None]:
    """Turn the library's errors into a ModelError of one line."""
    try:
        yield
    except kinds as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = _SOURCE_LINE.sub("", lines[-1]) if lines else type(error).__name__
        raise ModelError(f"{library}: {reason}") from error


def save_learnt(kind: str, params: Mapping[str, Any], rounds: int, tables: WindowTables) -> dict[str, bytes]:
    """Return `meta.json` and `state.npz`: what the native file does not say."""
    table = tables.train
    meta = write_meta(kind, params, rounds=rounds, features=table.names, categorical=table.categorical)
    return {**meta, **write_states(tables.states)}


@dataclass(frozen=True)
class Learnt:
    """What a saved model knows of its rows."""

    params: Mapping[str, Any]
    features: tuple[str, ...]
    states: Mapping[str, State]

    @classmethod
    def read(cls, files: Files, kind: str) -> Learnt:
        """Return what `save_learnt` wrote. Raises ModelError."""
        meta = read_meta(files, kind)
        return cls(meta["params"], tuple(meta["features"]), read_states(files))

    def forecast(self, task: Task, predict: Callable[[FeatureTable], Floats]) -> Forecast:
        """Return the forecast of a task, [N, H], by the predictions [R] of its rows."""
        ahead = task.rows.ahead(self.states, self.features)
        return to_forecast(ahead, predict(ahead) if len(ahead) else np.zeros(0), task.view)


def check_columns(table: FeatureTable, features: tuple[str, ...]) -> None:
    """Raise ModelError when a table's columns are not those of training, in order."""
    if table.names != features:
        different = [name for name in (*features, *table.names) if (name in features) != (name in table.names)]
        what = ", ".join(different) if different else "their order"
        raise ModelError(f"the table's columns differ from those the model learnt from: {what}")
