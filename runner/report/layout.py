"""Chart, width -> where everything of it goes: margins that hold their words, ticks in lines, a legend in rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner.report.chart import Band, Bars, Chart, Line, Points
from runner.report.lettering import LINE, Box, Label, placed, shorten, widest_piece, width_of, wrapped
from runner.report.scale import Scale, scales, tick_lines

TOP, RIGHT = 14, 18
ROW = 20
"""Height of a row of the legend."""
MOST_LINES = 4


@dataclass(frozen=True)
class Entry:
    """One name in the legend."""

    x: float
    y: float
    name: str
    role: str
    dash: str
    symbol: str


@dataclass(frozen=True)
class Layout:
    """The margins, the scales between them, and the words outside."""

    width: float
    height: float
    left: float
    right: float  # the margin, not the place
    top: float
    base: float  # the place of the x axis
    x: Scale
    y: Scale
    x_lines: tuple[tuple[str, ...], ...]  # of each tick
    y_lines: tuple[tuple[str, ...], ...]
    levels: int  # 2 where neighbours of the x axis write below each other
    x_title: tuple[str, ...]
    y_title: str
    legend: tuple[Entry, ...]


def layout(chart: Chart, width: int) -> Layout:
    """The layout of a drawing so wide."""
    legend = _legend(chart, width)
    top = TOP + (legend[-1].y - 12 + ROW if legend else 0)
    left, y_lines = _left(chart, width)
    right = _right(chart)
    span = width - right - left
    x_lines, levels = _x_lines(chart, left, width - right)
    tallest = max(map(len, x_lines), default=1)
    centre = left + span / 2
    x_title = tuple(wrapped(chart.x.title, 2 * min(centre, width - centre) - 8, 2)) if chart.x.title else ()
    bottom = 16 + LINE * tallest * levels + (2 + LINE * len(x_title) if x_title else 0)
    height = chart.height + LINE * (tallest * levels - 1 + max(len(x_title) - 1, 0))
    if chart.lying:
        row = LINE * max(map(len, y_lines), default=1) + 8
        height = max(height, round(top + bottom + row * len(y_lines)))
    x, y = scales(chart, (left, width - right), (height - bottom, top))
    if not chart.lying:
        y_lines = tick_lines(y)
    y_title = shorten(chart.y.title, height - 8)
    return Layout(
        width, height, left, right, top, height - bottom, x, y, x_lines, y_lines, levels, x_title, y_title, legend
    )


def labelled(chart: Chart, at: Layout) -> list[tuple[Any, Any, Label]]:
    """(x, y, its name and where that goes) of the labelled points of all marks together."""
    known = [
        (x, y, label)
        for mark in chart.marks
        if isinstance(mark, Points) and mark.labels
        for x, y, label in zip(mark.x, mark.y, mark.labels, strict=True)
        if x is not None and y is not None
    ]
    points = [(at.x(x), at.y(y), shorten(label, at.width * 0.45)) for x, y, label in known]
    inside = Box(at.left + 2, at.top - 8, at.width - at.left - 6, at.base - at.top + 6)
    return [(x, y, place) for (x, y, _), place in zip(known, placed(points, inside), strict=True)]


def _left(chart: Chart, width: int) -> tuple[float, tuple[tuple[str, ...], ...]]:
    """The margin, and the lines of the categories of a lying chart."""
    if chart.lying:
        room = width * (0.4 if width < 400 else 0.34)
        lines = tuple(tuple(wrapped(name, room, 3)) for name in chart.y.categories)
        return 16 + max((width_of(line) for name in lines for line in name), default=0.0), lines
    ticks = tick_lines(scales(chart, (0, 600), (chart.height - 46, TOP))[1])
    longest = max((width_of(line) for tick in ticks for line in tick), default=0.0)
    return 12 + longest + (20 if chart.y.title else 0), ()


def _right(chart: Chart) -> float:
    texts = [t for m in chart.marks if isinstance(m, Bars) for t in m.texts] if chart.lying else []
    return RIGHT + max((width_of(text, bold=True) for text in texts), default=0.0)


def _x_lines(chart: Chart, left: float, right: float) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Lines of each tick of the x axis, and on how many levels neighbours stand."""
    if chart.x.kind != "category":
        return tick_lines(scales(chart, (left, right), (100, 0))[0]), 1
    names = chart.x.categories
    room = (right - left) / max(len(names), 1) - 8
    levels = 2 if len(names) > 2 and widest_piece(names) > room else 1
    return tuple(tuple(wrapped(name, room * levels, MOST_LINES)) for name in names), levels


def _legend(chart: Chart, width: int) -> tuple[Entry, ...]:
    """Everything that needs a name, in rows; nothing when there is one thing alone."""
    x, y = 14.0, 12.0
    entries = []
    for name, role, dash, symbol in _named(chart):
        short = shorten(name, width - 60)
        wide = 34 + width_of(short)
        if x + wide > width and x > 14:
            x, y = 14.0, y + ROW
        entries.append(Entry(x, y, short, role, dash, symbol))
        x += wide + 10
    return tuple(entries)


def _named(chart: Chart) -> list[tuple[str, str, str, str]]:
    found: dict[str, tuple[str, str, str, str]] = {}
    for mark in chart.marks:
        match mark:
            case Line():
                found.setdefault(mark.name, (mark.name, mark.role, mark.dash, ""))
            case Points() if not mark.labels:
                found.setdefault(mark.name, (mark.name, mark.role, "", mark.symbol))
            case Band():
                found.setdefault(mark.name, (mark.name, mark.role, "", "band"))
            case _:
                pass
    return list(found.values()) if len(found) > 1 else []
