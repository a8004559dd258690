"""Delimited text: one file, or several below each other."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from runner.data.raw import Part, RawTable, Request
from runner.errors import DataError
from runner.families.sources.delimited import read_file
from runner.members.sources.csv import CsvSource


def read(request: Request) -> RawTable:
    """Return all files of a csv source as one table, every column as text. Raises DataError."""
    source: CsvSource = request.source
    tables: list[Any] = []
    parts: list[Part] = []
    for file, label in zip(request.files, request.labels, strict=True):
        table, part = read_file(file, label, source, request.address)
        if tables and table.column_names != tables[0].column_names:
            message = _differing(label, table.column_names, parts[0].label, tables[0].column_names)
            raise DataError(message, key=request.address, file=label)
        tables.append(table)
        parts.append(part)
    return RawTable(request.address, pa.concat_tables(tables), tuple(parts), source.decimal)


def _differing(label: str, names: list[str], first_label: str, first: list[str]) -> str:
    odd = sorted(set(names) ^ set(first)) or ["their order"]
    return f"{label}: its columns are not those of {first_label}: {', '.join(odd[:5])} differ"
