"""A metric with its arguments, as a spec names it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_serializer

from runner.values.section import Section


class MetricRef(Section):
    """A metric with its arguments. Written as a name, or as one key with a map: `{mase: {season: 1}}`."""

    kind: str
    """Name of the metric."""

    @model_serializer
    def _shorthand(self) -> Any:
        arguments = self.arguments()
        return {self.kind: arguments} if arguments else self.kind

    def arguments(self) -> dict[str, Any]:
        """Return the arguments that are given."""
        values = {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def name(self) -> str:
        """How it is called in tables and documents: `mase`, `mase_1`, `coverage_80`."""
        return "_".join([self.kind, *self.suffixes()])

    def suffixes(self) -> tuple[str, ...]:
        """Return what tells it from the same metric with other arguments."""
        return tuple(str(value) for value in self.arguments().values())


class ScaledMetric(MetricRef):
    """A metric in multiples of the error of a seasonal naive forecast in the past."""

    season: Annotated[int, Field(ge=1)] | None = None
    """Season of the scale; the main season when absent."""


class CoverageMetric(MetricRef):
    """Coverage of a central interval."""

    level: Annotated[float, Field(gt=0, lt=1)] | None = None
    """The nominal level of the central interval; the widest one asked for when absent."""

    def suffixes(self) -> tuple[str, ...]:
        """Return the level in per cent."""
        return () if self.level is None else (f"{self.level * 100:.10g}",)
