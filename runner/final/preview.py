"""The beginning of a forecast file as lines of text."""

from __future__ import annotations

import io
from typing import Any

import pyarrow.parquet as pq
from pyarrow import csv


def preview(content: bytes, format: str, most: int) -> list[str]:
    """A heading and the first rows in columns, and how many there are more."""
    # Threads of pyarrow that still run when a short command ends abort the process.
    source = io.BytesIO(content)
    if format == "parquet":
        table = pq.ParquetFile(source).read(use_threads=False)
    else:
        table = csv.read_csv(source, csv.ReadOptions(use_threads=False))
    shown = table.slice(0, most).to_pydict()
    columns = [[name, *(_text(value) for value in values)] for name, values in shown.items()]
    widths = [max(map(len, column)) for column in columns]
    left = [all(isinstance(value, str) for value in values) for values in shown.values()]
    lines = [
        "  ".join(cell.ljust(w) if flush else cell.rjust(w) for cell, w, flush in zip(row, widths, left, strict=True))
        for row in zip(*columns, strict=True)
    ]
    rest = table.num_rows - most
    return [line.rstrip() for line in lines] + ([f"... and {rest:,} more rows"] if rest > 0 else [])


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return str(value).removesuffix(" 00:00:00")
