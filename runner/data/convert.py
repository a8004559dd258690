"""From raw columns to numbers and codes. A value that does not convert is an error with file, line, column and value.

A column of numbers takes an empty field, NA, N/A, NaN, null and None (in any case) for missing; TRUE and FALSE are 1
and 0. A column of which no value is a number is text: coded, and only an empty field is missing there. A column of
both is an error, because one bad number must not turn it into text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from runner.data.raw import RawTable
from runner.errors import DataCode, DataError
from runner.values.panel import Bools, Floats

_MISSING = ("", "na", "n/a", "nan", "null", "none")
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_TRUTH = pa.array(["true", "false"])


@dataclass(frozen=True)
class Column:
    """A converted column: numbers, or positions in `categories`; NaN is missing."""

    values: Floats  # [R]
    categories: tuple[str, ...] | None = None


def numbers(table: RawTable, name: str, key: str) -> Floats:
    """Return a column as numbers [R], NaN where missing. Raises DataError at the first other value."""
    values, bad = _parse(table.column(name, key), table.decimal)
    if bad.any():
        raise _bad_number(table, name, key, int(np.argmax(bad)), int(bad.sum()))
    _check_finite(table, name, key, values)
    return values


def columns(tables: Sequence[RawTable], name: str, key: str) -> list[Column]:
    """Return the covariate `name` of several tables, coded alike. Raises DataError when it is mixed."""
    parsed = [_parse(table.column(name, key), table.decimal) for table in tables]
    if not any(bad.any() for _, bad in parsed):
        for table, (values, _) in zip(tables, parsed, strict=True):
            _check_finite(table, name, key, values)
        return [Column(values) for values, _ in parsed]
    _check_all_text(tables, name, key, parsed)
    return _codes([text(table.column(name, key)) for table in tables])


def text(column: Any) -> Any:
    """Return a column as text, one spelling a value: no point in whole numbers, ISO dates, "" for a null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), None, column)
        spelling = pc.if_else(pc.equal(column, pc.round(column)), _whole(column), column.cast(pa.string()))
    elif pa.types.is_boolean(kind):
        spelling = pc.if_else(column, "TRUE", "FALSE")
    else:
        spelling = column.cast(pa.string())
    return pc.fill_null(spelling, "")


def _whole(column: Any) -> Any:
    fits = pc.less(pc.abs(column), 2.0**53)
    return pc.if_else(fits, column, None).cast(pa.int64(), safe=False).cast(pa.string())


def _parse(column: Any, decimal: str) -> tuple[Floats, Bools]:
    """Return numbers [R], and where a value is neither a number nor missing [R]."""
    kind = column.type
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    ):
        values = column.cast(pa.int8() if pa.types.is_boolean(kind) else kind).cast(pa.float64(), safe=False)
        return _floats(values), np.zeros(len(column), dtype=bool)
    return _parse_text(text(column), decimal)


def _parse_text(column: Any, decimal: str) -> tuple[Floats, Bools]:
    plain = pc.utf8_trim_whitespace(column)
    if decimal == ",":
        plain = pc.if_else(pc.match_substring(plain, "."), "?", pc.replace_substring(plain, ",", "."))
    number = pc.match_substring_regex(plain, _NUMBER)
    bare = pc.if_else(number, pc.utf8_ltrim(plain, "+"), None)
    values = _floats(bare.cast(pa.float64()))  # [R]
    other = pc.utf8_lower(pc.filter(plain, pc.invert(number)))
    bad = np.zeros(len(column), dtype=bool)
    rest = np.flatnonzero(~_bools(number))
    truth = _bools(pc.is_in(other, value_set=_TRUTH))
    values[rest[truth]] = _bools(pc.equal(other, "true"))[truth]
    bad[rest] = ~truth & ~_bools(pc.is_in(other, value_set=pa.array(_MISSING)))
    return values, bad


def _floats(column: Any) -> Floats:
    return np.array(pc.fill_null(column, np.nan).to_numpy(), dtype=np.float64)


def _bools(column: Any) -> Bools:
    return np.asarray(column.to_numpy(), dtype=bool)


def _check_finite(table: RawTable, name: str, key: str, values: Floats) -> None:
    infinite = np.isinf(values)
    if infinite.any():
        row = int(np.argmax(infinite))
        value = _value(table, name, row)
        message = f'column {name}: "{value}" is beyond the numbers of a float'
        raise table.error_at(row, message, code=_code(key), key=key, column=name, value=value)


def _code(key: str) -> DataCode:
    return DataCode.BAD_TARGET if key == "data.target" else DataCode.UNREADABLE


def _bad_number(table: RawTable, name: str, key: str, row: int, count: int) -> DataError:
    value = _value(table, name, row)
    more = f" ({count} such values)" if count > 1 else ""
    hint = "write it plainly, or leave it empty when it is missing"
    if table.decimal == "." and "," in value and value.replace(",", "").lstrip("+-").isdigit():
        hint = f'remove the thousands marks, or set {table.address}.decimal to ","'
    message = f'column {name}: "{value}" is not a number{more}; {hint}'
    return table.error_at(row, message, code=_code(key), key=key, column=name, value=value)


def _value(table: RawTable, name: str, row: int) -> str:
    value = str(text(table.data.column(name).slice(row, 1))[0].as_py())
    return value if len(value) <= 40 else value[:37] + "..."


def _check_all_text(tables: Sequence[RawTable], name: str, key: str, parsed: Sequence[tuple[Floats, Bools]]) -> None:
    n_text = sum(int(bad.sum()) for _, bad in parsed)
    n_numbers = sum(int(np.isfinite(values).sum()) for values, _ in parsed)
    if n_numbers == 0:
        return
    table, bad = next((table, bad) for table, (_, bad) in zip(tables, parsed, strict=True) if bad.any())
    row = int(np.argmax(bad))
    value = _value(table, name, row)
    message = (
        f'column {name}: "{value}" is text, but {n_numbers} of {n_numbers + n_text} values are numbers; '
        "correct it, or list the column under data.covariates.ignore"
    )
    raise table.error_at(row, message, key=key, column=name, value=value)


def _codes(texts: Sequence[Any]) -> list[Column]:
    names = sorted({value for column in texts for value in pc.unique(column).to_pylist()} - {""})
    table = pa.array(names, type=pa.string())
    return [Column(_floats(pc.index_in(column, value_set=table).cast(pa.float64())), tuple(names)) for column in texts]
