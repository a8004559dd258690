"""Delimited text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from runner.members.member import Member
from runner.members.sources.section import SourceSection


class CsvSource(SourceSection):
    """Delimited text. Read as text first; every value that does not convert is an error with its row."""

    csv: str
    """Path or glob, relative to the project root; must stay inside the project or an allowed data root."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """One character between fields."""
    encoding: str = "utf-8"
    """A Python codec name; a byte order mark is understood."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers."""

    @property
    def pattern(self) -> str | None:
        """Path or glob of its files as written."""
        return self.csv

    @property
    def label(self) -> str:
        """Name of the file."""
        return Path(self.csv).name


CSV: Final = Member(
    "csv",
    CsvSource,
    "runner.families.sources.csv:read",
    "Delimited text.",
    traits=frozenset({"files"}),
)
