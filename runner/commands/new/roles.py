"""Guess the role of each other column: known, observed, static, or ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np
import pandas as pd

from runner.commands.new.columns import Column, same_everywhere
from runner.commands.new.hints import is_named, is_word
from runner.commands.new.ids import is_spare_id
from runner.commands.new.time_column import TimeColumn
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
"""Reason for a known column whose future values are in the data."""
_SPLITS: Final = ("split", "fold", "subset", "partition")
_MOST_MISSING: Final = 0.6
_MOST_TEXTS: Final = 50
_MOST_OBSERVED: Final = 12
_MOST_ADDENDS: Final = 40
_FUTURE: Final = 4  # steps


@dataclass(frozen=True)
class Assigned:
    """A column's role and the reason."""

    name: str
    place: Place
    why: str


@dataclass(frozen=True)
class Rows:
    """The target, the series and the time of each row, which decide the roles of the other columns."""

    target: Column
    ids: tuple[str, ...]
    series: Ints  # [R]
    clock: TimeColumn

    @property
    def named(self) -> tuple[str, ...]:
        """Return the ids, the time columns and the target."""
        return (*self.ids, *self.clock.names, self.target.name)

    @property
    def n_series(self) -> int:
        """Return the number of series."""
        return int(self.series.max()) + 1


def assign_roles(columns: Mapping[str, Column], rows: Rows) -> tuple[Assigned, ...]:
    """Return the role of every column that is neither id, time nor target."""
    free = [column for name, column in columns.items() if name not in rows.named]
    parts = dict(_calendar_parts(rows.clock))
    moments = np.unique(rows.clock.values, return_inverse=True)[1].astype(np.int64)
    addends = _addends(free, rows.target)
    roles = [Assigned(column.name, *_role(column, rows, parts, moments, addends)) for column in free]
    return tuple(_limit_observed(roles))


def _role(
    column: Column, rows: Rows, parts: Mapping[str, Floats], moments: Ints, addends: Mapping[str, str]
) -> tuple[Place, str]:
    reason = _reason_to_ignore(column, rows, parts, moments, addends)
    if reason:
        return "ignore", reason
    if rows.n_series > 1 and not column.varies_within(rows.series):
        return "static", "one value per series"
    if is_named(column.name, MEASURED):
        return "observed", "measured"
    if _reaches_beyond(column, rows):
        return "known", BEYOND
    if is_named(column.name, KNOWN) or is_word(column.name, CALENDAR):
        return "known", "planned, as its name says"
    return "observed", "assumed to be measured"


def _reason_to_ignore(
    column: Column, rows: Rows, parts: Mapping[str, Floats], moments: Ints, addends: Mapping[str, str]
) -> str:
    """Return why a column is ignored; "" when it is not."""
    if column.kind == "mixed":
        return "numbers and text mixed"
    if column.is_constant:
        return "constant"
    if column.missing > _MOST_MISSING:
        return f"absent in {column.missing:.0%} of the rows"
    if column.is_key or is_spare_id(column, rows.ids):
        return "identifies rows"
    if is_named(column.name, _SPLITS) and column.kind == "text":
        return "marks the rows of a test"
    if column.kind == "text" and len(column.distinct) > _MOST_TEXTS and column.varies_within(rows.series):
        return f"{len(column.distinct):,} different texts"
    part = _part_of_date(column, parts, moments)
    return f"the {part} of the time: `features.calendar` makes it" if part else _leak(column, rows, addends)


def _leak(column: Column, rows: Rows, addends: Mapping[str, str]) -> str:
    """Return why a column leaks the target; "" when it does not."""
    if column.name in addends:
        return addends[column.name]
    y, present = rows.target.values, np.isfinite(column.values) & np.isfinite(rows.target.values)
    if column.kind != "number" or present.sum() < 10 or column.values[present].std() == 0 or y[present].std() == 0:
        return ""
    if abs(float(np.corrcoef(column.values[present], y[present])[0, 1])) > 0.9999:
        return f"proportional to {rows.target.name}"
    return ""


def _addends(columns: Sequence[Column], target: Column) -> Mapping[str, str]:
    """Return column -> reason for two columns whose sum is the target."""
    numeric = [column for column in columns if column.kind == "number" and not column.is_flag][:_MOST_ADDENDS]
    first = np.flatnonzero(np.isfinite(target.values))[:50]
    for a, b in combinations(numeric, 2):
        for rows in (first, np.arange(len(target.values))):
            sums, y = a.values[rows] + b.values[rows], target.values[rows]
            present = np.isfinite(sums) & np.isfinite(y)
            if present.mean() < 0.5 or not same_everywhere(sums, y, present):
                break
        else:
            if not (a.is_constant or b.is_constant):
                return dict.fromkeys((a.name, b.name), f"{a.name} + {b.name} = {target.name}")
    return {}


def _calendar_parts(clock: TimeColumn) -> Iterator[tuple[str, Floats]]:
    """Yield the parts of each row's time, [R]."""
    if clock.freq is None:
        return
    moments, codes = np.unique(clock.values, return_inverse=True)
    dates = pd.DatetimeIndex(moments.astype("datetime64[us]"))
    week = dates.isocalendar().week.to_numpy()
    named = {
        "hour": dates.hour, "weekday": dates.day_of_week, "day": dates.day, "month": dates.month, "year": dates.year,
        "quarter": dates.quarter, "week": week, "day of the year": dates.day_of_year, "weekend": dates.day_of_week >= 5,
    }  # fmt: skip
    for name, values in named.items():
        yield name, np.asarray(values, dtype=np.float64)[codes]


def _part_of_date(column: Column, parts: Mapping[str, Floats], moments: Ints) -> str:
    """Return the part of the time that a column equals up to a constant; "" when there is none."""
    if not column.is_whole or column.varies_within(moments):
        return ""
    for name, values in parts.items():
        present = np.isfinite(column.values)
        shifts = np.unique(column.values[present] - values[present])
        if len(shifts) == 1 or (name == "weekday" and _is_rotated(column.values[present], values[present])):
            return name
    return ""


def _is_rotated(values: Floats, weekdays: Floats) -> bool:
    """Return whether the days are counted from another day of the week."""
    return len(np.unique(values)) == 7 and len(np.unique((values - weekdays) % 7)) == 1


def _reaches_beyond(column: Column, rows: Rows) -> bool:
    """Return whether a column has values at several times after the last target, not just a few steps earlier."""
    times = rows.clock.values
    beyond = times > times[np.isfinite(rows.target.values)].max()
    return len(np.unique(times[beyond & np.isfinite(column.values)])) >= _FUTURE


def _limit_observed(roles: Sequence[Assigned]) -> list[Assigned]:
    """Ignore all measured columns when there are too many to choose from."""
    observed = [role for role in roles if role.place == "observed"]
    if len(observed) <= _MOST_OBSERVED:
        return list(roles)
    why = f"one of {len(observed)} measured columns: choose the useful ones"
    return [Assigned(role.name, "ignore", why) if role.place == "observed" else role for role in roles]
