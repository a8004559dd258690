"""The beginning of a forecast file as lines of text."""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from runner.files.tables import text_table

_UNITS: Final = ("D", "m")
"""Days, where no moment of the table has a clock; else minutes; else seconds."""


def preview(content: bytes, format: str, most: int) -> list[str]:
    """A heading and the first rows in columns, and how many there are more."""
    # Threads of pyarrow that still run when a short command ends abort the process.
    source = io.BytesIO(content)
    if format == "parquet":
        table = pq.ParquetFile(source).read(use_threads=False)
    else:
        table = csv.read_csv(source, csv.ReadOptions(use_threads=False))
    rest = table.num_rows - most
    shown = _spelt(table, most)
    columns = [[name, *(_text(value) for value in values)] for name, values in shown.items()]
    figures = {at for at, values in enumerate(shown.values()) if not all(isinstance(value, str) for value in values)}
    lines = text_table(list(zip(*columns, strict=True)), right=figures)
    return lines + ([f"... and {rest:,} more rows"] if rest > 0 else [])


def _spelt(table: pa.Table, most: int) -> dict[str, list[Any]]:
    """The first rows by column, with all moments in one format, which the whole table decides."""
    shown: dict[str, list[Any]] = table.slice(0, most).to_pydict()
    timed = [field.name for field in table.schema if pa.types.is_temporal(field.type)]
    moments = {name: table.column(name).to_numpy().astype("datetime64[s]") for name in timed}
    fits = (unit for unit in _UNITS if all((m == m.astype(f"datetime64[{unit}]")).all() for m in moments.values()))
    unit = next(fits, "s")
    for name, values in moments.items():
        texts = np.datetime_as_string(values[:most], unit=unit)  # type: ignore[call-overload]
        shown[name] = [str(text).replace("T", " ") for text in texts]
    return shown


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return str(value)
