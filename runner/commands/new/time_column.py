"""Find the time column, its format, and the frequency of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from runner.commands.new.columns import Column
from runner.commands.new.hints import is_named
from runner.data.convert import text as as_text
from runner.data.raw import RawTable
from runner.data.times import read_times
from runner.errors import DataError
from runner.language.frequency import parse_frequency
from runner.language.sections.data import Data
from runner.values.panel import Ints
from runner.values.section import as_values

_NAMES: Final = ("date", "datetime", "timestamp", "time", "ds", "day", "week", "month", "period", "dt", "year")
_COUNTERS: Final = ("t", "step", "time", "period", "index", "week", "day", "month", "tick", "ds")
_DATES: Final = (
    *("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
)
_CLOCKS: Final = ("", " %H:%M", " %H:%M:%S", " %H", " %I:%M %p", "T%H:%M:%S")
_OTHER: Final = ("%Y%m%d", "%Y%m%d%H", "%Y%m", "%b %Y", "%B %Y", "%b-%Y", "%m/%Y", "%Y/%m", "%Y")
FORMATS: Final = (*(date + clock for date in _DATES for clock in _CLOCKS), *_OTHER)
_HOURS: Final = ("hr", "hour", "hours", "hh")
_SAMPLE: Final = 300
_FREQUENCIES: Final = (
    *("YS", "YE", "QS", "QE", "MS", "ME"),
    *(f"W-{day}" for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")),
    *("B", "D", "12h", "8h", "6h", "4h", "3h", "2h", "h", "30min", "15min", "10min", "5min", "min", "s"),
)
"""Usual frequencies, the coarsest first."""
_MOST_STEPS: Final = 5_000_000


@dataclass(frozen=True)
class TimeColumn:
    """The time of each row, and the part of `data:` that reads it. `freq` is None for time in integers."""

    tree: dict[str, Any]  # `time` and perhaps `time_format`
    names: tuple[str, ...]
    values: Ints  # [R], microseconds since 1970, or steps
    freq: str | None
    others: tuple[str, ...] = ()  # further formats that fit every row

    @property
    def is_daily_at_most(self) -> bool:
        """Return whether no time has hours or shorter parts."""
        return not np.any(self.values % 86_400_000_000)


def time_columns(table: RawTable, columns: Mapping[str, Column], name: str | None = None) -> list[TimeColumn]:
    """Return all that can be read as time, the likeliest first; a date with hours before the date alone."""
    names = [name] if name else sorted(table.names, key=lambda other: (not is_named(other, _NAMES), other == ""))
    dates = [clock for other in names for clock in _dates(table, columns[other], other == name)]
    return dates or [clock for other in names for clock in _whole_steps(table, columns[other], other == name)]


def _dates(table: RawTable, column: Column, is_chosen: bool) -> Iterator[TimeColumn]:
    if column.kind == "number" and not (is_chosen or _may_be_date(column)):
        return
    clock = _read(table, [column.name], _spellings(table, column.name))
    if clock is None:
        return
    if clock.is_daily_at_most:
        for hours in table.names:
            if hours != column.name and is_named(hours, _HOURS):
                with_hours = _read(table, [column.name, hours], _spellings(table, column.name, hours))
                if with_hours is not None:
                    yield with_hours
    yield clock


def _may_be_date(column: Column) -> bool:
    """Return whether numbers are dates by both their name and their values."""
    if not column.is_whole or not len(column.distinct) or not is_named(column.name, _NAMES):
        return False
    low, high = column.distinct[0], column.distinct[-1]
    return any(
        low >= first and high <= last for first, last in ((1900, 2100), (190_001, 210_012), (19_000_101, 21_001_231))
    )


def _spellings(table: RawTable, *names: str) -> list[str]:
    """Return the first different values as text, columns joined by a blank."""
    columns = [as_text(table.column(name, "data.time")).slice(0, 50_000).to_pylist() for name in names]
    return list(dict.fromkeys(" ".join(parts) for parts in zip(*columns, strict=True)))[:_SAMPLE]


def _read(table: RawTable, names: Sequence[str], sample: Sequence[str]) -> TimeColumn | None:
    """Return the columns as time, in the format with the most even grid; None when they are no time."""
    if not sample or not all(any(sign.isdigit() for sign in text) for text in sample):
        return None
    written: Any = names[0] if len(names) == 1 else {"columns": list(names)}
    fitting: list[TimeColumn] = []
    for time_format in (None, *FORMATS):
        if time_format is None or _fits(sample, time_format):
            values = _times(table, written, time_format)
            tree = {"time": written} | ({"time_format": time_format} if time_format else {})
            if values is not None:
                fitting.append(TimeColumn(tree, tuple(names), values, frequency_of(values)))
        if time_format is None and fitting:
            return fitting[0]  # ISO dates are not ambiguous
    if not fitting:
        return None
    best = min(fitting, key=_unevenness)
    return replace(best, others=tuple(other.tree["time_format"] for other in fitting if other is not best))


def _fits(sample: Sequence[str], time_format: str) -> bool:
    try:
        return all(datetime.strptime(text, time_format) for text in sample)
    except ValueError:
        return False


def _times(table: RawTable, written: Any, time_format: str | None) -> Ints | None:
    tree = {"source": {"csv": "-"}, "time": written, "time_format": time_format, "target": "-"}
    try:
        return read_times(table, Data.model_validate(as_values(tree)))
    except DataError:
        return None


def frequency_of(values: Ints) -> str | None:
    """Return the coarsest usual frequency that fits all times; None when there is none."""
    distinct = np.unique(values)
    spacing = int(np.diff(distinct).min()) if len(distinct) > 1 else 0
    for freq in _FREQUENCIES:
        step = parse_frequency(freq).seconds * 1e6
        if step <= 2 * spacing and (distinct[-1] - distinct[0]) / step <= _MOST_STEPS and _lies_on(distinct, freq):
            return freq
    return None


def _lies_on(distinct: Ints, freq: str) -> bool:
    first, last = distinct[[0, -1]].astype("datetime64[us]")
    try:
        grid = pd.date_range(first, last, freq=freq).to_numpy().astype("datetime64[us]").astype(np.int64)
    except (ValueError, OverflowError, pd.errors.OutOfBoundsDatetime):
        return False
    return bool(np.isin(distinct, grid).all())


def _unevenness(clock: TimeColumn) -> float:
    """Return how uneven the times are; infinite without a frequency."""
    distinct = np.unique(clock.values)
    if len(distinct) < 2 or clock.freq is None:
        return np.inf
    gaps = np.diff(distinct)
    return float((distinct[-1] - distinct[0]) / np.median(gaps) / (len(distinct) - 1) + gaps.std() / gaps.mean())


def _whole_steps(table: RawTable, column: Column, is_chosen: bool) -> Iterator[TimeColumn]:
    """Yield the column as time in whole steps."""
    if column.is_whole and len(column.distinct) > 1 and (is_chosen or is_named(column.name, _COUNTERS)):
        values = _times(table, {"integer": column.name}, None)
        if values is not None:
            yield TimeColumn({"time": {"integer": column.name}}, (column.name,), values, None)
