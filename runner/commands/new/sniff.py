"""Detect delimiter, encoding and decimal mark of a file, and read its table."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runner.data.raw import RawTable, Request, read_bytes
from runner.data.read_source import read
from runner.errors import DataError
from runner.members.sources.csv import CsvSource
from runner.members.sources.parquet import ParquetSource

_DELIMITERS: Final = (",", ";", "\t", "|")
_RECORDS: Final = 200
_SAMPLE: Final = 1 << 22
_COMMA: Final = re.compile(r"[-+]?\d+,\d+")
_POINT: Final = re.compile(r"[-+]?\d+\.\d+")
_COUNTED: Final = re.compile(r"[A-Za-z_ ]{0,12}\d{1,6}")
_DATED: Final = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_STEPS_TO_NUMBERS: Final = r""".assign(step=lambda t: t["step"].str.extract(r"(\d+)", expand=False).astype(int))"""
_MANY_STEPS: Final = 12


@dataclass(frozen=True)
class Sniffed:
    """A table and the `data.source` that reads it."""

    source: dict[str, Any]  # as written in a spec, defaults left out
    table: RawTable


def sniff(file: Path, written: str) -> Sniffed:
    """Return the table of `file`, which a spec will call `written`. Raises DataError, also for a wide table."""
    if file.suffix.lower() in (".parquet", ".pq"):
        tree: dict[str, Any] = {"parquet": written}
        table = read(Request(ParquetSource(parquet=written), "data.source", (file,), (written,)))
    else:
        tree = {"csv": written, **_dialect(read_bytes(file, written, "data.source"))}
        table = read(Request(CsvSource.model_validate(tree), "data.source", (file,), (written,)))
    _refuse_wide(table)
    return Sniffed(tree, table)


def _dialect(raw: bytes) -> dict[str, str]:
    """Return `delimiter`, `encoding` and `decimal` where they differ from the defaults."""
    encoding = _encoding(raw)
    text = raw[:_SAMPLE].decode("utf-8-sig" if encoding == "utf-8" else encoding, "ignore")
    delimiter = max(_DELIMITERS, key=lambda mark: _fields(text, mark))
    fields = [field.strip() for record in _records(text, delimiter)[1:] for field in record]
    commas = sum(_COMMA.fullmatch(field) is not None for field in fields)
    points = sum(_POINT.fullmatch(field) is not None for field in fields)
    dialect = {"delimiter": delimiter, "encoding": encoding, "decimal": "," if commas > points else "."}
    defaults = {"delimiter": ",", "encoding": "utf-8", "decimal": "."}
    return {key: value for key, value in dialect.items() if value != defaults[key]}


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"  # every byte of Western files; a wrong guess shows in the names only
    return "utf-8"


def _fields(text: str, delimiter: str) -> int:
    """Return the number of fields of the first records if all have the same, else 0."""
    counts = {len(record) for record in _records(text, delimiter)[:50]}
    return counts.pop() if len(counts) == 1 else 0


def _records(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    try:
        for record in reader:
            if record:
                records.append(record)
            if len(records) > _RECORDS:
                return records
    except csv.Error:
        return []
    # The sample may end within a record.
    return records[:-1] if len(text) >= _SAMPLE else records


def _refuse_wide(table: RawTable) -> None:
    """Raise DataError for a table with a row for each series and a column for each step."""
    steps = [name for name in table.names if _COUNTED.fullmatch(name) or _DATED.fullmatch(name)]
    if len(steps) < _MANY_STEPS or len(steps) < 0.8 * len(table.names):
        return
    ids = [name for name in table.names if name not in steps] or [table.names[0]]
    values = [name for name in steps if name not in ids]
    raise DataError(
        f"{table.label}: this is a wide table, with a column for each step ({values[0]} to {values[-1]}); run-spec "
        f"reads long tables, with a row for each series and time; hint: in pandas, `{_melt_call(ids, values)}`"
    )


def _melt_call(ids: Sequence[str], steps: Sequence[str]) -> str:
    """Return the pandas call that makes the table long; names such as `V12` become whole steps."""
    dated = not all(_COUNTED.fullmatch(name) for name in steps)
    time = "date" if dated else "step"
    id_vars = json.dumps(list(ids), ensure_ascii=False)  # all ids: melt would turn any other into a step
    call = f'table.melt(id_vars={id_vars}, var_name="{time}", value_name="y").dropna()'
    return call if dated else call + _STEPS_TO_NUMBERS
