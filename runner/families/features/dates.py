"""Parts of the target date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from runner.errors import DataError
from runner.families.features.rows import Rows
from runner.families.features.sight import Column, Sight, State, TrainingPart
from runner.values.panel import Floats, Panel

ABSOLUTE: Final = frozenset({"year", "elapsed"})
PARTS: Final[dict[str, Callable[[pd.DatetimeIndex], object]]] = {
    "year": lambda times: times.year,
    "quarter": lambda times: times.quarter,
    "month": lambda times: times.month,
    "week": lambda times: times.isocalendar()["week"],
    "day": lambda times: times.day,
    "weekday": lambda times: times.day_of_week,
    "hour": lambda times: times.hour,
    "weekend": lambda times: times.day_of_week >= 5,
    "elapsed": lambda times: np.arange(len(times)),
}


@dataclass(frozen=True)
class Calendar:
    """`calendar.month` and the like: Monday is weekday 0, weeks are ISO 8601's.

    `elapsed` counts steps of the grid from the first time of the training part.
    """

    parts: tuple[str, ...]

    def fit(self, training: TrainingPart) -> State:
        """Return the first time of the grid, in microseconds."""
        times = dated(training.view.panel, "features.calendar")
        return {"first": times[:1].to_numpy().astype("datetime64[us]").astype(np.int64)[0]} if self._counts() else {}

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each part."""
        times = dated(sight, "features.calendar")
        since = _steps_between(state["first"], times, str(sight.freq)) if self._counts() else 0
        return [
            Column(
                f"calendar.{part}",
                partial(at_target, np.asarray(PARTS[part](times), dtype=np.float64) + (part == "elapsed") * since),
                absolute_date=part in ABSOLUTE,
                depends_on=part,
            )
            for part in self.parts
        ]

    def _counts(self) -> bool:
        return "elapsed" in self.parts


def _steps_between(first: Any, times: pd.DatetimeIndex, freq: str) -> int:
    """Steps from a first time to the first of these; negative when that is earlier."""
    then, now = pd.Timestamp(int(first), unit="us"), times[0]
    steps = len(pd.date_range(min(then, now), max(then, now), freq=freq)) - 1
    return steps if now >= then else -steps


def dated(grid: Panel | Sight, key: str) -> pd.DatetimeIndex:
    """The grid's dates. Raises DataError naming the key when time is counted in steps."""
    if grid.freq is None:
        raise DataError(f"{key}: needs dates, but the time column counts whole steps; remove the key", key=key)
    return pd.DatetimeIndex(grid.times)


def at_target(values: Floats, rows: Rows) -> Floats:
    """What stands in `values` [T+F] at each row's target date, [R]."""
    return values[rows.target]
