"""Pictures of a study: its history, what mattered, where the good values are."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import altair as alt

from runner.report.charts import marks
from runner.report.charts.marks import Row, plot, quantity
from runner.report.picture import Picture
from runner.report.theme import Look
from runner.results.metric_values import badness, is_share, show
from runner.search import FEWEST_TRIALS_FOR_IMPORTANCE
from runner.values.records import TrialRecord

MOST_PARAMETERS: Final = 8
HISTORY: Final = {"best so far": Look("green"), "complete": Look("blue"), "pruned": Look("grey", shape="diamond")}
CURVES: Final = {"others": Look("grey"), "pruned": Look("orange", (2, 3)), "best": Look("blue")}
PARALLEL: Final = {"other trials": Look("grey"), "best tenth": Look("blue")}


def history(trials: Sequence[TrialRecord], metric: str, direction: str) -> Picture | None:
    """Return the value of each trial and the best so far; None before there is any."""
    done = [t for t in trials if t.value is not None]
    pruned = [t for t in trials if t.state == "pruned" and t.curve and t.curve[-1].value is not None]
    rows = [_point(t, t.value, "complete", metric) for t in done]
    rows += [_point(t, t.curve[-1].value, "pruned", metric) for t in pruned]
    if not rows:
        return None
    kinds = {row["kind"] for row in rows} | ({"best so far"} if done else set())
    looks = {kind: look for kind, look in HISTORY.items() if kind in kinds}
    x = alt.X("x:Q", **quantity("trial", whole=True))
    y = alt.Y("y:Q", **quantity(f"{metric} on the tuning windows", share=is_share(metric)))
    color = marks.color_by(looks, "kind", "")
    steps = plot(_best_so_far(done, trials[-1].number, direction)).mark_line(interpolate="step-after")
    points = plot(rows).mark_point().encode(x=x, y=y, color=color, tooltip=[marks.text_tip()])
    layers = [steps.encode(x=x, y=y, color=color), points.encode(shape=marks.shape_by(looks, "kind"))]
    return Picture(
        "history",
        "Optimization history",
        marks.finish_chart(layers, 260),
        "Diamonds: pruned trials, at the last point of their curve." if pruned else "",
    )


def _point(trial: TrialRecord, value: float | None, kind: str, metric: str) -> Row:
    text = f"trial {trial.number}, {kind}: {show(metric, value)}"
    return {"x": trial.number, "y": value, "kind": kind, "text": text}


def _best_so_far(done: Sequence[TrialRecord], last: int, direction: str) -> list[Row]:
    """Return the best value up to each trial, and up to the last trial of the study."""
    best = running_best([t.value for t in done], direction)
    pairs = [*zip((t.number for t in done), best, strict=True), *([(last, best[-1])] if best else [])]
    return [{"x": number, "y": value, "kind": "best so far"} for number, value in pairs]


def curves(trials: Sequence[TrialRecord], metric: str, direction: str) -> Picture | None:
    """Return the ranked metric by boosting rounds, of each trial; None when no trial has a curve."""
    best = min((t for t in trials if t.value is not None), key=lambda t: badness(t.value, direction), default=None)
    rows: list[Row] = []
    for trial in trials:
        chosen = best is not None and trial.number == best.number
        kind = "best" if chosen else "pruned" if trial.state == "pruned" else "others"
        points = trial.curve if len(trial.curve) > 1 else ()
        values = marks.finite(p.value for p in points)
        text = f"trial {trial.number}, {trial.state}"
        rows += [
            {"trial": trial.number, "x": p.rounds, "y": value, "kind": kind, "text": text}
            for p, value in zip(points, values, strict=True)
        ]
    if not rows:
        return None
    x = alt.X("x:Q", **quantity("boosting rounds", whole=True))
    y = alt.Y("y:Q", **quantity(metric, share=is_share(metric)))
    return Picture(
        "curves",
        "Error by boosting rounds",
        marks.finish_chart(_trial_lines(rows, CURVES, "best", {"x": x, "y": y}), 260),
        "The number of rounds is not searched: it is where the curve is best.",
    )


def _trial_lines(
    rows: Sequence[Row], looks: Mapping[str, Look], chosen: str, axes: Mapping[str, Any], left: int = 60
) -> list[alt.Chart]:
    """Draw a line for each trial, thin but for the chosen kind, which is on top."""
    kinds = {row["kind"] for row in rows}
    shown = {kind: look for kind, look in looks.items() if kind in kinds}
    color, dash = marks.color_by(shown, "kind", left=left), marks.dash_by(shown, "kind", left)
    parts = [(1.0, [row for row in rows if row["kind"] != chosen]), (2.6, [r for r in rows if r["kind"] == chosen])]
    return [
        plot(part)
        .mark_line(strokeWidth=width, opacity=0.75 if width == 1 else 1)
        .encode(detail="trial:N", color=color, strokeDash=dash, tooltip=[marks.text_tip()], **axes)
        for width, part in parts
        if part
    ]


def shares(trials: Sequence[TrialRecord], direction: str) -> Mapping[str, float]:
    """Return parameter -> importance, empty for too few trials, for which Optuna is not imported."""
    if sum(t.state == "complete" for t in trials) < FEWEST_TRIALS_FOR_IMPORTANCE:
        return {}
    sizes: Mapping[str, float] = importlib.import_module("runner.search.importance").importances(trials, direction)
    return sizes


def importance(sizes: Mapping[str, float]) -> Picture:
    """Return which parameters decided the value."""
    ordered = sorted(sizes.items(), key=lambda pair: -pair[1])[:MOST_PARAMETERS]
    rows = [{"name": short(name), "size": share, "text": f"{share:.0%}"} for name, share in ordered]
    bars = marks.bars_down(rows, quantity("share of the importance", share=True, zero=True))
    return Picture(
        "importance",
        "Importance of parameters",
        marks.finish_chart(bars, 28 * len(rows)),
        "PED-ANOVA (Watanabe, Bansal and Hutter 2023), as in Optuna: what sets the best tenth of trials apart.",
    )


def slices(trials: Sequence[TrialRecord], metric: str) -> list[Picture]:
    """Return the value against each parameter, a picture each."""
    done = [t for t in trials if t.value is not None]
    return [_slice(place, name, done, metric) for place, name in enumerate(parameters(done)[:MOST_PARAMETERS])]


def _slice(place: int, name: str, done: Sequence[TrialRecord], metric: str) -> Picture:
    having = [t for t in done if name in t.params]
    kind = scale_kind([t.params[name] for t in having])
    rows: list[Row] = [
        {
            "x": str(t.params[name]) if kind == "category" else t.params[name],
            "y": t.value,
            "text": f"trial {t.number}: {show(metric, t.value)}",
        }
        for t in having
    ]
    if kind == "category":
        x = marks.names_along(sorted({row["x"] for row in rows}), short(name))
    elif kind == "log":
        x = alt.X("x:Q", title=short(name), scale=alt.Scale(type="log", nice=True), axis=marks.log_axis())
    else:
        x = alt.X("x:Q", **quantity(short(name)))
    y = alt.Y("y:Q", **quantity(metric, share=is_share(metric)))
    points = plot(rows).mark_point(color=marks.paint("blue")).encode(x=x, y=y, tooltip=[marks.text_tip()])
    return Picture(f"slice-{place}", short(name), marks.finish_chart([points], 180))


def parallel(trials: Sequence[TrialRecord], metric: str, direction: str) -> Picture | None:
    """Return every trial as a line from its score down its parameters, the best tenth in color; None for too few.

    What only some trials have comes last, so that the line of one that lacks it ends and is not torn.
    """
    done = [t for t in trials if t.value is not None]
    having = {n: sum(n in t.params for t in done) for n in parameters(done)}
    names = sorted((n for n, count in having.items() if count >= 2), key=lambda n: -having[n])[:MOST_PARAMETERS]
    if len(names) < 2 or len(done) < 2:
        return None
    order = sorted(done, key=lambda t: badness(t.value, direction))
    good = {t.number for t in order[: max(1, len(order) // 10)]}
    columns = [[t.value for t in done], *([t.params.get(name) for t in done] for name in names)]
    titles = [
        f"{title}\n{_range(column, title == metric and is_share(metric))}"
        for title, column in zip((metric, *map(short, names)), columns, strict=True)
    ]
    rows = _parallel_rows(done, good, titles, [_places(column) for column in columns], metric)
    x = alt.X(
        "x:Q", title="from lowest to highest", axis=alt.Axis(labels=False, ticks=False), scale=alt.Scale(domain=[0, 1])
    )
    y = marks.names_down(titles, label=marks.TWO_LINES, spread=0.4)
    axes = {"x": x, "y": y, "order": alt.Order("at:Q")}
    lines = _trial_lines(rows, PARALLEL, "best tenth", axes, marks.NAMES_ROOM)
    return Picture(
        "parallel",
        "Parallel coordinates",
        marks.finish_chart(lines, 44 * len(titles)),
        "One line a trial, from its score down; each axis runs over the values tried, logarithmic beyond a hundredfold."
        " A line ends where a trial lacks a parameter.",
        wide=True,
    )


def _parallel_rows(
    done: Sequence[TrialRecord],
    good: set[int],
    titles: Sequence[str],
    places: Sequence[Sequence[float | None]],
    metric: str,
) -> list[Row]:
    """Return a row for each trial and axis."""
    return [
        {
            "trial": trial.number,
            "at": at,
            "name": title,
            "x": places[at][i],
            "kind": "best tenth" if trial.number in good else "other trials",
            "text": f"trial {trial.number}: {show(metric, trial.value)}",
        }
        for i, trial in enumerate(done)
        for at, title in enumerate(titles)
        if places[at][i] is not None
    ]


def _range(values: Sequence[Any], percent: bool) -> str:
    """Return `0.01 to 0.3`, or the categories."""
    tried = [v for v in values if v is not None]
    if scale_kind(tried) == "category":
        categories = sorted(set(map(str, tried)))
        return ", ".join(categories) if len(categories) <= 3 else f"{len(categories)} choices"
    low, high = min(tried), max(tried)
    return f"{low:.1%} to {high:.1%}" if percent else f"{low:.3g} to {high:.3g}"


def running_best(values: Sequence[float | None], direction: str) -> list[float]:
    """Return the best value up to each trial."""
    best: list[float] = []
    for value in values:
        assert value is not None
        if not best or badness(value, direction) < badness(best[-1], direction):
            best.append(value)
        else:
            best.append(best[-1])
    return best


def parameters(trials: Sequence[TrialRecord]) -> list[str]:
    """Return the full paths that vary, in the order of the space."""
    names = dict.fromkeys(name for trial in trials for name in trial.params)
    return [name for name in names if len({str(t.params[name]) for t in trials if name in t.params}) > 1]


def short(path: str) -> str:
    """Return a parameter without its section: `learning_rate`."""
    return path.removeprefix("params.")


def scale_kind(values: Sequence[Any]) -> Literal["category", "log", "number"]:
    """Return how values are laid out on an axis: a logarithm from a hundredfold on."""
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return "category"
    return "log" if min(values) > 0 and max(values) / min(values) > 100 else "number"


def _places(values: Sequence[Any]) -> list[float | None]:
    """Return each value from 0 to 1 between the lowest and highest; None where absent."""
    kind = scale_kind([v for v in values if v is not None])
    if kind == "category":
        categories = sorted({str(v) for v in values if v is not None})
        return [None if v is None else categories.index(str(v)) / max(len(categories) - 1, 1) for v in values]
    scaled = [None if v is None else math.log(v) if kind == "log" else float(v) for v in values]
    low, high = min(v for v in scaled if v is not None), max(v for v in scaled if v is not None)
    return [None if v is None else (v - low) / ((high - low) or 1) for v in scaled]
