"""Delimited text, read as text: no value is converted here, so none can be lost.

Bare CR, LF and CRLF line ends, byte order marks, quoted line ends and any codec of Python are understood. What pandas
would repair in silence (a wrong delimiter, ragged rows, twice the same column) is an error with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from runner.data.raw import Part, read_bytes
from runner.errors import DataError
from runner.files.checksum import sha256_of
from runner.members.sources.csv import CsvSource

_DELIMITERS = (";", "\t", "|", ",")
_MOST_HEADER = 1 << 20
_BLOCK = 64 << 20  # a line longer than the block cannot be read


def read_file(file: Path, label: str, source: CsvSource, address: str) -> tuple[Any, Part]:
    """Return one file as a pyarrow table of text, and its place. Raises DataError."""
    _check_delimiter(source.delimiter, address)
    raw = read_bytes(file, label, address)
    data = _as_utf8(raw, source.encoding, label, address)
    names = _header(data, label, source.delimiter, address)
    if data.count(b'"') % 2:
        message = f"{label}: a quotation mark is opened and never closed; double or remove it"
        raise DataError(message, key=address, file=label)
    try:
        table = _parse(data, names, source.delimiter)
    except pa.ArrowInvalid as error:
        line, message = _ragged(data, names, source.delimiter) or ("", str(error))
        place = f"{label}:{line}" if line else label
        raise DataError(f"{place}: {message}", key=address, file=label, row=line) from None
    if table.num_rows == 0:
        raise DataError(f"{label}: there is a header and no row", key=address, file=label)
    return table, Part(label, table.num_rows, _line_finder(file, source), sha256_of(raw))


def _check_delimiter(delimiter: str, address: str) -> None:
    if not delimiter.isascii() or delimiter in '"\r\n\0':
        key = f"{address}.delimiter"
        message = f"{key}: {delimiter!r} cannot stand between fields; write one ASCII character"
        raise DataError(message, key=key, value=delimiter)


def _parse(data: bytes, names: list[str], delimiter: str) -> Any:
    return arrow_csv.read_csv(
        pa.BufferReader(data),
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in data),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _as_utf8(raw: bytes, encoding: str, label: str, address: str) -> bytes:
    key = f"{address}.encoding"
    try:
        text = raw.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except LookupError:
        message = f'{key}: "{encoding}" is not a codec; common ones are utf-8, cp1252'
        raise DataError(message, key=key, value=encoding) from None
    except UnicodeError as error:
        line = raw[: getattr(error, "start", 0)].count(b"\n") + 1
        message = f"{label}:{line}: this is not {encoding} text; set {key}, often cp1252 or utf-16"
        raise DataError(message, key=address, file=label, row=str(line)) from None
    if "\0" in text:
        message = f"{label}: holds NUL characters, so it is not {encoding} text; set {key}"
        raise DataError(message, key=address, file=label)
    if not text.strip():
        raise DataError(f"{label}: the file is empty", key=address, file=label)
    return text.encode("utf-8")


def _header(data: bytes, label: str, delimiter: str, address: str) -> list[str]:
    names = next(_records(data[:_MOST_HEADER], delimiter))[1]
    if len(names) == 1:
        inside = next((other for other in _DELIMITERS if other != delimiter and other in names[0]), None)
        if inside:
            header = f'the header is one column, "{_short(names[0])}"'
            message = f"{label}:1: {header}; set {address}.delimiter to {inside!r}"
            raise DataError(message, key=address, file=label, row="1")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        message = f'{label}:1: the column "{twice}" stands there twice; rename one of them'
        raise DataError(message, key=address, column=twice, file=label, row="1")
    return names


def _records(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line of its beginning (from 1) and fields of each record, without empty lines."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(data.decode("utf-8", "ignore"), newline=""), delimiter=delimiter)
    line = 1
    for fields in reader:
        if fields:
            yield line, fields
        line = reader.line_num + 1


def _ragged(data: bytes, names: list[str], delimiter: str) -> tuple[str, str] | None:
    """Return the line of the first row with another number of fields, and what is wrong with it."""
    for line, fields in _records(data, delimiter):
        if len(fields) != len(names):
            wrong = f"{len(fields)} fields where the header has {len(names)}; quote a field that holds the delimiter"
            return str(line), wrong
    return None


def _line_finder(file: Path, source: CsvSource) -> Callable[[int], str]:
    """Return a function that reads the file again, which happens once, in a run that ends in an error."""

    def line(row: int) -> str:
        data = _as_utf8(file.read_bytes(), source.encoding, file.name, "")
        for number, (start, _) in enumerate(_records(data, source.delimiter), start=-1):
            if number == row:
                return str(start)
        return f"row {row + 1}"

    return line


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
