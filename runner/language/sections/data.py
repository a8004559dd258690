"""`data:` where the history comes from and what each column is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from runner.values.section import Section

Frequency = Annotated[
    str,
    Field(
        description="Distance between two steps: `min`, `h`, `D`, `B`, `W-SUN` to `W-SAT`, `MS`, `QS`, `YS` (or ends: "
        "`ME`, `QE`, `YE`), or a multiple such as `15min` and `4h`; not needed for integer time."
    ),
]


class CsvSource(Section):
    """Delimited text. Read as text first; every value that does not convert is an error with its row."""

    csv: str
    """Path or glob, relative to the project root; must stay inside the project or an allowed data root."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """One character between fields."""
    encoding: str = "utf-8"
    """A Python codec name; a byte order mark is understood."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers."""


class ParquetSource(Section):
    """Columnar files."""

    parquet: str
    """Path or glob, relative to the project root; must stay inside the project or an allowed data root."""


class BuiltinSource(Section):
    """A public data set that `run-spec` knows how to get and how to check."""

    builtin: Literal["walmart_weekly"]
    """Name of the data set."""


class Synthetic(Section):
    """A seeded panel with a known truth. Columns: `series`, `time`, `y`, `promo` (known), `kind` (static)."""

    series: Annotated[int, Field(ge=1, le=10_000)] = 6
    """Number of series."""
    steps: Annotated[int, Field(ge=4, le=100_000)] = 156
    """Number of steps of history."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Seed of the noise."""
    season: Annotated[int, Field(ge=1)] = 52
    """Length of the seasonal cycle, in steps; 1 for none."""
    trend: float = 0.1
    """Growth over one season, as a share of the level."""
    amplitude: Annotated[float, Field(ge=0)] = 0.3
    """Height of the seasonal wave, as a share of the level."""
    noise: Annotated[float, Field(ge=0)] = 0.05
    """Standard deviation of the noise, as a share of the level."""
    peaks: Annotated[float, Field(ge=0)] = 0.5
    """Height of the holiday peaks (`promo` is true there), as a share of the level."""
    intermittent: Annotated[int, Field(ge=0)] = 0
    """How many of the series are mostly zero."""
    shifted: Annotated[int, Field(ge=0)] = 0
    """How many of the series have a level shift half-way."""
    short: Annotated[int, Field(ge=0)] = 0
    """How many of the series begin in the last quarter."""
    gappy: Annotated[int, Field(ge=0)] = 0
    """How many of the series have absent rows."""


class SyntheticSource(Section):
    """A panel made on the spot."""

    synthetic: Synthetic
    """What to make; `{}` for the defaults."""


SOURCE_KEYS = ("csv", "parquet", "builtin", "synthetic")


def _source_tag(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    found = [key for key in SOURCE_KEYS if key in keys]
    return found[0] if len(found) == 1 else None


Source = Annotated[
    Annotated[CsvSource, Tag("csv")]
    | Annotated[ParquetSource, Tag("parquet")]
    | Annotated[BuiltinSource, Tag("builtin")]
    | Annotated[SyntheticSource, Tag("synthetic")],
    Discriminator(
        _source_tag,
        custom_error_type="one_source",
        custom_error_message="a source has exactly one of csv, parquet, builtin, synthetic",
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
