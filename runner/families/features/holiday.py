"""Public holidays of a country around the target date, from the `holidays` package (its days in lieu included).

A step is a period. For labels at its end (W-FRI, ME, QE, YE and their kin) it goes from the day after the previous
label to the label; for all others (D, h, MS ...) from the label to just before the next one. Hours of a holiday are
steps with one holiday each; a business day is that day alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import holidays as calendars
import numpy as np
import pandas as pd

from runner.errors import DataError
from runner.families.features.dates import at_target, dated
from runner.families.features.sight import Column, Sight, State, Stateless
from runner.members.features.holidays import Holidays
from runner.values.panel import Bools, Floats, Ints

ENDS: Final = re.compile(r"\d*(W|ME|QE|YE|BME|BQE|BYE|SME)(-.*)?")


@dataclass(frozen=True)
class HolidayCounts(Stateless):
    """`holidays.count` in the step, `holidays.since` the last and `holidays.until` the next, in steps, 0 within it."""

    wanted: Holidays

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return the count, and the distances where they are asked for."""
        times, freq = dated(sight, "features.holidays"), str(sight.freq)
        padding = _steps_of_a_year(times, freq)
        count = _count(_padded(times, freq, padding), freq, self.wanted)  # the outermost two are cut short
        values = {"count": count}
        if self.wanted.distance:
            values |= {"since": _since(count > 0), "until": _since(count[::-1] > 0)[::-1]}
        inside = slice(padding, padding + len(times))
        place = [self.wanted.country, self.wanted.subdivision]
        return [
            Column(f"holidays.{name}", partial(at_target, of_step[inside]), depends_on=place)
            for name, of_step in values.items()
        ]


def _steps_of_a_year(times: pd.DatetimeIndex, freq: str) -> int:
    second = times[0] + pd.tseries.frequencies.to_offset(freq)
    return int(pd.Timedelta(days=400) / (second - times[0])) + 1


def _padded(times: pd.DatetimeIndex, freq: str, padding: int) -> pd.DatetimeIndex:
    """Return the grid and about a year on each side, so that no distance stops at its ends."""
    before = pd.date_range(end=times[0], periods=padding + 1, freq=freq)[:-1]
    after = pd.date_range(start=times[-1], periods=padding + 1, freq=freq)[1:]
    return pd.DatetimeIndex(before.append([times, after]))


def _count(times: pd.DatetimeIndex, freq: str, wanted: Holidays) -> Floats:
    """Return holidays in each step, by whole days; [len(times)]."""
    first, last = _days(times, freq)
    days = _holidays(wanted, int(times[0].year) - 1, int(times[-1].year) + 1)
    return (np.searchsorted(days, last, side="right") - np.searchsorted(days, first, side="left")).astype(np.float64)


def _days(times: pd.DatetimeIndex, freq: str) -> tuple[Ints, Ints]:
    """Return first and last day of each step, as days since 1970."""
    label = _number(times)
    if ENDS.fullmatch(freq):
        return np.append(label[:1], label[:-1] + 1), label
    if freq == "B":
        return label, label
    return label, np.append(_number(times[1:] - pd.Timedelta(seconds=1)), label[-1:])


def _number(times: pd.DatetimeIndex) -> Ints:
    return times.to_numpy().astype("datetime64[D]").astype(np.int64)


@lru_cache(maxsize=64)
def _holidays(wanted: Holidays, first: int, last: int) -> Ints:
    """Return the country's holidays in these years, ascending days since 1970 (cached: they are slow)."""
    try:
        found = calendars.country_holidays(wanted.country, subdiv=wanted.subdivision, years=range(first, last + 1))
    except NotImplementedError as error:
        place = "/".join(part for part in (wanted.country, wanted.subdivision) if part)
        key = "features.holidays"
        message = f"{key}: the `holidays` package knows no {place}; {error}"
        raise DataError(message, key=key, value=place) from error
    return np.array(sorted(found), dtype="datetime64[D]").astype(np.int64)


def _since(marked: Bools) -> Floats:
    """Return steps since the last marked one, 0 at it, NaN before the first."""
    steps = np.arange(len(marked))
    latest = np.maximum.accumulate(np.where(marked, steps, -1))
    return np.where(latest < 0, np.nan, steps - latest)
