"""Blend: a weighted mean of other members."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from runner.members.member import Member
from runner.members.models.section import ModelSection


class BlendModel(ModelSection):
    """A weighted mean of other members. It fails when one of them fails."""

    of: Annotated[tuple[str, ...], Field(min_length=2)]
    """Names of the members."""
    weights: Literal["equal", "learnt"] = "equal"
    """`learnt`: not negative, summing to one, least absolute error on the tuning windows."""

    @property
    def arguments(self) -> dict[str, Any]:
        """Nothing before the weights are known."""
        return {}

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the models it is made of."""
        return self.of


BLEND: Final = Member(
    "blend",
    BlendModel,
    "runner.families.models.blend:blend",
    "A weighted mean of other members: `{of: [a, b]}`.",
    libraries=("scipy",),
    traits=frozenset({"combination"}),
)
