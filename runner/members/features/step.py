"""The step ahead."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member

STEP: Final = Member(
    "step",
    bool,
    "runner.families.features.covariates:Step",
    "The step ahead, from 1 to the horizon.",
    default=True,
)
