"""The family of target steps, in the order of the map."""

from __future__ import annotations

from typing import Annotated, Any, Final

from runner.members.family import Family
from runner.members.slot import Slot
from runner.members.targets.base import BASE
from runner.members.targets.level import LEVEL
from runner.members.targets.log1p import LOG1P
from runner.members.targets.scale import SCALE
from runner.members.targets.signed_log import SIGNED_LOG
from runner.members.targets.step import StepSection

TARGETS: Final = Family("targets", (LOG1P, SIGNED_LOG, BASE, LEVEL, SCALE))


def step_kind(value: Any) -> str | None:
    """Return the member that a step, written or validated, is of; None for no or several."""
    if isinstance(value, StepSection):
        return value.kind
    keys = list(value) if isinstance(value, dict) else []
    named = [key for key in keys if key in TARGETS.builtins]
    if not named:  # plug-ins are asked for only where no built-in is named
        named = [key for key in keys if isinstance(key, str) and TARGETS.plugin(key)]
    return named[0] if len(named) == 1 else None


def _written_out(value: Any) -> Any:
    return {value: {}} if isinstance(value, str) else value


Step = Annotated[
    StepSection,
    Slot(
        TARGETS,
        pick=step_kind,
        normalize=_written_out,
        refusal=f"a step of the target has exactly one of {', '.join(TARGETS.names)}",
    ),
]
