"""FS5xx: how the study is run."""

from __future__ import annotations

from typing import Final

from runner.language.nodes import Path
from runner.language.parse import Document
from runner.lint.rule import Reporter, Rule
from runner.members.models.section import TrainedModel
from runner.members.pruners import PRUNERS

_PRUNER: Final[Path] = ("study", "pruner")
_WINDOWS: Final[Path] = ("evaluation", "tuning", "windows")


def _prune_one_window(document: Document, report: Reporter) -> None:
    # The windows are what to correct; the pruner may be inherited from a base.
    path = next((path for path in (_WINDOWS, _PRUNER) if path in document.origins), None)
    prunes = PRUNERS.has(document.spec.study.pruner.name, "prunes")
    if prunes and document.spec.evaluation.tuning.windows == 1 and path:
        message = "pruning on a single tuning window gives trials up on the luck of one period"
        help = "ask for two tuning windows or more, or write `study: {pruner: null}`"
        report.at_key(message, document.origins[path], path, help)


def _from_environment(document: Document, report: Reporter) -> None:
    for path, node in document.node.walk():
        if node.env and path[0] not in _NO_NUMBER:
            message = f"the numbers depend on `{node.env}` of the environment"
            report.at_value(message, node.place, path, "write the value, or override it with `--set` where it differs")


def _costly(document: Document, report: Reporter) -> None:
    spec = document.spec
    fits = 0
    for model in spec.models.values():
        if isinstance(model, TrainedModel):
            trials = spec.study.budget.trials if model.space else 1
            fits += trials * spec.evaluation.tuning.windows + spec.evaluation.test.windows
    path: Path = next(path for path in (("study", "budget", "trials"), ("models",)) if path in document.origins)
    if fits > MOST_FITS and spec.study.budget.time is None:
        message = f"up to {fits:,} fits, and no limit of time"
        report.at_value(message, document.origins[path], path, "add `time: 2h` to `study.budget`, or search less")


_MANY_FITS: Final = """\
study: {budget: {trials: 3000}}
evaluation: {tuning: {windows: 2}}
models: {lightgbm: {space: {num_leaves: {int: [7, 127]}}}}"""
MOST_FITS: Final = 5_000
_NO_NUMBER: Final = ("run", "tracking", "description")
"""Sections that change no number."""

RUN_RULES: Final = (
    Rule(
        "FS501",
        "warning",
        "Pruning on one window",
        "A curve of one window is noisy: good settings that start slowly are given up.",
        "study: {pruner: {name: median}}\nevaluation: {tuning: {windows: 1}}",
        "study: {pruner: {name: median}}\nevaluation: {tuning: {windows: 2}}",
        _prune_one_window,
    ),
    Rule(
        "FS502",
        "warning",
        "A number from the environment",
        "The same file gives other numbers on another machine. What a run depends on stands in its spec.",
        "forecast: {horizon: {env: HORIZON}}",
        "description: {env: WORDS}",
        _from_environment,
    ),
    Rule(
        "FS505",
        "warning",
        "Very many fits without a limit of time",
        "Trials times windows times models: the bill comes later. A study that is cut off by time resumes.",
        _MANY_FITS,
        _MANY_FITS.replace("3000", "3000, time: 2h"),
        _costly,
    ),
)
