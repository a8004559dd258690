"""Which columns name a series: the fewest that, with the time, make every row one of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from runner.commands.new.columns import Column
from runner.commands.new.hints import is_named, words
from runner.commands.new.time_column import Clock
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
"""(columns together, likeliest columns tried)."""
_SEPARATORS: Final = ("_", "-", "/", " ", "|", "")
FEWEST_STEPS: Final = 4


def find_ids(columns: Mapping[str, Column], clock: Clock) -> tuple[str, ...] | None:
    """The id columns, none for a single series; None when no few columns will do."""
    if _unique(clock.values, []):
        return ()
    likely = sorted(_candidates(columns, clock), key=_unlikely)
    for together, most in _MOST:
        for chosen in combinations(likely[:most], together):
            if _unique(clock.values, [codes(column) for column in chosen]):
                return _parts(chosen[0], likely) if together == 1 else tuple(column.name for column in chosen)
    return None


def codes(column: Column) -> Ints:
    """Position of each row's value among the different ones; missing is one of them."""
    return np.unique(np.nan_to_num(column.values, nan=-np.inf), return_inverse=True)[1].astype(np.int64)


def group(columns: Sequence[Column], rows: int) -> Ints:
    """Number of each row's series [R]."""
    combined = np.zeros(rows, dtype=np.int64)
    for column in columns:
        own = codes(column)
        combined = np.unique(combined * (int(own.max()) + 1) + own, return_inverse=True)[1].astype(np.int64)
    return combined


def _candidates(columns: Mapping[str, Column], clock: Clock) -> Iterator[Column]:
    for column in columns.values():
        few = 1 < len(column.distinct) <= len(column.values) / FEWEST_STEPS
        plain = column.kind == "text" or column.is_whole
        if column.name not in clock.names and few and plain and column.missing == 0:
            yield column


def _unlikely(column: Column) -> tuple[bool, bool, bool]:
    return not is_named(column.name, _NAMES), column.kind != "text", column.is_flag


def _unique(times: Ints, keys: Sequence[Ints]) -> bool:
    """Whether no two rows share time and keys; tried on a few times first, where most fail."""
    _, at = np.unique(times, return_inverse=True)
    for rows in (np.flatnonzero(at < 20), np.arange(len(times))):
        combined = at[rows].astype(np.int64)
        for key in keys:
            combined = combined * (int(key.max()) + 1) + key[rows]
        if len(np.unique(combined)) < len(rows):
            return False
    return True


def _parts(found: Column, likely: Sequence[Column]) -> tuple[str, ...]:
    """The columns that an id such as `12_7` is put together from, else the id itself."""
    spelt = [found.categories[int(code)] for code in found.distinct] if found.categories else []
    rows = np.unique(found.values, return_index=True)[1]
    others = [column for column in likely if column is not found and column.kind in ("number", "text")]
    for first, second in combinations(others[:12], 2):
        for one, two in ((first, second), (second, first)):
            if spelt and any(_joined(one, two, rows, mark) == spelt for mark in _SEPARATORS):
                return one.name, two.name
    return (found.name,)


def _joined(one: Column, two: Column, rows: Ints, mark: str) -> list[str]:
    return [f"{_spelt(one, row)}{mark}{_spelt(two, row)}" for row in rows.tolist()]


def _spelt(column: Column, row: int) -> str:
    value = column.values[row]
    return column.categories[int(value)] if column.categories else f"{value:.0f}"


def repeats(column: Column, ids: Sequence[str]) -> bool:
    """Whether a column's name says that it is an identifier, though the ids do without it."""
    return column.name not in ids and "id" in words(column.name)
