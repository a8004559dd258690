"""Every rule, by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.lint.rule import Rule
from runner.lint.rules.data import DATA_RULES
from runner.lint.rules.leakage import LEAKAGE_RULES
from runner.lint.rules.parameters import PARAMETER_RULES
from runner.lint.rules.run import RUN_RULES
from runner.lint.rules.search import SEARCH_RULES
from runner.lint.rules.structure import STRUCTURE_RULES
from runner.lint.rules.text import TEXT_RULES
from runner.lint.rules.tracking import TRACKING_RULES
from runner.lint.rules.windows import TASK_RULES

RULES: Final[Mapping[str, Rule]] = {
    rule.code: rule
    for rule in sorted(
        (
            *(*TEXT_RULES, *STRUCTURE_RULES, *DATA_RULES, *LEAKAGE_RULES, *TASK_RULES, *SEARCH_RULES),
            *(*PARAMETER_RULES, *RUN_RULES, *TRACKING_RULES),
        ),
        key=lambda rule: rule.code,
    )
}

LEFT_OUT: Final[Mapping[str, str]] = {
    "FS206": "lags count back from the origin of a direct forecast: none is too short for its horizon",
    "FS406, FS407, FS412": "samplers other than tpe and random are not built yet, and FS019 refuses them by name",
    "FS506": "a spec names no store: the address comes from the environment, and is checked when a run begins",
    "FS604": "a working tree is dirty whenever a spec is edited; a run records it, as a tag",
    "FS605": "no key of a spec names a registered model",
}
"""Codes that were thought of and are not judged, and why."""
