"""Parts of the target date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from runner.families.features.dates import at_target, dated, first_time, steps_since
from runner.families.features.sight import Column, Sight, State, TrainingPart

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
