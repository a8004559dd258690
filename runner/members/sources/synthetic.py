"""A panel made on the spot."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.files.checksum import digest
from runner.members.member import Member
from runner.members.sources.section import SourceSection
from runner.values.section import Section


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


class SyntheticSource(SourceSection):
    """A panel made on the spot."""

    synthetic: Synthetic
    """What to make; `{}` for the defaults."""

    @property
    def label(self) -> str:
        """Name of the data in results."""
        return "synthetic"

    def fingerprint(self) -> str:
        """Return the sha256 of the canonical JSON of what defines the panel."""
        return digest(self.synthetic.model_dump(mode="json"))


SYNTHETIC: Final = Member(
    "synthetic",
    SyntheticSource,
    "runner.families.sources.synthetic:read",
    "A seeded panel with a known truth.",
    traits=frozenset({"generated"}),
)
