"""Pruners: when a trial is given up. Closed to plug-ins."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from runner.members.family import Family
from runner.members.member import Member
from runner.members.slot import Slot
from runner.values.section import Section


class Pruner(Section):
    """When a trial is given up because earlier ones were better at the same step of the curve."""

    name: str = "none"
    """Rule; `none` lets every trial run to its end."""
    warmup: Annotated[int, Field(ge=0)] = 2
    """Steps of the curve (chunks of boosting rounds) before it may prune."""
    startup: Annotated[int, Field(ge=1)] = 5
    """Complete trials before it may prune."""
    percentile: Annotated[float, Field(gt=0, lt=100)] = 25.0
    """For percentile: the share of best trials that is kept."""


def _pruner(name: str, about: str, *traits: str) -> Member:
    return Member(name, Pruner, f"runner.search.pruners:{name}", about, traits=frozenset(traits))


PRUNERS: Final = Family(
    "pruners",
    (
        _pruner("none", "Every trial runs to its end."),
        _pruner("median", "A trial worse than the median of earlier ones is given up.", "prunes"),
        _pruner("percentile", "A trial outside the best share of earlier ones is given up.", "prunes"),
    ),
    open=False,
)


def _with_name(value: Any) -> Any:
    if isinstance(value, str):
        return {"name": value}
    return {"name": "none", **value} if isinstance(value, dict) else value


PrunerSlot = Annotated[Pruner, Slot(PRUNERS, "name", normalize=_with_name)]
