"""Public data sets that the runner fetches itself. They are read like any csv file."""

from __future__ import annotations

from runner.data.raw import RawTable, Request
from runner.families.sources.delimited import read_file
from runner.members.sources.csv import CsvSource


def read(request: Request) -> RawTable:
    """Return the cached file, which `locate` has fetched and checked, as a table of text."""
    (file,), (label,) = request.files, request.labels
    table, part = read_file(file, label, CsvSource(csv=label), request.address)
    return RawTable(request.address, table, (part,))
