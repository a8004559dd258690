"""Describe the columns of a table by their values, before their meaning is guessed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from runner.data.convert import columns
from runner.data.raw import RawTable
from runner.errors import DataError
from runner.values.panel import Bools, Floats, Ints

Kind = Literal["number", "text", "mixed"]


@dataclass(frozen=True)
class Column:
    """One column: numbers, or codes of its texts; NaN where missing. A mixed column has no values."""

    name: str
    kind: Kind
    values: Floats  # [R]
    categories: tuple[str, ...] = ()

    @cached_property
    def distinct(self) -> Floats:
        """Return the different values, ascending."""
        return np.unique(self.values[np.isfinite(self.values)])

    @property
    def missing(self) -> float:
        """Return the share of rows without a value."""
        return float(np.isnan(self.values).mean())

    @cached_property
    def is_whole(self) -> bool:
        """Return whether all values are whole numbers."""
        return self.kind == "number" and bool(np.all(self.distinct == np.round(self.distinct)))

    @property
    def is_flag(self) -> bool:
        """Return whether all values are 0 or 1."""
        return self.kind == "number" and 0 < len(self.distinct) <= 2 and bool(np.isin(self.distinct, (0, 1)).all())

    @property
    def is_constant(self) -> bool:
        """Return whether there is at most one value."""
        return len(self.distinct) <= 1

    @property
    def is_key(self) -> bool:
        """Return whether no two rows share a value, as in a row number."""
        return len(self.distinct) == len(self.values) and (self.is_whole or self.kind == "text")

    def varies_within(self, groups: Ints) -> bool:
        """Return whether rows of one group have different values; missing ones do not count."""
        present = np.isfinite(self.values)
        codes, values = groups[present], self.values[present]
        first = np.full(int(groups.max()) + 1, np.nan)
        first[codes[::-1]] = values[::-1]
        return bool(np.any(first[codes] != values))


def describe_columns(table: RawTable) -> dict[str, Column]:
    """Return name -> column, in the order of the table."""
    return {name: _describe(table, name) for name in table.names}


def same_everywhere(a: Floats, b: Floats, mask: Bools) -> bool:
    """Return whether two columns agree within rounding where `mask` is true."""
    return bool(mask.any()) and bool(np.allclose(a[mask], b[mask], rtol=1e-9, atol=1e-9))


def _describe(table: RawTable, name: str) -> Column:
    try:
        (covariate,) = columns([table], name, "data.covariates")
    except DataError:
        return Column(name, "mixed", np.full(len(table), np.nan))
    if covariate.categories is None:
        return Column(name, "number", covariate.values)
    return Column(name, "text", covariate.values, covariate.categories)
