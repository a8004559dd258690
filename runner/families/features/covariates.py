"""Covariates as their roles allow, the id columns, and the step ahead."""

from __future__ import annotations

from functools import partial

import numpy as np

from runner.families.features.rows import Rows
from runner.families.features.scopes import Ahead, Column, Past
from runner.members.features.section import Features
from runner.values.panel import Covariate, Floats


def known(ahead: Ahead, features: Features) -> list[Column]:
    """`known.IsHoliday`: the value at the target date."""
    return [_column(c, partial(_at_target, c.values)) for c in _of_role(ahead, features, "known")]


def static(ahead: Ahead, features: Features) -> list[Column]:
    """`static.Size`: the value of the series."""
    return [_column(c, partial(_of_series, c.values)) for c in _of_role(ahead, features, "static")]


def observed(past: Past, features: Features) -> list[Column]:
    """`observed.CPI`: the last value that is there before the origin."""
    wanted = past.observed if features.covariates else ()
    return [_column(c, partial(_latest, past, c)) for c in wanted]


def ids(ahead: Ahead, features: Features) -> list[Column]:
    """`id.Store`: a category for each value of an id column."""
    if not features.ids:
        return []
    parts = [np.unique([row[i] for row in ahead.ids], return_inverse=True)[1] for i in range(len(ahead.id_columns))]
    return [
        Column(f"id.{name}", partial(_of_series, codes.astype(np.float64)), categorical=True)
        for name, codes in zip(ahead.id_columns, parts, strict=True)
    ]


def step(_ahead: Ahead, features: Features) -> list[Column]:
    """`step`: from 1 to the horizon."""
    return [Column("step", lambda rows: rows.step.astype(np.float64))] if features.step else []


def _of_role(ahead: Ahead, features: Features, role: str) -> list[Covariate]:
    return [c for c in ahead.covariates if c.role == role] if features.covariates else []


def _column(covariate: Covariate, values: partial[Floats]) -> Column:
    name = f"{covariate.role}.{covariate.name}"
    if covariate.categories is None:
        return Column(name, values)
    return Column(name, lambda rows: np.nan_to_num(values(rows), nan=-1.0), categorical=True)


def _at_target(values: Floats, rows: Rows) -> Floats:
    return values[rows.target] if values.ndim == 1 else values[rows.series, rows.target]


def _of_series(values: Floats, rows: Rows) -> Floats:
    return values[rows.series]


def _latest(past: Past, covariate: Covariate, rows: Rows) -> Floats:
    return rows.spread(past.latest(covariate))
