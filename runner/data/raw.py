"""The raw table: what a source gives before anything is converted, with the address of every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.errors import DataCode, DataError, closest


@dataclass(frozen=True)
class Request:
    """What is asked of a source. `address` is its key in the spec, such as `data.join[0].source`."""

    source: Any
    address: str
    files: tuple[Path, ...] = ()
    labels: tuple[str, ...] = ()  # the files as people write them
    freq: str | None = None
    ahead: int = 0  # future steps, of use to a source that is made up


@dataclass(frozen=True)
class Part:
    """One file of a table and where its rows are."""

    label: str
    n_rows: int
    line: Callable[[int], str]  # row within the file, from 0 -> `17` or `row 17`
    digest: str


@dataclass(frozen=True)
class RawTable:
    """R rows; the columns are text (csv) or typed (parquet), as a pyarrow table."""

    address: str
    data: Any
    parts: tuple[Part, ...]
    decimal: str = "."
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.data.column_names))

    def __len__(self) -> int:
        return int(self.data.num_rows)

    @property
    def label(self) -> str:
        """Return all its files in a few words."""
        more = f" and {len(self.parts) - 1} more" if len(self.parts) > 1 else ""
        return self.parts[0].label + more

    def where(self, row: int) -> str:
        """Return file and line of a row: `data/a.csv:17`."""
        return ":".join(self._place(row))

    def error_at(
        self,
        row: int,
        message: str,
        *,
        key: str,
        code: DataCode = DataCode.UNREADABLE,
        column: str = "",
        value: str = "",
    ) -> DataError:
        """Return the error of a row, with file and line before the message."""
        file, line = self._place(row)
        message = f"{file}:{line}: {message}"
        return DataError(message, code=code, key=key, column=column, file=file, row=line, value=value)

    def _place(self, row: int) -> tuple[str, str]:
        for part in self.parts:
            if row < part.n_rows:
                return part.label, part.line(row)
            row -= part.n_rows
        raise IndexError(row)

    def column(self, name: str, key: str) -> Any:
        """Return a column, a pyarrow ChunkedArray [R]. Raises DataError that names the spec's `key` when absent."""
        if name not in self.names:
            message = f'{key}: {self.label} has no column "{name}"{column_hint(name, self.names)}'
            raise DataError(message, code=DataCode.UNKNOWN_COLUMN, key=key, column=name, file=self.label)
        return self.data.column(name)


def read_bytes(file: Path, label: str, address: str) -> bytes:
    """Return all bytes of a file. Raises DataError when it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"{label}: it cannot be read: {error.strerror}", key=address, file=label) from None


def column_hint(name: str, names: tuple[str, ...]) -> str:
    """Return the end of a sentence about an unknown column: the closest one, or all there are."""
    lowered = {known.lower(): known for known in names}
    close = closest(name.lower(), lowered)
    if close:
        return f'; did you mean "{lowered[close]}"?'
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"; there are {shown}"
