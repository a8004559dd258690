"""A source of a spec -> its raw table, by the member that the source names."""

from __future__ import annotations

from runner.data.raw import RawTable, Request
from runner.members.sources.registry import SOURCES, source_kind


def read(request: Request) -> RawTable:
    """Return the table of one source, nothing converted yet. Raises DataError."""
    table: RawTable = SOURCES[source_kind(request.source) or ""].implementation()(request)
    return table
