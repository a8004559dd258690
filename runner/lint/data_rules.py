"""FS1xx and FS2xx: columns and their roles, as far as the spec alone shows them."""

from __future__ import annotations

from typing import Final

from runner.lint.rule import Rule

DATA_RULES: Final = (
    Rule(
        "FS107",
        "error",
        "A column in two roles",
        "A covariate that is known and observed at once would be seen in the future or not, by accident.",
        "data: {covariates: {known: [promo], observed: [promo]}}",
        "data: {covariates: {known: [promo], observed: []}}",
    ),
    Rule(
        "FS203",
        "error",
        "The target as a covariate",
        "The answer among the questions: scores near zero that no forecast will ever reach.",
        "data: {covariates: {known: [y]}}",
        "data: {covariates: {known: [promo]}}",
    ),
)
