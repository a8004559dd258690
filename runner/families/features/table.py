"""The feature table: one row per (series, origin, step), the form in which a trained model sees a window."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.values.panel import Floats


@dataclass(frozen=True)
class FeatureTable:
    """R rows, P columns. Forecast = undo(base + level + scale x model(x)); `undo` inverts the target's transform."""

    names: tuple[str, ...]  # [P]
    categorical: tuple[int, ...]  # columns whose values are codes, -1 for missing
    x: NDArray[np.float32]  # [R, P], NaN is missing
    series: NDArray[np.int32]  # [R]
    origin: NDArray[np.int32]  # [R], steps before it were visible when the features were made
    step: NDArray[np.int32]  # [R], from 1 to H
    level: Floats  # [R]
    scale: Floats  # [R], never 0
    y: Floats  # [R], the scaled target; NaN in rows to forecast
    weight: Floats | None = None  # [R]

    def __len__(self) -> int:
        return len(self.series)

    def release(self) -> None:
        """Let go of the memory of a mapped x, which a library has made its own copy of. It comes back when read."""
        mapped = getattr(self.x, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def unscale(self, predicted: Floats) -> Floats:
        """Predictions [R] in the units of the target."""
        return self.level + self.scale * predicted


@dataclass(frozen=True)
class WindowTables:
    """What a trained model gets of a window: rows to learn from and rows to forecast."""

    train: FeatureTable
    ahead: FeatureTable
    dropped: tuple[str, ...] = ()  # columns left out, each with its reason

    def __iter__(self) -> Iterator[FeatureTable]:
        return iter((self.train, self.ahead))
