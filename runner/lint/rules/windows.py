"""FS3xx: what is asked, and how it is judged."""

from __future__ import annotations

import math
from typing import Final

from runner.language.frequency import parse_frequency
from runner.language.nodes import Path
from runner.language.parse import Document
from runner.lint.facts import DataFacts
from runner.lint.rule import Reporter, Rule
from runner.members.metrics.registry import METRICS
from runner.members.models.registry import MODELS

FEWEST_WINDOWS: Final = 3
_WINDOWS: Final[Path] = ("evaluation", "test", "windows")
_COMPARE: Final[Path] = ("evaluation", "compare")
_SEASON: Final[Path] = ("forecast", "season")
_METRIC: Final[Path] = ("evaluation", "metric")
_DAY: Final = 86_400.0
_YEAR: Final = 365.2425 * _DAY
_CYCLES: Final = {
    "an hour": 3600.0,
    "half a day": _DAY / 2,
    "a day": _DAY,
    "a week": 7 * _DAY,
    "two weeks": 14 * _DAY,
    "four weeks": 28 * _DAY,
    "a month": _YEAR / 12,
    "a quarter": _YEAR / 4,
    "half a year": _YEAR / 2,
    "a year": _YEAR,
}
"""What things that people measure go by, in seconds."""
_LOOSE: Final = 0.04
"""Leap days, working days and 4-4-5 calendars: a year of 52 or 53 weeks, 250 to 262 working days."""
_FEW: Final = 0.5


def _overlapping_windows(document: Document, report: Reporter) -> None:
    evaluation, horizon = document.spec.evaluation, document.spec.forecast.horizon
    path: Path = ("evaluation", "test", "step")
    place, step = document.origins.get(path), evaluation.test.step
    if evaluation.compare and evaluation.test.windows > 1 and place and step is not None and step < horizon:
        message = f"test windows {step} steps apart overlap, the horizon being {horizon}, and a comparison is asked"
        report.at_value(message, place, path, f"write `step: {horizon}`, or drop `compare`")


def _few_windows(document: Document, report: Reporter) -> None:
    windows = document.spec.evaluation.test.windows
    # The number of windows is what to correct; the comparison may be inherited from a base.
    path: Path = _WINDOWS if _WINDOWS in document.origins else _COMPARE
    place = document.origins.get(path)
    if document.spec.evaluation.compare and windows < FEWEST_WINDOWS and place:
        message = f"a comparison on {windows} test window{'s' if windows > 1 else ''} says little"
        report.at_key(message, place, path, f"ask for at least {FEWEST_WINDOWS}, or write `compare: null`")


def _odd_season(document: Document, report: Reporter) -> None:
    freq, season = document.spec.data.freq, document.spec.forecast.season
    if freq is None or season is None or parse_frequency(freq).kind == "year":
        return
    cycles = {name: length / parse_frequency(freq).seconds for name, length in _CYCLES.items()}
    for index, steps in enumerate((season,) if isinstance(season, int) else season):
        path = _SEASON if isinstance(season, int) else (*_SEASON, index)
        if steps > 1 and not any(_agree(steps, cycle) for cycle in cycles.values()):
            usual = [f"{round(cycle)} ({name})" for name, cycle in cycles.items() if cycle > 1.5]
            message = f"{steps} steps of {freq} are no cycle of the calendar"
            report.at_value(message, document.origins[path], path, f"usual are {', '.join(usual[-4:])}")


def _agree(steps: int, cycle: float) -> bool:
    return steps in (math.floor(cycle + 1e-3), math.ceil(cycle - 1e-3)) or abs(steps - cycle) <= _LOOSE * cycle


def _no_history(document: Document, facts: DataFacts, report: Reporter) -> None:
    if facts.too_short:
        path: Path = ("forecast", "horizon")
        help = "ask for fewer windows or a shorter horizon, or set `evaluation.tuning.min_horizon`"
        report.at_value(facts.too_short, document.origins[path], path, help)


def _unscored(document: Document, facts: DataFacts, report: Reporter) -> None:
    path: Path = ("data", "short_series")
    if facts.unscored.count and path not in document.origins:
        message = f"{facts.unscored} of {facts.n_series:,} series have no cell that counts in any test window"
        help = "say what becomes of them: `data.short_series: keep`, drop or error"
        report.at_key(message, document.origins[("data",)], ("data",), help)


def _seasonless(document: Document, facts: DataFacts, report: Reporter) -> None:
    baseline, few = document.spec.evaluation.baseline, facts.seasonless
    model = document.spec.models.get(baseline)
    kind = baseline if model is None else model.use
    if MODELS.has(kind, "seasonal") and few.count > _FEW * facts.n_series:
        path: Path = _SEASON if _SEASON in document.origins else ("forecast",)
        message = f"{few} of {facts.n_series:,} series are shorter than one season before the first test cut-off"
        help = f"`{baseline}` falls back to naive there: choose `baseline: naive`, or a shorter season"
        report.at_value(message, document.origins[path], path, help)


def _zeros(document: Document, facts: DataFacts, report: Reporter) -> None:
    evaluation, share = document.spec.evaluation, facts.zeros / max(facts.cells, 1)
    metrics = [(_METRIC, evaluation.metric.kind, 0.0)]
    report_path: Path = ("evaluation", "report")
    metrics += [((*report_path, i), ref.kind, _ZEROS) for i, ref in enumerate(evaluation.report)]
    for path, kind, least in metrics:
        if METRICS.has(kind, "skips_zeros") and share > least and path in document.origins:
            message = f"{facts.zeros:,} of {facts.cells:,} scored targets are 0, and {kind.upper()} leaves them out"
            report.at_value(message, document.origins[path], path, "use wape, mae or mase, which count them")


_ZEROS: Final = 0.05
"""Share of zeros from which on MAPE is misleading even where it is only reported."""

TASK_RULES: Final = (
    Rule(
        "FS301",
        "error",
        "The history is too short for the windows",
        "Horizon, tuning and test windows together must leave something to learn from.",
        "forecast: {horizon: 80}",
        "forecast: {horizon: 13}",
        judge=_no_history,
        needs_data=True,
    ),
    Rule(
        "FS302",
        "warning",
        "The season disagrees with the frequency",
        "A season of 12 on weekly data compares this week with one a quarter ago: the seasonal baseline is then weak, "
        "and everything looks good next to it.",
        "forecast: {season: 10}",
        "forecast: {season: 52}",
        _odd_season,
    ),
    Rule(
        "FS303",
        "warning",
        "Overlapping test windows with a comparison",
        "Errors of overlapping windows are copies of each other, and the test takes them for evidence.",
        "evaluation: {compare: {}, test: {windows: 3, step: 4}}",
        "evaluation: {compare: {}, test: {windows: 3, step: 13}}",
        _overlapping_windows,
    ),
    Rule(
        "FS304",
        "warning",
        "A comparison on few test windows",
        "With one or two windows, luck looks like skill.",
        "evaluation: {compare: {}, test: {windows: 1}}",
        "evaluation: {compare: {}, test: {windows: 3}}",
        _few_windows,
    ),
    Rule(
        "FS305",
        "error",
        "A quantile metric without its quantiles",
        "Pinball loss and coverage judge quantiles; without them there is nothing to judge. Quantiles are made after "
        "tuning, so no trial has any: these metrics are reported, and another one is tuned by.",
        "evaluation: {report: [pinball]}",
        "evaluation: {report: [pinball]}\nforecast: {quantiles: [0.1, 0.5, 0.9]}",
    ),
    Rule(
        "FS306",
        "warning",
        "MAPE with zeros in the target",
        "A relative error of 0 has no value: what sold nothing, which is hard to forecast, does not count.",
        "data: {source: {csv: zeros.csv}, covariates: {known: [], static: []}}\nevaluation: {metric: mape}",
        "data: {source: {csv: zeros.csv}, covariates: {known: [], static: []}}\nevaluation: {report: [mae]}",
        judge=_zeros,
        needs_data=True,
    ),
    Rule(
        "FS307",
        "error",
        "Unknown metric",
        "Metrics are those of the list, each with one definition, so that scores compare between projects.",
        "evaluation: {metric: wappe}",
        "evaluation: {metric: wape}",
    ),
    Rule(
        "FS308",
        "error",
        "No such baseline",
        "A gain is a gain over something.",
        "evaluation: {baseline: seasonal_naiv}",
        "evaluation: {baseline: seasonal_naive}",
    ),
    Rule(
        "FS309",
        "warning",
        "Series that are never scored",
        "Series that are too short or end too early train the shared model and appear in no score. That may be wanted, "
        "and should be written down.",
        "data: {source: {csv: ended.csv}, covariates: {known: [], static: []}}",
        "data: {source: {csv: ended.csv}, covariates: {known: [], static: []}, short_series: keep}",
        judge=_unscored,
        needs_data=True,
    ),
    Rule(
        "FS310",
        "warning",
        "A seasonal baseline without a season of history",
        "The baseline falls back to the last value, so every gain is a gain over something simpler than it says.",
        "data: {source: {synthetic: {steps: 60}}}",
        "data: {source: {synthetic: {steps: 60}}}\nevaluation: {baseline: naive}",
        judge=_seasonless,
        needs_data=True,
    ),
)
