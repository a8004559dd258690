"""Sines and cosines of a season."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.members.member import Member
from runner.values.section import Section


class FourierTerms(Section):
    """Sines and cosines of a season at the target date: a smooth season in few columns."""

    order: Annotated[int, Field(ge=1, le=50)]
    """Pairs of columns: k = 1 has one wave a season, k = 2 two."""
    season: Annotated[float, Field(gt=1)] | None = None
    """Steps of the season, which need not be whole; the main one when absent."""


FOURIER: Final = Member(
    "fourier",
    FourierTerms | None,
    "runner.families.features.fourier:Fourier",
    "Sines and cosines of a season at the target date.",
)
