"""What each column of a table looks like, before anything is known of its meaning."""

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
    """One column: numbers, or codes of its texts; NaN where missing. A mixed one has no values."""

    name: str
    kind: Kind
    values: Floats  # [R]
    categories: tuple[str, ...] = ()

    @cached_property
    def distinct(self) -> Floats:
        """The different values, ascending."""
        return np.unique(self.values[np.isfinite(self.values)])

    @property
    def missing(self) -> float:
        """Share of rows without a value."""
        return float(np.isnan(self.values).mean())

    @cached_property
    def is_whole(self) -> bool:
        """Whether all numbers are whole ones."""
        return self.kind == "number" and bool(np.all(self.distinct == np.round(self.distinct)))

    @property
    def is_flag(self) -> bool:
        """Whether it is 0 and 1 and nothing else."""
        return self.kind == "number" and 0 < len(self.distinct) <= 2 and bool(np.isin(self.distinct, (0, 1)).all())

    @property
    def is_constant(self) -> bool:
        return len(self.distinct) <= 1

    @property
    def is_key(self) -> bool:
        """Whether no two rows share a value: a row number or an identifier of rows."""
        return len(self.distinct) == len(self.values) and (self.is_whole or self.kind == "text")

    def varies_within(self, groups: Ints) -> bool:
        """Whether rows of one group have different values; missing ones do not count."""
        known = np.isfinite(self.values)
        at, values = groups[known], self.values[known]
        first = np.full(int(groups.max()) + 1, np.nan)
        first[at[::-1]] = values[::-1]
        return bool(np.any(first[at] != values))


def look_at(table: RawTable) -> dict[str, Column]:
    """Every column by name, in the order of the table."""
    return {name: _look(table, name) for name in table.names}


def same_everywhere(a: Floats, b: Floats, known: Bools) -> bool:
    """Whether two columns agree wherever the mask says, to the last digits of a float."""
    return bool(known.any()) and bool(np.allclose(a[known], b[known], rtol=1e-9, atol=1e-9))


def _look(table: RawTable, name: str) -> Column:
    try:
        (found,) = columns([table], name, "data.covariates")
    except DataError:
        return Column(name, "mixed", np.full(len(table), np.nan))
    if found.categories is None:
        return Column(name, "number", found.values)
    return Column(name, "text", found.values, found.categories)
