"""FS3xx: what is asked, and how it is judged."""

from __future__ import annotations

from typing import Final

from runner.lint.rule import Reporter, Rule
from runner.spec.nodes import Path
from runner.spec.parse import Document

FEWEST_WINDOWS: Final = 3
_WINDOWS: Final[Path] = ("evaluation", "test", "windows")
_COMPARE: Final[Path] = ("evaluation", "compare")


def _overlapping_windows(document: Document, report: Reporter) -> None:
    evaluation, horizon = document.spec.evaluation, document.spec.forecast.horizon
    path: Path = ("evaluation", "test", "step")
    place, step = document.origins.get(path), evaluation.test.step
    if evaluation.compare and evaluation.test.windows > 1 and place and step is not None and step < horizon:
        message = f"test windows {step} steps apart overlap, the horizon being {horizon}, and a comparison is asked"
        report.at_value(message, place, path, f"write `step: {horizon}`, or drop `compare`")


def _few_windows(document: Document, report: Reporter) -> None:
    windows = document.spec.evaluation.test.windows
    # The number of windows is what to mend; the comparison may be inherited from a base.
    path: Path = _WINDOWS if _WINDOWS in document.origins else _COMPARE
    place = document.origins.get(path)
    if document.spec.evaluation.compare and windows < FEWEST_WINDOWS and place:
        message = f"a comparison on {windows} test window{'s' if windows > 1 else ''} says little"
        report.at_key(message, place, path, f"ask for at least {FEWEST_WINDOWS}, or write `compare: null`")


TASK_RULES: Final = (
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
        "Pinball loss and coverage judge quantiles; without them there is nothing to judge.",
        "evaluation: {report: [pinball]}",
        "evaluation: {report: [pinball]}\nforecast: {quantiles: [0.1, 0.5, 0.9]}",
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
)
