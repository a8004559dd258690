"""The grid: evenly spaced steps, and the place of each row on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from runner.data.raw import RawTable
from runner.data.times import as_moments
from runner.errors import DataCode, DataError
from runner.values.panel import Ints

_COMMON = (
    *("YS", "YE", "QS", "QE", "MS", "ME"),
    *(f"W-{day}" for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")),
    *("D", "B", "12h", "8h", "6h", "4h", "3h", "2h", "h", "30min", "15min", "10min", "5min", "min", "s"),
)
_MOST_STEPS = 5_000_000
_FREQ: Final = "data.freq"


@dataclass(frozen=True)
class Grid:
    """S evenly spaced times: whole steps when `freq` is None, else microseconds since 1970."""

    values: Ints  # [S], ascending
    freq: str | None

    def positions(self, times: Ints) -> Ints:
        """Return each time's position on the grid; negative before it, S and more after it, -S-1 off it."""
        at = np.searchsorted(self.values, times)
        inside = np.minimum(at, len(self.values) - 1)
        exact = self.values[inside] == times
        outside = (times < self.values[0]) | (times > self.values[-1])
        off = np.where(times < self.values[0], -1, len(self.values))
        return np.where(exact, inside, np.where(outside, off, -len(self.values) - 1)).astype(np.int64)

    def as_times(self) -> NDArray[np.datetime64] | Ints:
        """Return the times as a Panel holds them."""
        return self.values if self.freq is None else as_moments(self.values)


def make_grid(table: RawTable, times: Ints, freq: str | None, ahead: int) -> Grid:
    """Return the grid from the first time to the last, and `ahead` steps more. Raises DataError off the grid."""
    first, last = int(times.min()), int(times.max())
    if freq is None:
        _check_size(last - first + 1)
        return Grid(np.arange(first, last + 1 + ahead, dtype=np.int64), None)
    grid = Grid(_calendar(first, last, freq, ahead), freq)
    off = ~np.isin(times, grid.values)
    if off.any():
        row = int(np.argmax(off))
        raise off_grid(table, row, show(int(times[row]), freq), freq, _fitting(times))
    return grid


def off_grid(table: RawTable, row: int, time: str, freq: str | None, hint: str = "") -> DataError:
    """Return the error of a row whose time is between two steps."""
    message = f"{time} is not a step of {_FREQ} {freq}{hint}"
    return table.error_at(row, message, code=DataCode.OFF_GRID, key=_FREQ, value=time)


def show(time: int, freq: str | None) -> str:
    """Return a time as text: `2012-10-26`, `2011-01-01 05:00`, or the step."""
    if freq is None:
        return str(time)
    moment = str(np.datetime64(time, "us").astype("datetime64[s]")).replace("T", " ")
    return moment.removesuffix(":00").removesuffix(" 00:00")


def suggest(times: Ints) -> str | None:
    """Return the coarsest usual frequency that fits all times; None without one."""
    distinct = np.unique(times)
    spacing = int(np.diff(distinct).min()) if len(distinct) > 1 else 0
    counts = {freq: _steps_if_fit(distinct, freq) for freq in _COMMON if _nominal(freq) <= 2 * max(spacing, 1)}
    fitting = {freq: count for freq, count in counts.items() if count}
    return min(fitting, key=lambda freq: fitting[freq], default=None)


def _steps_if_fit(distinct: Ints, freq: str) -> int:
    """Return the number of steps from the first time to the last; 0 when a time is off the grid."""
    span = int(distinct[-1] - distinct[0])
    if span // _nominal(freq) > _MOST_STEPS:
        return 0
    values = _calendar(int(distinct[0]), int(distinct[-1]), freq, 0)
    return len(values) if np.isin(distinct, values).all() else 0


def _fitting(times: Ints) -> str:
    fits = suggest(times)
    return f"; {fits} would fit every row" if fits else "; no usual frequency fits every row"


def _calendar(first: int, last: int, freq: str, ahead: int) -> Ints:
    _check_size((last - first) // _nominal(freq))
    try:
        start, end = np.datetime64(first, "us"), np.datetime64(last, "us")
        whole = pd.date_range(start, end, freq=freq)
        if ahead and len(whole):
            whole = pd.date_range(whole[0], periods=len(whole) + ahead, freq=freq)
    except (ValueError, OverflowError, pd.errors.OutOfBoundsDatetime) as error:
        raise DataError(f"{_FREQ}: {freq}: {error}", key=_FREQ, value=freq) from None
    return np.asarray(whole.to_numpy().astype("datetime64[us]").astype(np.int64))


def _nominal(freq: str) -> int:
    """Return microseconds of an average step."""
    try:
        offset: Any = pd.tseries.frequencies.to_offset(freq)
        start = pd.Timestamp("2000-01-03")
        return max(1, int((start + 8 * offset - start) / pd.Timedelta(1, "us")) // 8)
    except (ValueError, AttributeError) as error:
        raise DataError(f'{_FREQ}: "{freq}" is not a frequency of pandas', key=_FREQ, value=freq) from error


def _check_size(steps: int) -> None:
    if steps > _MOST_STEPS:
        message = f"{_FREQ}: from the first time to the last there would be {steps:,} steps; is the time right?"
        raise DataError(message, key=_FREQ)
