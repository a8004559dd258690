"""The id columns."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member

IDS: Final = Member(
    "ids", bool, "runner.families.features.covariates:Ids", "The id columns as categories.", default=False
)
