"""Parts of the target date."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from runner.errors import DataError
from runner.families.features.rows import Rows
from runner.families.features.scopes import Ahead, Column
from runner.members.features.section import Features
from runner.values.panel import Floats

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


def calendar(ahead: Ahead, features: Features) -> list[Column]:
    """`calendar.month` and the like: Monday is weekday 0, weeks are ISO 8601's, `elapsed` counts steps of the grid."""
    if not features.calendar:
        return []
    times = dated(ahead, "features.calendar")
    return [
        Column(
            f"calendar.{part}",
            partial(at_target, np.asarray(PARTS[part](times), dtype=np.float64)),
            absolute_date=part in ABSOLUTE,
        )
        for part in features.calendar
    ]


def dated(ahead: Ahead, key: str) -> pd.DatetimeIndex:
    """The grid's dates. Raises DataError naming the key when time is counted in steps."""
    if ahead.freq is None:
        raise DataError(f"{key}: needs dates, but the time column counts whole steps; remove the key")
    return pd.DatetimeIndex(ahead.times)


def at_target(values: Floats, rows: Rows) -> Floats:
    """What stands in `values` [T+F] at each row's target date, [R]."""
    return values[rows.target]
