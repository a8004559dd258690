"""FS010-FS019: keys, values and composition."""

from __future__ import annotations

import re
from typing import Final

from runner.errors import Edit, Span
from runner.language.merge import Repeat
from runner.language.parse import Document
from runner.lint.rule import Reporter, Rule

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


def _repeated(document: Document, report: Reporter) -> None:
    """Report repeated keys that begin a line; within braces, repeating can complete a map."""
    lines = _NEWLINE.split(document.text)
    for repeat in document.repeated:
        key = repeat.place.key
        if key is None or repeat.place.file != str(document.path) or lines[key.line - 1][: key.col - 1].strip():
            continue
        help = "drop it, and it follows the base when that changes"
        message = f"`{repeat.path[-1]}` says what is inherited anyway"
        report.at_key(message, repeat.place, repeat.path, help, _without(repeat, key, lines))


def _without(repeat: Repeat, key: Span, lines: list[str]) -> tuple[Edit, ...]:
    """Return the edit that deletes the lines, unless it removes a comment or empties a map."""
    value = repeat.place.value
    taken = lines[key.line - 1 : value.end_line]
    if repeat.alone or any("#" in line for line in taken) or lines[value.end_line - 1][value.end_col - 1 :].strip():
        return ()
    return (Edit(Span(key.line, 1, value.end_line + 1, 1), ""),)


STRUCTURE_RULES: Final = (
    Rule(
        "FS010",
        "error",
        "Unknown key",
        "A key that is ignored is a setting that someone believes in.",
        "forecast: {horizn: 13}",
        "forecast: {horizon: 13}",
    ),
    Rule(
        "FS011",
        "error",
        "A value of the wrong type, out of range, or at odds with another",
        "Nothing is converted in silence: `true` is no 1, and a horizon of 0 is no horizon.",
        "forecast: {horizon: 0}",
        "forecast: {horizon: 13}",
    ),
    Rule(
        "FS012",
        "error",
        "A key of the language at the wrong level",
        "The key exists, and would do nothing here.",
        "data: {horizon: 13}",
        "forecast: {horizon: 13}",
    ),
    Rule(
        "FS013",
        "error",
        "Unknown version of the language",
        "Another version may give the same keys another meaning.",
        "version: 2",
        "version: 1",
    ),
    Rule(
        "FS014",
        "error",
        "A key is missing",
        "There is no default that would be right for everyone.",
        "forecast: {horizon: null}",
        "forecast: {horizon: 13}",
    ),
    Rule(
        "FS015",
        "error",
        "A base cannot be read, or `extends` runs in a circle",
        "Half a spec is another spec. Bases stay inside the project, so that a spec means the same everywhere.",
        "extends: [no_such_base.yaml]",
        "extends: [base.yaml]",
    ),
    Rule(
        "FS016",
        "warning",
        "A key that says what is inherited anyway",
        "It looks like a decision but is not one, and it stays behind when the base changes.",
        "forecast:\n  horizon: 13\n  gap: 1",
        "forecast:\n  gap: 1",
        _repeated,
        fixable=True,
    ),
    Rule(
        "FS017",
        "error",
        "A malformed override",
        "An override that hits nothing would leave the value it was meant to change.",
        "--set study.budget.trials",
        "--set study.budget.trials=5",
    ),
    Rule(
        "FS018",
        "error",
        "A name of the environment that is not allowed or not set",
        "Only names on the list in pyproject.toml are read: no secret gets into a spec by accident.",
        "description: {env: HOME}",
        "tracking: {server: {env: MLFLOW_TRACKING_URI}}",
    ),
    Rule(
        "FS019",
        "error",
        "In the language, but not built yet",
        "A key that would be ignored is refused by name.",
        "study: {sampler: {name: cmaes}}",
        "study: {sampler: {name: tpe}}",
    ),
)
