"""FS010-FS019: keys, values and composition."""

from __future__ import annotations

from typing import Final

from runner.lint.rule import Rule

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
