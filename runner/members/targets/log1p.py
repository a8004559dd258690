"""log(1 + y): descriptor and section."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member
from runner.members.targets.step import NoArguments, PointwiseStep


class Log1pStep(PointwiseStep):
    """log(1 + y), for values above -1."""

    log1p: NoArguments = NoArguments()
    """No arguments: `{log1p: {}}`."""


LOG1P: Final = Member(
    "log1p",
    Log1pStep,
    "runner.families.targets.log1p:Log1p",
    "log(1 + y), for values above -1.",
    traits=frozenset({"pointwise"}),
)
