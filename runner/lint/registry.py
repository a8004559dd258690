"""Every rule, by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runner.lint.data_rules import DATA_RULES
from runner.lint.rule import Rule
from runner.lint.run_rules import RUN_RULES
from runner.lint.search_rules import SEARCH_RULES
from runner.lint.structure_rules import STRUCTURE_RULES
from runner.lint.task_rules import TASK_RULES
from runner.lint.text_rules import TEXT_RULES

RULES: Final[Mapping[str, Rule]] = {
    rule.code: rule
    for family in (TEXT_RULES, STRUCTURE_RULES, DATA_RULES, TASK_RULES, SEARCH_RULES, RUN_RULES)
    for rule in family
}
