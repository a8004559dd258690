"""Find the id columns: the fewest that, together with the time, identify every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations
from typing import Final

import numpy as np

from runner.commands.new.columns import Column
from runner.commands.new.hints import is_named, words
from runner.commands.new.time_column import TimeColumn
from runner.values.panel import Ints

_NAMES: Final = (
    *("id", "store", "shop", "dept", "department", "item", "sku", "product", "article", "series", "zone", "region"),
    *(
        "station",
        "sensor",
        "site",
        "plant",
        "customer",
        "family",
        "category",
        "country",
        "state",
        "city",
        "code",
        "key",
    ),
)
_MOST: Final = ((1, 30), (2, 12), (3, 7))
"""(columns together, number of likely columns to try)."""
_SEPARATORS: Final = ("_", "-", "/", " ", "|", "")
FEWEST_STEPS: Final = 4


def find_ids(columns: Mapping[str, Column], clock: TimeColumn) -> tuple[str, ...] | None:
    """Return the id columns, none for a single series; None when no three columns identify every row."""
    if _unique(clock.values, []):
        return ()
    likely = sorted(_candidates(columns, clock), key=_unlikely)
    for size, most in _MOST:
        for group in combinations(likely[:most], size):
            if _unique(clock.values, [codes(column) for column in group]):
                return _parts(group[0], likely) if size == 1 else tuple(column.name for column in group)
    return None


def codes(column: Column) -> Ints:
    """Return the position of each row's value among the different values; missing counts as a value."""
    return np.unique(np.nan_to_num(column.values, nan=-np.inf), return_inverse=True)[1].astype(np.int64)


def series_codes(columns: Sequence[Column], rows: int) -> Ints:
    """Return the number of each row's series, [R]."""
    combined = np.zeros(rows, dtype=np.int64)
    for column in columns:
        own = codes(column)
        combined = np.unique(combined * (int(own.max()) + 1) + own, return_inverse=True)[1].astype(np.int64)
    return combined


def _candidates(columns: Mapping[str, Column], clock: TimeColumn) -> Iterator[Column]:
    for column in columns.values():
        few = 1 < len(column.distinct) <= len(column.values) / FEWEST_STEPS
        plain = column.kind == "text" or column.is_whole
        if column.name not in clock.names and few and plain and column.missing == 0:
            yield column


def _unlikely(column: Column) -> tuple[bool, bool, bool]:
    return not is_named(column.name, _NAMES), column.kind != "text", column.is_flag


def _unique(times: Ints, keys: Sequence[Ints]) -> bool:
    """Return whether no two rows share time and keys; the first times are checked first, as most fail there."""
    _, moments = np.unique(times, return_inverse=True)
    for rows in (np.flatnonzero(moments < 20), np.arange(len(times))):
        combined = moments[rows].astype(np.int64)
        for key in keys:
            combined = combined * (int(key.max()) + 1) + key[rows]
        if len(np.unique(combined)) < len(rows):
            return False
    return True


def _parts(column: Column, likely: Sequence[Column]) -> tuple[str, ...]:
    """Return the two columns that an id such as `12_7` is joined from, else the id itself."""
    texts = [column.categories[int(code)] for code in column.distinct] if column.categories else []
    rows = np.unique(column.values, return_index=True)[1]
    others = [other for other in likely if other is not column and other.kind in ("number", "text")]
    for left, right in permutations(others[:12], 2):
        if texts and any(_join(left, right, rows, mark) == texts for mark in _SEPARATORS):
            return left.name, right.name
    return (column.name,)


def _join(left: Column, right: Column, rows: Ints, mark: str) -> list[str]:
    return [f"{_text(left, row)}{mark}{_text(right, row)}" for row in rows.tolist()]


def _text(column: Column, row: int) -> str:
    value = column.values[row]
    return column.categories[int(value)] if column.categories else f"{value:.0f}"


def is_spare_id(column: Column, ids: Sequence[str]) -> bool:
    """Return whether a column is named like an id but is not among the ids."""
    return column.name not in ids and "id" in words(column.name)
