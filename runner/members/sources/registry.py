"""Sources: light halves and the slot of `data.source`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from runner.members.family import Family
from runner.members.slot import Slot
from runner.members.sources.builtin import BUILTIN
from runner.members.sources.csv import CSV
from runner.members.sources.parquet import PARQUET
from runner.members.sources.section import SourceSection
from runner.members.sources.synthetic import SYNTHETIC

SOURCES: Final = Family("sources", (CSV, PARQUET, BUILTIN, SYNTHETIC))


def source_kind(value: Any) -> str | None:
    """Return the member that a source, written or validated, is of; None for no or several."""
    keys = list(
        value if isinstance(value, dict) else type(value).model_fields if isinstance(value, SourceSection) else ()
    )
    named = [key for key in keys if key in SOURCES.builtins]
    if not named:  # plug-ins are asked for only where no built-in is named
        named = [key for key in keys if isinstance(key, str) and SOURCES.plugin(key)]
    return named[0] if len(named) == 1 else None


Source = Annotated[
    SourceSection,
    Slot(SOURCES, pick=source_kind, refusal=f"a source has exactly one of {', '.join(SOURCES.names)}"),
]
