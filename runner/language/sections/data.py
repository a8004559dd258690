"""`data:` where the history comes from and what each column is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from runner.members.sources.registry import Source
from runner.values.section import Section

Frequency = Annotated[
    str,
    Field(
        description="Distance between two steps: `min`, `h`, `D`, `B`, `W-SUN` to `W-SAT`, `MS`, `QS`, `YS` (or ends: "
        "`ME`, `QE`, `YE`), or a multiple such as `15min` and `4h`; not needed for integer time."
    ),
]


class TimeColumns(Section):
    """Time spread over several columns, such as a date and an hour; they are joined by a blank and then read."""

    columns: Annotated[tuple[str, ...], Field(min_length=2)]
    """Column names, the coarsest first."""


class TimeInteger(Section):
    """Time counted in whole steps, without a calendar."""

    integer: str
    """Column name."""


class Covariates(Section):
    """The role of every column that is neither id, time nor target. Names may be globs."""

    known: tuple[str, ...] = ()
    """Known for the future when the forecast is made: prices set in advance, holidays, promotions."""
    observed: tuple[str, ...] = ()
    """Known up to the cut-off only: weather, fuel price, other measurements."""
    static: tuple[str, ...] = ()
    """One value a series."""
    ignore: tuple[str, ...] = ()
    """Not used."""
    rest: Literal["ignore"] | None = None
    """`ignore` drops every column that is not named; without it such a column is an error."""


class Join(Section):
    """A table joined to the main one, many-to-one: its keys are unique, and no other column stands in both."""

    source: Source
    """Where the table is."""
    keys: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns to match on, in both tables."""
    columns: tuple[str, ...] | None = None
    """Columns to take; all that are not keys when absent."""


class Data(Section):
    """Where the history comes from and what each column is."""

    source: Source
    """One of `{csv: PATH}`, `{parquet: PATH}`, `{builtin: NAME}`, `{synthetic: {...}}`."""
    series: tuple[str, ...] = ()
    """Id columns; empty for a single series."""
    time: str | TimeColumns | TimeInteger
    """Time column, or `{columns: [date, hour]}`, or `{integer: step}`."""
    time_format: str | None = None
    """strptime format; needed when dates can be read in two ways, because a guess is never made."""
    target: str
    """Column to forecast."""
    freq: Frequency | None = None
    """Distance between two steps; not needed for integer time."""
    covariates: Covariates = Covariates()
    """Every other column has exactly one role."""
    gaps: Literal["missing", "zero", "ffill", "error"] = "error"
    """What an absent target between the first row and the last target of a series means."""
    short_series: Literal["keep", "drop", "error"] = "keep"
    """What to do with series that are too short for any test window."""
    join: tuple[Join, ...] = ()
    """Tables joined to the main one."""
    future: Source | None = None
    """Known covariates beyond the last target date: a table with the id, time and known columns."""
