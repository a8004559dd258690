"""FS5xx: how the study is run."""

from __future__ import annotations

from typing import Final

from runner.lint.rule import Reporter, Rule
from runner.spec.nodes import Path
from runner.spec.parse import Document

_PRUNER: Final[Path] = ("study", "pruner")


def _prune_one_window(document: Document, report: Reporter) -> None:
    place = document.origins.get(_PRUNER)
    if document.spec.study.pruner.name != "none" and document.spec.evaluation.tuning.windows == 1 and place:
        message = "pruning on a single tuning window gives trials up on the luck of one period"
        report.at_key(message, place, _PRUNER, "ask for two tuning windows or more, or drop the pruner")


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
)
