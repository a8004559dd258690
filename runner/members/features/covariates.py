"""Covariates as their roles allow."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member

COVARIATES: Final = Member(
    "covariates",
    bool,
    "runner.families.features.covariates:Covariates",
    "Known covariates at the target date, observed ones at the origin, and static ones.",
    default=True,
)
