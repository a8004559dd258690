"""What each of the other columns is: known ahead, measured, one value a series, or of no use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np
import pandas as pd

from runner.commands.new.columns import Column, same_everywhere
from runner.commands.new.hints import is_named, is_word
from runner.commands.new.ids import repeats
from runner.commands.new.time_column import Clock
from runner.values.panel import Floats, Ints

Place = Literal["known", "observed", "static", "ignore"]
KNOWN: Final = (
    *("holiday", "promo", "promotion", "price", "event", "discount", "campaign", "markdown", "school", "workingday"),
    *("working", "open", "planned", "scheduled", "christmas", "easter", "superbowl", "season"),
)
MEASURED: Final = (
    *("temp", "temperature", "atemp", "hum", "humidity", "rain", "raining", "wind", "windspeed", "weather", "snow"),
    *("fuel", "oil", "gas", "cpi", "unemployment", "rate", "stock", "visits", "clicks", "weathersit", "pressure"),
)
CALENDAR: Final = ("year", "yr", "month", "mnth", "week", "weekday", "day", "hour", "hr", "quarter", "weekend")
BEYOND: Final = "has values beyond the last target"
"""Why a column is known that needs no further file for a forecast."""
_SPLITS: Final = ("split", "fold", "subset", "partition")
_MOST_MISSING: Final = 0.6
_MOST_TEXTS: Final = 50
_MOST_OBSERVED: Final = 12
_MOST_ADDENDS: Final = 40
_FUTURE: Final = 4  # steps


@dataclass(frozen=True)
class Assigned:
    """A column's role and why."""

    name: str
    place: Place
    why: str


@dataclass(frozen=True)
class Rows:
    """What all columns are judged against: the target, the series and the time of each row."""

    target: Column
    ids: tuple[str, ...]
    series: Ints  # [R]
    clock: Clock

    @property
    def taken(self) -> tuple[str, ...]:
        return (*self.ids, *self.clock.names, self.target.name)

    @property
    def n_series(self) -> int:
        return int(self.series.max()) + 1


def assign(columns: Mapping[str, Column], rows: Rows) -> tuple[Assigned, ...]:
    """The role of every column that is neither id, time nor target."""
    free = [column for name, column in columns.items() if name not in rows.taken]
    parts = dict(_calendar_parts(rows.clock))
    moments = np.unique(rows.clock.values, return_inverse=True)[1].astype(np.int64)
    addends = _addends(free, rows.target)
    found = [Assigned(column.name, *_role(column, rows, parts, moments, addends)) for column in free]
    return tuple(_few(found))


def _role(
    column: Column, rows: Rows, parts: Mapping[str, Floats], moments: Ints, addends: Mapping[str, str]
) -> tuple[Place, str]:
    useless = _useless(column, rows, parts, moments, addends)
    if useless:
        return "ignore", useless
    if rows.n_series > 1 and not column.varies_within(rows.series):
        return "static", "one value a series"
    if is_named(column.name, MEASURED):
        return "observed", "measured"
    if _reaches_beyond(column, rows):
        return "known", BEYOND
    if is_named(column.name, KNOWN) or is_word(column.name, CALENDAR):
        return "known", "planned, as its name says"
    return "observed", "taken as measured"


def _useless(column: Column, rows: Rows, parts: Mapping[str, Floats], moments: Ints, addends: Mapping[str, str]) -> str:
    """Why a column is of no use; empty when it may be."""
    if column.kind == "mixed":
        return "numbers and text mixed"
    if column.is_constant:
        return "always the same"
    if column.missing > _MOST_MISSING:
        return f"absent in {column.missing:.0%} of the rows"
    if column.is_key or repeats(column, rows.ids):
        return "names rows, not facts"
    if is_named(column.name, _SPLITS) and column.kind == "text":
        return "says which rows are a test"
    if column.kind == "text" and len(column.distinct) > _MOST_TEXTS and column.varies_within(rows.series):
        return f"{len(column.distinct):,} different texts"
    part = _part_of_date(column, parts, moments)
    return f"the {part} of the time: `features.calendar` makes it" if part else _leak(column, rows, addends)


def _leak(column: Column, rows: Rows, addends: Mapping[str, str]) -> str:
    """Why a column gives the target away."""
    if column.name in addends:
        return addends[column.name]
    y, known = rows.target.values, np.isfinite(column.values) & np.isfinite(rows.target.values)
    if column.kind != "number" or known.sum() < 10 or column.values[known].std() == 0 or y[known].std() == 0:
        return ""
    if abs(float(np.corrcoef(column.values[known], y[known])[0, 1])) > 0.9999:
        return f"says the same as {rows.target.name}"
    return ""


def _addends(columns: Sequence[Column], target: Column) -> Mapping[str, str]:
    """Column -> why, for two columns that sum up to the target."""
    numeric = [column for column in columns if column.kind == "number" and not column.is_flag][:_MOST_ADDENDS]
    first = np.flatnonzero(np.isfinite(target.values))[:50]
    for one, two in combinations(numeric, 2):
        for rows in (first, np.arange(len(target.values))):
            sums, y = one.values[rows] + two.values[rows], target.values[rows]
            known = np.isfinite(sums) & np.isfinite(y)
            if known.mean() < 0.5 or not same_everywhere(sums, y, known):
                break
        else:
            if not (one.is_constant or two.is_constant):
                return dict.fromkeys((one.name, two.name), f"{one.name} + {two.name} = {target.name}")
    return {}


def _calendar_parts(clock: Clock) -> Iterator[tuple[str, Floats]]:
    """Parts of the time of each row [R]."""
    if clock.freq is None:
        return
    moments, at = np.unique(clock.values, return_inverse=True)
    dates = pd.DatetimeIndex(moments.astype("datetime64[us]"))
    week = dates.isocalendar().week.to_numpy()
    named = {
        "hour": dates.hour, "weekday": dates.day_of_week, "day": dates.day, "month": dates.month, "year": dates.year,
        "quarter": dates.quarter, "week": week, "day of the year": dates.day_of_year, "weekend": dates.day_of_week >= 5,
    }  # fmt: skip
    for name, values in named.items():
        yield name, np.asarray(values, dtype=np.float64)[at]


def _part_of_date(column: Column, parts: Mapping[str, Floats], moments: Ints) -> str:
    """The part of the date that a column repeats, whatever it begins to count from; empty when none."""
    if not column.is_whole or column.varies_within(moments):
        return ""
    for name, values in parts.items():
        known = np.isfinite(column.values)
        shifts = np.unique(column.values[known] - values[known])
        if len(shifts) == 1 or (name == "weekday" and _is_turned(column.values[known], values[known])):
            return name
    return ""


def _is_turned(values: Floats, weekdays: Floats) -> bool:
    """Whether the days are counted from another day of the week."""
    return len(np.unique(values)) == 7 and len(np.unique((values - weekdays) % 7)) == 1


def _reaches_beyond(column: Column, rows: Rows) -> bool:
    """Whether it has values at several times after the last target: not just published a little sooner."""
    times = rows.clock.values
    beyond = times > times[np.isfinite(rows.target.values)].max()
    return len(np.unique(times[beyond & np.isfinite(column.values)])) >= _FUTURE


def _few(found: Sequence[Assigned]) -> list[Assigned]:
    """Too many measured columns are none: nobody has chosen them."""
    observed = [one for one in found if one.place == "observed"]
    if len(observed) <= _MOST_OBSERVED:
        return list(found)
    why = f"one of {len(observed)} measured columns, too many to take unseen"
    return [Assigned(one.name, "ignore", why) if one.place == "observed" else one for one in found]
