"""FS2xx: what a model must not see."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Final

from runner.language.nodes import Node, Path
from runner.language.parse import Document
from runner.lint.facts import DataFacts
from runner.lint.rule import Reporter, Rule

_KNOWN: Final[Path] = ("data", "covariates", "known")
_MEASURED: Final = frozenset(
    (
        *("temperature", "temp", "humidity", "hum", "rain", "rainfall", "precipitation", "snow", "snowfall", "wind"),
        *("windspeed", "weather", "weathersit", "pressure", "unemployment", "cpi", "inflation", "gdp", "fuel", "oil"),
        *("brent", "visits", "clicks", "sessions", "views", "footfall", "actual", "actuals", "observed", "measured"),
        *("realised", "realized"),
    )
)
_PLANNED: Final = frozenset(("forecast", "plan", "planned", "expected", "normal", "climate", "budget", "scheduled"))
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _named(document: Document) -> list[tuple[Path, Node]]:
    listed = document.node.at(*_KNOWN)
    return [
        ((*_KNOWN, i), item) for i, item in enumerate(listed.items if listed else []) if isinstance(item.value, str)
    ]


def _measured(document: Document, report: Reporter) -> None:
    for path, item in _named(document):
        words = {word.lower() for word in _WORD.findall(item.value)}
        if words & _MEASURED and not words & _PLANNED:
            message = f"`{item.value}` sounds measured, and a known covariate is seen at the dates that are forecast"
            help = "list it under `observed`, unless its values for these dates exist when the forecast is made"
            report.at_value(message, item.place, path, help)


def _without_future(document: Document, facts: DataFacts, report: Reporter) -> None:
    for path, item in _named(document):
        if any(fnmatchcase(name, item.value) for name in facts.without_future):
            message = f"`{item.value}` has no value after the last target, so a forecast beyond the data lacks it"
            report.at_value(message, item.place, path, "give its plan in `data.future`")


def _copies(document: Document, facts: DataFacts, report: Reporter) -> None:
    for path, item in _named(document):
        for name in (name for name in facts.copies if fnmatchcase(name, item.value)):
            message = f"`{name}` is the target in other units (correlation {facts.copies[name]:.6f})"
            report.at_value(message, item.place, path, "ignore it, or list it under `observed`")


LEAKAGE_RULES: Final = (
    Rule(
        "FS201",
        "info",
        "A known covariate without values beyond the last target",
        "The backtest has them all; a forecast of the future does not.",
        "data: {source: {csv: promo.csv}, covariates: {known: [promo], static: []}}",
        "data: {source: {csv: promo.csv}, covariates: {known: [], observed: [promo], static: []}}",
        judge=_without_future,
        needs_data=True,
    ),
    Rule(
        "FS202",
        "warning",
        "A known covariate that is measured, not planned",
        "No one knows the temperature or the unemployment of a date months ahead. Shown to a model as known, it buys "
        "scores that no real forecast reaches. Judged by its name.",
        "data: {covariates: {known: [promo, Temperature]}}",
        "data: {covariates: {known: [promo], observed: [Temperature]}}",
        _measured,
    ),
    Rule(
        "FS203",
        "error",
        "The target as a covariate",
        "The answer among the questions: scores near zero that no forecast will ever reach.",
        "data: {covariates: {known: [y]}}",
        "data: {covariates: {known: [promo]}}",
    ),
    Rule(
        "FS204",
        "error",
        "A known covariate that is the target",
        "Revenue next to units, or the target in thousands: the answer under another name.",
        "data: {source: {csv: copy.csv}, covariates: {known: [double], static: []}}",
        "data: {source: {csv: copy.csv}, covariates: {known: [], observed: [double], static: []}}",
        judge=_copies,
        needs_data=True,
    ),
)
