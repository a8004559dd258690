"""Values -> positions, with round ticks: linear, logarithmic, of time, of categories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from runner.report.chart import Axis, Bars, Chart, Grid, Points, numbers, values_on

DAY = 86_400.0


@dataclass(frozen=True)
class Scale:
    """From the values of an axis to pixels between `start` and `end`."""

    axis: Axis
    low: float
    high: float
    start: float
    end: float
    ticks: tuple[Any, ...]

    def __call__(self, value: Any) -> float:
        if self.axis.kind == "category":
            count = max(len(self.axis.categories), 1)
            place = self.axis.categories.index(str(value)) if str(value) in self.axis.categories else 0
            first = min(self.start, self.end) + abs(self.end - self.start) * (place + 0.5) / count
            return first
        share = (place_of(value, self.axis) - self.low) / ((self.high - self.low) or 1)
        return self.start + (self.end - self.start) * share


def scales(chart: Chart, across: tuple[float, float], up: tuple[float, float]) -> tuple[Scale, Scale]:
    """(x, y) for a drawing area; `up` runs from the bottom to the top."""
    return _scale(chart, "x", across), _scale(chart, "y", up)


def place_of(value: Any, axis: Axis) -> float:
    """A value on the axis' own line: seconds for times, powers for logarithms."""
    if axis.kind == "time":
        return moment(value)
    return math.log10(max(float(value), 1e-300)) if axis.kind == "log" else float(value)


def moment(text: Any) -> float:
    """Seconds since 1970 of an ISO time."""
    found = datetime.fromisoformat(str(text))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def tick_lines(scale: Scale) -> tuple[tuple[str, ...], ...]:
    """The ticks as people read them, each in one or more lines; below a month stands its year wherever that changes."""
    if scale.axis.kind == "time":
        return _time_lines(scale)
    return tuple((_tick_text(value, scale.axis, scale),) for value in scale.ticks)


def said(value: Any, axis: Axis) -> str:
    """A value of an axis in full."""
    if axis.kind == "time":
        return str(value).replace("T", " ").removesuffix(" 00:00")
    if isinstance(value, str):
        return value
    return f"{value:.2%}" if axis.percent else f"{value:,.5g}"


def _tick_text(value: Any, axis: Axis, scale: Scale) -> str:
    if axis.kind == "category":
        return str(value)
    if axis.percent:
        return f"{value * 100:.{_decimals(scale.ticks)}f}%"
    size = abs(value)
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            return f"{value / (1e3 if unit == 'k' else limit):.4g}{unit}"
    return f"{value:.4g}" if axis.kind == "log" or size >= 1e-4 or not size else f"{value:.0e}"


def _decimals(shares: Sequence[float]) -> int:
    """Fewest decimals with which every tick in percent is what it says, so that steps of a quarter are no fifths."""
    exact = (n for n in range(4) if all(math.isclose(round(100 * s, n), 100 * s, abs_tol=1e-6) for s in shares))
    return next(exact, 4)


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks at 1, 2, 2.5 or 5 times a power of ten."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low]
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _scale(chart: Chart, name: Any, span: tuple[float, float]) -> Scale:
    axis: Axis = getattr(chart, name)
    if axis.kind == "category":
        return Scale(axis, 0, 1, *span, axis.categories)
    found = values_on(chart, name)
    low, high = _bounds(found, axis, padded=not _has_bars(chart, name))
    if axis.kind in ("number", "log") and any(isinstance(mark, Points) and mark.labels for mark in chart.marks):
        room = 0.14 * (high - low)  # for the labels of the outermost points
        low, high = low - room, high + room
    if axis.kind == "time":
        ticks_of_time = _time_ticks(low, high)
        every = -(-len(ticks_of_time) // max(2, int(abs(span[1] - span[0]) / 62))) or 1
        return Scale(axis, low, high, *span, tuple(ticks_of_time[::every]))
    if axis.kind == "log":
        return Scale(axis, low, high, *span, tuple(_log_ticks(low, high, max(2, int(abs(span[1] - span[0]) / 48)))))
    whole = all(float(v).is_integer() for v in numbers(found))
    most = max(3, min(8, int(abs(span[1] - span[0]) / 52))) if name == "x" else 5
    ticks = [t for t in round_ticks(low, high, most) if not whole or float(t).is_integer()]
    if whole and not axis.zero and len(ticks) > 3:  # what is counted has no values beside those that there are
        ticks = [t for t in ticks if min(numbers(found)) <= t <= max(numbers(found))]
    return Scale(axis, low, high, *span, tuple(ticks))


def _bounds(values: list[Any], axis: Axis, *, padded: bool) -> tuple[float, float]:
    places = [place_of(v, axis) for v in values if axis.kind == "time" or v in numbers([v])]
    if not places:
        return 0.0, 1.0
    low, high = min(places), max(places)
    if axis.zero and low >= 0:
        return 0.0, high * 1.06 or 1.0
    room = (high - low) * 0.07 or abs(high) * 0.1 or 1.0
    return (low - room, high + room) if padded or axis.kind != "time" else (low, high)


def _has_bars(chart: Chart, name: str) -> bool:
    return name == "x" and any(isinstance(mark, Bars | Grid) for mark in chart.marks)


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    every = (1, 2, 5) if high - low < 2.2 else (1,)
    found = [m * 10.0**p for p in range(math.floor(low), math.ceil(high) + 1) for m in every]
    inside = [v for v in found if low <= math.log10(v) <= high]
    return inside[:: -(-len(inside) // most) or 1] or [10**low]


def _time_ticks(low: float, high: float) -> list[str]:
    """Starts of years, months or days, or hours: about six."""
    span = high - low
    start = datetime.fromtimestamp(low, UTC)
    if span > 5 * 365 * DAY / 2:
        years = max(1, round(span / (365 * DAY) / 6))
        found = [datetime(y, 1, 1, tzinfo=UTC) for y in range(start.year, start.year + 400, years)]
    elif span > 75 * DAY:
        months = max(1, math.ceil(span / (30.4 * DAY) / 7))
        count = [start.year * 12 + start.month - 1 + i * months for i in range(40)]
        found = [datetime(c // 12, c % 12 + 1, 1, tzinfo=UTC) for c in count]
    else:
        step = next((s for s in (1, 3, 6, 12, 24, 48, 168, 336) if span / 3600 / s <= 8), 336)
        first = datetime(start.year, start.month, start.day, tzinfo=UTC)
        found = [first + timedelta(hours=step * i) for i in range(400)]
    return [t.isoformat() for t in found if low <= t.timestamp() <= high][:12]


def _time_lines(scale: Scale) -> tuple[tuple[str, ...], ...]:
    """Years alone; months and days with the year below where it changes; hours with the day."""
    small, large = _time_forms(scale.high - scale.low)
    lines: list[tuple[str, ...]] = []
    before = ""
    for value in scale.ticks:
        when = datetime.fromisoformat(str(value))
        below = when.strftime(large).lstrip("0")
        above = when.strftime(small)
        lines.append((above, below) if below and below != before else (above,))
        before = below
    return tuple(lines)


def _time_forms(span: float) -> tuple[str, str]:
    """Formats of the two lines of a tick."""
    if span > 5 * 365 * DAY / 2:
        return "%Y", ""
    if span > 75 * DAY:
        return "%b", "%Y"
    return ("%d %b", "%Y") if span > 8 * DAY else ("%H:%M", "%d %b %Y")
