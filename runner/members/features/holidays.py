"""Public holidays of a country."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from runner.members.member import Member
from runner.values.section import Section


class Holidays(Section):
    """Public holidays of a country: how many fall into the step of the target date, and how far the nearest are."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")]
    """ISO 3166 code."""
    subdivision: str | None = None
    """State or province code."""
    distance: bool = False
    """Also the steps since the last and to the next holiday."""


HOLIDAYS: Final = Member(
    "holidays",
    Holidays | None,
    "runner.families.features.holiday:HolidayCounts",
    "Public holidays around the target date.",
    libraries=("holidays",),
    traits=frozenset({"needs_dates"}),
)
