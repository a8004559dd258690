"""What rules may know of the data: plain figures, counted elsewhere. Nothing here opens a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from runner.language.nodes import Path
from runner.language.parse import Document


@dataclass(frozen=True)
class SeriesCount:
    """How many series are so, and the first few of them."""

    count: int = 0
    first: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = ", ..." if self.count > len(self.first) else ""
        return f"{self.count:,} ({', '.join(self.first)}{more})"


@dataclass(frozen=True)
class DataFacts:
    """A panel and its windows in a few figures. Steps are those of `data.freq`."""

    n_series: int
    n_steps: int  # of history, from the first row of any series to the last target of any
    too_short: str = ""  # why the windows do not fit into the history at all; empty when they do
    unscored: SeriesCount = SeriesCount()  # no cell that counts in any test window
    constant: SeriesCount = SeriesCount()  # all targets equal before the first test cut-off
    seasonless: SeriesCount = SeriesCount()  # less than one season before the first test cut-off
    zeros: int = 0  # targets that are 0 in the scored cells of all windows
    cells: int = 0  # scored cells of all windows
    without_future: tuple[str, ...] = ()  # known covariates without any value after the last target
    copies: Mapping[str, float] = field(default_factory=dict)  # known covariate -> correlation with the target, near 1
    untracked: tuple[tuple[str, str], ...] = ()  # (address of the source, file) that DVC does not track
    altered: tuple[tuple[str, str], ...] = ()  # (address of the source, file) whose hash is not the one DVC knows


@dataclass(frozen=True)
class DataProblem:
    """Why the data cannot be used: the rule, a sentence, the responsible key, and the column it is about."""

    code: str
    message: str
    path: Path
    column: str = ""


CheckData = Callable[[Document], DataFacts | tuple[DataProblem, ...]]
"""Reads the data of a spec; handed in by the caller, because lint opens no data files."""
