"""A picture as a value: axes and marks with roles for colours. Drawn three times over, always the same:
`svg` for the report (no library, follows light and dark), `plots` for PNG artefacts, `figures` for interactive pages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Value = float | str | None
"""A number, an ISO time, a category, or a gap."""
Kind = Literal["number", "log", "time", "category"]


@dataclass(frozen=True)
class Axis:
    """One axis. `categories` are in drawing order: from the left, from the top."""

    title: str
    kind: Kind = "number"
    categories: tuple[str, ...] = ()
    percent: bool = False  # values are shares of 1
    zero: bool = False  # begins at zero


@dataclass(frozen=True)
class Bars:
    """Bars from zero; they lie when the y axis is categorical."""

    name: str
    at: tuple[Value, ...]
    size: tuple[float | None, ...]
    roles: tuple[str, ...]  # one for each bar
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line with gaps where `y` is None."""

    name: str
    x: tuple[Value, ...]
    y: tuple[Value, ...]
    role: str
    dash: str = "solid"
    markers: bool = False
    width: float = 2.0
    opacity: float = 1.0


@dataclass(frozen=True)
class Points:
    """Single points; `texts` are said of each when pointed at."""

    name: str
    x: tuple[Value, ...]
    y: tuple[Value, ...]
    role: str
    texts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # written beside the points
    symbol: str = "circle"
    size: float = 4.0


@dataclass(frozen=True)
class Band:
    """The area between two lines."""

    name: str
    x: tuple[Value, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    role: str


@dataclass(frozen=True)
class Intervals:
    """A whisker for each category of a lying chart."""

    name: str
    at: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    role: str = "ink"


@dataclass(frozen=True)
class Rule:
    """A line across the picture."""

    axis: Literal["x", "y"]
    at: Value
    role: str
    label: str = ""


@dataclass(frozen=True)
class Grid:
    """A matrix of shaded cells with a text in each; `shades` from 0 to 1, None for an empty cell."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    shades: tuple[tuple[float | None, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    role: str = "blue"


Mark = Bars | Line | Points | Band | Intervals | Rule | Grid


@dataclass(frozen=True)
class Chart:
    """A picture. `note` says how to read it; `summary` is what it shows, for whoever cannot see it."""

    key: str  # names files and anchors
    title: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    note: str = ""
    summary: str = ""
    height: int = 300  # at 720 wide

    @property
    def lying(self) -> bool:
        """Categories go down the y axis."""
        return self.y.kind == "category"


def turned(chart: Chart) -> Chart:
    """A chart of lines over categories with its axes exchanged: many names have room only below each other."""
    marks = tuple(replace(mark, x=mark.y, y=mark.x) for mark in chart.marks if isinstance(mark, Line))
    return replace(chart, x=chart.y, y=chart.x, marks=marks, height=bar_height(len(chart.x.categories), 40))


def bar_height(count: int, each: int = 34, around: int = 92) -> int:
    """Height of a lying chart with so many categories."""
    return around + each * max(count, 1)


def numbers(values: Iterable[Value]) -> list[float]:
    """Those that are finite numbers."""
    return [float(v) for v in values if isinstance(v, int | float) and math.isfinite(v)]


def values_on(chart: Chart, axis: Literal["x", "y"]) -> list[Value]:
    """Every value that the marks have on an axis."""
    found: list[Value] = []
    for mark in chart.marks:
        found += _on(mark, axis, chart.lying)
    return [value for value in found if value is not None]


def clean(values: Iterable[float | None]) -> tuple[float | None, ...]:
    """NaN and infinity as gaps."""
    return tuple(float(v) if v is not None and math.isfinite(v) else None for v in values)


def _on(mark: Mark, axis: str, lying: bool) -> Sequence[Value]:
    along = (axis == "x") != lying  # the axis of positions, not of sizes
    match mark:
        case Line() | Points():
            return mark.x if axis == "x" else mark.y
        case Band():
            return mark.x if axis == "x" else (*mark.low, *mark.high)
        case Bars():
            return mark.at if along else (0.0, *mark.size)
        case Intervals():
            return mark.at if along else (*mark.low, *mark.high)
        case Rule():
            return (mark.at,) if mark.axis == axis else ()
        case Grid():
            return ()
