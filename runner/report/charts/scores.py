"""Pictures of the scoreboard."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from runner.report.chart import Axis, Bars, Chart, Grid, Intervals, Line, Mark, Points, Rule, bar_height
from runner.report.palette import model_roles, second_sign
from runner.results.document import BenchmarkDocument, ResultRow
from runner.results.metric_values import is_share, show
from runner.results.scoreboard import cost, seconds, test_windows, verdict

MOST_LINES = 7
"""In one picture; there are no more colours."""
MIN_SECONDS = 0.001
"""Shown for anything faster, because a logarithm has no zero."""


def ranked(document: BenchmarkDocument) -> list[ResultRow]:
    """Rows with a value of the ranked metric, best first."""
    return [row for row in document.results if row.status == "ok" and row.scores.get(document.metric) is not None]


def roles_of(document: BenchmarkDocument) -> dict[str, str]:
    """Model -> the role it has in every picture of this run."""
    return model_roles([row.model_name for row in ranked(document)], document.baseline)


def scoreboard(
    document: BenchmarkDocument, intervals: Mapping[str, tuple[float, float]] | None = None, over: str = ""
) -> Chart:
    """Bars of the ranked metric, each window a dot, the baseline a line, and intervals where they are known.

    `over` is what the intervals are drawn over, such as series.
    """
    rows, metric = ranked(document), document.metric
    names = tuple(row.model_name for row in rows)
    known = {name: bounds for name, bounds in (intervals or {}).items() if name in names}
    roles = roles_of(document)
    marks: list[Mark] = [
        Bars(
            metric,
            names,
            tuple(row.scores[metric] for row in rows),
            tuple("orange" if name == document.baseline else "blue" for name in names),
            tuple(show(metric, row.scores[metric]) for row in rows),
        )
    ]
    if known:
        low, high = zip(*known.values(), strict=True)
        marks.append(Intervals("90% interval", tuple(known), low, high))
    dots = _dots(rows, metric)
    several = len(dots.x) > len(rows)
    marks += [dots] if several else []
    base = next((row.scores[metric] for row in rows if row.model_name == document.baseline), None)
    if base is not None:
        marks.append(Rule("x", base, "orange"))
    whiskers = f" Whiskers: 90% bootstrap intervals{f' over {over}' if over else ''}." if known else ""
    return Chart(
        "scoreboard",
        "Scoreboard",
        Axis(f"{metric} on {test_windows(document)}", percent=is_share(metric), zero=True),
        Axis("", "category", names),
        tuple(marks) if roles else (),
        f"{'Dots: each window. ' if several else ''}Dashed line: the baseline.{whiskers}",
        verdict(document),
        bar_height(len(rows)),
    )


def by_window(document: BenchmarkDocument) -> Chart:
    """The ranked metric of each model, window by window."""
    metric, every, roles = document.metric, ranked(document), roles_of(document)
    rows = _leading(every, document.baseline)
    left_out = len(every) - len(rows)
    windows = tuple(dict.fromkeys(w.window for row in rows for w in row.windows))
    cutoffs = {w.name: w.last_cutoff for w in document.windows}
    titles = {name: f"{name} ({cutoffs[name]})" if name in cutoffs else name for name in windows}
    marks = []
    for row in rows:
        found = {w.window: w.scores.get(metric) for w in row.windows}
        role = roles[row.model_name]
        values = tuple(found.get(name) for name in windows)
        marks.append(Line(row.model_name, tuple(titles.values()), values, role, second_sign(role)[0], markers=True))
    return Chart(
        "windows",
        "Error by window",
        Axis("test window (its last cut-off)", "category", tuple(titles.values())),
        Axis(metric, percent=is_share(metric), zero=True),
        tuple(marks),
        "A model that is good in one window only was lucky."
        + (f" The best models and the baseline; {left_out} more are in the table." if left_out else ""),
        height=300,
    )


def _leading(rows: list[ResultRow], baseline: str) -> list[ResultRow]:
    """As many as colours tell apart: the best, and the baseline."""
    if len(rows) <= MOST_LINES:
        return rows
    best = [row for row in rows if row.model_name != baseline][: MOST_LINES - 1]
    return [*best, *(row for row in rows if row.model_name == baseline)]


_BETTER: Final = {
    "lower": "The lower left is better",
    "higher": "The upper left is better",
    "zero": "Near zero on the left is better",
}


def tradeoff(document: BenchmarkDocument) -> Chart:
    """Accuracy against what it cost: all seconds of tuning, fitting and forecasting."""
    metric, rows, roles = document.metric, ranked(document), roles_of(document)
    marks = [
        Points(
            row.model_name,
            (max(cost(document, row.model_name), MIN_SECONDS),),
            (row.scores[metric],),
            roles[row.model_name],
            (f"{row.model_name}: {show(metric, row.scores[metric])} in {seconds(cost(document, row.model_name))}",),
            (row.model_name,),
            second_sign(roles[row.model_name])[1],
            6.0,
        )
        for row in rows
    ]
    return Chart(
        "tradeoff",
        "Accuracy against time",
        Axis("seconds of tuning, fitting and forecasting", "log"),
        Axis(metric, percent=is_share(metric)),
        tuple(marks),
        f"{_BETTER[document.direction]}: accurate and cheap. A blend costs what its members cost.",
        height=300,
    )


def significance(document: BenchmarkDocument) -> Chart | None:
    """Which models the best one really beats; None when nothing was compared."""
    if not document.comparisons:
        return None
    best = document.comparisons[0].against
    others = tuple(c.model for c in document.comparisons)
    shades = tuple((_shade(c.p_value),) for c in document.comparisons)
    texts = tuple((_p_text(c.p_value, c.significant),) for c in document.comparisons)
    column = f"{best} against"
    return Chart(
        "significance",
        "Is the best really better?",
        Axis("", "category", (column,)),
        Axis("", "category", others),
        (Grid((column,), others, shades, texts),),
        "Diebold-Mariano tests of equal accuracy, p corrected for their number: the fuller the colour, the surer.",
        "; ".join(f"{best} against {c}: {t}" for c, (t,) in zip(others, texts, strict=True)),
        bar_height(len(others), 44, 48),
    )


def _dots(rows: Sequence[ResultRow], metric: str) -> Points:
    found = [(row.model_name, w.window, w.scores.get(metric)) for row in rows for w in row.windows]
    kept = [(model, window, value) for model, window, value in found if value is not None]
    return Points(
        "each window",
        tuple(value for _, _, value in kept),
        tuple(model for model, _, _ in kept),
        "ink",
        tuple(f"{model}, {window}: {show(metric, value)}" for model, window, value in kept),
        size=3.0,
    )


def _shade(p_value: float | None) -> float | None:
    """0 at p = 1, full from p = 0.001 down, a third for each power of ten."""
    return None if p_value is None else min(1.0, -math.log10(max(p_value, 1e-9)) / 3 + 0.0)


def _p_text(p_value: float | None, significant: bool) -> str:
    if p_value is None:
        return "n/a"
    text = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"
    return f"better, {text}" if significant else f"no proof, {text}"
