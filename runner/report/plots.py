"""Chart -> PNG with Matplotlib, for artefacts. Imports Matplotlib, so it is reached by name only."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from runner.report.chart import Axis, Band, Bars, Chart, Grid, Intervals, Line, Points, Rule, Value
from runner.report.lettering import Box, placed, shorten, width_of, wrapped
from runner.report.palette import Theme, colour

matplotlib.use("agg")

_locator: Any = AutoDateLocator  # both are untyped
_formatter: Any = ConciseDateFormatter
DPI = 110
LETTERS = 1.08
"""Size of a label's letters, by those that `lettering` measures."""
WIDTH = 8 * DPI / LETTERS
"""Of the picture, in the units of `lettering`."""
SYMBOLS = {"circle": "o", "square": "s", "diamond": "D", "triangle": "^", "cross": "x"}
DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}


def png(chart: Chart, theme: Theme = "light") -> bytes:
    """The picture. PNG bytes, 8 inches wide."""
    paper, ink = colour("paper", theme), colour("ink", theme)
    figure = Figure(figsize=(8, chart.height / 90 + 0.7), layout="constrained", facecolor=paper, dpi=DPI)
    axes = figure.subplots()
    axes.set_facecolor(paper)
    _dress(axes, chart, theme)
    for mark in chart.marks:
        _draw(axes, mark, chart, theme)
    _limits(axes, chart)
    room = 0.82 * WIDTH  # letters of a title are larger
    subtitle = wrapped(chart.summary, room, 4) if 0 < len(chart.summary) < 300 else []
    title = "\n".join([*wrapped(chart.title, room, 2), *subtitle])
    figure.suptitle(_safe(title), fontsize=10, x=0.012, ha="left", color=ink)
    _legend(axes, theme)
    _labels(figure, axes, chart, theme)
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
        room = 0.32 * WIDTH if axis.axis_name == "y" else 0.85 * WIDTH / max(len(wanted.categories), 1) - 8
        names = [_safe("\n".join(wrapped(name, room, 3))) for name in wanted.categories]
        axis.set_ticks(range(len(names)), names)
    elif wanted.kind == "time":
        locator = _locator(maxticks=8)
        axis.set_major_locator(locator)
        axis.set_major_formatter(_formatter(locator))
    elif wanted.kind == "log":
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axis.set_major_locator(MaxNLocator(7, integer=wanted.title in ("trial", "steps ahead", "boosting rounds")))
        if wanted.percent:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.4g}%"))
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
    shades = [[0.0 if shade is None else shade for shade in row] for row in mark.shades]
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
    names = [shorten(name, 0.8 * WIDTH) for name in unique]
    columns = int(WIDTH / (max(map(width_of, names)) + 62))
    columns = min(max(columns, 1), len(names), 5)
    look: dict[str, Any] = {"ncols": columns, "fontsize": 8.5, "frameon": False}
    figure: Any = axes.figure
    figure.set_figheight(figure.get_figheight() + 0.17 * (-(-len(names) // columns) - 1))
    legend = figure.legend(unique.values(), names, loc="outside lower center", **look)
    for text in legend.get_texts():
        text.set_color(colour("ink", theme))


def _labels(figure: Figure, axes: Axes, chart: Chart, theme: Theme) -> None:
    """The names of labelled points, where they do not write over each other."""
    known = [
        (x, y, shorten(label, 0.4 * WIDTH))
        for mark in chart.marks
        if isinstance(mark, Points)
        for x, y, label in zip(_places(mark.x, chart.x), _places(mark.y, chart.y), mark.labels, strict=False)
    ]
    if not known:
        return
    figure.draw_without_rendering()  # only now everything has its place
    figure.set_layout_engine("none")
    top, frame = figure.bbox.height, axes.bbox
    inside = Box(frame.x0 / LETTERS, (top - frame.y1) / LETTERS, frame.width / LETTERS, frame.height / LETTERS)
    at = [axes.transData.transform((x, y)) for x, y, _ in known]
    points = [(x / LETTERS, (top - y) / LETTERS, text) for (x, y), (_, _, text) in zip(at, known, strict=True)]
    for (x, y, _), label in zip(known, placed(points, inside, 9.0), strict=True):
        where: Any = (label.x * LETTERS, top - label.y * LETTERS)
        arrow: Any = {"arrowstyle": "-", "color": colour("muted", theme), "lw": 0.7} if label.led else None
        look: dict[str, Any] = {"fontsize": 8.5, "ha": "center", "color": colour("ink", theme), "arrowprops": arrow}
        axes.annotate(_safe(label.text), (x, y), where, textcoords="figure pixels", **look)


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
