"""Columnar files. Types are kept as they are stored; `load` converts and checks each column by its role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from runner.data.raw import Part, RawTable, Request, read_bytes
from runner.errors import DataError
from runner.files.checksum import sha256_of


def read(request: Request) -> RawTable:
    """Return all files of a parquet source as one table. Raises DataError."""
    tables: list[Any] = []
    parts: list[Part] = []
    for file, label in zip(request.files, request.labels, strict=True):
        table, part = _read_file(file, label, request.address)
        if tables and table.schema.names != tables[0].schema.names:
            odd = sorted(set(table.column_names) ^ set(tables[0].column_names)) or ["their order"]
            message = f"{label}: its columns are not those of {parts[0].label}: {', '.join(odd[:5])} differ"
            raise DataError(message, key=request.address, file=label)
        tables.append(table)
        parts.append(part)
    return RawTable(request.address, _below_each_other(tables, parts, request.address), tuple(parts))


def _read_file(file: Path, label: str, address: str) -> tuple[Any, Part]:
    raw = read_bytes(file, label, address)
    try:
        table = arrow_parquet.read_table(pa.BufferReader(raw))
    except (pa.ArrowException, OSError):
        message = f"{label}: this is not a parquet file, or it is cut off"
        raise DataError(message, key=address, file=label) from None
    if table.num_rows == 0:
        raise DataError(f"{label}: there are columns and no row", key=address, file=label)
    names = table.column_names
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        message = f'{label}: the column "{twice}" stands there twice; rename one of them'
        raise DataError(message, key=address, column=twice, file=label)
    return table, Part(label, table.num_rows, lambda row: f"row {row + 1}", sha256_of(raw))


def _below_each_other(tables: list[Any], parts: list[Part], address: str) -> Any:
    try:
        return pa.concat_tables([table.replace_schema_metadata() for table in tables], promote_options="permissive")
    except pa.ArrowException as error:
        cause = str(error).splitlines()[0]
        message = f"{parts[0].label} and the other files do not have the same types: {cause}"
        raise DataError(message, key=address, file=parts[0].label) from None
