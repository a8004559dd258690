"""Pictures of the scoreboard."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt

from runner.report.charts import marks
from runner.report.charts.marks import Row, paint, plot, quantity
from runner.report.picture import Picture
from runner.report.theme import MODEL_COLORS, SHAPES, Look, model_looks
from runner.results.document import BenchmarkDocument, ResultRow
from runner.results.metric_values import is_share, show
from runner.results.scoreboard import cost, seconds, test_windows, verdict
from runner.values.records import Comparison

MOST_LINES: Final = len(MODEL_COLORS)
"""In one picture; there are no more colors."""
MIN_SECONDS: Final = 0.001
"""Shown for anything faster, because a logarithm has no zero."""
_BETTER: Final = {
    "lower": "The lower left is better",
    "higher": "The upper left is better",
    "zero": "Near zero on the left is better",
}


def ranked(document: BenchmarkDocument) -> list[ResultRow]:
    """Return the rows with a value of the ranked metric, best first."""
    return [row for row in document.results if row.status == "ok" and row.scores.get(document.metric) is not None]


def looks_of(document: BenchmarkDocument) -> dict[str, Look]:
    """Return model -> the look that it has in every picture of this run, best first."""
    rows = ranked(document)
    looks = model_looks([row.model_name for row in rows], document.baseline)
    return {row.model_name: looks[row.model_name] for row in rows}


def scoreboard(
    document: BenchmarkDocument, intervals: Mapping[str, tuple[float, float]] | None = None, over: str = ""
) -> Picture | None:
    """Return bars of the ranked metric, each window a dot, the baseline a line, and intervals where there are any.

    `over` is what the intervals are drawn over, such as series.
    """
    rows, metric = ranked(document), document.metric
    if not rows:
        return None
    names = [row.model_name for row in rows]
    bounds = {name: ends for name, ends in (intervals or {}).items() if name in names}
    axis = quantity(f"{metric} on {test_windows(document)}", share=is_share(metric), zero=True)
    dots = _dots(rows, metric)
    several = len(dots) > len(rows)
    layers = marks.bars_down(_bars(rows, document), axis, _bar_color())
    layers += _whiskers(names, bounds, axis) if bounds else []
    layers += [_dots_layer(names, dots, axis)] if several else []
    base = next((row.scores[metric] for row in rows if row.model_name == document.baseline), None)
    layers += marks.line_across(base, "orange") if base is not None else []
    whiskers = f" Whiskers: 90% bootstrap intervals{f' over {over}' if over else ''}." if bounds else ""
    return Picture(
        "scoreboard",
        "Scoreboard",
        marks.finish_chart(layers, 34 * len(rows)),
        f"{'Dots: each window. ' if several else ''}Dashed line: the baseline.{whiskers}",
        verdict(document),
        wide=True,
    )


def _bars(rows: Sequence[ResultRow], document: BenchmarkDocument) -> list[Row]:
    return [
        {
            "name": row.model_name,
            "size": row.scores[document.metric],
            "text": show(document.metric, row.scores[document.metric]),
            "kind": "baseline" if row.model_name == document.baseline else "model",
        }
        for row in rows
    ]


def _bar_color() -> alt.Color:
    scale = alt.Scale(domain=["model", "baseline"], range=[paint("blue"), paint("orange")])
    return alt.Color("kind:N", scale=scale, legend=None)


def _whiskers(names: Sequence[str], bounds: Mapping[str, tuple[float, float]], axis: dict[str, Any]) -> list[alt.Chart]:
    rows = [{"name": name, "low": low, "high": high} for name, (low, high) in bounds.items()]
    ends = [{"name": name, "size": end} for name, pair in bounds.items() for end in pair]
    x, y = alt.X("low:Q", **axis), marks.names_down(names)
    bars = plot(rows).mark_rule(color=paint("ink")).encode(x=x, x2="high:Q", y=y)
    ticks = plot(ends).mark_tick(color=paint("ink"), size=10, thickness=1).encode(x=alt.X("size:Q", **axis), y=y)
    return [bars, ticks]


def _dots(rows: Sequence[ResultRow], metric: str) -> list[Row]:
    return [
        {"name": row.model_name, "size": value, "text": f"{row.model_name}, {w.window}: {show(metric, value)}"}
        for row in rows
        for w in row.windows
        if (value := w.scores.get(metric)) is not None
    ]


def _dots_layer(names: Sequence[str], dots: list[Row], axis: dict[str, Any]) -> alt.Chart:
    points: alt.Chart = plot(dots).mark_point(color=paint("ink"), size=22).encode(
        x=alt.X("size:Q", **axis), y=marks.names_down(names), tooltip=[marks.text_tip()]
    )  # fmt: skip
    return points


def by_window(document: BenchmarkDocument) -> Picture | None:
    """Return the ranked metric of each model, window by window; None when no model has a result."""
    metric, every = document.metric, ranked(document)
    rows = _leading(every, document.baseline)
    if not rows:
        return None
    left_out = len(every) - len(rows)
    cutoffs = {w.name: f"{w.name}\n{w.last_cutoff}" for w in document.windows}
    points: list[Row] = [
        {"model": row.model_name, "x": cutoffs.get(w.window, w.window), "window": w.window, "y": w.scores.get(metric)}
        for row in rows
        for w in row.windows
    ]
    tips = [alt.Tooltip("model:N"), alt.Tooltip("window:N"), marks.value_tip(metric, share=is_share(metric))]
    x = marks.names_along(list(dict.fromkeys(p["x"] for p in points)), "test window (its last cutoff)")
    y = alt.Y("y:Q", **quantity(metric, share=is_share(metric), zero=True))
    looks = {row.model_name: looks_of(document)[row.model_name] for row in rows}
    return Picture(
        "windows",
        "Error by window",
        marks.finish_chart(marks.model_lines(points, looks, x, y, tips), 260),
        "A model that is good in one window only was lucky."
        + (f" The best models and the baseline; {left_out} more are in the table." if left_out else ""),
    )


def _leading(rows: list[ResultRow], baseline: str) -> list[ResultRow]:
    """Return as many models as colors tell apart: the best, and the baseline."""
    if len(rows) <= MOST_LINES:
        return rows
    best = [row for row in rows if row.model_name != baseline][: MOST_LINES - 1]
    return [*best, *(row for row in rows if row.model_name == baseline)]


def tradeoff(document: BenchmarkDocument) -> Picture | None:
    """Return accuracy against cost, all seconds of tuning, fitting and forecasting; None when no model has a result."""
    metric, looks = document.metric, looks_of(document)
    rows = [
        {
            "model": row.model_name,
            "x": max(cost(document, row.model_name), MIN_SECONDS),
            "y": row.scores[metric],
            "text": f"{show(metric, row.scores[metric])} in {seconds(cost(document, row.model_name))}",
        }
        for row in ranked(document)
    ]
    if not rows:
        return None
    log = alt.Scale(type="log", nice=False, padding=20)
    x = alt.X("x:Q", title="seconds of tuning, fitting and forecasting", scale=log, axis=marks.log_axis())
    y = alt.Y("y:Q", **quantity(metric, share=is_share(metric), edge=20))
    tips = [alt.Tooltip("model:N"), marks.text_tip()]
    points = plot(rows).mark_point(size=110).encode(x=x, y=y, tooltip=tips)
    return Picture(
        "tradeoff",
        "Accuracy against time",
        marks.finish_chart([points.encode(color=marks.color_by(looks, symbol=""), shape=marks.shape_by(looks))], 260),
        f"{_BETTER[document.direction]}: accurate and cheap. A blend costs what its members cost.",
    )


def significance(document: BenchmarkDocument) -> Picture | None:
    """Return which models the best one really beats; None when nothing was compared."""
    if not document.comparisons:
        return None
    best = document.comparisons[0].against
    rows: list[Row] = [
        {"name": c.model, "text": _p_text(c), "shade": 0.05 if (s := p_shade(c.p_value)) is None else 0.06 + 0.5 * s}
        for c in document.comparisons
    ]
    base = plot(rows).encode(y=marks.names_down([row["name"] for row in rows], spread=0.1))
    middle = alt.value(alt.ExprRef("width / 2"))
    cells = base.mark_rect(color=paint("blue"), cornerRadius=4)
    cells = cells.encode(x=alt.value(0), x2=marks.RIGHT, opacity=alt.Opacity("shade:Q", scale=None))
    texts = base.mark_text(fontWeight="bold").encode(x=middle, text="text:N")
    return Picture(
        "significance",
        "Is the best really better?",
        marks.finish_chart([cells, texts], 40 * len(rows)),
        f"{best} against each of the others. Diebold-Mariano tests of equal accuracy, p corrected for their number: "
        "the fuller the color, the surer.",
        "; ".join(f"{best} against {row['name']}: {row['text']}" for row in rows),
        wide=True,
    )


def p_shade(p_value: float | None) -> float | None:
    """Return 0 at p = 1 and 1 from p = 0.001 down, a third for each power of ten."""
    return None if p_value is None else min(1.0, -math.log10(max(p_value, 1e-9)) / 3 + 0.0)


def _p_text(comparison: Comparison) -> str:
    if comparison.p_value is None:
        return "n/a"
    text = "p < 0.001" if comparison.p_value < 0.001 else f"p = {comparison.p_value:.2g}"
    return f"better, {text}" if comparison.significant else f"no proof, {text}"


def side_by_side(documents: Mapping[str, BenchmarkDocument], metric: str) -> Picture | None:
    """Return a metric of every model in several runs, title -> document; None where no run has it."""
    rows = [
        {
            "run": run,
            "name": row.model_name,
            "size": value,
            "text": f"{run}, {row.model_name}: {show(metric, value)}",
        }
        for run, document in documents.items()
        for row in document.results
        if (value := row.scores.get(metric)) is not None
    ]
    if not rows:
        return None
    names = list(dict.fromkeys(str(row["name"]) for row in rows))
    colors = ("blue", "orange", *MODEL_COLORS[1:])
    looks = {
        run: Look(color, shape=shape) for run, color, shape in zip(documents, colors, (*SHAPES, "square"), strict=False)
    }
    sizes = [60 + 70 * (len(looks) - 1 - place) for place in range(len(looks))]  # equal scores show as rings
    points = plot(rows).mark_point().encode(
        x=alt.X("size:Q", **quantity(metric, share=is_share(metric), edge=20)),
        y=marks.names_down(names),
        color=marks.color_by(looks, "run", "", marks.NAMES_ROOM),
        shape=marks.shape_by(looks, "run", marks.NAMES_ROOM),
        size=alt.Size("run:N", scale=alt.Scale(domain=list(looks), range=sizes), legend=None),
        tooltip=[marks.text_tip()],
    )  # fmt: skip
    return Picture("compare", f"{metric} side by side", marks.finish_chart([points], 36 * len(names)))
