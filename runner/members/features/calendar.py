"""Parts of the target date."""

from __future__ import annotations

from typing import Final, Literal

from runner.members.member import Member

CalendarPart = Literal["year", "quarter", "month", "week", "day", "weekday", "hour", "weekend", "elapsed"]
CALENDAR: Final = Member(
    "calendar",
    tuple[CalendarPart, ...],
    "runner.families.features.calendar:Calendar",
    "Parts of the target date.",
    traits=frozenset({"needs_dates"}),
    default=(),
)
