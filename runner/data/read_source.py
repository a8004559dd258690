"""Where data comes from. Each kind is `module:function`, from a Request to a RawTable."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from runner.data.raw import RawTable, Request

SOURCES: Final[dict[str, str]] = {
    "csv": "runner.families.sources.csv:read",
    "parquet": "runner.families.sources.parquet:read",
    "builtin": "runner.families.sources.builtin:read",
    "synthetic": "runner.families.sources.synthetic:read",
}


def kind_of(source: object) -> str:
    """`csv`, `parquet`, `builtin` or `synthetic`."""
    return next(kind for kind in SOURCES if hasattr(source, kind))


def read(request: Request) -> RawTable:
    """The table of one source, nothing converted yet. Raises DataError."""
    module, function = SOURCES[kind_of(request.source)].split(":")
    table: RawTable = getattr(import_module(module), function)(request)
    return table
