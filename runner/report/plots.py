"""Chart -> PNG with Matplotlib, for artefacts. Imports Matplotlib, so it is reached by name only."""

from __future__ import annotations

import io
from datetime import datetime
from textwrap import wrap
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from runner.report.chart import Axis, Band, Bars, Chart, Grid, Intervals, Line, Points, Rule, Value
from runner.report.charts.scores import scoreboard
from runner.report.document import BenchmarkDocument
from runner.report.palette import Theme, colour

matplotlib.use("agg")

_locator: Any = AutoDateLocator  # both are untyped
_formatter: Any = ConciseDateFormatter
DPI = 110
SYMBOLS = {"circle": "o", "square": "s", "diamond": "D", "triangle": "^", "cross": "x"}
DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}


def scoreboard_png(document: BenchmarkDocument) -> bytes:
    """The scoreboard alone, from the document alone. PNG bytes."""
    return png(scoreboard(document))


def png(chart: Chart, theme: Theme = "light") -> bytes:
    """The picture. PNG bytes, 8 inches wide."""
    paper, ink = colour("paper", theme), colour("ink", theme)
    figure = Figure(figsize=(8, chart.height / 90 + 0.7), layout="constrained", facecolor=paper)
    axes = figure.subplots()
    axes.set_facecolor(paper)
    _dress(axes, chart, theme)
    for mark in chart.marks:
        _draw(axes, mark, chart, theme)
    _limits(axes, chart)
    subtitle = "".join(f"\n{line}" for line in wrap(chart.summary, 92)) if len(chart.summary) < 200 else ""
    axes.set_title(_safe(f"{chart.title}{subtitle}"), fontsize=10, loc="left", color=ink)
    _legend(axes, theme)
    sink = io.BytesIO()
    figure.savefig(sink, format="png", dpi=DPI, metadata={"Software": None})
    return sink.getvalue()


def _dress(axes: Axes, chart: Chart, theme: Theme) -> None:
    muted, line = colour("muted", theme), colour("line", theme)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(line)
    axes.tick_params(colors=muted, labelsize=8.5)
    axes.set_xlabel(_safe(chart.x.title), color=muted, fontsize=9)
    axes.set_ylabel(_safe(chart.y.title), color=muted, fontsize=9)
    axes.grid(axis="x" if chart.lying else "y", color=line, linewidth=0.7)
    axes.set_axisbelow(True)
    for name, wanted in (("x", chart.x), ("y", chart.y)):
        if wanted.kind == "log":
            axes.set(**{f"{name}scale": "log"})
    _dress_axis(axes.xaxis, chart.x)
    _dress_axis(axes.yaxis, chart.y)


def _dress_axis(axis: Any, wanted: Axis) -> None:
    if wanted.kind == "category":
        axis.set_ticks(range(len(wanted.categories)), [_safe(name) for name in wanted.categories])
    elif wanted.kind == "time":
        locator = _locator(maxticks=8)
        axis.set_major_locator(locator)
        axis.set_major_formatter(_formatter(locator))
    elif wanted.kind == "log":
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axis.set_major_locator(MaxNLocator(7, integer=wanted.title in ("trial", "steps ahead", "boosting rounds")))
        if wanted.percent:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.4g} %"))
        else:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))


def _limits(axes: Axes, chart: Chart) -> None:
    """Room at the edges, and zero where the axis begins there."""
    if chart.lying:
        axes.set_ylim(len(chart.y.categories) - 0.5, -0.5)
        axes.margins(x=0.16)
    elif any(isinstance(mark, Points) and mark.labels for mark in chart.marks):
        axes.margins(x=0.14, y=0.1)
    if chart.x.kind == "category" and not chart.lying:
        axes.set_xlim(-0.5, len(chart.x.categories) - 0.5)
    if chart.y.zero and axes.get_ylim()[0] > 0:
        axes.set_ylim(bottom=0)


def _draw(axes: Axes, mark: Any, chart: Chart, theme: Theme) -> None:
    match mark:
        case Bars():
            _bars(axes, mark, chart, theme)
        case Line():
            x, y = _places(mark.x, chart.x), _places(mark.y, chart.y)
            style: dict[str, Any] = {
                "linestyle": DASHES[mark.dash],
                "linewidth": mark.width * 0.8,
                "alpha": mark.opacity,
            }
            marker = "o" if mark.markers else ""
            axes.plot(x, y, color=colour(mark.role, theme), marker=marker, ms=3.5, label=_safe(mark.name), **style)
        case Points():
            x, y = _places(mark.x, chart.x), _places(mark.y, chart.y)
            look: dict[str, Any] = {"s": mark.size**2 * 1.6, "marker": SYMBOLS[mark.symbol], "zorder": 3}
            label = None if mark.labels else _safe(mark.name)
            axes.scatter(x, y, color=colour(mark.role, theme), label=label, **look)
            for text, a, b in zip(mark.labels, x, y, strict=False):
                axes.annotate(f"  {_safe(text)}", (a, b), va="center", fontsize=8.5, color=colour("ink", theme))
        case Band():
            low, high = _places(mark.low, chart.y), _places(mark.high, chart.y)
            fill: dict[str, Any] = {"color": colour(mark.role, theme), "alpha": 0.18, "linewidth": 0}
            axes.fill_between(_places(mark.x, chart.x), low, high, label=_safe(mark.name), **fill)
        case Intervals():
            ink = colour(mark.role, theme)
            for place, start, end in zip(_places(mark.at, chart.y), mark.low, mark.high, strict=True):
                axes.errorbar((start + end) / 2, place, xerr=(end - start) / 2, color=ink, capsize=4, lw=1)
        case Rule():
            _rule(axes, mark, chart, theme)
        case Grid():
            _grid(axes, mark, chart, theme)


def _bars(axes: Axes, mark: Bars, chart: Chart, theme: Theme) -> None:
    colours = [colour(role, theme) for role in mark.roles]
    sizes = [size or 0.0 for size in mark.size]
    if not chart.lying:
        along = _places(mark.at, chart.x)
        axes.bar(along, sizes, color=colours, width=(along[1] - along[0]) * 0.92 if len(along) > 1 else 0.8)
        return
    at = _places(mark.at, chart.y)
    axes.barh(at, sizes, color=colours, height=0.62)
    for place, text in zip(at, mark.texts, strict=False):
        where: Any = (1.0, place)
        axes.annotate(
            text, where, xycoords=axes.get_yaxis_transform(), ha="right", va="center", fontsize=9, weight="bold",
            color=colour("ink", theme),
        )  # fmt: skip


def _rule(axes: Axes, mark: Rule, chart: Chart, theme: Theme) -> None:
    style: dict[str, Any] = {
        "color": colour(mark.role, theme),
        "linestyle": ":" if mark.role == "muted" else "--",
        "linewidth": 1,
    }
    if mark.axis == "x":
        axes.axvline(_places((mark.at,), chart.x)[0], **style)
    else:
        axes.axhline(_places((mark.at,), chart.y)[0], **style)


def _grid(axes: Axes, mark: Grid, chart: Chart, theme: Theme) -> None:
    shades = [[0.0 if shade is None else shade**4 for shade in row] for row in mark.shades]
    axes.grid(visible=False)
    axes.imshow(shades, cmap="Blues", vmin=0, vmax=2, aspect="auto")
    for row, texts in enumerate(mark.texts):
        for column, text in enumerate(texts):
            axes.annotate(_safe(text), (column, row), ha="center", va="center", fontsize=9)


def _legend(axes: Axes, theme: Theme) -> None:
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    if len(unique) < 2:
        return
    look: dict[str, Any] = {"ncols": min(len(unique), 5), "fontsize": 8.5, "frameon": False}
    legend = axes.figure.legend(unique.values(), unique.keys(), loc="outside lower center", **look)
    for text in legend.get_texts():
        text.set_color(colour("ink", theme))


def _places(values: Any, axis: Axis) -> list[Any]:
    """Values as Matplotlib takes them."""
    return [_place(value, axis) for value in values]


def _place(value: Value, axis: Axis) -> Any:
    if value is None:
        return float("nan")
    if axis.kind == "category":
        return axis.categories.index(str(value))
    return datetime.fromisoformat(str(value)) if axis.kind == "time" else value


def _safe(text: str) -> str:
    """Without the signs that begin a formula."""
    return text.replace("$", r"\$")
