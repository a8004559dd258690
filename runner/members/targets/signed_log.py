"""sign(y) log(1 + |y|): descriptor and section."""

from __future__ import annotations

from typing import Final

from runner.members.member import Member
from runner.members.targets.step import NoArguments, PointwiseStep


class SignedLogStep(PointwiseStep):
    """sign(y) log(1 + |y|), for values of any sign."""

    signed_log: NoArguments = NoArguments()
    """No arguments: `{signed_log: {}}`."""


SIGNED_LOG: Final = Member(
    "signed_log",
    SignedLogStep,
    "runner.families.targets.signed_log:SignedLog",
    "sign(y) log(1 + |y|), for values of any sign.",
    traits=frozenset({"pointwise"}),
)
