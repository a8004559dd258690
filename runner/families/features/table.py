"""The feature table: one row per (series, origin, step), the form in which a trained model sees a window."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.families.features.rows import Rows, Whole
from runner.families.features.sight import State
from runner.families.targets.chain import Chain
from runner.values.panel import Floats


@dataclass(frozen=True)
class FeatureTable:
    """R rows, P columns; a model learns y of x, and `undo` brings what it predicts to the units of the data."""

    names: tuple[str, ...]  # [P]
    categorical: tuple[int, ...]  # columns whose values are codes, -1 for missing
    columns: tuple[NDArray[np.float32], ...]  # P of [R], NaN is missing
    rows: Rows
    y: Floats  # [R], the target after its steps; NaN in rows to forecast
    target: Chain | None = None  # of rows to forecast
    weight: Floats | None = None  # [R]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def x(self) -> NDArray[np.float32]:
        """Return the columns as one array [R, P], a new one at each call, since libraries copy it."""
        x = np.empty((len(self), len(self.columns)), np.float32, order="F")
        for place, column in enumerate(self.columns):
            x[:, place] = column
        return x

    @property
    def series(self) -> Whole:
        """Return the series of each row, [R]."""
        return self.rows.series

    @property
    def origin(self) -> Whole:
        """Return the origin of each row, [R]; steps before it were visible to its features."""
        return self.rows.origin

    @property
    def step(self) -> Whole:
        """Return the step of each row, [R], from 1 to H."""
        return self.rows.step

    def release(self) -> None:
        """Give back the memory of mapped columns, which a library has made its own copy of; it returns when read."""
        for column in self.columns:
            mapped = getattr(column, "_mmap", None)
            if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
                mapped.madvise(mmap.MADV_DONTNEED)

    def undo(self, predicted: Floats) -> Floats:
        """Return predictions [R] of rows to forecast in the units of the data."""
        return predicted if self.target is None else self.target.undo(predicted, self.rows)

    def take(self, rows: Any) -> FeatureTable:
        """Return some of the rows, by index."""
        return replace(
            self,
            columns=tuple(column[rows] for column in self.columns),
            rows=self.rows.take(rows),
            y=self.y[rows],
            weight=None if self.weight is None else self.weight[rows],
        )


@dataclass(frozen=True)
class WindowTables:
    """What a trained model gets of a window: rows to learn from, rows to forecast, and what its features learnt."""

    train: FeatureTable
    ahead: FeatureTable
    dropped: tuple[str, ...] = ()  # columns left out, each with its reason
    states: Mapping[str, State] = field(default_factory=dict)  # key under `features:` -> what it learnt

    def __iter__(self) -> Iterator[FeatureTable]:
        return iter((self.train, self.ahead))
