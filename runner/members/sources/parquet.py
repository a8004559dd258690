"""Columnar files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from runner.members.member import Member
from runner.members.sources.section import SourceSection


class ParquetSource(SourceSection):
    """Columnar files."""

    parquet: str
    """Path or glob, relative to the project root; must stay inside the project or an allowed data root."""

    @property
    def pattern(self) -> str | None:
        """Path or glob of its files as written."""
        return self.parquet

    @property
    def label(self) -> str:
        """Name of the file."""
        return Path(self.parquet).name


PARQUET: Final = Member(
    "parquet",
    ParquetSource,
    "runner.families.sources.parquet:read",
    "Columnar files.",
    traits=frozenset({"files"}),
)
