"""`target:` what is done to the target before a model learns it, and undone after the forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from runner.members.targets.registry import TARGETS, Step
from runner.members.targets.step import StepSection
from runner.values.section import Section, as_values


class TargetScaling(Section):
    """What is done to the target of each series; undone after the forecast.

    The keys are applied in the order transform, base, level, scale; a list of steps is applied as it is written.
    """

    scale: Literal["none", "mean", "std", "difference"] = "mean"
    """Divide by the mean absolute value, standard deviation or mean absolute first difference before the origin."""
    level: Literal["none", "mean", "last"] = "none"
    """Subtract the mean or the last value before the origin first."""
    window: Annotated[int, Field(ge=1)] | None = None
    """Steps before the origin to take them from; all when absent."""
    base: str = "none"
    """Rule whose forecast is subtracted: `naive`, `seasonal_naive`, `drift` or `moving_average`."""
    transform: Literal["none", "log1p", "signed_log"] = "none"
    """Transform applied first."""
    steps: tuple[Step, ...] | None = None
    """The whole list, without any other key: `[{log1p: {}}, {level: mean, window: 8}]`. The map of a model replaces a
    common list, and its list a common map."""

    @model_validator(mode="after")
    def _refuse_keys_with_steps(self) -> Self:
        others = sorted(self.model_fields_set - {"steps"})
        if self.steps is not None and others:
            raise ValueError(f"`steps` is the whole list, so {' and '.join(f'`{key}`' for key in others)} must go")
        return self

    @model_serializer(mode="wrap")
    def _dump(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the list alone or the map, so that what is dumped can be read again."""
        return {key: value for key, value in handler(self).items() if self.steps is None or key == "steps"}

    def overlaid(self, changes: Mapping[str, Any]) -> TargetScaling:
        """Return the section with some keys changed; a list replaces all of them."""
        if changes.get("steps") is not None:
            return TargetScaling.model_validate(as_values({"steps": changes["steps"]}))
        return TargetScaling.model_validate(as_values({**self.model_dump(), **changes})) if changes else self

    def in_order(self) -> tuple[StepSection, ...]:
        """Return the steps in the order in which they are applied."""
        if self.steps is not None:
            return self.steps
        return tuple(TARGETS[kind].spec.model_validate(value) for kind, value in self._map_items())

    def _map_items(self) -> list[tuple[str, Mapping[str, Any]]]:
        items: list[tuple[str, Mapping[str, Any]]] = []
        if self.transform != "none":
            items.append((self.transform, {}))
        if self.base != "none":
            items.append(("base", {"base": self.base}))
        if self.level != "none":
            items.append(("level", {"level": self.level, "window": self.window}))
        if self.scale != "none":
            items.append(("scale", {"scale": self.scale, "window": self.window}))
        return items


def _as_map(value: Any) -> Any:
    return {"steps": value} if isinstance(value, list | tuple) else value


TargetSteps = Annotated[
    TargetScaling, BeforeValidator(_as_map, json_schema_input_type=TargetScaling | tuple[Step, ...])
]
"""A map, or a list of steps."""
