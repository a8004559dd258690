"""A public data set that run-spec downloads and checks."""

from __future__ import annotations

from typing import Final, Literal

from runner.members.member import Member
from runner.members.sources.section import SourceSection


class BuiltinSource(SourceSection):
    """A public data set that `run-spec` knows how to get and how to check."""

    builtin: Literal["walmart_weekly"]
    """Name of the data set."""

    @property
    def label(self) -> str:
        """Name of the data set."""
        return self.builtin


BUILTIN: Final = Member(
    "builtin",
    BuiltinSource,
    "runner.families.sources.builtin:read",
    "A public data set, downloaded and checked.",
    traits=frozenset({"downloaded"}),
)
