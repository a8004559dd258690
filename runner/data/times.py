"""Reading time. A date is taken as it stands only when it is ISO 8601, because a guess is never made.

Everything here works on the distinct spellings of a column, of which a panel has far fewer than rows.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from runner.data.convert import text
from runner.data.raw import RawTable
from runner.errors import DataError
from runner.language.sections.data import Data, TimeColumns, TimeInteger
from runner.values.panel import Bools, Ints

Moments = NDArray[np.datetime64]

_FORMAT: Final = "data.time_format"
_ISO = re.compile(
    r"\d{4}-\d{2}(-\d{2})?([T ]\d{2}(:?\d{2}(:?\d{2}(\.\d{1,9})?)?)?)?\s*(?P<offset>Z|[+-]\d{2}(:?\d{2})?)?"
)
_DATES = ("%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%m/%d/%y", "%d/%m/%y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H")
_USUAL = (
    *(date + clock for date in _DATES for clock in _CLOCKS),
    *("%Y", "%Y%m", "%b %Y", "%d %b %Y", "%b %d, %Y"),
)


def time_names(data: Data) -> tuple[str, ...]:
    """Return the columns that make the time."""
    if isinstance(data.time, TimeColumns):
        return data.time.columns
    return (data.time.integer,) if isinstance(data.time, TimeInteger) else (data.time,)


def read_times(table: RawTable, data: Data, *, lenient: bool = False) -> Ints:
    """Return the time of each row [R]: whole steps, or microseconds since 1970. Raises DataError.

    `lenient` is for joined tables, which may write ISO dates where `time_format` says how the main one does.
    """
    spelt = _spelling(table, data).combine_chunks().dictionary_encode()
    distinct = spelt.dictionary.to_pylist()
    codes = spelt.indices.to_numpy().astype(np.int64)  # [R]
    name, key = " + ".join(time_names(data)), _key(table)
    empty = next((i for i, value in enumerate(distinct) if not value.strip()), None)
    if empty is not None:
        raise table.error_at(_first(codes, empty), f"column {name}: the time is missing", key=key, column=name)
    if isinstance(data.time, TimeInteger):
        values, bad = _integers(distinct)
    else:
        _check_offsets(distinct, codes, table, name)
        values, bad = _moments(distinct, data.time_format, lenient)
    if bad.any():
        at = int(np.argmax(bad))
        message = f'column {name}: "{distinct[at]}" {_why(distinct, at, data)}'
        raise table.error_at(_first(codes, at), message, key=key, column=name, value=distinct[at])
    at_rows: Ints = values[codes]
    return at_rows


def as_moments(values: Ints) -> Moments:
    """Return microseconds since 1970 as datetime64[us]."""
    return values.astype("datetime64[us]")


def _spelling(table: RawTable, data: Data) -> Any:
    columns = [_spelt(table.column(name, _key(table))) for name in time_names(data)]
    return (
        columns[0]
        if len(columns) == 1
        else pa.chunked_array([pc.binary_join_element_wise(*(column.combine_chunks() for column in columns), " ")])
    )


def _key(table: RawTable) -> str:
    """Return the key of the spec that a wrong time is about."""
    return "data.time" if table.address == "data.source" else table.address


def _spelt(column: Any) -> Any:
    """Return text; a stored timestamp shows its local time."""
    if pa.types.is_timestamp(column.type):
        local = pc.local_timestamp(column) if column.type.tz else column
        return pc.fill_null(pc.strftime(local.cast(pa.timestamp("us"), safe=False), "%Y-%m-%dT%H:%M:%S"), "")
    return text(column)


def _integers(distinct: list[str]) -> tuple[Ints, Bools]:
    bad = np.array([re.fullmatch(r"[+-]?\d{1,15}", value) is None for value in distinct], dtype=bool)
    return np.array([0 if b else int(value) for value, b in zip(distinct, bad, strict=True)], dtype=np.int64), bad


def _moments(distinct: list[str], time_format: str | None, lenient: bool) -> tuple[Ints, Bools]:
    if time_format is None:
        return _iso(distinct)
    values, bad = _formatted(distinct, time_format)
    return _iso(distinct) if lenient and bad.any() and not _iso(distinct)[1].any() else (values, bad)


def _iso(distinct: list[str]) -> tuple[Ints, Bools]:
    matches = [_ISO.fullmatch(value.strip()) for value in distinct]
    bare = [None if m is None else m.string[: m.start("offset")].strip() if m["offset"] else m.string for m in matches]
    return _microseconds(pd.to_datetime(pd.Series(bare, dtype="object"), format="ISO8601", errors="coerce"))


def _formatted(distinct: list[str], time_format: str) -> tuple[Ints, Bools]:
    try:
        parsed = pd.to_datetime(pd.Series(distinct, dtype="object"), format=time_format, errors="coerce")
    except (ValueError, re.error) as error:
        message = f'{_FORMAT}: "{time_format}" is not a strptime format: {error}'
        raise DataError(message, key=_FORMAT, value=time_format) from None
    if not isinstance(parsed.dtype, np.dtype):
        message = f"{_FORMAT}: a time zone in the format is not supported; write times in UTC without one"
        raise DataError(message, key=_FORMAT, value=time_format)
    return _microseconds(parsed)


def _microseconds(parsed: pd.Series[Any]) -> tuple[Ints, Bools]:
    moments = parsed.to_numpy().astype("datetime64[us]")
    return moments.astype(np.int64), np.isnat(moments)


def _check_offsets(distinct: list[str], codes: Ints, table: RawTable, name: str) -> None:
    """Refuse several offsets from UTC: they are daylight saving, which no even grid can hold."""
    first_at: dict[str, int] = {}
    for i, value in enumerate(distinct):
        match = _ISO.fullmatch(value.strip())
        if match:
            first_at.setdefault(match["offset"] or "none", i)
    if len(first_at) > 1:
        at = list(first_at.values())[1]
        offsets = ", ".join(first_at)
        message = f"column {name}: times have different offsets from UTC ({offsets}); write them all in UTC"
        raise table.error_at(_first(codes, at), message, key=_key(table), column=name, value=distinct[at])


def _why(distinct: list[str], at: int, data: Data) -> str:
    if isinstance(data.time, TimeInteger):
        return "is not a whole number; data.time {integer: ...} counts steps"
    if data.time_format is not None:
        return f'does not fit data.time_format "{data.time_format}"'
    if _ISO.fullmatch(distinct[at].strip()):
        return "is not a day of the calendar"
    fitting = [usual for usual in _USUAL if not _formatted(distinct, usual)[1].any()]
    if len(fitting) > 1:
        return "can be read in several ways; say which in data.time_format: " + " or ".join(
            f'"{f}"' for f in fitting[:4]
        )
    if fitting:
        return f'is not an ISO date; set data.time_format to "{fitting[0]}", which fits every row'
    return "is not an ISO date; set data.time_format"


def _first(codes: Ints, code: int) -> int:
    return int(np.argmax(codes == code))
