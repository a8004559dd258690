"""Parts that several charts are made of.

Fields of the data have names from here and never from a run; what a run names is a value, which Vega shows as text.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import altair as alt
import numpy as np

from runner.report.theme import LABEL_PIXELS, LONGEST_LABEL, ROOM, Look
from runner.values.panel import Floats

Row = dict[str, Any]
RIGHT: Final = alt.value(alt.ExprRef("width"))
"""The right side of a chart."""
NAMES_ROOM: Final = LABEL_PIXELS + 15
"""Pixels left of a chart whose y axis has names."""
MOST_MARKERS: Final = 60
"""Points of a line that are marked each."""


def _shorten(text: str) -> str:
    """Return a Vega expression that shortens a long text to its two ends."""
    half = LONGEST_LABEL // 2
    return f"(length({text}) > {LONGEST_LABEL} ? slice({text}, 0, {half}) + '…' + slice({text}, 1 - {half}) : {text})"


SHORT_LABEL: Final = _shorten("datum.label")
"""Vega expression for the label of a name."""
_LINES: Final = "split(datum.label, '\\n')"
TWO_LINES: Final = f"[{_shorten(f'{_LINES}[0]')}, {_LINES}[1] || '']"
"""Vega expression for a label of two lines."""
_FIRST_LABEL: Final = (
    "datum.index == 0 && datum.label != utcFormat(datum.value, '%Y') "
    "? [datum.label, utcFormat(datum.value, '{form}')] : datum.label"
)
"""Vega expression: the first label of a time axis says the year, or the day, below."""


def paint(role: str) -> alt.ExprRef:
    """Return the color of a role, which `theme.apply_theme` puts in."""
    return alt.ExprRef(role)


def plot(rows: Sequence[Row]) -> alt.Chart:
    """Return a chart of these rows without marks."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def finish_chart(layers: Sequence[alt.Chart], height: int) -> dict[str, Any]:
    """Return the specification of a chart with these layers, as wide as the place where it is shown."""
    spec: dict[str, Any] = alt.layer(*layers).properties(width="container", height=height).to_dict()
    del spec["config"]  # the theme has one
    for layer in spec["layer"]:
        layer["mark"]["aria"] = False  # the element around a chart says what it shows; marks only repeat their data
    return spec


def finite(values: Iterable[float | None]) -> list[float | None]:
    """Return the values with gaps in place of NaN and infinity."""
    return [float(v) if v is not None and math.isfinite(v) else None for v in values]


def quantity(
    title: str = "", *, share: bool = False, whole: bool = False, zero: bool = False, edge: int = 0
) -> dict[str, Any]:
    """Return the options of an axis of numbers: shares of 1 as percentages, counts without ticks between.

    `edge` is room in pixels around the values.
    """
    form: Row = {"format": ".3~%"} if share else {"format": ",d", "tickMinStep": 1} if whole else {}
    scale = alt.Scale(zero=zero, nice=not edge, padding=edge)
    return {
        "title": textwrap.wrap(title, 42) or None,
        "axis": alt.Axis(**form),
        "scale": scale,
    }


def log_axis() -> alt.Axis:
    """Return an axis whose labels are the powers of ten where it spans several."""
    return alt.Axis(tickCount=5)


def names_down(names: Sequence[str], *, label: str = SHORT_LABEL, spread: float = 0.38) -> alt.Y:
    """Return a y axis of names from the top, field `name`."""
    scale = alt.Scale(domain=list(names), padding=spread)
    return alt.Y("name:N", title=None, axis=alt.Axis(labelExpr=label), scale=scale)


def names_along(names: Sequence[str], title: str = "") -> alt.X:
    """Return an x axis of names from the left, field `x`; where they are many some are left out."""
    axis = alt.Axis(labelExpr=TWO_LINES, labelAngle=0, labelOverlap=True)
    return alt.X("x:N", title=title or None, axis=axis, scale=alt.Scale(domain=list(names), type="point", padding=0.5))


def moments(times: Any) -> list[Any]:
    """Return times as Vega reads them in UTC, which has no missing hours; whole numbers as they are."""
    if isinstance(times, np.ndarray) and np.issubdtype(times.dtype, np.datetime64):
        return [f"{text}Z" for text in times.astype("datetime64[m]")]
    return [time if isinstance(time, str) else int(time) for time in times]


def time_axis(times: Sequence[Any], title: str = "") -> alt.X:
    """Return the x axis of such moments, field `x`."""
    if times and isinstance(times[0], str):
        form = "%Y" if min(times)[:7] != max(times)[:7] else "%d %b %Y"
        axis = alt.Axis(labelExpr=_FIRST_LABEL.format(form=form))
        return alt.X("x:T", title=title or None, scale=alt.Scale(type="utc"), axis=axis)
    return alt.X("x:Q", **quantity(title, whole=True))


def time_tip(times: Sequence[Any]) -> alt.Tooltip:
    """Return what a pointer reads of such moments."""
    if not times or not isinstance(times[0], str):
        return alt.Tooltip("x:Q", title="at", format=",d")
    daily = all(time[10:16] in ("", "Z", "T00:00") for time in times)
    form = "%Y-%m-%d" if daily else "%Y-%m-%d %H:%M"
    return alt.Tooltip("x:T", title="at", timeUnit="utcyearmonthdatehoursminutes", format=form)


def value_tip(title: str, *, share: bool, field: str = "y") -> alt.Tooltip:
    """Return what a pointer reads of a value."""
    return alt.Tooltip(f"{field}:Q", title=title, format=".2%" if share else ",.6~r")


def text_tip() -> alt.Tooltip:
    """Return the field `text` as what a pointer reads."""
    return alt.Tooltip("text:N", title=" ")


def color_by(looks: Mapping[str, Look], field: str = "model", symbol: str = "stroke", left: int = 60) -> alt.Color:
    """Return the color of a model, with a legend where there are several."""
    scale = alt.Scale(domain=list(looks), range=[paint(look.color) for look in looks.values()])
    return alt.Color(f"{field}:N", title=None, scale=scale, legend=legend(looks, symbol, left))


def dash_by(looks: Mapping[str, Look], field: str = "model", left: int = 60) -> alt.StrokeDash:
    """Return the dash pattern of a model."""
    scale = alt.Scale(domain=list(looks), range=[list(look.dash) for look in looks.values()])
    return alt.StrokeDash(f"{field}:N", title=None, scale=scale, legend=legend(looks, "stroke", left))


def shape_by(looks: Mapping[str, Look], field: str = "model", left: int = 60) -> alt.Shape:
    """Return the shape of a model's points."""
    scale = alt.Scale(domain=list(looks), range=[look.shape for look in looks.values()])
    return alt.Shape(f"{field}:N", title=None, scale=scale, legend=legend(looks, "", left))


def legend(names: Collection[str], symbol: str = "", left: int = 60) -> alt.Legend | None:
    """Return a legend in as many columns as there is room for right of `left` pixels; None for one name alone."""
    longest = max((min(len(name), LONGEST_LABEL) for name in names), default=0)
    if len(names) < 2:
        return None
    columns = alt.ExprRef(f"max(1, floor(({ROOM} - {left}) / {40 + 7 * longest}))")
    kind: Row = {"symbolType": symbol} if symbol else {}
    return alt.Legend(columns=columns, labelExpr=SHORT_LABEL, **kind)


def model_lines(
    rows: Sequence[Row], looks: Mapping[str, Look], x: alt.X, y: alt.Y, tips: Sequence[alt.Tooltip], part: str = ""
) -> list[alt.Chart]:
    """Return a line for each model over the fields `x` and `y`, broken between values of the field `part`.

    A click on the legend leaves one model; `tips` are read from the points, which are drawn where they are few.
    """
    pick = alt.selection_point(name="pick", fields=["model"], bind="legend")
    base = plot(rows).encode(x=x, y=y, color=color_by(looks))
    picked = alt.when(pick).then(alt.value(1)).otherwise(alt.value(0.12))
    broken: Row = {"detail": f"{part}:N"} if part else {}
    lines = base.mark_line().encode(strokeDash=dash_by(looks), opacity=picked, **broken)
    few = len(rows) <= MOST_MARKERS * max(1, len(looks))
    points = base.mark_point(size=40).encode(opacity=picked) if few else base.mark_point(size=90, opacity=0)
    points = points.encode(tooltip=list(tips)).properties(name="points" if few else "hover")
    return [lines.properties(name="lines").add_params(pick), points]


def bars_down(rows: Sequence[Row], axis: dict[str, Any], color: Any = None) -> list[alt.Chart]:
    """Return a bar for each `name`, from zero to `size`, with `text` at the right side."""
    base = plot(rows).encode(y=names_down([row["name"] for row in rows]))
    bars = base.mark_bar().encode(
        x=alt.X("size:Q", **axis), tooltip=[alt.Tooltip("name:N"), alt.Tooltip("text:N", title="value")]
    )
    texts = base.mark_text(align="left", dx=8, fontWeight="bold").encode(x=RIGHT, text="text:N")
    return [bars.encode(color=color) if color is not None else bars, texts]


def histogram(
    counts: Sequence[float], edges: Sequence[float] | Floats, x: dict[str, Any], y: dict[str, Any]
) -> alt.Chart:
    """Return a bar for each count from one edge to the next."""
    rows = [
        {"low": float(low), "high": float(high), "y": float(count)}
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    share = "%" in str(x["axis"].to_dict().get("format", ""))
    form = ".2%" if share else ",.5~r"
    tips = [alt.Tooltip("low:Q", title="from", format=form), alt.Tooltip("high:Q", title="to", format=form)]
    count = alt.Tooltip("y:Q", title=" ".join(y["title"]), format=".2%" if "%" in str(y["axis"].to_dict()) else ",d")
    bars: alt.Chart = (
        plot(rows)
        .mark_bar()
        .encode(x=alt.X("low:Q", bin="binned", **x), x2="high:Q", y=alt.Y("y:Q", **y), tooltip=[*tips, count])
    )
    return bars


def line_across(value: float, role: str = "muted", label: str = "", *, along: str = "x") -> list[alt.Chart]:
    """Return a dashed line across the chart at a value of that axis, with a label at its upper end, away from zero."""
    base = plot([{along: value, "text": label}])
    place: Row = {"x": alt.X("x:Q")} if along == "x" else {"y": alt.Y("y:Q")}
    rule = base.mark_rule(color=paint(role), strokeDash=[4, 3]).encode(**place)
    if not label:
        return [rule]
    side: Row = {"align": "right", "dx": -5} if value < 0 else {"align": "left", "dx": 5}
    text = base.mark_text(baseline="top", **side).encode(y=alt.value(2), text="text:N", **place)
    return [rule, text]
