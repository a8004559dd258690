"""What the sections of models share."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag

from runner.members.features.section import Features
from runner.members.parameters import ParameterTable
from runner.members.targets.section import TargetSteps
from runner.members.training import Training
from runner.values.section import Frozen, Scalar, Section
from runner.values.space import Space, WideSpace

_WIDE_KEYS = frozenset(WideSpace.model_fields)


def _space_tag(value: Any) -> str:
    if isinstance(value, WideSpace):
        return "wide"
    return "wide" if isinstance(value, dict) and value and set(value) <= _WIDE_KEYS else "flat"


class ModelSection(Section):
    """A model of the scoreboard."""

    use: str
    """Kind of the model; the name itself is taken when it is one."""

    @property
    def arguments(self) -> dict[str, Any]:
        """What the model is built with: every key of its section but `use`."""
        return {name: getattr(self, name) for name in type(self).model_fields if name != "use"}

    @property
    def members(self) -> tuple[str, ...]:
        """Names of the models it is made of."""
        return ()


class TrainedModel(ModelSection):
    """A model that learns from feature rows; tuned when it has a space."""

    parameters: ClassVar[ParameterTable | None] = None

    params: Annotated[dict[str, Scalar], Frozen] = Field(default={}, validate_default=True)
    """Parameters of the library, fixed; aliases are understood."""
    space: Annotated[
        Annotated[WideSpace, Tag("wide")] | Annotated[Space, Tag("flat")],
        Discriminator(_space_tag),
    ] = Field(default={}, validate_default=True)
    """What is searched: parameters, or `{params: ..., features: ..., target: ..., training: ...}`."""
    features: Features | None = None
    """Instead of the common ones: a map merged over them."""
    target: TargetSteps | None = None
    """Instead of the common one: a map merged over it, or a list of steps."""
    training: Training | None = None
    """Instead of the common one: a map merged over it."""

    @property
    def arguments(self) -> dict[str, Any]:
        """The fixed parameters."""
        return dict(self.params)
