"""What the sections of target steps share."""

from __future__ import annotations

from typing import Any

from runner.values.section import Section


class StepSection(Section):
    """A step of the target's list: one key that names it, and its arguments."""

    @property
    def kind(self) -> str:
        """Name of the member: the first key."""
        return next(iter(type(self).model_fields))

    @property
    def arguments(self) -> dict[str, Any]:
        """What the step is built with."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class NoArguments(Section):
    """An empty map."""


class PointwiseStep(StepSection):
    """A step without arguments."""

    @property
    def arguments(self) -> dict[str, Any]:
        """Nothing."""
        return {}
