"""Lags counted back from the origin."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.members.member import Member

Lag = Annotated[int, Field(ge=1, le=10_000)]
LAGS: Final = Member(
    "lags",
    tuple[Lag, ...],
    "runner.families.features.lags:Lags",
    "Steps back from the origin; 1 is the last known value.",
    default=(),
)
