"""Pictures of a study: its history, what mattered, where the good values lie."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from runner.report.chart import Axis, Bars, Chart, Line, Mark, Points, Value, bar_height, clean
from runner.results.metric_values import badness, is_share, show
from runner.search import FEWEST_TRIALS_FOR_IMPORTANCE
from runner.values.records import TrialRecord

STATES = {"complete": ("blue", "circle"), "pruned": ("grey", "diamond"), "fail": ("red", "cross")}
MOST_PARAMETERS = 8


def history(trials: Sequence[TrialRecord], metric: str, direction: str) -> Chart:
    """The value of each trial, and the best so far."""
    marks: list[Mark] = []
    done = [t for t in trials if t.value is not None]
    if done:
        marks.append(_steps(done, trials[-1].number, direction))
        marks.append(_trial_points("complete", done, [t.value for t in done], metric))
    pruned = [t for t in trials if t.state == "pruned" and t.curve and t.curve[-1].value is not None]
    if pruned:
        marks.append(_trial_points("pruned", pruned, [t.curve[-1].value for t in pruned], metric))
    return Chart(
        "history",
        "Optimisation history",
        Axis("trial"),
        Axis(f"{metric} on the tuning windows", percent=is_share(metric)),
        tuple(marks),
        "Diamonds: pruned trials, at the last point of their curve." if pruned else "",
    )


def curves(trials: Sequence[TrialRecord], metric: str, direction: str) -> Chart:
    """The ranked metric by boosting rounds, of each trial."""
    done = [t for t in trials if t.value is not None]
    best = min(done, key=lambda t: badness(t.value, direction), default=None)
    marks: list[Mark] = []
    for trial in sorted(trials, key=lambda t: best is not None and t.number == best.number):
        if len(trial.curve) < 2:
            continue
        chosen = best is not None and trial.number == best.number
        role = "blue" if chosen else "grey" if trial.state != "pruned" else "orange"
        name = f"trial {trial.number} (best)" if chosen else "pruned" if trial.state == "pruned" else "others"
        x = tuple(p.rounds for p in trial.curve)
        y = clean([p.value for p in trial.curve])
        marks.append(Line(name, x, y, role, width=2.4 if chosen else 1.0, opacity=1.0 if chosen else 0.6))
    return Chart(
        "curves",
        "Error by boosting rounds",
        Axis("boosting rounds"),
        Axis(metric, percent=is_share(metric)),
        tuple(marks),
        "The number of rounds is not searched: it is where the curve is best.",
    )


def shares(trials: Sequence[TrialRecord], direction: str) -> Mapping[str, float]:
    """Parameter -> importance, empty for too few trials. Optuna is imported only for a study that is large enough."""
    if sum(t.state == "complete" for t in trials) < FEWEST_TRIALS_FOR_IMPORTANCE:
        return {}
    found: Mapping[str, float] = importlib.import_module("runner.search.importance").importances(trials, direction)
    return found


def importance(found: Mapping[str, float]) -> Chart:
    """Which parameters decided the value."""
    ordered = sorted(found.items(), key=lambda pair: -pair[1])[:MOST_PARAMETERS]
    names = tuple(short(name) for name, _ in ordered)
    return Chart(
        "importance",
        "Importance of parameters",
        Axis("share of the importance", percent=True, zero=True),
        Axis("", "category", names),
        (
            Bars(
                "importance",
                names,
                tuple(share for _, share in ordered),
                ("blue",) * len(names),
                tuple(f"{share:.0%}" for _, share in ordered),
            ),
        ),
        "PED-ANOVA (Watanabe, Bansal and Hutter 2023), as in Optuna: what sets the best tenth of trials apart.",
        height=bar_height(len(names), 28),
    )  # fmt: skip


def slices(trials: Sequence[TrialRecord], metric: str) -> list[Chart]:
    """The value against each parameter, a chart each."""
    done = [t for t in trials if t.value is not None]
    charts: list[Chart] = []
    for name in parameters(done)[:MOST_PARAMETERS]:
        having = [t for t in done if name in t.params]
        x = [t.params[name] for t in having]
        axis = _axis(short(name), x)
        marks = (
            Points(
                "trials",
                tuple(str(v) if axis.kind == "category" else v for v in x),
                tuple(t.value for t in having),
                "blue",
                tuple(f"trial {t.number}: {show(metric, t.value)}" for t in having),
            ),
        )
        y = Axis(metric, percent=is_share(metric))
        charts.append(Chart(f"slice-{len(charts)}", short(name), axis, y, marks, height=220))
    return charts


def parallel(trials: Sequence[TrialRecord], metric: str, direction: str) -> Chart | None:
    """Every trial as a line from its score across its parameters, the best tenth in colour; None for fewer than two.

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
    titles = tuple(
        f"{title} ({_range(column, title == metric and is_share(metric))})"
        for title, column in zip((metric, *map(short, names)), columns, strict=True)
    )
    places = [_places(column) for column in columns]
    marks = []
    for i, trial in sorted(enumerate(done), key=lambda pair: pair[1].number in good):
        best = trial.number in good
        name, role = ("best tenth", "blue") if best else ("other trials", "grey")
        y = tuple(column[i] for column in places)
        marks.append(Line(name, titles, y, role, width=2.2 if best else 1.0, opacity=1 if best else 0.45))
    return Chart(
        "parallel",
        "Parallel coordinates",
        Axis("", "category", titles),
        Axis("from lowest to highest"),
        tuple(marks),
        "One line a trial, from its score on; each axis runs over the values tried, logarithmic beyond a hundredfold. "
        "A line ends where a trial lacks a parameter.",
        height=320,
    )


def _range(values: Sequence[Any], percent: bool) -> str:
    """`0.01 to 0.3`, or the categories."""
    known = [v for v in values if v is not None]
    axis = _axis("", known)
    if axis.kind == "category":
        return ", ".join(axis.categories) if len(axis.categories) <= 3 else f"{len(axis.categories)} choices"
    low, high = min(known), max(known)
    return f"{low:.1%} to {high:.1%}" if percent else f"{low:.3g} to {high:.3g}"


def _steps(done: Sequence[TrialRecord], last: int, direction: str) -> Line:
    """The best so far, as stairs up to the last trial."""
    best = running_best([t.value for t in done], direction)
    corners: list[tuple[int, float]] = []
    for trial, value in zip(done, best, strict=True):
        corners += [(trial.number, corners[-1][1])] if corners else []
        corners.append((trial.number, value))
    corners.append((last, best[-1]))
    return Line("best so far", tuple(x for x, _ in corners), tuple(y for _, y in corners), "green")


def running_best(values: Sequence[float | None], direction: str) -> list[float]:
    """The best value up to each trial."""
    best: list[float] = []
    for value in values:
        assert value is not None
        if not best or badness(value, direction) < badness(best[-1], direction):
            best.append(value)
        else:
            best.append(best[-1])
    return best


def parameters(trials: Sequence[TrialRecord]) -> list[str]:
    """Full paths that vary, in the order of the space."""
    names = dict.fromkeys(name for trial in trials for name in trial.params)
    return [name for name in names if len({str(t.params[name]) for t in trials if name in t.params}) > 1]


def short(path: str) -> str:
    """A parameter without its section: `learning_rate`."""
    return path.removeprefix("params.")


def _trial_points(state: str, trials: Sequence[TrialRecord], values: Sequence[float | None], metric: str) -> Points:
    role, symbol = STATES[state]
    texts = tuple(f"trial {t.number}, {state}: {show(metric, v)}" for t, v in zip(trials, values, strict=True))
    return Points(state, tuple(t.number for t in trials), tuple(values), role, texts, symbol=symbol)


def _axis(title: str, values: Sequence[Any]) -> Axis:
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return Axis(title, "category", tuple(sorted({str(v) for v in values})))
    return Axis(title, "log" if _wide(values) else "number")


def _wide(values: Sequence[float]) -> bool:
    return min(values) > 0 and max(values) / min(values) > 100


def _places(values: Sequence[Any]) -> list[Value]:
    """Each value from 0 to 1 between the lowest and highest; None where absent."""
    known = [v for v in values if v is not None]
    axis = _axis("", known)
    if axis.kind == "category":
        last = max(len(axis.categories) - 1, 1)
        return [None if v is None else axis.categories.index(str(v)) / last for v in values]
    scaled = [None if v is None else math.log(v) if axis.kind == "log" else float(v) for v in values]
    low, high = min(v for v in scaled if v is not None), max(v for v in scaled if v is not None)
    return [None if v is None else (v - low) / ((high - low) or 1) for v in scaled]
