"""The search space grammar: real units, both ends included, no expressions in strings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from runner.values.section import Frozen, Section

Choice = bool | int | float | str | None


class FloatDimension(Section):
    """A real number."""

    bounds: Annotated[tuple[float, float], Field(alias="float")]
    """Lowest and highest value, both included."""
    log: bool = False
    """Draw evenly over the orders of magnitude."""
    step: Annotated[float, Field(gt=0)] | None = None
    """Only multiples of this above the lowest value."""


class IntDimension(Section):
    """A whole number."""

    bounds: Annotated[tuple[int, int], Field(alias="int")]
    """Lowest and highest value, both included."""
    log: bool = False
    """Draw evenly over the orders of magnitude."""
    step: Annotated[int, Field(gt=0)] | None = None
    """Only multiples of this above the lowest value."""


class ChoiceDimension(Section):
    """One of several values; a map gives each a label, so that lists and maps can be chosen too."""

    options: Annotated[
        Annotated[tuple[Choice, ...], Field(min_length=1)] | Annotated[dict[str, Any], Frozen, Field(min_length=1)],
        Field(alias="choice"),
    ]
    """The values, or labels and values."""


class BranchDimension(Section):
    """One of several labels, each with a space of its own that is searched only there."""

    branches: Annotated[dict[str, Space], Frozen, Field(alias="branch", min_length=1)]
    """Labels, which are the values of the parameter, and the space below each."""


class ZeroOrDimension(Section):
    """Zero, or a number of the inner range: for penalties that may be off."""

    inner: Annotated[Dimension, Field(alias="zero_or")]
    """A float or int range."""


class BoolDimension(Section):
    """False or true."""

    options: Annotated[Literal[True] | dict[str, None], Field(alias="bool")] = True
    """Write `{bool: true}` or `{bool: {}}`."""


DIMENSION_KEYS = ("float", "int", "choice", "branch", "zero_or", "bool")
_CLASS_KEYS = {
    "FloatDimension": "float",
    "IntDimension": "int",
    "ChoiceDimension": "choice",
    "BranchDimension": "branch",
    "ZeroOrDimension": "zero_or",
    "BoolDimension": "bool",
}


def _dimension_tag(value: Any) -> str | None:
    if not isinstance(value, dict):
        return _CLASS_KEYS.get(type(value).__name__)
    keys = [key for key in DIMENSION_KEYS if key in value]
    return keys[0] if len(keys) == 1 else None


Dimension = Annotated[
    Annotated[FloatDimension, Tag("float")]
    | Annotated[IntDimension, Tag("int")]
    | Annotated[ChoiceDimension, Tag("choice")]
    | Annotated[BranchDimension, Tag("branch")]
    | Annotated[ZeroOrDimension, Tag("zero_or")]
    | Annotated[BoolDimension, Tag("bool")],
    Discriminator(
        _dimension_tag,
        custom_error_type="one_dimension",
        custom_error_message="a dimension has exactly one of float, int, choice, branch, zero_or, bool",
    ),
]
Space = Annotated[dict[str, Dimension], Frozen]
"""Parameter name -> dimension."""


class WideSpace(Section):
    """A space that reaches beyond parameters."""

    params: Space = Field(default={}, validate_default=True)
    """Parameters of the library."""
    features: Space = Field(default={}, validate_default=True)
    """Keys of `features:`; a map of choices may hold lists and maps."""
    target: Space = Field(default={}, validate_default=True)
    """Keys of `target:`."""
    training: Space = Field(default={}, validate_default=True)
    """Keys of `training:`."""


BranchDimension.model_rebuild()
ZeroOrDimension.model_rebuild()
