"""Covariates as their roles allow, the id columns, and the step ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from runner.families.features.rows import Rows
from runner.families.features.sight import Column, ObservedCovariate, Sight, State, Stateless, TrainingPart
from runner.families.models import ModelError
from runner.values.panel import Covariate, Floats

AnyCovariate = Covariate | ObservedCovariate


@dataclass(frozen=True)
class Covariates:
    """`known.IsHoliday` at the target date, `observed.CPI` as last seen before the origin, `static.Size`.

    Texts keep the codes that they had in training; a new one is missing.
    """

    wanted: bool = True

    def fit(self, training: TrainingPart) -> State:
        """Return the texts of each covariate in the order of their codes; an empty array of numbers for numbers."""
        return {_name(c): _texts(c) for c in training.view.panel.covariates}

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each covariate of the training part: known, observed, static."""
        sources: list[tuple[AnyCovariate, Callable[[Rows], Floats]]] = [
            *((c, partial(_at_target, c.values)) for c in sight.covariates if c.role == "known"),
            *((c, partial(_latest, sight, c)) for c in sight.observed),
            *((c, partial(_of_series, c.values)) for c in sight.covariates if c.role == "static"),
        ]
        columns = [_column(sight, covariate, state, values) for covariate, values in sources]
        return [column for column in columns if column.name in state]


@dataclass(frozen=True)
class Ids:
    """`id.Store`: a category for each value of an id column; a value that was not in training is missing."""

    wanted: bool = True

    def fit(self, training: TrainingPart) -> State:
        """Return the values of each id column in the order of their codes."""
        panel = training.view.panel
        return {name: np.unique([ids[at] for ids in panel.ids]) for at, name in enumerate(panel.id_columns)}

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return a column for each id column."""
        return [
            Column(f"id.{name}", partial(_of_series, self._codes(sight, state, at)), categorical=True)
            for at, name in enumerate(sight.id_columns)
        ]

    @staticmethod
    def _codes(sight: Sight, state: State, at: int) -> Floats:
        codes = {text: code for code, text in enumerate(state[sight.id_columns[at]].tolist())}
        return np.array([codes.get(ids[at], -1) for ids in sight.ids], dtype=np.float64)


@dataclass(frozen=True)
class Step(Stateless):
    """`step`: from 1 to the horizon."""

    wanted: bool = True

    def columns(self, sight: Sight, state: State) -> list[Column]:
        """Return the one column."""
        return [Column("step", lambda rows: rows.step.astype(np.float64))]


def _name(covariate: AnyCovariate) -> str:
    return f"{covariate.role}.{covariate.name}"


def _texts(covariate: Covariate) -> np.ndarray:
    return np.zeros(0) if covariate.categories is None else np.array(covariate.categories, dtype=np.str_)


def _column(sight: Sight, covariate: AnyCovariate, state: State, values: Callable[[Rows], Floats]) -> Column:
    name = _name(covariate)
    texts = state.get(name)
    if texts is None or texts.dtype.kind != "U":
        _refuse_other_type(sight, covariate, texts is not None, "numbers")
        return Column(name, values)
    _refuse_other_type(sight, covariate, True, "texts")
    codes = _codes_then(covariate, texts.tolist())

    def coded(rows: Rows) -> Floats:
        found = values(rows)
        return codes[np.where(np.isfinite(found), found, -1).astype(np.int64)]

    return Column(name, coded, categorical=True)


def _codes_then(covariate: AnyCovariate, texts: list[str]) -> Floats:
    """Return the training code of each present code; -1 at the end, for missing values and new texts."""
    place = {text: code for code, text in enumerate(texts)}
    return np.array([*(place.get(text, -1) for text in covariate.categories or ()), -1.0])


def _refuse_other_type(sight: Sight, covariate: AnyCovariate, fitted: bool, then: str) -> None:
    """Raise ModelError for texts that were numbers, and the reverse, unless the column has no value at all."""
    now = "numbers" if covariate.categories is None else "texts"
    if not fitted or now == then:
        return
    seen = sight.latest(covariate) if isinstance(covariate, ObservedCovariate) else covariate.values
    if np.isfinite(seen).any():
        raise ModelError(f"{covariate.name} had {then} when it was fitted, and has {now} now")


def _at_target(values: Floats, rows: Rows) -> Floats:
    return values[rows.target] if values.ndim == 1 else values[rows.series, rows.target]


def _of_series(values: Floats, rows: Rows) -> Floats:
    return values[rows.series]


def _latest(sight: Sight, covariate: ObservedCovariate, rows: Rows) -> Floats:
    return rows.spread(sight.latest(covariate))
