"""Parts of the target date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
        """Return the first time of the grid."""
        return {"first": first_time(training.view.panel)} if "elapsed" in self.parts else {}

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each part."""
        times = dated(sight, "features.calendar")
        since = steps_since(state["first"], sight) if "elapsed" in self.parts else 0
        return [
            Column(
                f"calendar.{part}",
                partial(at_target, np.asarray(PARTS[part](times), dtype=np.float64) + (part == "elapsed") * since),
                absolute_date=part in ABSOLUTE,
                depends_on=part,
            )
            for part in self.parts
        ]


def first_time(panel: Panel) -> NDArray[np.int64]:
    """Return the first time of the grid: a step, or microseconds since 1970, [] (as a state has it)."""
    times = np.asarray(panel.times[:1])
    return (times if panel.freq is None else times.astype("datetime64[us]")).astype(np.int64).reshape(())


def steps_since(first: NDArray[np.int64], sight: Sight) -> int:
    """Return the steps from a first time to the first of what is seen; negative when that is earlier."""
    if sight.freq is None:
        return int(sight.times[0]) - int(first)
    then, now = pd.Timestamp(int(first), unit="us"), pd.Timestamp(sight.times[0])
    steps = len(pd.date_range(min(then, now), max(then, now), freq=sight.freq)) - 1
    return steps if now >= then else -steps


def dated(grid: Panel | Sight, key: str) -> pd.DatetimeIndex:
    """Return the grid's dates. Raises DataError naming the key when time is counted in steps."""
    if grid.freq is None:
        raise DataError(f"{key}: needs dates, but the time column counts whole steps; remove the key", key=key)
    return pd.DatetimeIndex(grid.times)


def at_target(values: Floats, rows: Rows) -> Floats:
    """Return the value in `values` [T+F] at each row's target date, [R]."""
    return values[rows.target]
