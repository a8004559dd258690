"""FS1xx: what the data are. All but one are judged while the data are read (`--data`)."""

from __future__ import annotations

from functools import partial
from typing import Final

from runner.language.nodes import parse_dotted
from runner.language.parse import Document
from runner.lint.facts import DataFacts
from runner.lint.rule import Reporter, Rule
from runner.members.metrics.registry import METRICS

_MANY: Final = 0.01
"""Share of the series from which on a reported metric, which is not the tuned one, is worth a word."""


def _constant(document: Document, facts: DataFacts, report: Reporter) -> None:
    evaluation, flat = document.spec.evaluation, facts.constant
    metrics = [(("evaluation", "metric"), evaluation.metric, 0.0)]
    metrics += [(("evaluation", "report", i), metric, _MANY) for i, metric in enumerate(evaluation.report)]  # type: ignore[misc]
    for path, metric, share in metrics:
        if METRICS.has(metric.kind, "needs_scale") and flat.count > share * facts.n_series and path in document.origins:
            message = f"{metric.name} has no scale for {flat} of {facts.n_series:,} series, whose target never changes"
            report.at_value(message, document.origins[path], path, "use wape, or leave these series out of the data")


def _dvc(kind: str, document: Document, facts: DataFacts, report: Reporter) -> None:
    for address, file in facts.untracked if kind == "untracked" else facts.altered:
        path = parse_dotted(address)
        what = "is not tracked by DVC" if kind == "untracked" else "is not the file that DVC knows: its hash differs"
        help = f"`dvc add {file}`" + ("" if kind == "untracked" else ", or `dvc checkout` for the one it knows")
        report.at_value(f"{file} {what}", document.origins[path], path, help)


def _tracked(document: Document, facts: DataFacts, report: Reporter) -> None:
    for kind in ("untracked", "altered"):
        _dvc(kind, document, facts, report)


_read = partial(Rule, needs_data=True, optional=True)

DATA_RULES: Final = (
    _read(
        "FS101",
        "error",
        "Unknown column",
        "A name that the data do not have is a slip, or the wrong file.",
        "data: {target: sales}",
        "data: {target: y}",
    ),
    _read(
        "FS102",
        "error",
        "A series and time twice",
        "Of two values for one week, one is wrong, or a column that tells the rows apart is missing from `series`.",
        "data: {source: {csv: twice.csv}, covariates: {known: [], static: []}}",
        "data: {source: {csv: sales.csv}, covariates: {known: [], static: []}}",
    ),
    _read(
        "FS103",
        "error",
        "The frequency contradicts the timestamps",
        "Every step of the grid must be a time of the data, or lags and seasons count something else than they say.",
        "data: {freq: W-MON, source: {csv: sales.csv}, covariates: {known: [], static: []}}",
        "data: {freq: W-SUN, source: {csv: sales.csv}, covariates: {known: [], static: []}}",
    ),
    _read(
        "FS104",
        "error",
        "Gaps that are not declared",
        "A missing week can mean nothing sold, not recorded, or shop closed; only you know which.",
        "data: {source: {csv: gaps.csv}, covariates: {known: [], static: []}}",
        "data: {source: {csv: gaps.csv}, covariates: {known: [], static: []}, gaps: zero}",
    ),
    _read(
        "FS105",
        "error",
        "A target that is not a number, or empty",
        "One bad number would turn a column into text in silence.",
        "data: {source: {csv: text.csv}, covariates: {known: [], static: []}}",
        "data: {source: {csv: sales.csv}, covariates: {known: [], static: []}}",
    ),
    Rule(
        "FS106",
        "warning",
        "Constant series with a scaled metric",
        "A series that never changes has no error to scale by: it does not count in MASE and RMSSE.",
        "data: {source: {csv: flat.csv}, covariates: {known: [], static: []}}\nevaluation: {metric: mase}",
        "data: {source: {csv: flat.csv}, covariates: {known: [], static: []}}\nevaluation: {metric: wape}",
        judge=_constant,
        needs_data=True,
    ),
    Rule(
        "FS107",
        "error",
        "A column in two roles",
        "A covariate that is known and observed at once would be seen in the future or not, by accident.",
        "data: {covariates: {known: [promo], observed: [promo]}}",
        "data: {covariates: {known: [promo], observed: []}}",
    ),
    _read(
        "FS108",
        "error",
        "A column without a role",
        "A forgotten column is used, or lost, by accident. `rest: ignore` drops what is not named.",
        "data: {covariates: {known: [], static: []}}",
        "data: {covariates: {known: [promo], static: [kind]}}",
    ),
    _read(
        "FS109",
        "error",
        "A static column that varies",
        "A static covariate has one value a series; the first of several would be taken for all times.",
        "data: {source: {csv: moves.csv}, covariates: {known: [], static: [kind]}}",
        "data: {source: {csv: moves.csv}, covariates: {known: [], static: [], observed: [kind]}}",
    ),
    Rule(
        "FS110",
        "warning",
        "A file that DVC does not track, or whose hash differs",
        "In a project with DVC, a run on other bytes cannot be reproduced by anyone else.",
        "data: {source: {csv: untracked.csv}, covariates: {known: [], static: []}}",
        "data: {source: {csv: sales.csv}, covariates: {known: [], static: []}}",
        judge=_tracked,
        needs_data=True,
    ),
    _read(
        "FS111",
        "error",
        "Data that cannot be read",
        "A file that is absent, outside of the project or malformed, a time that can be read in two ways, a join that "
        "meets nothing.",
        "data: {source: {csv: absent.csv}}",
        "data: {source: {csv: sales.csv}, covariates: {known: [], static: []}}",
    ),
)
