"""Find the steps of a grid with a public holiday, as `features.holidays` counts them."""

from __future__ import annotations

import holidays as calendars
import numpy as np
import pandas as pd

from runner.families.features.holiday import ENDS
from runner.members.features.holidays import Holidays
from runner.values.panel import Bools


def holiday_steps(grid: pd.DatetimeIndex, freq: str, wanted: Holidays) -> Bools:
    """Return whether each step of an even grid has a holiday, [T]. Raises NotImplementedError for no country."""
    days = grid.to_numpy().astype("datetime64[D]")
    first, last = days, days
    if ENDS.fullmatch(freq):  # the label ends its period
        first = np.append(days[:1], days[:-1] + 1)
    elif freq != "B" and len(days) > 1:
        last = np.append(np.maximum(days[1:] - 1, days[:-1]), days[-1:])
    years = range(grid[0].year - 1, grid[-1].year + 2)
    dates = calendars.country_holidays(wanted.country, subdiv=wanted.subdivision, years=years)
    marked = np.array(sorted(dates), dtype="datetime64[D]")
    return np.asarray(np.searchsorted(marked, last, side="right") > np.searchsorted(marked, first, side="left"))
