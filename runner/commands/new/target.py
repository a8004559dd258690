"""Guess the column to forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from runner.commands.new.columns import Column
from runner.commands.new.hints import is_named, is_word, words
from runner.commands.new.roles import CALENDAR, KNOWN, MEASURED
from runner.errors import DataError
from runner.values.panel import Ints

_NAMES: Final = (
    *("target", "y", "sales", "demand", "cnt", "count", "requests", "rides", "trips", "quantity", "qty", "units"),
    *("volume", "load", "consumption", "revenue", "turnover", "orders", "passengers", "visitors", "value", "amount"),
)
_ADJUSTED: Final = ("sa", "d11", "c", "adj", "adjusted", "lag", "prev", "forecast", "predicted", "pred")


def find_target(
    columns: Mapping[str, Column], excluded: Sequence[str], series: Ints, label: str
) -> tuple[str, str, tuple[str, ...]]:
    """Return (column, reason, all possible columns). Raises DataError when no column varies within a series."""
    free = [column for name, column in columns.items() if name not in excluded and _may_be(column, series)]
    if not free:
        raise DataError(f"{label}: there is no column of numbers to forecast: all are flags, ids or constant")
    stem = set(words(Path(label).stem)) | set(words(Path(label).parent.name))
    best = min(free, key=lambda column: _unlikely(column, stem))
    return best.name, _why(best, stem, len(free)), tuple(column.name for column in free)


def _may_be(column: Column, series: Ints) -> bool:
    changing = column.kind == "number" and not column.is_constant and not column.is_flag and not column.is_key
    return changing and column.varies_within(series)


def _unlikely(column: Column, stem: set[str]) -> tuple[bool, int, bool, float]:
    name = column.name
    return (
        is_named(name, (*KNOWN, *MEASURED)) or is_word(name, CALENDAR),
        -_likeness(name, stem) - is_named(name, _NAMES),
        bool(set(words(name)) & set(_ADJUSTED)),
        round(column.missing, 1),
    )


def _likeness(name: str, stem: set[str]) -> int:
    """Return how much a column is named like the file; most when its first word is the same."""
    return 3 if words(name)[:1] and words(name)[0] in stem else 2 * bool(stem & set(words(name)))


def _why(column: Column, stem: set[str], among: int) -> str:
    if is_named(column.name, _NAMES):
        return "by its name"
    if stem & set(words(column.name)):
        return f"one of {among} columns of numbers; it is named like the file"
    return f"the first of {among} columns of numbers: check this"
