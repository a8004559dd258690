"""Chart -> Plotly figure, for pages. Imports Plotly, so only pages import it.

Plotly takes a few tags in its texts for markup: every text is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Any, Literal

import plotly.graph_objects as go

from runner.report.chart import Axis, Band, Bars, Chart, Grid, Intervals, Line, Points, Rule, numbers, values_on
from runner.report.layout import labelled, layout
from runner.report.lettering import width_of
from runner.report.palette import Theme, colour
from runner.report.scale import place_of, round_ticks

SYMBOLS = {"circle": "circle", "square": "square", "diamond": "diamond", "triangle": "triangle-up", "cross": "x"}
USUAL_WIDTH = 560
"""Pixels of a chart for which labels are placed; the page shows it as wide as there is room."""
MIDDLE = 4
"""From the base line of a text to its middle, in pixels."""
FONT = "Source Sans, system-ui, sans-serif"


def figure(chart: Chart, theme: Theme = "light") -> go.Figure:
    """The picture, without its title: a page has a heading for that."""
    fig = go.Figure()
    named: set[str] = set()
    for mark in chart.marks:
        _draw(fig, mark, chart, theme, named)
    _labels(fig, chart, theme)
    ink, muted = colour("ink", theme), colour("muted", theme)
    fig.update_layout(
        height=chart.height + (24 if len(named) > 1 else 0),
        margin={"l": 8, "r": 8 + _right(chart), "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": ink},
        showlegend=len(named) > 1,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "font": {"color": ink}},
        hovermode="closest",
        hoverlabel={"bgcolor": colour("paper", theme), "font": {"color": ink}},
        bargap=0.38 if chart.lying else 0.06,
        uirevision=chart.key,
    )
    cells = any(isinstance(mark, Grid) for mark in chart.marks)
    lines = (chart.lying or chart.x.kind != "category") and not cells
    fig.update_xaxes(**_axis(chart.x, theme, muted, grid=lines))
    fig.update_yaxes(**_axis(chart.y, theme, muted, grid=not chart.lying))
    fig.update_xaxes(**_whole_steps(chart, "x"))
    fig.update_yaxes(**_whole_steps(chart, "y"))
    if any(isinstance(mark, Points) and mark.labels for mark in chart.marks):
        low, high = _room([place_of(v, chart.x) for v in values_on(chart, "x")])
        fig.update_xaxes(range=[low, high], dtick=1 if chart.x.kind == "log" and high - low > 1.5 else None)
        fig.update_yaxes(range=_room(numbers(values_on(chart, "y"))))
    if chart.lying:
        fig.update_yaxes(autorange="reversed")
    return fig


def _right(chart: Chart) -> float:
    """Room for the values right of lying bars, where the report has them, too."""
    texts = [text for mark in chart.marks if isinstance(mark, Bars) for text in mark.texts] if chart.lying else []
    return max((width_of(text, bold=True) for text in texts), default=0.0)


def _axis(axis: Axis, theme: Theme, muted: str, *, grid: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": {"text": escape(axis.title), "font": {"color": muted, "size": 13}},
        "tickfont": {"color": muted},
        "gridcolor": colour("line", theme),
        "linecolor": colour("line", theme),
        "showgrid": grid,
        "zeroline": False,
        "automargin": True,
    }
    match axis.kind:
        case "category":
            names = [escape(name) for name in axis.categories]
            broken = [name.replace(" (", "<br>(") for name in names]
            found |= {"type": "category", "categoryorder": "array", "categoryarray": names}
            found |= {"tickmode": "array", "tickvals": names, "ticktext": broken}
        case "log":
            found |= {"type": "log", "tickformat": "~g"}
        case "time":
            found |= {"type": "date"}
        case "number":
            found |= {"type": "linear"} | ({"tickformat": ".3~%"} if axis.percent else {})
            found |= {"rangemode": "tozero"} if axis.zero else {}
    return found


def _whole_steps(chart: Chart, name: Literal["x", "y"]) -> dict[str, Any]:
    """Between values that are counted there are none: steps of at least one."""
    axis = chart.x if name == "x" else chart.y
    found = numbers(values_on(chart, name)) if axis.kind == "number" and not axis.percent else []
    if not found or not all(float(value).is_integer() for value in found):
        return {}
    ends = [*found, 0.0] if axis.zero else found
    ticks = round_ticks(min(ends), max(ends), 8)
    return {"dtick": max(1, round(ticks[1] - ticks[0])) if len(ticks) > 1 else 1}


def _draw(fig: go.Figure, mark: Any, chart: Chart, theme: Theme, named: set[str]) -> None:
    match mark:
        case Bars():
            _bars(fig, mark, chart, theme)
        case Line():
            _line(fig, mark, chart, theme, named)
        case Points():
            _points(fig, mark, chart, theme, named)
        case Band():
            _band(fig, mark, theme, named)
        case Intervals():
            middle = [(low + high) / 2 for low, high in zip(mark.low, mark.high, strict=True)]
            half = [(high - low) / 2 for low, high in zip(mark.low, mark.high, strict=True)]
            bars = {"type": "data", "array": half, "color": colour(mark.role, theme), "thickness": 1.2, "width": 5}
            at, marker = _texts(mark.at), {"size": 0.1, "color": colour(mark.role, theme)}
            fig.add_trace(go.Scatter(x=middle, y=at, error_x=bars, mode="markers", marker=marker, hoverinfo="skip"))
            fig.data[-1].showlegend = False
        case Rule():
            _rule(fig, mark, theme)
        case Grid():
            _grid(fig, mark, theme)


def _bars(fig: go.Figure, mark: Bars, chart: Chart, theme: Theme) -> None:
    at, colours = _texts(mark.at), [colour(role, theme) for role in mark.roles]
    texts = _texts(mark.texts) or None
    if chart.lying:
        fig.add_trace(go.Bar(x=list(mark.size), y=at, marker_color=colours, orientation="h", customdata=texts))
        fig.data[-1].hovertemplate = "%{y}: %{customdata}<extra></extra>"
        for place, text in zip(at, texts or (), strict=False):
            look: dict[str, Any] = {"x": 1, "xref": "paper", "xanchor": "left", "showarrow": False, "xshift": 4}
            fig.add_annotation(y=place, text=f"<b>{text}</b>", font={"color": colour("ink", theme), "size": 12}, **look)
    else:
        fig.add_trace(go.Bar(x=at, y=list(mark.size), marker_color=colours, hovertemplate="%{x}: %{y}<extra></extra>"))
    fig.data[-1].showlegend = False


def _line(fig: go.Figure, mark: Line, chart: Chart, theme: Theme, named: set[str]) -> None:
    style = {"color": colour(mark.role, theme), "width": mark.width, "dash": mark.dash}
    mode = "lines+markers" if mark.markers else "lines"
    name = escape(mark.name)
    value = "%{y:.2%}" if chart.y.percent else "%{y:,.5~g}"
    fig.add_trace(
        go.Scatter(x=_texts(mark.x), y=_texts(mark.y), mode=mode, name=name, line=style, opacity=mark.opacity)
    )
    fig.data[-1].hovertemplate = f"{name}<br>%{{x}}: {value}<extra></extra>"
    _legend(fig, name, named)


def _points(fig: go.Figure, mark: Points, chart: Chart, theme: Theme, named: set[str]) -> None:
    name = escape(mark.name)
    marker = {"color": colour(mark.role, theme), "size": mark.size * 2, "symbol": SYMBOLS[mark.symbol]}
    fig.add_trace(go.Scatter(x=_texts(mark.x), y=_texts(mark.y), mode="markers", name=name, marker=marker))
    trace = fig.data[-1]
    trace.hovertext = _texts(mark.texts) or name
    trace.hoverinfo = "text"
    if mark.labels:
        trace.showlegend, trace.cliponaxis = False, False
    else:
        _legend(fig, name, named)


def _labels(fig: go.Figure, chart: Chart, theme: Theme) -> None:
    """Names beside their points, where the report has them: free of each other at a usual width."""
    if not any(isinstance(mark, Points) and mark.labels for mark in chart.marks):
        return
    at = layout(chart, USUAL_WIDTH)
    for x, y, label in labelled(chart, at):
        right, down = label.x - at.x(x), label.y - MIDDLE - at.y(y)
        place: dict[str, Any] = {"x": place_of(x, chart.x) if chart.x.kind == "log" else x, "y": y}
        place |= {"ax": right, "ay": down, "arrowhead": 0, "arrowwidth": 0.7} if label.led else {}
        place |= {} if label.led else {"xshift": right, "yshift": -down}
        fig.add_annotation(text=escape(label.text), showarrow=label.led, font={"color": colour("ink", theme)}, **place)


def _band(fig: go.Figure, mark: Band, theme: Theme, named: set[str]) -> None:
    x, name = _texts(mark.x), escape(mark.name)
    fill = _faint(colour(mark.role, theme))
    outline = {"x": [*x, *reversed(x)], "y": [*mark.high, *reversed(mark.low)]}
    fig.add_trace(go.Scatter(**outline, fill="toself", fillcolor=fill, mode="none", name=name, hoverinfo="skip"))
    _legend(fig, name, named)


def _rule(fig: go.Figure, mark: Rule, theme: Theme) -> None:
    style = {"color": colour(mark.role, theme), "width": 1, "dash": "dot" if mark.role == "muted" else "dash"}
    (fig.add_vline if mark.axis == "x" else fig.add_hline)(mark.at, line=style)
    if mark.label and mark.axis == "x":
        place = {"x": mark.at, "y": 1, "yref": "paper", "yanchor": "top", "xanchor": "left"}
        look = {"font": {"color": colour("muted", theme)}, "bgcolor": colour("paper", theme), "opacity": 0.85}
        fig.add_annotation(**place, text=escape(mark.label), showarrow=False, **look)


def _grid(fig: go.Figure, mark: Grid, theme: Theme) -> None:
    scale = [[0, _faint(colour(mark.role, theme), 0.08)], [1, _faint(colour(mark.role, theme), 0.5)]]
    texts = [[str(text).replace(", ", "<br>") for text in _texts(row)] for row in mark.texts]
    look: dict[str, Any] = {"colorscale": scale, "zmin": 0, "zmax": 1, "showscale": False, "xgap": 4, "ygap": 4}
    look["textfont"] = {"color": colour("ink", theme)}
    grid = go.Heatmap(
        x=_texts(mark.columns), y=_texts(mark.rows), z=mark.shades, text=texts, texttemplate="%{text}", **look
    )
    fig.add_trace(grid)
    fig.data[-1].hovertemplate = "%{x}: %{text}<extra></extra>"


def _legend(fig: go.Figure, name: str, named: set[str]) -> None:
    """Each name once in the legend, and its traces together."""
    trace = fig.data[-1]
    trace.legendgroup, trace.showlegend = name, name not in named
    named.add(name)


def _texts(values: Any) -> list[Any]:
    return [escape(value) if isinstance(value, str) else value for value in values]


def _room(values: list[float]) -> list[float]:
    """Bounds with room for the labels of the outermost points."""
    room = (max(values) - min(values)) * 0.18 or abs(values[0]) * 0.1 or 1.0
    return [min(values) - room, max(values) + room]


def _faint(hexed: str, opacity: float = 0.18) -> str:
    red, green, blue = (int(hexed[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
